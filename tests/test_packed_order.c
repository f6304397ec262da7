/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_packed_order.c - the driver of a packed ring makes a burst visible with its last store: it is
 * compiled here with verbs that look, before each, at the flags of the burst's first descriptor.
 */
#include "ring_fixture.h"

#include "ring/access.h"

/* The first descriptor of the burst, what its flags were before, and how often they were stored. */
static struct {
	uint16_t *flags, before;
	unsigned published, early, late;
} watch;

static void before_store(const void *to, size_t size)
{
	const uint8_t *from = to, *flags = (const uint8_t *)watch.flags;

	watch.early += *watch.flags == watch.before && from < flags + 2 && flags < from + size;
	watch.late += *watch.flags != watch.before;
}

#undef shm_put
#undef shm_store_rel
#define shm_put(p, v) (before_store((p), sizeof(*(p))), (void)(*(p) = (v)))
#define shm_store_rel(p, v) \
	(watch.published += (p) == watch.flags, __atomic_store_n((p), (v), __ATOMIC_RELEASE))

#include "ring/packed_drv.h"

static void expect_published_last(const struct ring_conf *c)
{
	struct loop_policy p;
	HAND(h, c, SIMD_SCALAR);

	p = h.d->policy;
	p.full = true;
	watch.flags = &h.d->packed.desc[h.d->packed.post.slot].flags;
	watch.before = *watch.flags;
	watch.published = watch.early = watch.late = 0;
	drv_add(h.d, c->burst, c->dir == DIR_TX, h.d->opts, p);
	cr_assert_eq(watch.early, 0, "%s: other stores than the last one",
		     where(c, SIMD_SCALAR).text);
	cr_assert_eq(watch.late, 0, "%s: stores after it", where(c, SIMD_SCALAR).text);
	cr_assert_eq(watch.published, 1, "%s", where(c, SIMD_SCALAR).text);
	cr_assert_eq(*watch.flags & PACKED_BOTH, h.v->packed.take.bits);
}

Test(packed, the_flags_of_a_bursts_first_descriptor_come_last)
{
	static const char *const names[] = {"packed", "packed+in-order", "packed+vectorized",
					    "packed+vectorized+in-order"};

	for (unsigned k = 0; k < 4 * 2 * 4 * 80; k++) {
		struct ring_conf c = {.variant = variant_named(names[k & 3]),
				      .dir = directions[k >> 2 & 1],
				      .ring_size = 40 + (k >> 3 & 3),
				      .start_idx = (uint16_t)(k >> 5),
				      .policy = {.tx_header = (enum tx_header)(k >> 3 & 3)}};

		c.burst = 1 + k % 19;
		expect_published_last(&c);
	}
}
