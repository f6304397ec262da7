/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_ring.c - the device's side of a foreign driver's ring, split: what is legal, and what is not.
 */
#include "peer_fixture.h"
#include "spawned.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

TestSuite(peer_ring, .init = may_not_spin);

Test(peer_ring, packets_are_taken_and_returned_over_many_laps)
{
	FRONT(f);
	const unsigned n = 5 * 65536; /* the index goes round, too */

	f->used->idx = f->avail->idx = 65533;
	front_start(f, TX, SPLIT);
	for (uint16_t i = 0; i < RING; i++)
		set_desc(&f->desc[i], DATA, 76, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		const uint16_t slot = f->avail->idx % RING;

		post(f, slot);
		cr_assert_eq(front_sink(f), 1);
		cr_assert_eq(f->used->idx, f->avail->idx);
		cr_assert_eq(f->used->ring[slot].id, slot);
	}
	assert_have(&f->device.queue[1].stats, errors[CHAIN_OK] == 5 * 65536,
		    bytes == 64ull * 5 * 65536, shape[0] == 5 * 65536, compared == 5 * 65536 - RING,
		    same == 5 * 65536 - RING);
	cr_assert_eq(front_base(f, TX), f->avail->idx);
	post(f, 0);
	cr_assert_eq(front_sink(f), 0, "it is stopped");
}

/* From the first look at the clock that saw a buffer to the last: what was before and after says nothing. */
/* "Vhost-user Protocol", Ring states: one that transmits must be processed, and its packets discarded. */
Test(peer_ring, what_a_disabled_queue_transmits_is_discarded_and_one_that_receives_stands)
{
	FRONT(f);
	const struct queue_stats *s = &f->device.queue[TX].stats;
	const struct vhost_message off = MESSAGE(SET_VRING_ENABLE, 8, .state = {TX, 0}),
				   rx_off = MESSAGE(SET_VRING_ENABLE, 8, .state = {RX, 0});

	front_start(f, TX, SPLIT);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	post(f, 0);
	cr_assert_eq(front_sink(f), 1);
	cr_assert_eq(s->dropped, 0);
	must(front_tell, f, &off, 0);
	post(f, 0);
	cr_assert_eq(front_sink(f), 1);
	cr_assert_eq(f->used->idx, 2);
	cr_assert_eq(s->dropped, 1);
	cr_assert_eq(s->packets, 2);

	FRONT(g);
	front_start(g, RX, SPLIT);
	set_desc(&g->desc[0], DATA, 76, WRITE, 0);
	must(front_tell, g, &rx_off, 0);
	post(g, 0);
	cr_assert_eq(front_source(g, 64), 0);
	cr_assert_eq(g->used->idx, 0);
}

Test(peer_ring, polls_that_find_nothing_are_counted_while_buffers_move)
{
	FRONT(f);
	const struct queue_stats *s = &f->device.queue[TX].stats;
	const unsigned empty[] = {5, 2, 0, 3};

	front_start(f, TX, SPLIT);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(empty); i++) {
		for (unsigned n = 0; n < empty[i]; n++)
			cr_assert_eq(front_sink(f), 0);
		peer_queue_clock(&f->device.queue[TX], 100 * i);
		post(f, 0);
		cr_assert_eq(front_sink(f), 1);
		peer_queue_clock(&f->device.queue[TX], 100 * i + 50);
	}
	cr_assert_eq(front_sink(f), 0);
	peer_queue_clock(&f->device.queue[TX], 1000);
	cr_assert_eq(s->first.ns, 50);
	cr_assert_eq(s->last.ns, 350);
	cr_assert_eq(s->last.empty - s->first.empty, 5);
	cr_assert_eq(s->last.batches - s->first.batches, 3);
}

