/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rings.h - two spaces of rings, and what a point of either costs on the model: the rings that there
 * are, each variant under each policy that may change what moves; and all points of the family lab.
 */
#ifndef VRB_EXPLORE_RINGS_H
#define VRB_EXPLORE_RINGS_H

#include "engine/engine.h"
#include "engine/model.h"
#include "explore/search.h"
#include "ring/lab_point.h"
#include "ring/regions.h"

/* What is sent through the ring. */
struct ring_load {
	enum direction dir;
	uint32_t ring_size, burst, payload;
	struct latency_machine machine; /* with timed: what lines cost */
	unsigned place;
	bool timed;
	bool first_ns; /* COST_FIRST is ns, not transfers */
	bool lab;      /* the points of lab, whose fields are lab_fields */
};

/* Of the rings that there are. */
enum ring_field {
	FIELD_VARIANT,
	FIELD_PUBLISH,
	FIELD_DEVICE_PUBLISH,
	FIELD_FREE_LIST,
	FIELD_ALIGN,
	FIELD_DEVICE_AVAIL,
	FIELD_TX_HEADER,
	FIELD_TX_FREE_THRESH,
	RING_FIELDS
};

/* Per buffer. ns: of the estimate, without computing beyond the accesses; 0: not timed. */
struct ring_cost {
	double lines, upgrades, ns;
	double busier;		     /* accesses of the side that makes more */
	double region[REGION_KINDS]; /* transfers */
};

struct ring_space {
	struct space space; /* its argument is this */
	struct space_field fields[SPACE_FIELDS];
	struct ring_load load;
};

/** ring_space_open - the space for a workload; costs: transfers or ns, then accesses of the busier side. */
void ring_space_open(struct ring_space *s, const struct ring_load *load);

/**
 * ring_space_text - "packed publish=buffer": a field that is not the default is a word. Of lab all fields,
 * behind the name of the point if it has one. Returns @buf.
 */
#define RING_TEXT 512
char *ring_space_text(const struct ring_space *s, const struct point *p, char buf[RING_TEXT]);

/* A variant that is in no registry. */
struct ring_own {
	struct variant variant;
	struct lab_point lab;
};

/** ring_space_conf - the ring that a point is. @own: as long as that is used. */
struct ring_conf ring_space_conf(const struct ring_space *s, const struct point *p,
				 struct ring_own *own);

/** ring_space_find - a variant with the default policy, or a named point of lab. false: it is not in the space. */
bool ring_space_find(const struct ring_space *s, const char *variant, struct point *out);

/* The engines that cost points: one a thread, as the context of cost(). */
struct ring_bench;

/** ring_bench_open - Returns 0 or -errno with a line. */
int ring_bench_open(struct ring_bench **out, const struct ring_space *s, struct vrb_err *err);
void ring_bench_close(struct ring_bench *b);

/** ring_bench_cost - all that is known of a point's costs. Returns 0 or as engine_sample(). */
int ring_bench_cost(const struct ring_space *s, struct ring_bench *b, const struct point *p,
		    struct ring_cost *out, struct vrb_err *err);

#endif
