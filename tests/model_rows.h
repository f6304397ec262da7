/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_rows.h - the rings whose lines are counted by hand: results/model/README.md.
 */
#ifndef TEST_MODEL_ROWS_H
#define TEST_MODEL_ROWS_H

#include "ring_fixture.h"

enum avail_row {
	STORED, /* every entry */
	SPARED, /* none; the index each burst */
	BLOCKS, /* none; descriptors and index 32 at a time */
};

enum used_row {
	EACH,	  /* id and len of each element */
	LEN_ONLY, /* len of each element */
	BATCH,	  /* one element a burst */
	IDX_ONLY, /* none */
};

#define CLEAN_BURST 1 /* --clean-threshold of the burst; 0: 32, and the burst if that is more */

struct row {
	const char *variant;
	enum direction dir;
	enum tx_header header;
	enum free_list list;
	unsigned rx_room, clean;
	enum avail_row avail;
	enum used_row used;
	/* closed form for bursts of 4 and more, per lap: see closed_form() */
	unsigned lap, per_burst, per_clean;
	bool avail_d, used_d;
	/* of the design, B = 1, 8, 32; 0: there is none, or another (results/model/README.md) */
	double design[3];
	enum used_read read;
	enum device_avail heads; /* AVAIL_READ_NONE: entries are stored, and nobody reads them */
};

#define RX DIR_RX, TX_HEADER_NONE
#define TX DIR_TX, TX_HEADER_CHAINED
#define NO DIR_TX, TX_HEADER_NONE
#define AL DIR_TX, TX_HEADER_ANY_LAYOUT
#define IN DIR_TX, TX_HEADER_INDIRECT

/* What a row adds that has more to say. */
#define OWN   USED_READ_OWN, AVAIL_READ_ENTRIES
#define IDX   USED_READ_IDX_ONLY, AVAIL_READ_ENTRIES
#define KNOWN USED_READ_OWN, AVAIL_READ_NONE

/* Of the design, for three bursts. */
#define DESIGN(...)         \
	{                   \
		__VA_ARGS__ \
	}

/* Forms that several rows have: avail, used, lap, per_burst, per_clean, avail_d, used_d, design. */
#define STORED_EACH STORED, EACH, 104, 4, 0, 1, 1, DESIGN(4.977, .887, .523)
#define SPARE_EACH  SPARED, EACH, 96, 3, 0, 0, 1, DESIGN(4.094, .746, .465)
#define SPARE_BATCH SPARED, BATCH, 64, 3, 0, 0, 1, DESIGN(4.094, .621, .340)
#define SPARE_IDX   SPARED, IDX_ONLY, 64, 2, 0, 0, 0, DESIGN(3, .5, .3125)

/*
 * 64 descriptor lines a lap, 128 with a header chained; 8 lines of avail entries beyond the
 * index's, 32 of used elements. 104 / 256 = .40625, 168 / 256 = .65625, 96 / 256 = .375,
 * 160 / 256 = .625, 64 / 256 = .25: the design's. Indirect: 64 descriptor lines (fixed-layout:
 * none) and 128 of tables.
 */
