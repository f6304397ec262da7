/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_packed.c - the device's side of a foreign driver's packed ring.
 */
#include "peer_fixture.h"
#include "spawned.h"

#include <sys/eventfd.h>
#include <unistd.h>

TestSuite(peer_packed, .init = may_not_spin);

#define MARK_AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define MARK_USED  (1u << VRING_PACKED_DESC_F_USED)

/* Where the driver is. */
struct driver {
	unsigned slot, posted;
	bool wrap;
};

/* A descriptor at the driver's position; available at once, for nobody looks at the same time. */
static void post_packed(struct front *f, struct driver *d, uint32_t offset, uint32_t len,
			unsigned flags, unsigned id)
{
	const unsigned marks = d->wrap ? MARK_AVAIL : MARK_USED;

	f->packed[d->slot] = (struct vring_packed_desc){GUEST + offset, len, (uint16_t)id,
							(uint16_t)(flags | marks)};
	d->posted++;
	if (++d->slot == f->device.queue[TX].size) {
		d->slot = 0;
		d->wrap = !d->wrap;
	}
}

static bool is_used(const struct front *f, unsigned slot, bool wrap)
{
	return (f->packed[slot].flags & (MARK_AVAIL | MARK_USED)) ==
	       (wrap ? MARK_AVAIL | MARK_USED : 0);
}

/* Rings of any size, chains of one to three descriptors, from lap to lap. */
Test(peer_packed, packets_are_taken_and_returned_over_many_laps)
{
	for (uint32_t size = 3; size <= RING; size++) {
		FRONT(f);
		const struct vhost_message num = MESSAGE(SET_VRING_NUM, 8, .state = {TX, size});
		struct driver d = {.wrap = true};

		front_start(f, TX, PACKED);
		front_base(f, TX);
		must(front_tell, f, &num, 0);
		front_start_again(f, TX);
		for (unsigned i = 0; i < 200; i++) {
			const unsigned n = 1 + i % 3, at = d.slot;
			const bool wrap = d.wrap;

			for (unsigned j = 0; j < n; j++)
				post_packed(f, &d, DATA, 40, j + 1 < n ? NEXT : 0, i + 1);
			cr_assert_eq(front_sink(f), 1, "size %u, buffer %u", size, i);
			cr_assert(is_used(f, at, wrap));
			cr_assert_eq(f->packed[at].id, i + 1);
			cr_assert_eq(f->packed[at].len, 0);
		}
		assert_have(&f->device.queue[TX].stats, errors[CHAIN_OK] == 200,
			    bytes == 200 * (40 * 2 - 12) - 40, longest == 1);
		cr_assert_eq(front_base(f, TX), (d.slot | (d.wrap ? 0x8000u : 0)) * 0x10001u);
	}
}

Test(peer_packed, same_ids_in_the_slots_of_the_lap_before_are_counted)
{
	FRONT(f);
	struct driver d = {.wrap = true};

	front_start(f, TX, PACKED);
	for (unsigned lap = 0; lap < 3; lap++) {
		for (unsigned i = 0; i < RING; i++)
			post_packed(f, &d, DATA, 76, 0, lap == 2 && i % 4 == 0 ? 99 : i);
		cr_assert_eq(front_sink(f), RING);
	}
	assert_have(&f->device.queue[TX].stats, compared == 2ull * RING,
		    same == RING + RING / 4 * 3, longest == RING);
}

