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

/* Machines that a ring is costed for. */
#define RING_MACHINES 4

/* What is sent through the ring, and what of it is to be little. */
struct ring_load {
	struct ring_conf ring; /* all but what the fields of the space decide */
	struct ring_machine {
		struct latency_machine machine; /* what lines cost */
		unsigned place;
	} on[RING_MACHINES];
	unsigned machines;
	enum coh_protocol protocol; /* where lines are counted; each machine has its own */
	/* COST_FIRST: so many times the transfers, and so many times the mean ns of all machines */
	double weight_lines, weight_ns;
	bool lab; /* the points of lab, whose fields are lab_fields */
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

/* Per buffer. ns: of the estimate, without computing beyond the accesses; of each machine. */
struct ring_cost {
	double lines, upgrades, ns[RING_MACHINES];
	double others;		     /* of lines: lost to another queue pair */
	double memory;		     /* besides lines: what memory answered */
	double accesses[AGENTS];     /* to lines; one that straddles a boundary counts twice */
	double region[REGION_KINDS]; /* transfers */
};

struct ring_space {
	struct space space; /* its argument is this */
	struct space_field fields[SPACE_FIELDS];
	struct ring_load load;
};

/** ring_space_open - the space for a workload; costs: as the load weighs, then accesses of the busier side. */
void ring_space_open(struct ring_space *s, const struct ring_load *load);

/**
 * ring_space_text - "packed publish=buffer": the variant, and each field that has not its first value; of lab
 * "out-elem=4;out-signal=flag;...", behind the name of the point if it has one. Returns @buf.
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

/** ring_space_named - the name of ring @i of those that have one; NULL: there are not so many. */
const char *ring_space_named(const struct ring_space *s, unsigned i);

/** ring_space_waits - bursts that packets may wait for in a ring of the space, at most, their own among them. */
uint32_t ring_space_waits(const struct ring_space *s);

/* The engines that cost points: one a thread, as the context of cost(). */
struct ring_bench;

/** ring_bench_open - Returns 0 or -errno with a line. */
int ring_bench_open(struct ring_bench **out, const struct ring_space *s, struct vrb_err *err);
void ring_bench_close(struct ring_bench *b);

/** ring_bench_cost - all that is known of a point's costs. Returns 0 or as engine_sample(). */
int ring_bench_cost(const struct ring_space *s, struct ring_bench *b, const struct point *p,
		    struct ring_cost *out, struct vrb_err *err);

#endif