Test(peer_ring, same_slot_counts_only_entries_seen_in_two_laps)
{
	FRONT(f);

	front_start(f, TX, SPLIT);
	for (uint16_t i = 0; i < RING; i++)
		set_desc(&f->desc[i], DATA, 76, 0, 0);
	for (unsigned lap = 0; lap < 3; lap++) {
		/* of three laps: the second holds half the heads of the first, the third all of the second */
		for (uint16_t i = 0; i < RING; i++)
			post(f, (uint16_t)(lap && i % 2 ? RING - i : i));
		cr_assert_eq(front_sink(f), RING);
	}
	/* head 8 of slot 8 is even; odd slot i holds 16 - i, which is i nowhere */
	assert_have(&f->device.queue[1].stats, compared == 2ull * RING, same == RING / 2 + RING);
}

static const struct {
	enum chain_error want;
	struct link ring[4], table[3];
} chains[] = {
	{CHAIN_OK, {{DATA, 76, 0, 0}}, {{0}}},
	{CHAIN_OK, {{DATA, 12, NEXT, 2}, {0}, {DATA, 64, 0, 0}}, {{0}}},
	{CHAIN_OK,
	 {{DATA, 5, NEXT, 1}, {DATA, 5, NEXT, 2}, {DATA, 3, 0, 0}},
	 {{0}}}, /* a split header */
	{CHAIN_OK, {{TABLE, 32, INDIR, 0}}, {{DATA, 12, NEXT, 1}, {DATA, 64, 0, 0}}},
	{CHAIN_OK, {{DATA, 12, NEXT, 1}, {TABLE, 16, INDIR, 0}}, {{DATA, 64, 0, 0}}},
	{CHAIN_OK, {{DATA, 0, NEXT, 1}, {DATA, 76, 0, 0}}, {{0}}},
	{CHAIN_LOOP, {{DATA, 0, NEXT, 0}}, {{0}}},
	{CHAIN_LOOP, {{DATA, 1, NEXT, 1}, {DATA, 1, NEXT, 0}}, {{0}}},
	{CHAIN_LOOP, {{TABLE, 32, INDIR, 0}}, {{DATA, 1, NEXT, 1}, {DATA, 1, NEXT, 0}}},
	{CHAIN_NEXT, {{DATA, 12, NEXT, RING}}, {{0}}},
	{CHAIN_NEXT, {{TABLE, 16, INDIR, 0}}, {{DATA, 12, NEXT, 1}}},
	{CHAIN_OUTSIDE, {{BYTES, 76, 0, 0}}, {{0}}},
	{CHAIN_OUTSIDE, {{DATA, UINT32_MAX, 0, 0}}, {{0}}},
	{CHAIN_OUTSIDE, {{(uint32_t)-64, 76, 0, 0}}, {{0}}},
	{CHAIN_OUTSIDE, {{BYTES - 16, 32, INDIR, 0}}, {{0}}},
	{CHAIN_DIRECTION, {{DATA, 76, WRITE, 0}}, {{0}}},
	{CHAIN_DIRECTION, {{DATA, 76, NEXT, 1}, {DATA, 1, WRITE, 0}}, {{0}}},
	{CHAIN_SHORT, {{DATA, 12, 0, 0}}, {{0}}},
	{CHAIN_SHORT, {{DATA, 0, 0, 0}}, {{0}}},
	{CHAIN_INDIRECT, {{TABLE, 0, INDIR, 0}}, {{0}}},
	{CHAIN_INDIRECT, {{TABLE, 17, INDIR, 0}}, {{0}}},
	{CHAIN_INDIRECT, {{TABLE, 0xfffffff0, INDIR, 0}}, {{0}}},
	{CHAIN_INDIRECT, {{TABLE, 16 * (RING + 1), INDIR, 0}}, {{0}}},
	{CHAIN_INDIRECT, {{TABLE, 16, INDIR | NEXT, 0}}, {{DATA, 76, 0, 0}}},
	{CHAIN_INDIRECT, {{TABLE, 16, INDIR, 0}}, {{TABLE, 16, INDIR, 0}}},
	{CHAIN_INDIRECT, {{TABLE + 4, 16, INDIR, 0}}, {{0}}},
};

