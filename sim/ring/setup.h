/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * setup.h - where everything lies, and the state from which a run starts.
 */
#ifndef VRB_SETUP_H
#define VRB_SETUP_H

#include "ring/side.h"
#include "ring/variants.h"

#include <stdio.h>

/* What a ring is set up for. */
struct ring_conf {
	const struct variant *variant;
	enum direction dir;
	uint32_t ring_size;
	uint32_t burst;	      /* buffers; drawn: the most */
	uint32_t burst_least; /* drawn: the fewest; 0: all bursts are alike */
	uint64_t burst_seed;
	uint32_t payload;
	enum ring_align align;
	uint16_t start_idx; /* first value of both idx fields */
	struct ring_policy policy;
	uint32_t queue; /* which of policy.queues, from 0 */
	bool foreign;	/* the device is not ours; which generic loops know */
	bool generic;	/* the loops that read options at run time, though others would do */
};

/* Byte offsets into the shared region. */
struct ring_layout {
	/* virtqueue; packed: avail and used are the event suppression of driver and device */
	size_t desc, avail, used;
	/* spsc */
	size_t to_dev, to_drv;
	/* tables of indirect descriptors, TABLE_BYTES a head; none: ends where it begins */
	size_t tables;
	/* TX headers, one a descriptor, TX_HDR_STRIDE apart; shared: the first is all packets' */
	size_t headers;
	/*
	 * packet buffers: the packet starts at buffers + i * buf_stride + headroom, a mergeable
	 * buffer, with its header, at the border itself, as Linux has it
	 */
	size_t buffers;
	size_t headroom; /* BUF_HEADROOM; 0: mergeable */
	size_t buf_stride;
	uint32_t nbufs;
	size_t end;   /* of this queue pair's buffers, a multiple of 4096 */
	size_t size;  /* of the whole region, the end of the last pair's */
	size_t clear; /* what ring_setup() makes 0, from here up to the buffers */
	/* from one queue pair to the next: of each of the areas; tables, headers and buffers */
	size_t desc_step, avail_step, used_step, step;
};

/* An RX header fits before the packet, and the packet starts on a line, as DPDK has it. */
#define BUF_HEADROOM CACHE_LINE

/**
 * ring_layout - compute where everything of a queue pair lies.
 * @c: the ring; @l: out, byte offsets into the region of all pairs. Depends on nothing but @c. The end of the region leaves room for the largest length that
 * stands for a sequence number, so that a device's bounds check holds.
 */
void ring_layout(const struct ring_conf *c, struct ring_layout *l);

/* What the region is made of. */
enum ring_part {
	RING_PART_DESC,
	RING_PART_AVAIL,
	RING_PART_USED,
	RING_PART_INDIRECT, /* tables */
	RING_PART_HEADER,   /* TX headers that lie beside the ring */
	RING_PART_SPSC,	    /* two plain queues */
	RING_PART_PAYLOAD,  /* the packet buffers */
	RING_PARTS
};

/* Bytes of the region that a part has; to == from: none. */
struct ring_span {
	size_t from, to;
};

/** ring_spans - where the parts of a ring lie. Depends on nothing but @c. */
void ring_spans(const struct ring_conf *c, struct ring_span spans[RING_PARTS]);

struct arena_parts;

/**
 * ring_parts - names for the pages of a region that serves any of several rings.
 * @confs: @n of them. @page: the granularity, bytes; 0: no names.
 *
 * A page is called after what the sides use of it in any of the rings: "vring-desc",
 * "vring-avail", "vring-used", "vring-indirect" (tables), "vring-header" (TX headers that lie beside
 * the ring), "spsc" (its two queues), "payload" (the packet buffers), joined by '+' in this order. One
 * that nobody uses belongs to those before it. Should there be more runs of pages than names are
 * kept for, the last name is that of all the rest. Depends on nothing but its arguments.
 */
void ring_parts(const struct ring_conf *confs, unsigned n, size_t page, struct arena_parts *out);

/** ring_layout_print - the offset map of a ring's fields, a line each. */
void ring_layout_print(FILE *out, const struct ring_conf *c);

/* Packets that are neither in the ring nor in a burst's hands; the pool never runs dry. */
#define POOL_SPARE 32

/* Memory that one side keeps for itself, enough for any of several configurations. */
struct ring_private {
	struct drv *drv;
	struct dev *dev;
	uint64_t *stack, *cookie; /* the pool; buffers by slot */
	struct desc_state *state;
	uint16_t *shadow;
	struct held *held;
	struct notify *notify;	    /* of the driver, of the device */
	struct replay_side *replay; /* the same */
	uint8_t *drv_own, *dev_own; /* what each side walks through: --pressure */
	uint32_t max_ring, max_bufs;
	bool in_block;	  /* all of it is in memory of the caller's */
	uint64_t settled; /* buffers, as posted counts them, that ring_settle() has seen to */
};

/** ring_own - bytes that each side walks through for a burst under @c. */
size_t ring_own(const struct ring_conf *c);

