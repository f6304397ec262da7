/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * variants.h - the registry: every variant, combination and reference implementation by name.
 *
 * Follows from variants.def; `list`, the tests, the engines and the command line read it.
 */
#ifndef VRB_VARIANTS_H
#define VRB_VARIANTS_H

#include "ring/policy.h"
#include "ring/side.h"

struct drv_loops;
struct dev_loops;
struct lab_point;

enum variant_kind {
	KIND_BASELINE,
	KIND_VARIANT,	  /* one optimization (vectorized: two, it needs the fixed layout) */
	KIND_COMBINATION, /* several, joined with + */
	KIND_PACKED,	  /* another ring: packed, alone or with an optimization */
	KIND_CONTROL,	  /* null-control, null-control-2: the null rows */
	KIND_COPY,	  /* as these, but to be asked for: sessions of A/A */
	KIND_YARDSTICK,	  /* no virtqueue at all: null, spsc */
	KIND_LAB,	  /* a named point of the ring family lab: lab_points.def */
};

/* Generic loops are compiled twice from one source; they differ in what a verb of access.h does. */
enum ring_build { BUILD_NATIVE, BUILD_MODEL, RING_BUILDS };

/* What memory a variant's two sides share. */
enum ring_kind { RING_SPLIT, RING_PACKED, RING_SPSC, RING_NULL, RING_LAB };

struct variant {
	const char *name;
	enum variant_kind kind;
	enum ring_kind ring;
	struct ring_opts opts;
	const char *differs; /* from baseline, one line */
	const char *clause;  /* of the specification, or where the idea was put forward */
	const char *hypothesis;
	/* the specialised loops: SIMD_SCALAR, and the vector paths compiled in; NULL: has none */
	const struct drv_loops *drv[SIMD_KINDS];
	/* RING_LAB: the ring, and the device's specialised loops; NULL: it has neither these nor a driver's */
	const struct lab_point *lab;
	const struct dev_loops *lab_dev[SIMD_KINDS];
};

/** variants_count - how many rows the registry has, but for the points of lab. */
unsigned variants_count(void);

/** variants_total - with these, which are the last. */
unsigned variants_total(void);

/** variants_is_virtqueue - split or packed; else it is a reference implementation. */
bool variants_is_virtqueue(const struct variant *v);

/** variants_get - row i, i < variants_total(). In the order of variants.def. */
const struct variant *variants_get(unsigned i);

/* So many of the copies of baseline are in every session that compares. */
#define NULL_ROWS 2

/** variants_copy - copy i of baseline, as there are in the registry; the first NULL_ROWS are the null rows. */
const struct variant *variants_copy(unsigned i);

/** variants_exact - the row of that name; NULL: there is none. */
const struct variant *variants_exact(const char *name);

/**
 * variants_find - look a name up.
 * @name: "baseline", or parts joined with + in any order ("in-order+shadow-avail").
 * @out: the row.
 *
 * Returns 0; -ENOENT: unknown (the line lists the names and the nearest one); -EINVAL: the
 * parts do not go together (the line says why).
 */
int variants_find(const char *name, const struct variant **out, struct vrb_err *err);

/**
 * variants_legal - may this variant run under this policy, in this direction?
 * Returns 0; -EINVAL with the reason, e.g. "fixed-layout needs a device that returns
 * buffers in order: --device-order early is refused". Refuses what policy_legal() does.
 *
 * Reference implementations have no virtqueue: what concerns a part of it is void for them, and legal.
 */
int variants_legal(const struct variant *v, enum direction dir, const struct ring_policy *p,
		   struct vrb_err *err);

/**
 * variants_used_read - what the driver of a variant reads of the used ring, USED_READ_OWN resolved.
 * USED_READ_OWN: a reference implementation, which has no used ring.
 */
enum used_read variants_used_read(const struct variant *v, enum direction dir,
				  const struct ring_policy *p);

/**
 * variants_generic - does a policy need the loops that read their options at run time?
 * @payload: the buffers are touched.
 *
 * It does where it asks for what no loop is specialised for: notifications, early returns, faults, mergeable RX
 * buffers, a chained or indirect TX header of a slot or a buffer, a device that publishes each buffer
 * and reads no avail entry. Cells that are
 * compared run the same kind: if one of a group needs the generic loops, all take them.
 */
bool variants_generic(const struct variant *v, enum direction dir, const struct ring_policy *p,
		      bool payload);

/* Which of the loops of a variant. */
struct loops_wanted {
	enum direction dir;
	bool payload; /* the loops that touch the buffers */
	bool generic; /* though specialised ones would do */
	/* a path this CPU has (simd_pick()); ignored where the variant is not vectorized */
	enum simd simd;
	enum ring_build
		build; /* BUILD_MODEL: they report to the model what they touch; all generic */
};

/**
 * variants_loops - the loops of a variant for a policy.
 * Never NULL members for what variants_legal() accepts.
 */
struct side_loops variants_loops(const struct variant *v, const struct ring_policy *p,
				 const struct loops_wanted *want);

/** simd_has - does this CPU have the path? SIMD_SCALAR: always. */
bool simd_has(enum simd simd);

/** hint_has - does this CPU execute a hint? One that it lacks does nothing. */
bool hint_has(enum lab_hint hint);

/** hint_lacking - a hint of a row, as --space names it, that this CPU lacks; NULL: it lacks none. */
const char *hint_lacking(const struct variant *v);

/**
 * simd_pick - resolve SIMD_AUTO to the widest path this CPU has.
 * Returns 0; -ENOTSUP: asked for one that it lacks (the line lists what it has).
 */
int simd_pick(enum simd want, enum simd *out, struct vrb_err *err);

#endif
