/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring_fixture.h - a ring for tests: run by an engine, or by hand, step by step.
 */
#ifndef TEST_RING_FIXTURE_H
#define TEST_RING_FIXTURE_H

#include "engine/internal.h"
#include "engine/model.h"
#include "ring/loops.h"

#include "expect.h"

/* Where a test is, for its messages: WHERE_FMT takes where(conf, simd).text. */
struct where {
	char text[384];
};

struct where where(const struct ring_conf *c, enum simd simd);

/** variant_named - a row of the registry. Fails the test if there is none. */
const struct variant *variant_named(const char *name);

static const enum direction directions[] = {DIR_RX, DIR_TX};

/* What rings have that a test drives by hand and whose packets have headers. */
#define HAND_SIZE  64
#define HAND_BURST 8

#define HEADERS(h, w)                                 \
	{                                             \
		.tx_header = (h), .header_write = (w) \
	}

/* A configuration with these members, and others that follow by name. */
#define CONF(v, d, size, n, ...)                                                           \
	{                                                                                  \
		.variant = (v), .dir = (d), .ring_size = (size), .burst = (n), __VA_ARGS__ \
	}

/** conf_tx - TX of 61 bytes with such headers, in a ring of HAND_SIZE and bursts of HAND_BURST. */
struct ring_conf conf_tx(const struct variant *v, enum tx_header header, enum header_write write);

/** next_path - the next SIMD path after @simd that differs for @v; SIMD_KINDS if none. */
enum simd next_path(const struct variant *v, enum simd simd);

/** next_variant - the row of the registry after @v; NULL if none. */
const struct variant *next_variant(const struct variant *v);

/* Each SIMD path of this CPU that variant v has; once, if it has no vectors. */
#define FOR_EACH_PATH(simd, v) \
	for (enum simd simd = SIMD_SCALAR; simd < SIMD_KINDS; simd = next_path(v, simd))

/* Each variant; of each (or of each with a split ring) cases k from 0 to below n. */
#define FOR_EACH_VARIANT(v) for (const struct variant *v = variants_get(0); v; v = next_variant(v))
#define FOR_EACH_CASE(v, k, n) \
	FOR_EACH_VARIANT (v)   \
		for (unsigned k = 0; k < (unsigned)(n); k++)
#define FOR_EACH_SPLIT(v, k, n) \
	FOR_EACH_VARIANT (v)    \
		for (unsigned k = 0; k < (unsigned)(n) && v->ring == RING_SPLIT; k++)

/* Most that a side may walk through in an engine of test_engine(): --pressure 64. */
#define TEST_MAX_OWN (64u * 1024)

/** test_engine - open an engine for rings and bursts up to @max_ring. Fails the test if not; skips
 * it if @ops needs two CPUs and there are none. */
struct engine *test_engine(const struct engine_ops *ops, uint32_t max_ring, uint32_t max_payload,
			   const uint32_t *stop);

/** test_model - the same with the model engine. @m: copied. */
struct engine *test_model(const struct model_conf *m, uint32_t max_ring, uint32_t max_payload);

/** close_engine - engine_close(), for freed_by(). */
void close_engine(struct engine **e);

/** native_possible - are there two CPUs? If so their pair is what test_engine() takes. */
bool native_possible(void);

/* MODEL(e, max_ring, max_payload, ..): one of default settings, then changed by statements that know
 * them as m, until the block ends. */
#define MODEL(e, max_ring, max_payload, ...)                 \
	freed_by(close_engine) struct engine *e;             \
	do {                                                 \
		struct model_conf m;                         \
                                                             \
		model_defaults(&m);                          \
		__VA_ARGS__;                                 \
		(e) = test_model(&m, max_ring, max_payload); \
	} while (0)

/** must_run - take a sample; fails the test unless all of it was verified and counted. */
void must_run(struct engine *e, const struct ring_conf *c, uint64_t buffers, enum simd simd,
	      struct sample *out);

/** must_run_paths - the same on each SIMD path that the variant has here. */
void must_run_paths(struct engine *e, const struct ring_conf *c, uint64_t buffers);

/* A ring that a test drives itself; right before and after the region lies a page that
 * nobody may touch. */
struct hand {
	struct ring_conf conf;
	struct ring_layout layout;
	struct ring_private sides;
	struct side_loops loops;
	struct drv *d;
	struct dev *v;
	uint8_t *mem;
	enum simd simd;
};

/** hand_open - set up, targets so far away that no side is ever done. */
void hand_open(struct hand *h, const struct ring_conf *c, enum simd simd);
void hand_close(struct hand *h);

/* HAND(h, c, simd): such a ring until the block ends. */
#define HAND(name, ...)                        \
	freed_by(hand_close) struct hand name; \
	hand_open(&(name), __VA_ARGS__)

/** hand_drv, hand_dev - let a side run for at most so many bursts, or until it finds nothing. */
enum side_status hand_drv(struct hand *h, uint64_t bursts);
enum side_status hand_dev(struct hand *h, uint64_t bursts);

/** hand_step - one burst of each side, which must go well. */
void hand_step(struct hand *h);

/** hand_run - such steps, until the driver has reaped @buffers more. */
void hand_run(struct hand *h, uint64_t buffers);

/** hand_balances - posted is what came back and what is outstanding, each in the pool or in the ring. */
void hand_balances(const struct hand *h);

/* POSTED(h, c, simd): a ring with the driver's first burst in it. */
#define POSTED(name, ...)        \
	HAND(name, __VA_ARGS__); \
	hand_drv(&(name), 1)

/* RETURNED(h, c, simd): and that burst returned, which the driver will look for, on TX, too. */
#define RETURNED(name, ...)        \
	POSTED(name, __VA_ARGS__); \
	hand_dev(&(name), 1);      \
	(name).d->clean = 1

/**
 * dev_refuses, drv_refuses - a side's next burst breaks the ring.
 * @buffer: at which buffer, from the first one posted. @what: for messages.
 */
void dev_refuses(struct hand *h, enum failure_kind kind, uint64_t buffer, const char *what);
void drv_refuses(struct hand *h, enum failure_kind kind, const char *what);

#endif
