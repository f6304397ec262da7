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

int variants_legal(const struct variant *v, const struct ring_policy *p, struct vrb_err *err)
{
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
	if (p->rx_buffer && p->device_order == ORDER_EARLY)
		return vrb_fail(err, EINVAL,
				"--device-order early: the buffers of a packet return together and "
				"in order; legal with --rx-buffer: in-order");
	if (p->fault != FAULT_NONE && p->device_order == ORDER_EARLY)
		return vrb_fail(
			err, EINVAL,
			"--inject %s: only a device that is in order mishandles buffers; legal "
			"with --device-order in-order",
			fault_name(p->fault));
	if (p->fault != FAULT_NONE && v->ring == RING_NULL)
		return vrb_fail(err, EINVAL,
				"--inject %s: %s exchanges no buffers that could be mishandled",
				fault_name(p->fault), v->name);
	return 0;
}

struct side_loops variants_loops(const struct variant *v, enum direction dir,
				 const struct ring_policy *p, bool payload, enum simd simd,
				 enum ring_build build)
{
	const struct ring_loops *const *paths = v->loops[build];
	const struct ring_loops *loops = paths[paths[simd] ? simd : SIMD_SCALAR];
	/* the device is unchanged by vectorized: it is the one built for the plain architecture */
	const struct ring_loops *plain = paths[SIMD_SCALAR];
	bool fault = p->fault != FAULT_NONE;

	if (dir == DIR_RX && payload && p->rx_buffer)
		return (struct side_loops){.drv = loops->drv_merge[p->free_list][p->publish],
					   .dev = plain->dev_merge[fault]};
	if (dir == DIR_RX)
		return (struct side_loops){.drv = loops->drv_rx[p->free_list][p->publish][payload],
					   .dev = plain->dev_rx[p->device_order][payload][fault]};
	return (struct side_loops){
		.drv = loops->drv_tx[p->free_list][p->publish][p->tx_header][payload],
		.dev = plain->dev_tx[p->device_order][payload][fault]};
}