static const struct {
	enum chain_error want;
	unsigned slots; /* of the chain */
	struct link ring[4], table[3];
} chains[] = {
	{CHAIN_OK, 1, {{DATA, 76, 0, 0}}, {{0}}},
	{CHAIN_OK, 3, {{DATA, 5, NEXT, 0}, {DATA, 5, NEXT, 0}, {DATA, 3, 0, 0}}, {{0}}},
	{CHAIN_OK, 1, {{TABLE, 32, INDIR, 0}}, {{DATA, 12, 0, 0}, {DATA, 64, 0, 0}}},
	{CHAIN_OK, 1, {{TABLE, 32, INDIR, 0}}, {{DATA, 12, NEXT, 0}, {DATA, 64, NEXT, 0}}},
	{CHAIN_OUTSIDE, 1, {{BYTES, 76, 0, 0}}, {{0}}},
	{CHAIN_OUTSIDE, 2, {{BYTES, 76, NEXT, 0}, {DATA, 76, 0, 0}}, {{0}}},
	{CHAIN_OUTSIDE, 2, {{DATA, 76, NEXT, 0}, {(uint32_t)-8, 76, 0, 0}}, {{0}}},
	{CHAIN_OUTSIDE, 1, {{BYTES - 16, 32, INDIR, 0}}, {{0}}},
	{CHAIN_DIRECTION, 2, {{DATA, 76, NEXT, 0}, {DATA, 1, WRITE, 0}}, {{0}}},
	{CHAIN_DIRECTION, 1, {{TABLE, 16, INDIR, 0}}, {{DATA, 76, WRITE, 0}}},
	{CHAIN_SHORT, 1, {{DATA, 12, 0, 0}}, {{0}}},
	{CHAIN_INDIRECT, 1, {{TABLE, 0, INDIR, 0}}, {{0}}},
	{CHAIN_INDIRECT, 1, {{TABLE, 17, INDIR, 0}}, {{0}}},
	{CHAIN_INDIRECT, 1, {{TABLE, 16 * (RING + 1), INDIR, 0}}, {{0}}},
	{CHAIN_INDIRECT, 2, {{TABLE, 16, INDIR | NEXT, 0}, {DATA, 1, 0, 0}}, {{DATA, 76, 0, 0}}},
	{CHAIN_INDIRECT, 1, {{TABLE, 16, INDIR, 0}}, {{TABLE, 16, INDIR, 0}}},
	{CHAIN_LOOP, 2, {{DATA, 1, NEXT, 0}, {TABLE, 16 * RING, INDIR, 0}}, {{DATA, 1, 0, 0}}},
};

Test(peer_packed, a_bad_chain_comes_back_and_the_queue_goes_on)
{
	FRONT(f);
	const uint64_t *errors = f->device.queue[TX].stats.errors;
	struct vring_packed_desc *table = (void *)(f->memory + TABLE);
	struct driver d = {.wrap = true};

	front_start(f, TX, PACKED);
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		const uint64_t before = errors[chains[i].want];
		const unsigned at = d.slot;
		const bool wrap = d.wrap;

		for (unsigned j = 0; j < RING; j++) {
			const struct link *l = &chains[i].table[j < 3 ? j : 0];

			table[j] = (struct vring_packed_desc){GUEST + l->offset, l->len, 0,
							      (uint16_t)l->flags};
		}
		for (unsigned j = 0; j < chains[i].slots; j++) {
			const struct link *l = &chains[i].ring[j];

			post_packed(f, &d, l->offset, l->len, l->flags, 7);
		}
		cr_assert_eq(front_sink(f), 1, "case %zu", i);
		cr_assert_eq(errors[chains[i].want], before + 1, "case %zu: not %s", i,
			     chain_error_name(chains[i].want));
		cr_assert(is_used(f, at, wrap), "case %zu", i);
		assert_have(&f->packed[at], id == 7, len == 0);
	}
	cr_assert_null(f->device.queue[TX].broken);
}

Test(peer_packed, a_chain_that_does_not_end_breaks_the_queue_and_its_descriptor_is_told)
{
	FRONT(f);
	struct driver d = {.wrap = true};
	uint64_t told = 0;
	const int err_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	front_start(f, TX, PACKED);
	f->device.queue[TX].err_fd = dup(err_fd);
	for (unsigned i = 0; i < RING; i++)
		post_packed(f, &d, DATA, 1, NEXT, 0);
	cr_assert_eq(front_sink(f), 0);
	cr_assert_str_eq(f->device.queue[TX].broken, "a chain that does not end");
	cr_assert_eq(read(err_fd, &told, sizeof(told)), 8);
	close(err_fd);
}

Test(peer_packed, a_base_outside_the_ring_breaks_the_queue)
{
	FRONT(f);
	const struct vhost_message base = MESSAGE(SET_VRING_BASE, 8, .state = {TX, RING});
	struct driver d = {.wrap = true};

	front_start(f, TX, PACKED);
	front_base(f, TX);
	must(front_tell, f, &base, 0);
	front_start_again(f, TX);
	post_packed(f, &d, DATA, 76, 0, 0);
	cr_assert_eq(front_sink(f), 0);
	cr_assert_not_null(f->device.queue[TX].broken);
}

Test(peer_packed, a_receive_buffer_says_that_it_was_written)
{
	FRONT(f);
	struct driver d = {.wrap = true};

	front_start(f, RX, PACKED | MERGE);
	for (unsigned i = 0; i < 3; i++)
		post_packed(f, &d, DATA + 64 * i, 40, WRITE, i);
	cr_assert_eq(front_source(f, 100), 3);
	for (unsigned i = 0; i < 3; i++) {
		cr_assert(is_used(f, i, true));
		cr_assert(f->packed[i].flags & WRITE);
		cr_assert_eq(f->packed[i].len, i == 2 ? 32 : 40);
	}
	cr_assert_eq(f->memory[DATA + 10], 3);
}