Test(peer_ring, a_bad_chain_comes_back_and_the_queue_goes_on)
{
	FRONT(f);

	front_start(f, TX, SPLIT);
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		const uint64_t before = f->device.queue[1].stats.errors[chains[i].want];

		for (unsigned j = 0; j < 4; j++)
			set_desc(&f->desc[j], chains[i].ring[j].offset, chains[i].ring[j].len,
				 chains[i].ring[j].flags, chains[i].ring[j].next);
		for (unsigned j = 0; j < 3; j++)
			set_desc((struct vring_desc *)(void *)(f->memory + TABLE) + j,
				 chains[i].table[j].offset, chains[i].table[j].len,
				 chains[i].table[j].flags, chains[i].table[j].next);
		post(f, 0);
		cr_assert_eq(front_sink(f), 1, "case %zu", i);
		cr_assert_eq(f->device.queue[1].stats.errors[chains[i].want], before + 1,
			     "case %zu: not %s", i, chain_error_name(chains[i].want));
		cr_assert_eq(f->used->idx, f->avail->idx);
		cr_assert_eq(f->used->ring[(f->used->idx - 1) % RING].len, 0);
	}
	cr_assert_null(f->device.queue[1].broken);
}

/* The last buffer's head in the place of the first one, and nothing behind it; of what is received, each one's length. */
Test(peer_ring, an_in_order_driver_that_transmits_gets_a_used_element_a_batch)
{
	for (unsigned queue = 0; queue < 2; queue++) {
		FRONT(f);
		const bool tx = queue == TX;

		front_start(f, queue, SPLIT | ORDER);
		for (uint16_t i = 0; i < RING; i++)
			set_desc(&f->desc[i], DATA + 128u * i, 112, tx ? 0 : WRITE, 0);
		for (unsigned batch = 0; batch < 5; batch++) {
			const unsigned at = f->used->idx;

			memset(f->used->ring, 0x5a, RING * sizeof(*f->used->ring));
			for (unsigned i = 0; i < 7; i++)
				post(f, f->avail->idx % RING);
			cr_assert_eq(tx ? front_sink(f) : front_source(f, 100), 7);
			cr_assert_eq(f->used->idx, at + 7);
			for (unsigned i = 0; i < 7; i++) {
				const struct vring_used_elem *e = &f->used->ring[(at + i) % RING];
				const unsigned head = tx && !i ? at + 6 : at + i;

				cr_assert_eq(e->id, tx && i ? 0x5a5a5a5a : head % RING, "%u", i);
				cr_assert_eq(e->len, !tx ? 112 : i ? 0x5a5a5a5a : 0, "%u", i);
			}
		}
	}
}

Test(peer_ring, a_table_that_was_not_negotiated_comes_back)
{
	FRONT(f);

	front_start(f, TX, SPLIT & ~VHOST_FEATURE(VIRTIO_RING_F_INDIRECT_DESC));
	set_desc(&f->desc[0], TABLE, 16, INDIR, 0);
	set_desc((struct vring_desc *)(void *)(f->memory + TABLE), DATA, 76, 0, 0);
	post(f, 0);
	cr_assert_eq(front_sink(f), 1);
	assert_have(&f->device.queue[1].stats, errors[CHAIN_INDIRECT] == 1);
	cr_assert_null(f->device.queue[1].broken);
}

/* Bad ones far more often than the ring has places cost nothing: then as many good ones pass. */
Test(peer_ring, bad_chains_again_and_again_leak_nothing)
{
	FRONT(f);
	const struct queue_stats *s = &f->device.queue[TX].stats;
	const unsigned open = temp_dir_entries("/proc/self/fd");

	front_start(f, TX, SPLIT);
	set_desc(&f->desc[0], DATA, 1, NEXT, 1);
	set_desc(&f->desc[1], DATA, 1, NEXT, 0);
	set_desc(&f->desc[2], DATA, 76, 0, 0);
	for (unsigned i = 0; i < 2000; i++) {
		post(f, i < 1000 ? 0 : 2);
		cr_assert_eq(front_sink(f), 1, "%u", i);
		cr_assert_eq(f->used->idx, (uint16_t)(i + 1));
	}
	assert_have(s, errors[CHAIN_LOOP] == 1000, errors[CHAIN_OK] == 1000, buffers == 2000,
		    packets == 1000);
	cr_assert_null(f->device.queue[TX].broken);
	cr_assert_eq(temp_dir_entries("/proc/self/fd"), open);
}

