/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_packed_hostile.c - a driver that changes descriptors while the device of a packed ring reads them:
 * the device is compiled here with verbs that first make everything available, in whatever lap it is.
 */
#include "ring_fixture.h"

#include "ring/access.h"

/* Whose ring is spoilt before each read. */
static struct dev *victim;

/* All descriptors are available in the lap of the next place, as chains of three. */
static void spoil(void)
{
	const struct packed_dev *r = &victim->packed;

	for (uint32_t i = 0; i < r->size; i++)
		r->desc[i].flags = (uint16_t)(r->take.bits | VRING_DESC_F_WRITE |
					      (i % 3 != 2 ? VRING_DESC_F_NEXT : 0));
}

#undef shm_get
#undef shm_load_acq
#define shm_get(p)	(spoil(), *(p))
#define shm_load_acq(p) (spoil(), __atomic_load_n((p), __ATOMIC_ACQUIRE))

#include "ring/packed_dev.h"

/* 63 descriptors are a whole number of chains: one goes round and round. */
#define SIZE 63

static void open_hostile(struct hand *h, const char *name)
{
	const struct ring_conf c = {.variant = variant_named(name),
				    .dir = DIR_RX,
				    .ring_size = SIZE,
				    .burst = SIZE,
				    .payload = 61};

	hand_open(h, &c, SIMD_SCALAR);
	hand_drv(h, 1);
	victim = h->v;
}

static bool take(struct hand *h)
{
	struct loop_policy p = h->v->policy;

	p.full = true;
	return dev_take(h->v, SIZE, false, h->v->opts, p);
}

/* A used descriptor for more than the ring has would lead its place out of the ring. */
Test(packed, a_batch_is_never_longer_than_the_ring)
{
	freed_by(hand_close) struct hand h;

	open_hostile(&h, "packed+in-order");
	cr_assert_not(take(&h));
	cr_assert_eq(h.v->fail.kind, FAIL_INDEX, "%s", failure_text(h.v->fail.kind));
	cr_assert_lt(h.v->packed.take.slot, SIZE);
	cr_assert_lt(h.v->packed.back.slot, SIZE, "%u", h.v->packed.back.slot);
}

Test(packed, places_stay_in_the_ring_whatever_the_driver_does)
{
	freed_by(hand_close) struct hand h;

	open_hostile(&h, "packed");
	cr_assert(take(&h), "%s", failure_text(h.v->fail.kind));
	cr_assert_eq(h.v->taken, SIZE, "chains of three, three laps: %lu", h.v->taken);
	cr_assert_lt(h.v->packed.take.slot, SIZE);
	cr_assert_lt(h.v->packed.back.slot, SIZE);
}