static const struct row rows[] = {
	/* baseline */
	{"baseline", RX, FREE_FIFO, 0, 0, STORED_EACH, OWN},
	{"baseline", RX, FREE_FIFO, 64, 0, STORED_EACH, OWN},
	{"null-control", RX, FREE_FIFO, 0, 0, STORED_EACH, OWN},
	{"baseline", AL, FREE_FIFO, 0, 1, STORED_EACH, OWN},
	{"baseline", AL, FREE_FIFO, 0, 0, STORED, EACH, 104, 3, 1, 1, 1, DESIGN(0), OWN},
	{"baseline", TX, FREE_FIFO, 0, 1, STORED, EACH, 168, 4, 0, 1, 1, DESIGN(4.977, 1.137, .773),
	 OWN},
	{"baseline", TX, FREE_FIFO, 0, 0, STORED, EACH, 168, 3, 1, 1, 1, DESIGN(0, 0, .773), OWN},
	/* shadow-avail */
	{"shadow-avail", RX, FREE_FIFO, 0, 0, SPARE_EACH, OWN},
	{"shadow-avail", TX, FREE_FIFO, 0, 1, SPARED, EACH, 160, 3, 0, 0, 1,
	 DESIGN(4.094, .996, .715), OWN},
	{"shadow-avail", TX, FREE_FIFO, 0, 0, SPARED, EACH, 160, 2, 1, 0, 1, DESIGN(0, 0, .715),
	 OWN},
	{"shadow-avail", AL, FREE_FIFO, 0, 1, SPARE_EACH, OWN},
	/* lifo: a burst's heads come back reversed, to the same slots, from the same lines */
	{"baseline", RX, FREE_LIFO, 0, 0, STORED_EACH, OWN},
	{"shadow-avail", RX, FREE_LIFO, 0, 0, STORED, EACH, 104, 4, 0, 1, 1,
	 DESIGN(4.094, .887, .523), OWN},
	/* fixed-layout; one by one, RX reads no first half of a straddling element: not 4.094 */
	{"fixed-layout", RX, FREE_FIFO, 0, 0, SPARED, LEN_ONLY, 96, 3, 0, 0, 1,
	 DESIGN(0, .746, .465), OWN},
	{"fixed-layout", TX, FREE_FIFO, 0, 0, SPARE_IDX, OWN},
	{"fixed-layout", TX, FREE_FIFO, 0, 1, SPARE_IDX, OWN},
	{"fixed-layout", AL, FREE_FIFO, 0, 0, SPARE_IDX, OWN},
	/* in-order */
	{"in-order", RX, FREE_FIFO, 64, 0, STORED_EACH, OWN},
	{"in-order", RX, FREE_FIFO, 0, 0, STORED, BATCH, 72, 4, 0, 1, 1, DESIGN(0), OWN},
	{"in-order", TX, FREE_FIFO, 0, 1, STORED, BATCH, 136, 4, 0, 1, 1, DESIGN(0), OWN},
	{"in-order", TX, FREE_FIFO, 0, 0, STORED, BATCH, 0, 0, 0, 0, 0, DESIGN(0), OWN},
	{"in-order", AL, FREE_FIFO, 0, 1, STORED, BATCH, 72, 4, 0, 1, 1, DESIGN(0), OWN},
	{"shadow-avail+in-order", RX, FREE_FIFO, 64, 0, SPARE_EACH, OWN},
	{"shadow-avail+in-order", RX, FREE_FIFO, 0, 0, SPARE_BATCH, OWN},
	{"shadow-avail+in-order", TX, FREE_FIFO, 0, 1, SPARED, BATCH, 128, 3, 0, 0, 1, DESIGN(0),
	 OWN},
	{"shadow-avail+in-order", AL, FREE_FIFO, 0, 1, SPARE_BATCH, OWN},
	{"fixed-layout+in-order", RX, FREE_FIFO, 64, 0, SPARE_EACH, OWN},
	{"fixed-layout+in-order", RX, FREE_FIFO, 0, 0, SPARE_BATCH, OWN},
	{"fixed-layout+in-order", TX, FREE_FIFO, 0, 1, SPARE_BATCH, OWN},
	{"fixed-layout+in-order", AL, FREE_FIFO, 0, 1, SPARE_BATCH, OWN},
	/* no header */
	{"baseline", NO, FREE_FIFO, 0, 1, STORED_EACH, OWN},
	{"fixed-layout", NO, FREE_FIFO, 0, 0, SPARE_IDX, OWN},
	/* indirect */
	{"baseline", IN, FREE_FIFO, 0, 1, STORED, EACH, 232, 4, 0, 1, 1, DESIGN(0), OWN},
	{"shadow-avail", IN, FREE_FIFO, 0, 1, SPARED, EACH, 224, 3, 0, 0, 1, DESIGN(0), OWN},
	{"fixed-layout", IN, FREE_FIFO, 0, 0, SPARED, IDX_ONLY, 128, 2, 0, 0, 0, DESIGN(0), OWN},
	{"in-order", IN, FREE_FIFO, 0, 1, STORED, BATCH, 200, 4, 0, 1, 1, DESIGN(0), OWN},
	{"vectorized", IN, FREE_FIFO, 0, 0, SPARED, IDX_ONLY, 128, 2, 0, 0, 0, DESIGN(0), OWN},
	/* more or less of the used ring is read than the variant needs */
	{"fixed-layout", RX, FREE_FIFO, 0, 0, SPARE_EACH, USED_READ_ID_LEN, AVAIL_READ_ENTRIES},
	{"fixed-layout", TX, FREE_FIFO, 0, 1, SPARED, EACH, 96, 3, 0, 0, 1, DESIGN(0),
	 USED_READ_ID_LEN, AVAIL_READ_ENTRIES},
	{"fixed-layout", TX, FREE_FIFO, 0, 1, SPARED, LEN_ONLY, 96, 3, 0, 0, 1, DESIGN(0),
	 USED_READ_LEN, AVAIL_READ_ENTRIES},
	{"in-order", AL, FREE_FIFO, 0, 0, STORED, IDX_ONLY, 72, 3, 0, 1, 0, DESIGN(0), IDX},
	{"in-order", TX, FREE_FIFO, 0, 0, STORED, IDX_ONLY, 136, 3, 0, 1, 0, DESIGN(0), IDX},
	{"shadow-avail+in-order", AL, FREE_FIFO, 0, 0, SPARE_IDX, IDX},
	{"fixed-layout+in-order", TX, FREE_FIFO, 0, 0, SPARE_IDX, IDX},
	/* the design's in-order: its device reads no avail entries */
	{"in-order", AL, FREE_FIFO, 0, 0, SPARE_IDX, USED_READ_IDX_ONLY, AVAIL_READ_NONE},
	{"in-order", AL, FREE_FIFO, 0, 1, SPARE_BATCH, KNOWN},
	{"in-order", RX, FREE_FIFO, 0, 0, SPARE_BATCH, KNOWN},
	/* vectorized: RX posts 32 at a time, so bursts below that have no form of their own */
	{"vectorized", RX, FREE_FIFO, 0, 0, BLOCKS, LEN_ONLY, 0, 0, 0, 0, 0, DESIGN(0, 0, .465),
	 OWN},
	{"vectorized", TX, FREE_FIFO, 0, 0, SPARE_IDX, OWN},
	{"vectorized+in-order", RX, FREE_FIFO, 64, 0, BLOCKS, EACH, 0, 0, 0, 0, 0,
	 DESIGN(0, 0, .465), OWN},
	{"vectorized+in-order", RX, FREE_FIFO, 0, 0, BLOCKS, BATCH, 0, 0, 0, 0, 0,
	 DESIGN(0, 0, .340), OWN},
	{"vectorized+in-order", TX, FREE_FIFO, 0, 1, SPARE_BATCH, OWN},
};

#endif
