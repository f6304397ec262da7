/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * variants.c - the registry, and which parts go together.
 */
#include "ring/variants.h"

#include "names.h"
#include "ring/lab_rows.h"
#include "ring/loops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The driver's loops of every row, each from its own file. */
#define VARIANT(driver, ...) extern const struct drv_loops driver##_drv_loops;
#if defined(__x86_64__)
#define VECTOR_VARIANT(driver, ...)                                                      \
	extern const struct drv_loops driver##_scalar_drv_loops, driver##_sse_drv_loops; \
	extern const struct drv_loops driver##_avx2_drv_loops, driver##_avx512_drv_loops;
#define VECTOR_PATHS(driver)                                                                      \
	{                                                                                         \
		[SIMD_SCALAR] = &driver##_scalar_drv_loops, [SIMD_SSE] = &driver##_sse_drv_loops, \
		[SIMD_AVX2] = &driver##_avx2_drv_loops,                                           \
		[SIMD_AVX512] = &driver##_avx512_drv_loops,                                       \
	}
#elif defined(__aarch64__)
#define VECTOR_VARIANT(driver, ...) \
	extern const struct drv_loops driver##_scalar_drv_loops, driver##_neon_drv_loops;
#define VECTOR_PATHS(driver)                                                                       \
	{                                                                                          \
		[SIMD_SCALAR] = &driver##_scalar_drv_loops, [SIMD_NEON] = &driver##_neon_drv_loops \
	}
#else
#define VECTOR_VARIANT(driver, ...) extern const struct drv_loops driver##_scalar_drv_loops;
#define VECTOR_PATHS(driver)                               \
	{                                                  \
		[SIMD_SCALAR] = &driver##_scalar_drv_loops \
	}
#endif
#include "ring/variants.def"
#undef VARIANT
#undef VECTOR_VARIANT

#define OPTS(...)           \
	{                   \
		__VA_ARGS__ \
	}
#define ROW(paths, nm, knd, rng, options, diff, cls, hyp) \
	{.name = nm,                                      \
	 .kind = knd,                                     \
	 .ring = rng,                                     \
	 .opts = OPTS options,                            \
	 .differs = diff,                                 \
	 .clause = cls,                                   \
	 .hypothesis = hyp,                               \
	 .drv = paths},
#define SCALAR_PATH(driver)                         \
	{                                           \
		[SIMD_SCALAR] = &driver##_drv_loops \
	}
#define VARIANT(driver, ...)	    ROW(SCALAR_PATH(driver), __VA_ARGS__)
#define VECTOR_VARIANT(driver, ...) ROW(VECTOR_PATHS(driver), __VA_ARGS__)
static const struct variant table[] = {
#include "ring/variants.def"
/* behind the others: variants_count() */
#include "ring/lab_points.def"
};
#undef VARIANT
#undef VECTOR_VARIANT
#undef LAB_POINT
#undef LAB_COMPILED
#undef LAB_VECTOR

unsigned variants_count(void)
{
	return ARRAY_SIZE(table) - lab_presets_count();
}

unsigned variants_total(void)
{
	return ARRAY_SIZE(table);
}

const struct variant *variants_get(unsigned i)
{
	return &table[i];
}

bool variants_is_virtqueue(const struct variant *v)
{
	return v->ring == RING_SPLIT || v->ring == RING_PACKED;
}

/* Is it the machine code of baseline once more? */
static bool is_copy(const struct variant *v)
{
	return v->kind == KIND_CONTROL || v->kind == KIND_COPY;
}

const struct variant *variants_copy(unsigned i)
{
	const struct variant *v = table;

	while (!is_copy(v) || i--)
		v++;
	return v;
}

/* The parts that names are joined of. */
enum { PART_BASELINE, PART_SHADOW, PART_FIXED, PART_IN_ORDER, PART_VECTOR, PART_PACKED, PARTS };
static const char *const part_names[PARTS] = {"baseline", "shadow-avail", "fixed-layout",
					      "in-order", "vectorized",	  "packed"};