Test(peer_ring, a_chain_of_the_whole_ring_is_legal)
{
	FRONT(f);

	front_start(f, TX, SPLIT);
	for (unsigned i = 0; i < RING; i++)
		set_desc(&f->desc[i], DATA, 64, i + 1 < RING ? NEXT : 0, i + 1);
	post(f, 0);
	cr_assert_eq(front_sink(f), 1);
	assert_have(&f->device.queue[1].stats, errors[CHAIN_OK] == 1, shape[CHAIN_SHAPES - 1] == 1,
		    bytes == 64 * RING - 12);
}

Test(peer_ring, what_the_ring_cannot_mean_breaks_the_queue)
{
	for (unsigned kind = 0; kind < 3; kind++) {
		FRONT(f);

		front_start(f, TX, SPLIT);
		set_desc(&f->desc[3], DATA, 76, 0, 0);
		post(f, 3);
		if (kind == 0)
			f->avail->idx = RING + 1;
		else
			post(f, kind == 1 ? RING : 3);
		cr_assert_eq(front_sink(f), kind == 0 ? 0 : 1, "what was good before is returned");
		cr_assert_not_null(f->device.queue[1].broken, "kind %u", kind);
		cr_assert_eq(front_sink(f), 0);
		cr_assert_eq(f->used->idx, kind == 0 ? 0 : 1);
		front_base(f, TX);
		front_start_again(f, TX);
		cr_expect_null(f->device.queue[1].broken);
		cr_expect_not_null(f->device.queue[1].stats.broke, "that it was is not forgotten");
	}
}

Test(peer_ring, a_receive_buffer_gets_header_and_frame_over_its_descriptors)
{
	FRONT(f);

	front_start(f, RX, SPLIT);
	memset(f->packet.bytes, 0x5a, sizeof(f->packet.bytes));
	memset(f->memory + DATA, 0xff, 100);
	set_desc(&f->desc[0], DATA, 11, WRITE | NEXT, 1);
	set_desc(&f->desc[1], DATA + 11, 89, WRITE, 0);
	post(f, 0);
	cr_assert_eq(front_source(f, 60), 1);
	cr_assert_eq(f->used->ring[0].len, 72);
	for (unsigned i = 0; i < 100; i++)
		cr_assert_eq(f->memory[DATA + i],
			     i == 10  ? 1
			     : i < 12 ? 0
			     : i < 72 ? 0x5a
				      : 0xff,
			     "byte %u", i);
	assert_have(&f->device.queue[RX].stats, bytes == 60, packets == 1);
}

/* Buffers of 40 bytes: 28, 40 and 32 of a frame of 100. */
Test(peer_ring, a_frame_is_merged_of_several_receive_buffers)
{
	FRONT(f);

	front_start(f, RX, SPLIT | MERGE);
	for (uint16_t i = 0; i < 8; i++)
		set_desc(&f->desc[i], DATA + 64u * i, 40, WRITE, 0);
	post(f, 0);
	post(f, 1);
	for (unsigned i = 0; i < 100; i++)
		f->packet.bytes[NET_HEADER_MAX + i] = (unsigned char)i;
	cr_assert_eq(front_source(f, 100), 0, "two of them are too few, and stay available");
	cr_assert_eq(f->used->idx, 0);
	for (uint16_t i = 2; i < 8; i++)
		post(f, i);
	cr_assert_eq(front_source(f, 100), 6);
	cr_assert_eq(f->used->idx, 6);
	for (unsigned i = 0; i < 6; i++) {
		cr_assert_eq(f->used->ring[i].id, i);
		cr_assert_eq(f->used->ring[i].len, i % 3 == 2 ? 32 : 40);
		for (unsigned j = i % 3 ? 0 : 12; j < f->used->ring[i].len; j++)
			cr_assert_eq(f->memory[DATA + 64 * i + j], i % 3 * 40 + j - 12, "%u %u", i,
				     j);
	}
	cr_assert_eq(f->memory[DATA + 10] | f->memory[DATA + 11] << 8, 3, "buffers");
	assert_have(&f->device.queue[RX].stats, packets == 2, bytes == 200);
}