/*
 * The last buffer's id in the place of the first one, and nothing behind it, whatever the chains are; also over the
 * end of the ring.
 */
Test(peer_packed, an_in_order_driver_that_transmits_gets_a_used_descriptor_a_batch)
{
	FRONT(f);
	struct driver d = {.wrap = true};
	struct vring_packed_desc before[RING];

	front_start(f, TX, PACKED | ORDER);
	for (unsigned batch = 0; batch < 20; batch++) {
		const unsigned at = d.slot, id = 10 * batch;
		const bool wrap = d.wrap;

		post_packed(f, &d, DATA, 76, 0, id);
		post_packed(f, &d, DATA, 5, NEXT, id + 1);
		post_packed(f, &d, DATA, 76, 0, id + 1);
		post_packed(f, &d, BYTES, 76, 0, id + 2);
		post_packed(f, &d, DATA, 76, 0, id + 3);
		memcpy(before, f->packed, sizeof(before));
		cr_assert_eq(front_sink(f), 4);
		cr_assert(is_used(f, at, wrap), "batch %u", batch);
		cr_assert_eq(f->packed[at].id, id + 3);
		assert_have(&f->packed[at], len == 0, addr == GUEST + DATA);
		before[at] = f->packed[at];
		cr_assert_arr_eq(before, f->packed, sizeof(before), "batch %u", batch);
	}
	assert_have(&f->device.queue[TX].stats, errors[CHAIN_OK] == 60, longest == 4,
		    errors[CHAIN_OUTSIDE] == 20);
	cr_assert_eq(front_base(f, TX), (d.slot | (d.wrap ? 0x8000u : 0)) * 0x10001u);
}

/* Its lengths are told nowhere else. */
Test(peer_packed, an_in_order_driver_that_receives_gets_a_used_descriptor_a_buffer)
{
	FRONT(f);
	struct driver d = {.wrap = true};

	front_start(f, RX, PACKED | ORDER);
	for (unsigned i = 0; i < 3; i++)
		post_packed(f, &d, DATA + 256 * i, 256, WRITE, i);
	cr_assert_eq(front_source(f, 100), 3);
	for (unsigned i = 0; i < 3; i++) {
		cr_assert(is_used(f, i, true));
		assert_have(&f->packed[i], len == 112, id == (uint16_t)i);
	}
}