const struct variant *variants_exact(const char *name)
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
	char names[sizeof(err->msg)] = "";

	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		all[i] = table[i].name;
		if (table[i].kind != KIND_COMBINATION && table[i].kind != KIND_LAB &&
		    !is_copy(&table[i]))
			text_add(names, sizeof(names), "%s%s", *names ? ", " : "", table[i].name);
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
	if (parts & 1u << PART_PACKED && parts & (1u << PART_SHADOW | 1u << PART_FIXED))
		return "a packed ring has no avail entries that a shadow or a fixed layout could "
		       "save";
	if (parts & 1u << PART_BASELINE && parts != 1u << PART_BASELINE)
		return "baseline is the absence of the others";
	return NULL;
}

/* The part of a name that begins at @at; PARTS: it is none. */
static unsigned part_named(const char *at, size_t len)
{
	unsigned part = 0;

	while (part < PARTS &&
	       (strlen(part_names[part]) != len || strncmp(part_names[part], at, len)))
		part++;
	return part;
}

/* By its name, not its options: a new variant may have those of another. */
static unsigned variant_parts(const struct variant *v)
{
	unsigned parts = 0;

	for (const char *at = v->name; at;) {
		const size_t len = strcspn(at, "+");
		const unsigned part = part_named(at, len);

		if (part == PARTS)
			return 0;
		parts |= 1u << part;
		at = at[len] ? at + len + 1 : NULL;
	}
	return parts;
}