Test(peer_ring, a_frame_that_is_not_merged_needs_a_buffer_that_is_large_enough)
{
	FRONT(f);

	front_start(f, RX, SPLIT);
	set_desc(&f->desc[0], DATA, 71, WRITE, 0);
	set_desc(&f->desc[1], DATA, 72, WRITE, 0);
	post(f, 0);
	post(f, 1);
	cr_assert_eq(front_source(f, 60), 2);
	cr_assert_eq(f->used->ring[0].len, 0);
	cr_assert_eq(f->used->ring[1].len, 72);
	assert_have(&f->device.queue[RX].stats, packets == 1, errors[CHAIN_SHORT] == 1);
}

/* Buffers as they should be, which are returned as a run, with others between them, over the end of the ring. */
Test(peer_ring, what_is_not_one_good_descriptor_keeps_its_place_among_those_that_are)
{
	static const struct {
		struct vring_desc of;
		uint32_t used;
	} buffers[] = {
		{{GUEST + DATA, 80, WRITE, 0}, 72},
		{{GUEST + DATA + 0x100, 72, WRITE, 0}, 72},
		{{GUEST + DATA + 0x200, 71, WRITE, 0}, 0},
		{{GUEST + DATA + 0x300, 72, WRITE, 0}, 72},
		{{GUEST + DATA + 0x400, 20, WRITE | NEXT, 15}, 72},
		{{GUEST + DATA + 0x500, 72, 0, 0}, 0},
		{{GUEST + DATA + 0x600, 99, WRITE, 0}, 72},
		{{GUEST + BYTES - 71, 72, WRITE, 0}, 0},
		{{GUEST + BYTES - 72, 72, WRITE, 0}, 72},
		{{GUEST + DATA + 0x700, 0, WRITE, 0}, 0},
		{{GUEST + DATA + 0x800, 72, WRITE, 0}, 72},
	};
	const unsigned n = ARRAY_SIZE(buffers);
	FRONT(f);
	const struct queue_stats *s = &f->device.queue[RX].stats;

	front_start(f, RX, SPLIT);
	memset(f->packet.bytes, 0x5a, sizeof(f->packet.bytes));
	for (unsigned i = 0; i < n; i++)
		f->desc[i] = buffers[i].of;
	set_desc(&f->desc[15], DATA + 0x480, 52, WRITE, 0);
	for (unsigned lap = 0; lap < 5; lap++) {
		memset(f->memory + DATA, 0, BYTES - DATA);
		for (uint16_t i = 0; i < n; i++)
			post(f, i);
		cr_assert_eq(front_source(f, 60), n);
		for (unsigned i = 0; i < n; i++) {
			const unsigned slot = (n * lap + i) % RING, last = buffers[i].used - 1;
			const unsigned char *at = f->memory + (buffers[i].of.addr - GUEST);

			cr_assert_eq(f->used->ring[slot].id, i);
			cr_assert_eq(f->used->ring[slot].len, buffers[i].used, "%u", i);
			if (i == 4)
				at = f->memory + DATA + 0x480 - 20;
			if (buffers[i].used)
				cr_assert(at[last] == 0x5a && (i == 8 || !at[last + 1]), "%u", i);
		}
	}
	/* each of the slots was seen at least three times, and held another head each time */
	assert_have(s, buffers == 55, packets == 35, bytes == 35ull * 60, batches == 5,
		    longest == 11, shape[0] == 30, shape[1] == 5, errors[CHAIN_OK] == 35,
		    errors[CHAIN_SHORT] == 10, errors[CHAIN_DIRECTION] == 5,
		    errors[CHAIN_OUTSIDE] == 5, compared == 55 - RING, same == 0);
	cr_assert_null(f->device.queue[RX].broken);
}

