/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * variants.c - the registry, and which parts go together.
 */
#include "names.h"
#include "ring/loops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The loops of every row, each from its own file, compiled twice. */
#define LOOPS_OF(symbol) extern const struct ring_loops symbol##_loops, symbol##_model_loops;

#define VARIANT(symbol, ...) LOOPS_OF(symbol)
#if defined(__x86_64__)
#define VECTOR_VARIANT(symbol, ...) \
	LOOPS_OF(symbol##_scalar)   \
	LOOPS_OF(symbol##_sse)      \
	LOOPS_OF(symbol##_avx2)     \
	LOOPS_OF(symbol##_avx512)
#define VECTOR_PATHS(symbol, build)                                                           \
	{                                                                                     \
		[SIMD_SCALAR] = &symbol##_scalar##build, [SIMD_SSE] = &symbol##_sse##build,   \
		[SIMD_AVX2] = &symbol##_avx2##build, [SIMD_AVX512] = &symbol##_avx512##build, \
	}
#else
#define VECTOR_VARIANT(symbol, ...) LOOPS_OF(symbol##_scalar)
#define VECTOR_PATHS(symbol, build)                     \
	{                                               \
		[SIMD_SCALAR] = &symbol##_scalar##build \
	}
#endif
#include "ring/variants.def"
#undef VARIANT
#undef VECTOR_VARIANT

#define VARIANT(symbol, nm, knd, rng, diff, cls, hyp)                  \
	{.name = nm,                                                   \
	 .kind = knd,                                                  \
	 .ring = rng,                                                  \
	 .opts = &symbol##_loops.opts,                                 \
	 .differs = diff,                                              \
	 .clause = cls,                                                \
	 .hypothesis = hyp,                                            \
	 .loops = {[BUILD_NATIVE] = {[SIMD_SCALAR] = &symbol##_loops}, \
		   [BUILD_MODEL] = {[SIMD_SCALAR] = &symbol##_model_loops}}},
#define VECTOR_VARIANT(symbol, nm, knd, rng, diff, cls, hyp)      \
	{.name = nm,                                              \
	 .kind = knd,                                             \
	 .ring = rng,                                             \
	 .opts = &symbol##_scalar_loops.opts,                     \
	 .differs = diff,                                         \
	 .clause = cls,                                           \
	 .hypothesis = hyp,                                       \
	 .loops = {[BUILD_NATIVE] = VECTOR_PATHS(symbol, _loops), \
		   [BUILD_MODEL] = VECTOR_PATHS(symbol, _model_loops)}},
static const struct variant table[] = {
#include "ring/variants.def"
};
#undef VARIANT
#undef VECTOR_VARIANT

unsigned variants_count(void)
{
	return ARRAY_SIZE(table);
}

const struct variant *variants_get(unsigned i)
{
	return &table[i];
}

/* The parts that names are joined of. */
enum { PART_BASELINE, PART_SHADOW, PART_FIXED, PART_IN_ORDER, PART_VECTOR, PARTS };
static const char *const part_names[PARTS] = {"baseline", "shadow-avail", "fixed-layout",
					      "in-order", "vectorized"};

static const struct variant *find_exact(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		if (!strcmp(table[i].name, name))
			return &table[i];
	}
	return NULL;
}

static int fail_unknown(const char *name, struct vrb_err *err)
{
	const char *all[ARRAY_SIZE(table)], *nearest;
	char names[256] = "";
	size_t used = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		all[i] = table[i].name;
		if (table[i].kind != KIND_COMBINATION && table[i].kind != KIND_CONTROL)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? ", " : "", table[i].name);
	}
	nearest = names_nearest(name, all, ARRAY_SIZE(all));
	return vrb_fail(err, ENOENT,
			"--variant %.64s: no such variant; there are %s, and combinations joined "
			"with + (vringbench list)%s%s%s",
			name, names, nearest ? "; did you mean " : "", nearest ? nearest : "",
			nearest ? "?" : "");
}

/* Why a set of parts cannot run together; NULL if it can. */
static const char *parts_conflict(unsigned parts)
{
	const unsigned fixed = 1u << PART_FIXED | 1u << PART_VECTOR;

	if (parts & 1u << PART_SHADOW && parts & fixed)
		return "shadow-avail under fixed-layout is void: no avail entry is stored that a "
		       "shadow could save";
	if (parts & 1u << PART_BASELINE && parts != 1u << PART_BASELINE)
		return "baseline is the absence of the others";
	return NULL;
}

static unsigned variant_parts(const struct variant *v)
{
	unsigned parts = 0;

	if (v->ring != RING_SPLIT || v->kind == KIND_CONTROL)
		return 0;
	if (v->opts->avail == AVAIL_SHADOW)
		parts |= 1u << PART_SHADOW;
	if (v->opts->avail == AVAIL_FIXED && v->opts->vec == VEC_NONE)
		parts |= 1u << PART_FIXED;
	if (v->opts->vec == VEC_BLOCKS)
		parts |= 1u << PART_VECTOR;
	if (v->opts->used == USED_BATCH)
		parts |= 1u << PART_IN_ORDER;
	return parts ? parts : 1u << PART_BASELINE;
}

int variants_find(const char *name, const struct variant **out, struct vrb_err *err)
{
	const struct variant *exact = find_exact(name);
	unsigned parts = 0;
	const char *conflict;

	if (exact && exact->kind != KIND_CONTROL) {
		*out = exact;
		return 0;
	}
	if (exact)
		return vrb_fail(err, EINVAL,
				"--variant %s: the control row is part of every session, it need "
				"not be asked for",
				name);
	for (const char *at = name; at;) {
		size_t len = strcspn(at, "+");
		unsigned part = PARTS;

		for (unsigned i = 0; i < PARTS; i++) {
			if (strlen(part_names[i]) == len && !strncmp(part_names[i], at, len))
				part = i;
		}
		if (part == PARTS) {
			char piece[64];

			snprintf(piece, sizeof(piece), "%.*s", (int)len, at);
			if (strchr(name, '+') && find_exact(piece))
				return vrb_fail(err, EINVAL,
						"--variant %.64s: %s is a yardstick and combines "
						"with nothing",
						name, piece);
			return fail_unknown(strchr(name, '+') ? piece : name, err);
		}
		if (parts & 1u << part)
			return vrb_fail(err, EINVAL, "--variant %.64s: %s stands there twice", name,
					part_names[part]);
		parts |= 1u << part;
		at = at[len] ? at + len + 1 : NULL;
	}
	conflict = parts_conflict(parts);
	if (conflict)
		return vrb_fail(err, EINVAL, "--variant %.64s: %s", name, conflict);
	if (parts & 1u << PART_VECTOR) /* it holds fixed-layout already */
		parts &= ~(1u << PART_FIXED);
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		if (variant_parts(&table[i]) == parts) {
			*out = &table[i];
			return 0;
		}
	}
	return vrb_fail(err, EINVAL, "--variant %.64s: this combination is not built", name);
}

/* What the driver of a variant may read of the used ring: bits 1 << USED_READ_x. */
static unsigned used_reads(const struct variant *v, enum direction dir)
{
	const unsigned whole = 1u << USED_READ_ID_LEN, len = 1u << USED_READ_LEN;
	const unsigned idx_only = 1u << USED_READ_IDX_ONLY;

	if (v->opts->order == FREE_LIST)
		return whole;
	if (v->opts->used == USED_BATCH)
		return dir == DIR_RX ? whole : whole | idx_only;
	if (dir == DIR_TX)
		return whole | len | idx_only;
	return v->opts->vec == VEC_BLOCKS ? len : whole | len;
}

enum used_read variants_used_read(const struct variant *v, enum direction dir,
				  const struct ring_policy *p)
{
	if (v->ring != RING_SPLIT)
		return USED_READ_OWN;
	if (p->used_read != USED_READ_OWN)
		return p->used_read;
	if (v->opts->order == FREE_LIST || v->opts->used == USED_BATCH)
		return USED_READ_ID_LEN;
	return dir == DIR_RX ? USED_READ_LEN : USED_READ_IDX_ONLY;
}

static int fail_used_read(const struct variant *v, enum direction dir, enum used_read read,
			  struct vrb_err *err)
{
	const unsigned may = used_reads(v, dir);
	const char *why = "needs the length of each packet";
	char legal[64] = "";
	size_t used = 0;

	if (v->opts->order == FREE_LIST)
		why = "finds a buffer by its id";
	else if (v->opts->used == USED_BATCH)
		why = dir == DIR_RX ? "finds the end of a batch by its id, and its length beside it"
				    : "finds the end of a batch by its id, or needs nothing of it";
	else if (v->opts->vec == VEC_BLOCKS && read == USED_READ_ID_LEN)
		why = "loads 8 elements whole and compares their lengths";
	for (unsigned r = USED_READ_ID_LEN; r < USED_READ_KINDS; r++) {
		if (may & 1u << r)
			used += (size_t)snprintf(legal + used, sizeof(legal) - used, "%s%s",
						 used ? ", " : "",
						 used_read_name((enum used_read)r));
	}
	return vrb_fail(err, EINVAL, "--used-read %s: %s %s %s; legal with it: %s",
			used_read_name(read), v->name, direction_name(dir), why, legal);
}

/* What the parts of a virtqueue allow. */
static int split_legal(const struct variant *v, enum direction dir, const struct ring_policy *p,
		       struct vrb_err *err)
{
	if (p->used_read != USED_READ_OWN && !(used_reads(v, dir) & 1u << p->used_read))
		return fail_used_read(v, dir, p->used_read, err);
	if (p->device_avail == AVAIL_READ_NONE && v->opts->order == FREE_LIST)
		return vrb_fail(
			err, EINVAL,
			"--device-avail in-order: %s takes descriptors from a free list, so "
			"only the entry tells the head; legal with it: entries",
			v->name);
	return 0;
}

int variants_legal(const struct variant *v, enum direction dir, const struct ring_policy *p,
		   struct vrb_err *err)
{
	int ret = policy_legal(p, err);

	if (ret)
		return ret;
	if (p->device_order == ORDER_EARLY && v->opts->order == RING_ORDER)
		return vrb_fail(err, EINVAL,
				"--device-order early: %s needs a device that returns buffers in "
				"order; legal with baseline and shadow-avail",
				v->name);
	if (p->publish == PUBLISH_BUFFER && v->opts->vec == VEC_BLOCKS)
		return vrb_fail(err, EINVAL,
				"--publish buffer: %s posts blocks of buffers and publishes each "
				"block once; legal: burst",
				v->name);
	if (p->rx_buffer && v->ring != RING_SPLIT)
		return vrb_fail(err, EINVAL,
				"--rx-buffer: %s is no virtqueue, nothing in it says how many "
				"buffers a packet has; legal: 0",
				v->name);
	if (p->rx_buffer && v->opts->vec == VEC_BLOCKS)
		return vrb_fail(err, EINVAL,
				"--rx-buffer: %s reaps blocks of packets that are one buffer each, "
				"as the vector paths of DPDK do, which exclude mergeable buffers; "
				"legal: 0",
				v->name);
	if (p->rx_buffer && dir == DIR_RX && v->opts->order == RING_ORDER &&
	    v->opts->used == USED_EACH && variants_used_read(v, dir, p) == USED_READ_ID_LEN)
		return vrb_fail(
			err, EINVAL,
			"--used-read id+len: with --rx-buffer %s reads lengths only, to put "
			"packets together; legal: len",
			v->name);
	if (p->fault != FAULT_NONE && v->ring == RING_NULL)
		return vrb_fail(err, EINVAL,
				"--inject %s: %s exchanges no buffers that could be mishandled",
				fault_name(p->fault), v->name);
	return v->ring == RING_SPLIT ? split_legal(v, dir, p, err) : 0;
}

/* A variant has loops for what makes a difference to it; the rest of a policy is void. */
static drv_loop_fn *driver_loop(const struct variant *v, const struct ring_loops *loops,
				enum direction dir, const struct ring_policy *p, bool payload)
{
	const enum free_list list = v->opts->order == FREE_LIST ? p->free_list : FREE_FIFO;
	const enum header_place header =
		v->ring == RING_SPLIT ? header_place_of(p, payload) : HDR_NONE;

	if (dir == DIR_TX)
		return loops->drv_tx[list][p->publish][header][payload];
	if (v->opts->order == RING_ORDER && v->opts->used == USED_EACH &&
	    variants_used_read(v, dir, p) == USED_READ_ID_LEN)
		return loops->drv_rx_ids[p->publish][payload];
	return loops->drv_rx[list][p->publish][payload];
}

/* Where a packet takes several RX buffers. */
static drv_loop_fn *merge_loop(const struct variant *v, const struct ring_loops *loops,
			       const struct ring_policy *p)
{
	return loops->drv_merge[v->opts->order == FREE_LIST ? p->free_list : FREE_FIFO][p->publish];
}

static enum dev_walk dev_walk_of(const struct variant *v, enum direction dir,
				 const struct ring_policy *p)
{
	if (dir == DIR_RX)
		return DEV_RX;
	return v->ring == RING_SPLIT && p->tx_header == TX_HEADER_INDIRECT ? DEV_TX_TABLES : DEV_TX;
}

struct side_loops variants_loops(const struct variant *v, enum direction dir,
				 const struct ring_policy *p, bool payload, enum simd simd,
				 enum ring_build build)
{
	const struct ring_loops *const *paths = v->loops[build];
	const struct ring_loops *loops = paths[paths[simd] ? simd : SIMD_SCALAR];
	/* the device is unchanged by vectorized: it is the one built for the plain architecture */
	const struct ring_loops *plain = paths[SIMD_SCALAR];
	const enum device_avail avail =
		v->ring == RING_SPLIT ? p->device_avail : AVAIL_READ_ENTRIES;
	const enum dev_walk walk = dev_walk_of(v, dir, p);
	dev_loop_fn *dev = plain->dev[p->device_order][avail][walk][p->device_publish][payload];

	if (dir == DIR_RX && payload && p->rx_buffer)
		return (struct side_loops){.drv = merge_loop(v, loops, p),
					   .dev = plain->dev_merge[p->fault != FAULT_NONE]};
	if (p->fault != FAULT_NONE)
		dev = plain->dev_fault[walk][payload];
	return (struct side_loops){.drv = driver_loop(v, loops, dir, p, payload), .dev = dev};
}
