/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_hostile_since.c - more of the catalogue of docs/robustness.md: what went wrong on real virtqueues
 * since 2024, and what only packed rings can get wrong. Ledgers balance.
 */
#include "ring_fixture.h"

#define SIZE  64
#define BURST 8

/* One of the two sides says what is wrong, and which of its kinds it is. */
static void somebody_refuses(struct hand *h)
{
	const bool device = hand_dev(h, 1) == SIDE_BROKEN;
	const bool driver = !device && hand_drv(h, UINT64_MAX) == SIDE_BROKEN;

	cr_assert(device || driver, "%s", where(&h->conf, h->simd).text);
	cr_assert_neq(device ? h->v->fail.kind : h->d->fail.kind, FAIL_NONE, "%s",
		      where(&h->conf, h->simd).text);
	hand_balances(h);
}

/* ---- packed ---- */

/*
 * An id that is in flight already: the device gives it back twice, as it came; the driver knows. In order
 * the batch ends with it: its length is wrong, or what was behind never comes back, which ends the run.
 */
Test(hostile, an_id_that_is_made_available_twice_is_found)
{
	FOR_EACH_CASE (v, k, 4) {
		if (v->ring != RING_PACKED)
			continue;
		struct ring_conf c =
			CONF(v, directions[k & 1], SIZE, BURST, .payload = k & 2 ? 61 : 0,
			     .policy = {.tx_header = TX_HEADER_NONE});
		const bool batch = v->opts.used == USED_BATCH;

		POSTED(h, &c, SIMD_SCALAR);
		/* of a batch only the last one's id says anything */
		h.d->packed.desc[batch ? BURST - 1 : 1].id = h.d->packed.desc[0].id;
		h.d->clean = 1;
		if (!batch) {
			somebody_refuses(&h);
			continue;
		}
		h.d->post_target = h.d->posted;
		cr_assert_neq(hand_dev(&h, 1), SIDE_BROKEN);
		const bool broken = hand_drv(&h, UINT64_MAX) == SIDE_BROKEN;
		cr_assert_eq(h.d->reaped, broken ? 0 : 1, "%s: %lu", where(&c, SIMD_SCALAR).text,
			     h.d->reaped);
		hand_balances(&h);
	}
}

/* What the device leaves in a descriptor beyond length, id and flags of a used one is not read. */
Test(hostile, a_driver_does_not_read_packed_descriptors_back)
{
	FOR_EACH_CASE (v, k, 2 * TX_HEADER_KINDS) {
		if (v->ring != RING_PACKED)
			continue;
		struct ring_conf c = CONF(v, directions[k & 1], SIZE, BURST, .payload = 61,
					  .policy = {.tx_header = (enum tx_header)(k >> 1)});
		struct vrb_err err;

		if (variants_legal(v, c.dir, &c.policy, &err))
			continue;
		FOR_EACH_PATH (simd, v) {
			RETURNED(h, &c, simd);
			while (hand_dev(&h, 1) == SIDE_IDLE && h.v->taken != h.d->posted)
				;
			for (uint32_t i = 0; i < SIZE; i++)
				h.d->packed.desc[i].addr = UINT64_MAX - i;
			h.d->post_target = h.d->posted;
			cr_assert_neq(hand_drv(&h, UINT64_MAX), SIDE_BROKEN, "%s: %s",
				      where(&c, simd).text, failure_text(h.d->fail.kind));
			cr_assert_eq(h.d->reaped, h.d->posted, "%s", where(&c, simd).text);
			hand_balances(&h);
		}
	}
}

/*
 * A device that marks a descriptor used and writes neither length nor id: the driver's own stand there.
 * In ring order that is the right id; then the length, or what the buffer holds, is not what it must be.
 */
Test(hostile, a_used_descriptor_without_length_and_id_is_refused)
{
	FOR_EACH_CASE (v, k, 3) {
		if (v->ring != RING_PACKED)
			continue;
		struct ring_conf c =
			CONF(v, directions[k & 1], SIZE, BURST, .payload = k == 2 ? 61 : 0,
			     .policy = {.tx_header = TX_HEADER_NONE, .rx_room = k ? 0 : 100});

		POSTED(h, &c, SIMD_SCALAR);
		h.d->packed.desc[0].flags = PACKED_BOTH;
		h.d->clean = 1;
		cr_assert_eq(hand_drv(&h, 1), SIDE_BROKEN, "%s", where(&c, SIMD_SCALAR).text);
		cr_assert(h.d->fail.kind == FAIL_LENGTH || h.d->fail.kind == FAIL_PAYLOAD, "%s: %s",
			  where(&c, SIMD_SCALAR).text, failure_text(h.d->fail.kind));
		hand_balances(&h);
	}
}

