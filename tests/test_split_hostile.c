/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_split_hostile.c - a driver that changes what the device of a split ring has just read: the device is
 * compiled here with verbs that do so. What was checked is what is used, so nothing comes of it.
 */
#include "ring_fixture.h"

#include "ring/access.h"
#include "workloads/payload.h" /* packets stay as they are: the header is that of all */

#undef shm_get
#define shm_get(p)                                                                \
	({                                                                        \
		const typeof(*(p)) once = *(p);                                   \
		memset((void *)(uintptr_t)(const void *)(p), 0xff, sizeof(*(p))); \
		once;                                                             \
	})

#include "ring/split_dev.h"

/* clang 14's analyzer takes `len << 32` of a uint64_t for undefined where it gets here. */
#ifdef __clang_analyzer__
#define dev_take(...) true
#endif

#define SIZE  64
#define BURST 8

/* All that is available; whole: by the walk that takes any chain, not by that of plain ones. */
static bool take(struct hand *h, bool whole)
{
	struct loop_policy p = h->v->policy;

	p.full = whole;
	return dev_take(h->v, BURST, h->conf.dir == DIR_TX, h->v->opts, p);
}

Test(hostile, a_device_reads_each_field_once)
{
	FOR_EACH_SPLIT (v, k, 4 * TX_HEADER_KINDS) {
		struct ring_conf c = CONF(v, k & 1 ? DIR_TX : DIR_RX, SIZE, BURST, .payload = 61,
					  .policy = {.tx_header = (enum tx_header)(k >> 2)});
		const bool whole = k & 2;
		struct vrb_err err;

		if (variants_legal(v, c.dir, &c.policy, &err))
			continue;
		POSTED(h, &c, SIMD_SCALAR);
		cr_assert(take(&h, whole), "%s, %s: %s", where(&c, SIMD_SCALAR).text,
			  whole ? "any chain" : "plain chains", failure_text(h.v->fail.kind));
		cr_assert_eq(h.v->taken, BURST, "%s", where(&c, SIMD_SCALAR).text);
	}
}