/**
 * ring_private_open - allocate for rings up to @max_ring entries and bursts up to @max_burst.
 * @max_own: bytes that a side walks through for a burst, at most; 0 also where the loops do not
 * really read them, as those of BUILD_MODEL.
 * @block: ring_private_size() bytes on an ISOLATE border, which the caller keeps; NULL: of the heap.
 * Every array starts on an ISOLATE border of its own. Returns 0 or -ENOMEM.
 */
int ring_private_open(struct ring_private *m, uint32_t max_ring, uint32_t max_burst, size_t max_own,
		      void *block, struct vrb_err *err);
size_t ring_private_size(uint32_t max_ring, uint32_t max_burst, size_t max_own);
void ring_private_close(struct ring_private *m);

/**
 * ring_setup - bring region and private memory to the start state of @c.
 * @mem: the shared region, at least ring_layout()'s size, any content.
 *
 * Afterwards both indices hold start_idx, what a variant writes once is written, the pool is
 * full, nothing is posted. Targets are set by the caller. No other thread may touch either. Of several
 * queue pairs the first is set up first: with it go the areas that lie end to end.
 */
void ring_setup(const struct ring_conf *c, uint8_t *mem, struct ring_private *m);

/**
 * notify_setup - the start state of notifications: nobody has asked for any. Part of ring_setup().
 */
void notify_setup(const struct ring_conf *c, uint8_t *mem, struct ring_private *m);

/** replay_setup - the begin of a recording. Part of ring_setup(). */
void replay_setup(const struct ring_conf *c, struct ring_private *m);

/**
 * notify_clock - between two turns of a side that holds notifications back, for an engine whose turns take time:
 * is what it holds back due?
 * @published: buffers in all. @now_ns: from whatever beginning.
 */
void notify_clock(struct notify *n, uint64_t published, uint64_t now_ns);

/**
 * notify_text - what both sides see of each other when somebody sleeps and is not woken.
 * @buf: out, e.g. "; the device sleeps; avail: flags 0, idx 64, used_event ...". Returns @buf.
 */
const char *notify_text(const struct ring_conf *c, const struct ring_private *m, char *buf,
			size_t size);

/**
 * ring_header_place - where the headers lie. Those of RX, and of what is no virtqueue, are not a
 * matter of descriptors: HDR_NONE.
 */
enum header_place ring_header_place(const struct ring_conf *c);

/** ring_capacity - most buffers, of whole packets, that can be in the ring at once under @c. */
uint32_t ring_capacity(const struct ring_conf *c);

/** ring_pieces - how many buffers a packet takes under @c; 1 without mergeable ones. */
uint32_t ring_pieces(const struct ring_conf *c);

/** ring_burst - the buffers of a burst of up to @burst, of whole packets, but at least of one. */
uint32_t ring_burst(const struct ring_conf *c, uint32_t burst);

/** ring_burst_words - the bursts of @c as the command line has them: burst_words(). */
const char *ring_burst_words(const struct ring_conf *c, char *buf);

/**
 * ring_settle - compare the evidence of the two sides once both are done and drained.
 * @full: what ran since it was called last were generic loops, which fold all words.
 * @fail: out; what differs, FAIL_NONE if nothing does.
 * Returns true if all agree; from then on the sides fold anew.
 */
bool ring_settle(const struct ring_conf *c, struct ring_private *m, bool full,
		 struct failure *fail);

/**
 * ring_resume - what a device knows that takes over a split ring in order whose device was killed, at any
 * moment: all that is needed lies in the ring. Up to the used index all was returned, from there on nothing
 * was: what the old device did to later buffers is done again. By the device, while the driver waits.
 */
void ring_resume(struct ring_private *m);

/**
 * ring_settle_resumed - as ring_settle(), once such a ring is drained: what the old device folded is gone, so
 * counts are compared.
 */
bool ring_settle_resumed(const struct ring_conf *c, struct ring_private *m, struct failure *fail);

/**
 * ring_oldest - the oldest buffer that has not come back, for the message after a stall.
 * Exact where the driver keeps a record by id and the buffer carries its number; else the first
 * that the driver still waits for.
 */
uint64_t ring_oldest(const struct ring_conf *c, const struct ring_private *m);

/* ---- what the layout and the start state follow from alike ---- */

static inline bool ring_header_chained(const struct ring_conf *c)
{
	return place_is_chained(ring_header_place(c));
}

static inline bool ring_header_indirect(const struct ring_conf *c)
{
	return place_is_indirect(ring_header_place(c));
}

static inline bool ring_header_beside(const struct ring_conf *c)
{
	return (ring_header_chained(c) || ring_header_indirect(c)) &&
	       !place_moves(ring_header_place(c));
}

/* Is RX such that a packet may take several buffers? */
static inline bool ring_merges(const struct ring_conf *c)
{
	return c->dir == DIR_RX && c->payload && c->policy.rx_buffer;
}

/* Bytes that a descriptor may cover: the largest length that stands for a number, or a packet. */
static inline size_t ring_longest_len(const struct ring_conf *c)
{
	const size_t packet = (size_t)NET_HDR_LEN + c->payload;

	return (packet > SEQ_LEN_MASK + 1 ? packet : SEQ_LEN_MASK + 1) + c->policy.rx_room;
}

#endif