/* ---- in order ---- */

/* From each place: a batch of all that the ring has is one, which ends with its last buffer. */
Test(hostile, a_batch_as_long_as_the_ring_is_legal)
{
	static const enum tx_header headers[] = {TX_HEADER_NONE, TX_HEADER_CHAINED};
	const uint32_t size = 8;

	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(headers)) {
		if (!variants_is_virtqueue(v))
			continue;
		for (uint32_t start = 0; start < 2 * size; start++) {
			struct ring_conf c =
				CONF(v, directions[k & 1], size, size, .generic = start & 1,
				     .start_idx = (uint16_t)start,
				     .policy = {.tx_header = headers[k >> 1]});

			if (v->opts.used != USED_BATCH)
				continue;
			POSTED(h, &c, SIMD_SCALAR);
			cr_assert_eq(h.d->posted - h.d->reaped, ring_capacity(&c));
			hand_run(&h, 3 * size);
			hand_balances(&h);
		}
	}
}

/* One buffer more than was published, or than there is. */
Test(hostile, a_batch_that_is_one_too_long_is_refused)
{
	FOR_EACH_CASE (v, k, 2) {
		if (!variants_is_virtqueue(v))
			continue;
		struct ring_conf c =
			CONF(v, directions[k], SIZE, BURST,
			     .policy = {.tx_header = TX_HEADER_NONE,
					.used_read = v->ring == RING_SPLIT ? USED_READ_ID_LEN
									   : USED_READ_OWN,
					.outstanding = BURST});

		if (v->opts.used != USED_BATCH)
			continue;
		RETURNED(h, &c, SIMD_SCALAR);
		if (v->ring == RING_PACKED)
			h.d->packed.desc[0].id++;
		else
			h.d->split.used->ring[0].id++;
		drv_refuses(&h, FAIL_BATCH, "one too long");
		hand_balances(&h);
	}
}

/* A device that gives up what it has read takes the same buffer next, entries read or not. */
Test(hostile, a_buffer_that_is_given_up_is_taken_again)
{
	FOR_EACH_CASE (v, k, 2 * DEVICE_AVAIL_KINDS) {
		if (!variants_is_virtqueue(v))
			continue;
		struct ring_conf c = CONF(v, directions[k & 1], SIZE, BURST, .payload = 61,
					  .start_idx = 65533, .generic = true,
					  .policy = {.device_order = ORDER_DISCARD,
						     .early_share = 1,
						     .device_avail = (enum device_avail)(k >> 1)});
		struct vrb_err err;

		if (variants_legal(v, c.dir, &c.policy, &err))
			continue;
		HAND(h, &c, SIMD_SCALAR);
		hand_run(&h, 4 * SIZE);
		hand_balances(&h);
	}
}

/*
 * A device that connects again and goes on from an earlier index: what it returns a second time is not
 * delivered a second time.
 */
Test(hostile, buffers_that_are_replayed_are_refused)
{
	FOR_EACH_SPLIT (v, k, 2) {
		struct ring_conf c = CONF(
			v, directions[k], SIZE, BURST, .generic = true,
			.policy = {.tx_header = TX_HEADER_NONE, .used_read = USED_READ_ID_LEN});

		if (v->opts.used != USED_BATCH)
			continue;
		RETURNED(h, &c, SIMD_SCALAR);
		cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN);
		h.v->taken -= BURST;
		somebody_refuses(&h);
	}
}

/* ---- counters ---- */

/* Indices have 16 bits, whatever a side counts with: on beyond 2^16 and 2^32 nothing changes. */
Test(hostile, counters_of_a_side_are_wider_than_an_index)
{
	static const uint64_t on[] = {0, (UINT64_C(1) << 32) - 65536, UINT64_MAX - 65535 - 65536};

	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(on)) {
		if (!variants_is_virtqueue(v))
			continue;
		struct ring_conf c =
			CONF(v, directions[k & 1], SIZE, BURST, .payload = 61, .start_idx = 65500,
			     .policy = {.tx_header = TX_HEADER_NONE});

		HAND(h, &c, SIMD_SCALAR);
		h.d->posted += on[k >> 1];
		h.d->reaped += on[k >> 1];
		h.d->vq.visible += on[k >> 1];
		h.d->vq.batch_end += on[k >> 1];
		h.v->taken += on[k >> 1];
		h.v->returned += on[k >> 1];
		hand_run(&h, 4 * SIZE);
		hand_balances(&h);
	}
}