/* Else a device whose driver is as fast as it would return nothing. */
Test(peer_ring, what_comes_later_waits_until_what_was_given_is_published)
{
	FRONT(f);
	struct peer_queue *q = &f->device.queue[TX];
	struct chain *chain;

	front_start(f, TX, SPLIT);
	for (uint16_t i = 0; i < 3; i++)
		set_desc(&f->desc[i], DATA, 76, 0, 0);
	post(f, 0);
	cr_assert_not_null(peer_queue_take(q));
	post(f, 1);
	chain = peer_queue_take(q);
	cr_assert_not_null(chain, "nothing was given");
	peer_queue_give(q, chain, 0);
	post(f, 2);
	cr_assert_null(peer_queue_take(q));
	peer_queue_publish(q);
	cr_assert_not_null(peer_queue_take(q));
}

/* The parts of the second ring. */
struct second {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
};

static struct second start_both(struct front *f, uint64_t features)
{
	unsigned char *const at = f->memory + SECOND;

	front_start_both(f, features);
	return (struct second){(void *)at, (void *)(at + AVAIL), (void *)(at + USED)};
}

/* Frame i has i bytes more than the header and 40, each of them i; buffer 3 has no room for its one. */
Test(peer_ring, frames_of_any_length_go_over_in_one_turn)
{
	FRONT(f);
	struct peer_queue *rx = &f->device.queue[RX], *tx = &f->device.queue[TX];
	const struct net_format format = {12, false};
	const struct second second = start_both(f, SPLIT);

	for (uint16_t i = 0; i < 8; i++) {
		memset(f->memory + SECOND + DATA + 128u * i, i, 128);
		set_desc(&second.desc[i], SECOND + DATA + 128u * i, i == 5 ? 12 : 52u + i, 0, 0);
		set_desc(&f->desc[i], DATA + 128u * i, i == 3 ? 54 : 100, WRITE, 0);
		second.avail->ring[i] = i;
		post(f, i);
	}
	second.avail->idx = 8;
	cr_assert(net_forward(tx, &format, rx, &format, &f->packet));
	cr_assert_eq(second.used->idx, 8);
	cr_assert_eq(f->used->idx, 7, "frame 5 is none");
	for (unsigned i = 0; i < 7; i++) {
		const unsigned frame = i < 5 ? i : i + 1;
		const unsigned char *at = f->memory + DATA + 128 * i;

		cr_assert_eq(f->used->ring[i].id, i);
		cr_assert_eq(f->used->ring[i].len, i == 3 ? 0 : 52 + frame, "%u", i);
		for (unsigned j = 0; j < 52 + frame; j++)
			cr_assert_eq(at[j],
				     i == 3 || (j < 12 && j != 10) ? 0
				     : j == 10			   ? 1
								   : frame,
				     "%u %u", i, j);
	}
	assert_have(&tx->stats, packets == 7, dropped == 1, errors[CHAIN_SHORT] == 1);
	assert_have(&rx->stats, packets == 6, bytes == 6 * 40 + 0 + 1 + 2 + 4 + 6 + 7,
		    errors[CHAIN_SHORT] == 1);
}

/* All buffers have no room for the first frame: it is dropped, and the second one gets one of the same. */
Test(peer_ring, buffers_that_are_too_few_for_one_frame_are_there_for_the_next)
{
	FRONT(f);
	struct peer_queue *rx = &f->device.queue[RX], *tx = &f->device.queue[TX];
	const struct net_format format = {12, true};
	const struct second second = start_both(f, SPLIT | MERGE);

	for (uint16_t i = 0; i < 2; i++) {
		set_desc(&f->desc[i], DATA + 64u * i, 40, WRITE, 0);
		post(f, i);
		set_desc(&second.desc[i], SECOND + DATA, i ? 30 : 112, 0, 0);
		second.avail->ring[i] = i;
	}
	second.avail->idx = 2;
	cr_assert(net_forward(tx, &format, rx, &format, &f->packet));
	cr_assert_null(rx->broken);
	cr_assert_eq(f->used->idx, 1);
	cr_assert_eq(f->used->ring[0].len, 30);
	assert_have(&tx->stats, packets == 2, dropped == 1);
	assert_have(&rx->stats, packets == 1, buffers == 1);
}

