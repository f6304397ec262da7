/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_packed_hostile.c - a driver that changes descriptors while the device of a packed ring reads them:
 * the device is compiled here with verbs that first make everything available, in whatever lap it is.
 */
#include "ring_fixture.h"

#include "ring/access.h"

/* Whose ring is spoilt before each read. */
static struct dev *victim;

/* How many descriptors a chain has; 0: it has no end. */
static uint32_t chain_descs = 3;

/* No side reads that often: it would never stop. */
static uint32_t reads_left = 10000;

/* All descriptors are available in the lap of the next place, as such chains. */
static void spoil(void)
{
	const struct packed_dev *r = &victim->packed;

	cr_assert(reads_left--);
	for (uint32_t i = 0; i < r->size; i++) {
		const bool last = chain_descs && i % chain_descs == chain_descs - 1;

		r->desc[i].flags = (uint16_t)(r->take.bits | VRING_DESC_F_WRITE |
					      (last ? 0 : VRING_DESC_F_NEXT));
	}
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

/* Nor does one end where the ring does, for the lap changes with it. */
Test(packed, a_chain_is_never_longer_than_the_ring)
{
	freed_by(hand_close) struct hand h;

	open_hostile(&h, "packed");
	chain_descs = 0;
	cr_assert_not(take(&h));
	cr_assert_eq(h.v->fail.kind, FAIL_DESCRIPTOR, "%s", failure_text(h.v->fail.kind));
	cr_assert_lt(h.v->packed.take.slot, SIZE);
}