int variants_find(const char *name, const struct variant **out, struct vrb_err *err)
{
	const struct variant *exact = variants_exact(name);
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
		unsigned part = part_named(at, len);

		if (!len && strchr(name, '+'))
			return vrb_fail(err, EINVAL, "--variant %.64s: no name at one side of a +",
					name);
		if (part == PARTS) {
			char piece[64];

			snprintf(piece, sizeof(piece), "%.*s", (int)len, at);
			const struct variant *v = strchr(name, '+') ? variants_exact(piece) : NULL;

			if (v)
				return vrb_fail(
					err, EINVAL,
					"--variant %.64s: %s is %s and combines with nothing", name,
					piece,
					v->kind == KIND_YARDSTICK
						? "a reference implementation"
						: "not one of the combined optimizations");
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

	if (v->opts.order == FREE_LIST)
		return whole;
	if (v->opts.used == USED_BATCH)
		return dir == DIR_RX ? whole : whole | idx_only;
	if (dir == DIR_TX)
		return whole | len | idx_only;
	return v->opts.vec == VEC_BLOCKS ? len : whole | len;
}

enum used_read variants_used_read(const struct variant *v, enum direction dir,
				  const struct ring_policy *p)
{
	if (v->ring != RING_SPLIT)
		return USED_READ_OWN;
	if (p->used_read != USED_READ_OWN)
		return p->used_read;
	if (v->opts.order == FREE_LIST || v->opts.used == USED_BATCH)
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

	if (v->opts.order == FREE_LIST)
		why = "finds a buffer by its id";
	else if (v->opts.used == USED_BATCH)
		why = dir == DIR_RX ? "finds the end of a batch by its id, and its length beside it"
				    : "finds the end of a batch by its id, or needs nothing of it";
	else if (v->opts.vec == VEC_BLOCKS && read == USED_READ_ID_LEN)
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
	if (p->device_avail == AVAIL_READ_NONE && v->opts.order == FREE_LIST)
		return vrb_fail(
			err, EINVAL,
			"--device-avail in-order: %s takes descriptors from a free list, so "
			"only the entry tells the head; legal with it: entries",
			v->name);
	return 0;
}

/* A packed ring has neither used elements nor avail entries of which more or less could be read. */
static int packed_legal(const struct variant *v, const struct ring_policy *p, struct vrb_err *err)
{
	if (p->used_read != USED_READ_OWN)
		return vrb_fail(err, EINVAL,
				"--used-read %s: the used descriptors of %s have flags, id and "
				"length in one word; legal: default",
				used_read_name(p->used_read), v->name);
	if (p->device_avail == AVAIL_READ_NONE)
		return vrb_fail(err, EINVAL,
				"--device-avail in-order: %s has no avail entries; legal: entries",
				v->name);
	if (p->avail_store != STORE_EACH)
		return vrb_fail(err, EINVAL,
				"--avail-store burst: %s has no avail entries; legal: each",
				v->name);
	return 0;
}

/* Notifications are those of a virtqueue, and each kind of it asks in its own way. */
static int notify_legal(const struct variant *v, enum direction dir, const struct ring_policy *p,
			struct vrb_err *err)
{
	const char *mode = notify_mode_name(p->notify);

	if (p->notify == NOTIFY_OFF)
		return 0;
	if (!variants_is_virtqueue(v))
		return vrb_fail(err, EINVAL,
				"--notify %s: %s is no virtqueue, nobody in it asks for "
				"notifications; legal: off",
				mode, v->name);
	if (p->notify == NOTIFY_EVENT_IDX && v->ring == RING_PACKED)
		return vrb_fail(err, EINVAL,
				"--notify event-idx: %s has no indices, it asks by the place of a "
				"descriptor; legal: off, flags, desc",
				v->name);
	if (p->notify == NOTIFY_DESC && v->ring == RING_SPLIT)
		return vrb_fail(err, EINVAL,
				"--notify desc: %s asks by an index; legal: off, flags, event-idx",
				v->name);
	if (p->notify_arm == ARM_DELAYED && dir == DIR_RX)
		return vrb_fail(
			err, EINVAL,
			"--notify-arm delayed: a driver delays the call for packets that it "
			"sent, not for those that it receives; legal with --direction tx");
	return 0;
}

#define LAB_HOLDS "--%s buffer: %s holds buffers until there are more; legal: burst"
int variants_legal(const struct variant *v, enum direction dir, const struct ring_policy *p,
		   struct vrb_err *err)
{
	int ret = policy_legal(p, err);

	ret = ret ? ret : notify_legal(v, dir, p, err);
	if (ret)
		return ret;
	if (order_mixed(p->device_order) && v->opts.order == RING_ORDER)
		return vrb_fail(err, EINVAL,
				"--device-order %s: %s needs a device that returns buffers in "
				"order; legal with baseline, shadow-avail and packed",
				device_order_name(p->device_order), v->name);
	if (p->publish == PUBLISH_BUFFER && v->opts.vec == VEC_BLOCKS)
		return vrb_fail(err, EINVAL,
				"--publish buffer: %s posts blocks of buffers and publishes each "
				"block once; legal: burst",
				v->name);
	if (p->rx_buffer && !variants_is_virtqueue(v))
		return vrb_fail(err, EINVAL,
				"--rx-buffer: %s is no virtqueue, nothing in it says how many "
				"buffers a packet has; legal: 0",
				v->name);
	if (p->rx_buffer && v->opts.vec == VEC_BLOCKS)
		return vrb_fail(err, EINVAL,
				"--rx-buffer: %s reaps blocks of packets that are one buffer each, "
				"as the vector paths of DPDK do, which exclude mergeable buffers; "
				"legal: 0",
				v->name);
	if (p->rx_buffer && dir == DIR_RX && v->opts.order == RING_ORDER &&
	    v->opts.used == USED_EACH && variants_used_read(v, dir, p) == USED_READ_ID_LEN)
		return vrb_fail(
			err, EINVAL,
			"--used-read id+len: with --rx-buffer %s reads lengths only, to put "
			"packets together; legal: len",
			v->name);
	if (p->fault != FAULT_NONE && v->ring == RING_NULL)
		return vrb_fail(err, EINVAL,
				"--inject %s: %s exchanges no buffers that could be mishandled",
				fault_name(p->fault), v->name);
	if (v->ring == RING_LAB && lab_excluded(v->lab, dir))
		return vrb_fail(err, EINVAL, "--direction %s: %s is no ring for it: %s",
				direction_name(dir), v->name, lab_excluded(v->lab, dir));
	if (v->ring == RING_LAB && p->publish == PUBLISH_BUFFER && v->lab->out_publish > LAB_BURST)
		return vrb_fail(err, EINVAL, LAB_HOLDS, "publish", v->name);
	if (v->ring == RING_LAB && p->device_publish == PUBLISH_BUFFER &&
	    v->lab->back_publish > LAB_BURST)
		return vrb_fail(err, EINVAL, LAB_HOLDS, "device-publish", v->name);
	if (v->ring == RING_LAB && p->fault == FAULT_CORRUPT && v->lab->way == LAB_COUNTER)
		return vrb_fail(err, EINVAL,
				"--inject corrupt: %s returns a count, in which no length could be "
				"wrong; legal: lose, duplicate",
				v->name);
	if (v->ring == RING_PACKED)
		return packed_legal(v, p, err);
	return v->ring == RING_SPLIT ? split_legal(v, dir, p, err) : 0;
}

/* ---- loops ---- */

/* The native devices: of a split ring by what they write into the used ring. */
extern const struct dev_loops used_each_dev_loops, used_batch_dev_loops;
extern const struct dev_loops packed_each_dev_loops, packed_batch_dev_loops;
extern const struct dev_loops spsc_dev_loops, null_control_dev_loops, null_control_2_dev_loops,
	null_control_3_dev_loops, null_control_4_dev_loops;

#define GENERIC(name) extern const struct generic_loops generic_##name##_loops
#define GENERIC_TWICE(name) \
	GENERIC(name);      \
	extern const struct generic_loops generic_##name##_model_loops
GENERIC(null);
GENERIC(null_control_split);
GENERIC(null_control_2_split);
GENERIC(null_control_3_split);
GENERIC(null_control_4_split);
GENERIC_TWICE(spsc);
GENERIC_TWICE(lab);
GENERIC_TWICE(packed);
GENERIC_TWICE(split);
#if defined(__x86_64__)
GENERIC_TWICE(split_sse);
GENERIC_TWICE(split_avx2);
GENERIC_TWICE(split_avx512);
GENERIC_TWICE(packed_sse);
GENERIC_TWICE(packed_avx2);
GENERIC_TWICE(packed_avx512);
#elif defined(__aarch64__)
GENERIC_TWICE(split_neon);
GENERIC_TWICE(packed_neon);
#endif

/* What the copies of baseline run, in the order of the table. */
static const struct {
	const struct dev_loops *dev;
	const struct generic_loops *generic;
} copies[] = {
	{&null_control_dev_loops, &generic_null_control_split_loops},
	{&null_control_2_dev_loops, &generic_null_control_2_split_loops},
	{&null_control_3_dev_loops, &generic_null_control_3_split_loops},
	{&null_control_4_dev_loops, &generic_null_control_4_split_loops},
};

static unsigned copy_number(const struct variant *v)
{
	unsigned n = 0;

	while (variants_copy(n) != v)
		n++;
	return n;
}

/* simd: the path of a lab ring that was taken; other devices are the same whatever the driver's. */
static const struct dev_loops *device_of(const struct variant *v, enum simd simd)
{
	if (v->ring == RING_LAB)
		return v->lab_dev[simd];
	if (v->ring == RING_SPSC)
		return &spsc_dev_loops;
	if (is_copy(v))
		return copies[copy_number(v)].dev;
	if (v->ring == RING_PACKED)
		return v->opts.used == USED_BATCH ? &packed_batch_dev_loops
						  : &packed_each_dev_loops;
	return v->opts.used == USED_BATCH ? &used_batch_dev_loops : &used_each_dev_loops;
}

/* By the vector path of the driver. */
#define BOTH_BUILDS(name)                                              \
	{                                                              \
		&generic_##name##_loops, &generic_##name##_model_loops \
	}
static const struct generic_loops *const generic_split[SIMD_KINDS][RING_BUILDS] = {
	[SIMD_SCALAR] = BOTH_BUILDS(split),
#if defined(__x86_64__)
	[SIMD_SSE] = BOTH_BUILDS(split_sse),
	[SIMD_AVX2] = BOTH_BUILDS(split_avx2),
	[SIMD_AVX512] = BOTH_BUILDS(split_avx512),
#elif defined(__aarch64__)
	[SIMD_NEON] = BOTH_BUILDS(split_neon),
#endif
};
static const struct generic_loops *const generic_packed[SIMD_KINDS][RING_BUILDS] = {
	[SIMD_SCALAR] = BOTH_BUILDS(packed),
#if defined(__x86_64__)
	[SIMD_SSE] = BOTH_BUILDS(packed_sse),
	[SIMD_AVX2] = BOTH_BUILDS(packed_avx2),
	[SIMD_AVX512] = BOTH_BUILDS(packed_avx512),
#elif defined(__aarch64__)
	[SIMD_NEON] = BOTH_BUILDS(packed_neon),
#endif
};

static struct side_loops generic_loops(const struct variant *v, enum direction dir, enum simd simd,
				       enum ring_build build)
{
	const bool packed = v->ring == RING_PACKED;
	const struct generic_loops *drv =
		packed ? generic_packed[simd][build] : generic_split[simd][build];
	const struct generic_loops *dev =
		packed ? generic_packed[SIMD_SCALAR][build] : generic_split[SIMD_SCALAR][build];

	if (v->ring == RING_NULL)
		drv = dev = &generic_null_loops;
	if (is_copy(v) && build == BUILD_NATIVE)
		drv = dev = copies[copy_number(v)].generic;
	if (v->ring == RING_SPSC)
		drv = dev = build == BUILD_MODEL ? &generic_spsc_model_loops : &generic_spsc_loops;
	if (v->ring == RING_LAB)
		drv = dev = build == BUILD_MODEL ? &generic_lab_model_loops : &generic_lab_loops;
	return (struct side_loops){.drv = drv->drv[dir], .dev = dev->dev[dir]};
}

static enum tx_shape shape_of(const struct variant *v, enum header_place header)
{
	if (!variants_is_virtqueue(v))
		return SHAPE_ONE;
	if (place_is_indirect(header))
		return SHAPE_INDIRECT;
	return place_is_chained(header) ? SHAPE_CHAINED : SHAPE_ONE;
}

bool variants_generic(const struct variant *v, enum direction dir, const struct ring_policy *p,
		      bool payload)
{
	const enum header_place header = header_place_of(p, payload);

	if (p->device_order != ORDER_IN || p->fault != FAULT_NONE || p->notify != NOTIFY_OFF ||
	    p->replay || (v->ring == RING_LAB && !v->lab_dev[SIMD_SCALAR]))
		return true;
	if (!variants_is_virtqueue(v))
		return false;
	if (p->device_avail == AVAIL_READ_NONE && p->device_publish == PUBLISH_BUFFER)
		return true;
	if (p->avail_store != STORE_EACH)
		return true;
	return dir == DIR_RX ? payload && p->rx_buffer
			     : place_is_slot(header) || place_moves(header);
}

struct side_loops variants_loops(const struct variant *v, const struct ring_policy *p,
				 const struct loops_wanted *want)
{
	const enum simd simd = v->drv[want->simd] ? want->simd : SIMD_SCALAR;
	const enum free_list list = v->opts.order == FREE_LIST ? p->free_list : FREE_FIFO;
	const enum tx_shape shape = shape_of(v, header_place_of(p, want->payload));
	const bool tables = v->ring == RING_SPLIT && shape == SHAPE_INDIRECT;
	const enum dev_walk walk = want->dir == DIR_RX ? DEV_RX : tables ? DEV_TX_TABLES : DEV_TX;
	const struct dev_loops *dev = device_of(v, simd);
	enum simd tx;

	if (v->ring == RING_NULL || want->build == BUILD_MODEL || want->generic ||
	    variants_generic(v, want->dir, p, want->payload))
		return generic_loops(v, want->dir, simd, want->build);
	tx = v->drv[simd]->tx[list][p->publish][shape][want->payload] ? simd : SIMD_SCALAR;
	return (struct side_loops){
		.drv = want->dir == DIR_TX ? v->drv[tx]->tx[list][p->publish][shape][want->payload]
					   : v->drv[simd]->rx[list][p->publish][want->payload],
		.dev = v->ring == RING_SPLIT && p->device_avail == AVAIL_READ_NONE
			       ? dev->known[walk][want->payload]
			       : dev->of[p->device_publish][walk][want->payload]};
}