Test(peer_ring, what_is_transmitted_is_received_and_waits_for_a_buffer)
{
	FRONT(f);
	struct peer_queue *rx = &f->device.queue[RX], *tx = &f->device.queue[TX];
	const struct net_format format = {12, false};
	const struct second second = start_both(f, SPLIT);

	set_desc(&f->desc[5], DATA, 100, WRITE, 0);
	set_desc(&second.desc[3], SECOND + DATA, 92, 0, 0);
	memset(f->memory + SECOND + DATA, 0x77, 92);
	second.avail->ring[0] = 3;
	second.avail->idx = 1;
	cr_assert_not(net_forward(tx, &format, rx, &format, &f->packet), "no buffer");
	cr_assert_eq(second.used->idx, 0);
	post(f, 5);
	cr_assert(net_forward(tx, &format, rx, &format, &f->packet));
	cr_assert_eq(second.used->idx, 1);
	cr_assert_eq(f->used->ring[0].len, 92);
	cr_assert_eq(f->memory[DATA + 91], 0x77);
	cr_assert_eq(f->memory[DATA + 92], 0);
	front_base(f, RX);
	second.avail->ring[1] = 3;
	second.avail->idx = 2;
	cr_assert(net_forward(tx, &format, rx, &format, &f->packet));
	assert_have(&tx->stats, packets == 2, dropped == 1);
}

Test(peer_ring, memory_may_move_while_the_queue_runs_but_not_away)
{
	FRONT(f);
	const struct vhost_message away =
		MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, 4096, USER, 0}}});
	struct vrb_err err = {""};

	front_start(f, TX, SPLIT);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	must(front_tell, f, &memory_table, 1);
	post(f, 0);
	cr_assert_eq(front_sink(f), 1);
	cr_assert_eq(front_tell(f, &away, 1, &err), -EPROTO);
	expect_in(err.msg, "not in the memory table");
	post(f, 0);
	cr_assert_eq(front_sink(f), 0);
}

Test(peer_ring, the_driver_is_called_unless_it_does_not_want_it)
{
	FRONT(f);
	struct peer_queue *q = &f->device.queue[TX];
	uint64_t calls = 0;

	front_start(f, TX, SPLIT);
	q->call_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	post(f, 0);
	front_sink(f);
	f->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	post(f, 0);
	front_sink(f);
	cr_assert_eq(read(q->call_fd, &calls, sizeof(calls)), 8);
	cr_assert_eq(calls, 1);
	assert_have(&q->stats, calls == 1, calls_suppressed == 1);
	cr_assert_eq(f->used->flags, VRING_USED_F_NO_NOTIFY);
}

/* The driver asks to be called for the third buffer, the device to be kicked for the fourth. */
Test(peer_ring, indices_decide_about_notifications_when_they_are_negotiated)
{
	FRONT(f);
	struct peer_queue *q = &f->device.queue[TX];
	uint16_t *used_event = &f->avail->ring[RING];
	const uint16_t *avail_event = (const uint16_t *)(const void *)&f->used->ring[RING];
	uint64_t calls = 0;

	front_start(f, TX, SPLIT | EVENTS);
	q->call_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	*used_event = 2;
	for (unsigned i = 0; i < 3; i++) {
		post(f, 0);
		front_sink(f);
		cr_assert_eq(read(q->call_fd, &calls, sizeof(calls)) == 8, i == 2, "buffer %u", i);
	}
	*used_event = 3; /* the first of two that are published together */
	post(f, 0);
	f->desc[1] = f->desc[0];
	post(f, 1);
	front_sink(f);
	cr_assert_eq(read(q->call_fd, &calls, sizeof(calls)), 8);
	cr_assert_not(peer_queue_ask(q, true));
	cr_assert_eq(*avail_event, 5);
	post(f, 0);
	cr_assert(peer_queue_ask(q, true), "it came before the question");
	cr_assert_eq(f->used->flags, 0);
}