/* Flags, then a descriptor, and what no driver may ask for. */
Test(peer_packed, the_driver_is_called_as_it_asks)
{
	static const struct {
		uint64_t features;
		uint16_t flags, off_wrap;
		bool called;
	} cases[] = {
		{0, VRING_PACKED_EVENT_FLAG_ENABLE, 0, true},
		{0, VRING_PACKED_EVENT_FLAG_DISABLE, 0, false},
		{EVENTS, VRING_PACKED_EVENT_FLAG_ENABLE, 0, true},
		{EVENTS, VRING_PACKED_EVENT_FLAG_DESC, 0x8000, true},
		{EVENTS, VRING_PACKED_EVENT_FLAG_DESC, 0x8001, true},
		{EVENTS, VRING_PACKED_EVENT_FLAG_DESC, 0x8002, false},
		{EVENTS, VRING_PACKED_EVENT_FLAG_DESC, 0, false},
		{EVENTS, VRING_PACKED_EVENT_FLAG_DESC, 0x7fff, false},
		{0, 3, 0, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FRONT(f);
		struct peer_queue *q = &f->device.queue[TX];
		struct driver d = {.wrap = true};
		uint64_t calls = 0;

		front_start(f, TX, PACKED | cases[i].features);
		q->call_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		f->driver_event->flags = cases[i].flags;
		f->driver_event->off_wrap = cases[i].off_wrap;
		post_packed(f, &d, DATA, 76, 0, 0);
		post_packed(f, &d, DATA, 76, 0, 1);
		cr_assert_eq(front_sink(f), 2);
		cr_assert_eq(read(q->call_fd, &calls, sizeof(calls)) == 8, cases[i].called,
			     "case %zu", i);
	}
}

Test(peer_packed, it_asks_for_a_kick_when_it_finds_nothing)
{
	for (unsigned events = 0; events < 2; events++) {
		FRONT(f);
		struct peer_queue *q = &f->device.queue[TX];
		struct driver d = {.wrap = true};

		front_start(f, TX, PACKED | (events ? EVENTS : 0));
		cr_assert_eq(f->device_event->flags, VRING_PACKED_EVENT_FLAG_DISABLE);
		post_packed(f, &d, DATA, 76, 0, 0);
		front_sink(f);
		cr_assert_not(peer_queue_ask(q, true));
		cr_assert_eq(f->device_event->flags, events ? VRING_PACKED_EVENT_FLAG_DESC
							    : VRING_PACKED_EVENT_FLAG_ENABLE);
		cr_assert_eq(f->device_event->off_wrap, 0x8001);
		post_packed(f, &d, DATA, 76, 0, 0);
		cr_assert(peer_queue_ask(q, true), "it came before the question");
	}
}

/* The ring never runs dry: what was taken after one publish and before the next is a batch of a recording. */
Test(peer_packed, a_recorded_batch_ends_where_it_is_published)
{
	const struct rec_head head = {.ring = REC_PACKED, .ring_size = RING, .clock = REC_NS};
	freed_by(rec_free) struct recording r = {0};
	struct driver d = {.wrap = true};
	struct vrb_err err;
	char path[512];

	TEMP_DIR(dir);
	FRONT(f);
	struct peer_queue *q = &f->device.queue[TX];

	snprintf(path, sizeof(path), "%s/r.rec", dir);
	front_start(f, TX, PACKED);
	cr_assert_eq(rec_create(&q->recorder, path, &head, &err), 0, "%s", err.msg);
	for (unsigned i = 0; i < RING / 2; i++)
		post_packed(f, &d, DATA, 76, 0, i);
	while (q->stats.buffers < 6 * RING) {
		struct chain chain[2];

		for (unsigned i = 0; i < ARRAY_SIZE(chain); i++)
			chain[i] = *peer_queue_take(q);
		for (unsigned i = 0; i < ARRAY_SIZE(chain); i++)
			peer_queue_give(q, &chain[i], 0);
		peer_queue_publish(q);
		for (unsigned i = 0; i < ARRAY_SIZE(chain); i++)
			post_packed(f, &d, DATA, 76, 0, d.posted % RING);
	}
	cr_assert_eq(rec_finish(q->recorder, &err), 0, "%s", err.msg);
	q->recorder = NULL;
	must(rec_read, &r, path);
	cr_assert_eq(r.head.buffers, 6 * RING);
	cr_assert_eq(r.head.batches, 3 * RING);
	for (unsigned i = 0; i < r.head.records; i++)
		cr_assert_eq(r.records[i].buffer.flags & REC_FIRST, i % 2 ? 0 : REC_FIRST, "%u", i);
}

/* As of a split ring: peer_ring/what_comes_later_waits_until_what_was_given_is_published. */
Test(peer_packed, what_comes_later_waits_until_what_was_given_is_published)
{
	FRONT(f);
	struct peer_queue *q = &f->device.queue[TX];
	struct driver d = {.wrap = true};
	struct chain *chain;

	front_start(f, TX, PACKED);
	post_packed(f, &d, DATA, 76, 0, 0);
	peer_queue_take(q);
	post_packed(f, &d, DATA, 76, 0, 1);
	cr_assert_not_null(chain = peer_queue_take(q), "nothing was given");
	peer_queue_give(q, chain, 0);
	post_packed(f, &d, DATA, 76, 0, 2);
	cr_assert_null(peer_queue_take(q));
	peer_queue_publish(q);
	cr_assert_not_null(peer_queue_take(q));
}

/* Of one frame both: the place behind the first one is the second one's. */
Test(peer_packed, a_recording_says_where_the_buffer_behind_an_id_outside_the_ring_is)
{
	const struct rec_head head = {.ring = REC_PACKED, .ring_size = RING, .clock = REC_NS};
	freed_by(rec_free) struct recording r = {0};
	struct driver d = {.wrap = true};
	char path[512];

	TEMP_DIR(dir);
	FRONT(f);
	struct peer_queue *q = &f->device.queue[RX];

	snprintf(path, sizeof(path), "%s/r.rec", dir);
	front_start(f, RX, PACKED | MERGE);
	must(rec_create, &q->recorder, path, &head);
	post_packed(f, &d, DATA, 40, WRITE, RING);
	post_packed(f, &d, DATA + 64, 40, WRITE, 1);
	cr_assert_eq(front_source(f, 60), 2);
	must(rec_finish, q->recorder);
	q->recorder = NULL;
	must(rec_read, &r, path);
	assert_have(&r.head, records == 2, buffers == 1, lost == 1);
	cr_assert_eq(r.records[0].lost.slot, 1);
	cr_assert_eq(r.records[1].buffer.head, 1);
}
