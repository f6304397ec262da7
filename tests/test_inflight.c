/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_inflight.c - a device dies at any step, and the next one takes again what it held, once and in order.
 */
#include "peer/blk.h"
#include "peer_fixture.h"
#include "spawned.h"

#include <linux/virtio_blk.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(inflight, .init = may_not_spin);

/* Where a request has its parts, and the region, in the memory of the driver. */
#define HEADER 0x3800u
#define STATUS 0x3f00u
#define REGION 0xf000u

#define MARK_AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define MARK_USED  (1u << VRING_PACKED_DESC_F_USED)

#define DISK(f, disk)                                   \
	freed_by(blk_close) struct blk_disk disk;       \
	const struct blk_conf disk##_conf = {.mib = 1}; \
	must(blk_open, &(disk), &disk##_conf);          \
	FRONT_OF(f, blk_offer(&(disk), BLK_OPTIONAL, 1))

static const struct vhost_message negotiate =
	MESSAGE(SET_PROTOCOL_FEATURES, 8, .u64 = VHOST_PROTOCOL_INFLIGHT);

static struct vhost_message set_region(uint64_t size, uint64_t offset, uint16_t n, uint16_t ring)
{
	return (struct vhost_message)MESSAGE(SET_INFLIGHT_FD, 24,
					     .inflight = {size, offset, n, ring});
}

static union inflight_region *region_of(const struct front *f)
{
	return (void *)(f->memory + REGION);
}

/* The device is gone, and another one comes, of which the front-end tells the same region. */
static void begin(struct front *f, const struct blk_disk *disk, uint64_t features, bool anew)
{
	const struct vhost_message region = set_region(inflight_bytes(true, RING), REGION, 1, RING);
	const struct vhost_offer offer = blk_offer(disk, BLK_OPTIONAL, 1);
	int pair[2];

	if (anew) {
		vhost_close(&f->device);
		close(f->fd);
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		f->fd = pair[0];
		vhost_open(&f->device, pair[1], &offer);
	}
	must(front_tell, f, &negotiate, 0);
	must(front_tell, f, &region, 1);
	front_start(f, 0, features);
}

/* Request @i of @pieces descriptors at @slot: a flush of which nothing but the status is written. */
static void put_request(struct front *f, bool packed, unsigned slot, unsigned i, bool wrap)
{
	const unsigned pieces = 2 + i % 2;

	for (unsigned j = 0; j < pieces; j++) {
		const bool last = j + 1 == pieces;
		const uint32_t len = last ? 1 : 16 / (pieces - 1);
		const uint32_t offset = last ? STATUS + i : HEADER + len * j;
		const unsigned flags = last ? WRITE : NEXT;

		if (packed)
			f->packed[(slot + j) % RING] = (struct vring_packed_desc){
				GUEST + offset, len, (uint16_t)i,
				(uint16_t)(flags |
					   (wrap == (slot + j < RING) ? MARK_AVAIL : MARK_USED))};
		else
			set_desc(&f->desc[slot + j], offset, len, flags, slot + j + 1);
	}
	if (!packed)
		post(f, (uint16_t)slot);
}

/* What was done when it died. */
enum stage {
	TOOK_TWO,
	TOOK_ALL,
	RETURNED_SOME, /* backwards: the last one stands where the first one was */
	RETURNED_ALL,
	SAID_SO,   /* the region knows where the device returns next, */
	PUBLISHED, /* and the driver, too */
	UNMARKED,
	STAGES
};

static struct chain *taken(struct peer_queue *q)
{
	struct chain *chain = peer_queue_take(q);

	cr_assert_not_null(chain);
	return chain;
}

static void die_at(struct front *f, enum stage stage)
{
	struct peer_queue *q = &f->device.queue[0];
	struct chain chain[3];
	unsigned n = stage == TOOK_TWO ? 2 : 3;

	for (unsigned i = 0; i < n; i++)
		chain[i] = *taken(q);
	for (unsigned i = 0; i < n && stage >= RETURNED_SOME; i++) {
		if (i < 2 || stage > RETURNED_SOME)
			peer_queue_return(q, &chain[n - 1 - i], 1);
	}
	if (stage == UNMARKED) {
		peer_queue_publish(q);
		return;
	}
	if (stage >= SAID_SO)
		inflight_publish(&q->inflight, q->done, false);
	if (stage >= PUBLISHED && q->packed)
		q->packed_desc[q->published & q->slots].flags = q->first_flags;
	else if (stage >= PUBLISHED)
		q->used->idx = q->done;
}

static unsigned marked(const struct front *f, bool packed)
{
	unsigned n = 0;

	for (unsigned i = 0; i < RING; i++)
		n += packed ? region_of(f)->packed.entry[i].inflight
			    : region_of(f)->split.entry[i].inflight;
	return n;
}

Test(inflight, what_a_dead_device_held_is_taken_again_once_and_in_order)
{
	static const unsigned at[] = {0, 2, 5, 7}; /* requests of 2, 3, 2 descriptors */

	for (unsigned k = 0; k < 2 * STAGES; k++) {
		const bool packed = k % 2;
		const enum stage stage = k / 2;
		const uint64_t features = packed ? PACKED : SPLIT;
		const unsigned again = stage == TOOK_TWO ? 2 : stage < PUBLISHED ? 3 : 0;
		DISK(f, disk);
		struct peer_queue *q = &f->device.queue[0];

		memset(f->memory, 0, BYTES);
		begin(f, &disk, features, false);
		f->memory[HEADER] = VIRTIO_BLK_T_FLUSH;
		memset(f->memory + STATUS, 0xff, 4);
		for (unsigned i = 0; i < 3; i++)
			put_request(f, packed, at[i], i, true);
		die_at(f, stage);
		begin(f, &disk, features, true);
		cr_assert_eq(q->inflight.left, again, "stage %u, packed %d: %u", stage, packed,
			     q->inflight.left);
		cr_assert_eq(blk_turn(&disk, q), again > 0 || stage < PUBLISHED);
		assert_have(&q->stats, again == again, buffers == (again ? 3 : 0u));
		cr_assert_eq(marked(f, packed), 0);
		/* The driver goes on where it was. */
		put_request(f, packed, 7, 3, true);
		cr_assert(blk_turn(&disk, q));
		cr_assert_eq(f->memory[STATUS + 3], VIRTIO_BLK_S_OK);
		for (unsigned i = 0; i < 4; i++) {
			/* What was published before it died came backwards. */
			const unsigned id = i < 3 && !again ? 2 - i : i;

			if (!packed) {
				cr_expect_eq(f->used->ring[i].id, at[id], "stage %u, %u: %u", stage,
					     i, f->used->ring[i].id);
				continue;
			}
			/* Places: those of the chains as they came back. */
			const unsigned place = again || i == 3 ? at[i]
					       : i == 0	       ? 0
					       : i == 1	       ? 2
							       : 5;

			cr_expect_eq(f->packed[place].id, id, "stage %u, %u: %u", stage, i,
				     f->packed[place].id);
			cr_expect_eq(f->packed[place].flags & (MARK_AVAIL | MARK_USED),
				     MARK_AVAIL | MARK_USED, "stage %u, %u", stage, i);
		}
		if (!packed)
			cr_assert_eq(f->used->idx, 4);
		else
			cr_assert_eq(front_base(f, 0), 0x800a800a);
	}
}

/* Over many laps: the list of free entries goes round, and so do index and wrap counter. */
Test(inflight, a_device_that_dies_again_and_again_goes_on)
{
	for (unsigned packed = 0; packed < 2; packed++) {
		DISK(f, disk);
		struct peer_queue *q = &f->device.queue[0];
		const uint64_t features = packed ? PACKED : SPLIT;
		struct chain *chain = NULL;
		unsigned slot = 0;
		bool wrap = true;

		memset(f->memory, 0, BYTES);
		begin(f, &disk, features, false);
		f->memory[HEADER] = VIRTIO_BLK_T_FLUSH;
		for (unsigned lap = 0; lap < 300; lap++) {
			const unsigned i = lap % 2,
				       place = slot; /* 2 or 3 descriptors, so slots shift */
			const bool was = wrap;

			memset(f->memory + STATUS, 0xff, 4);
			put_request(f, packed, packed ? slot : 4 * i, i, wrap);
			slot += 2 + i % 2;
			wrap = slot < RING ? wrap : !wrap;
			slot %= RING;
			if (lap % 3)
				chain = taken(q);
			if (lap % 3 == 2)
				peer_queue_return(q, chain, 1);
			begin(f, &disk, features, true);
			cr_assert(blk_turn(&disk, q), "lap %u", lap);
			cr_assert_not(blk_turn(&disk, q), "lap %u", lap);
			cr_assert_eq(q->stats.again, lap % 3 != 0);
			cr_assert_eq(f->memory[STATUS + i], VIRTIO_BLK_S_OK, "lap %u", lap);
			if (packed)
				cr_assert_eq(f->packed[place].flags & (MARK_AVAIL | MARK_USED),
					     was ? MARK_AVAIL | MARK_USED : 0, "lap %u", lap);
			else
				cr_assert_eq(f->used->idx, lap + 1);
		}
	}
}

/* The front-end may write there, too. */
Test(inflight, a_region_that_contradicts_itself_is_refused)
{
	for (unsigned k = 0; k < 15; k++) {
		DISK(f, disk);
		union inflight_region *r = region_of(f);
		const struct vhost_message region =
			set_region(k == 0 ? 64 : inflight_bytes(true, RING), REGION, 1, RING);
		const struct vhost_message kick =
			MESSAGE(SET_VRING_KICK, 8, .u64 = 0 | VHOST_NO_FD);
		struct vrb_err err = {""};

		memset(f->memory, 0, BYTES);
		must(front_tell, f, &negotiate, 0);
		must(front_tell, f, &region, 1);
		r->packed.version = k == 1 ? 2 : k ? 1 : 0;
		r->packed.desc_num = k == 2 ? RING / 2 : RING;
		for (unsigned i = 0; i < RING; i++)
			r->packed.entry[i].next = (uint16_t)(i + 1);
		r->packed.free_head = r->packed.old_free_head = k == 3 ? RING + 1 : 0;
		r->packed.used.idx = k == 4 ? RING : 0;
		r->packed.used.old_idx = k == 5 ? RING : 0;
		r->packed.entry[RING - 1].next = k == 6 ? 0 : RING; /* in a circle */
		if (k == 7) {
			r->packed.free_head = r->packed.old_free_head = 1;
			r->packed.entry[0].inflight = 1;
			r->packed.entry[0].num = RING + 1;
		}
		/* a chain of two that is held, and says that it is of three, ends elsewhere or nowhere */
		if (k > 8 && k < 13) {
			r->packed.free_head = r->packed.old_free_head = 2;
			r->packed.entry[0].inflight = 1;
			r->packed.entry[0].num = k == 9 ? 3 : 2;
			r->packed.entry[0].last = k == 10 ? 2 : 1;
			r->packed.entry[0].flags = NEXT;
			r->packed.entry[0].next = k == 11 ? RING : k == 12 ? 0 : 1;
		}
		if (k ==
		    13) { /* a chain of the whole ring, and one that is all of it but the first */
			r->packed.free_head = r->packed.old_free_head = RING;
			for (unsigned i = 0; i < RING; i++)
				r->packed.entry[i].flags = i + 1 < RING ? NEXT : 0;
			for (uint16_t i = 0; i < 2; i++) {
				r->packed.entry[i].inflight = 1;
				r->packed.entry[i].num = RING - i;
				r->packed.entry[i].last = RING - 1;
			}
		}
		front_prepare(f, 0, k == 8 || k == 14 ? SPLIT : PACKED);
		if (k == 8 ||
		    k == 14) { /* more than a ring was returned; one whose entry is none */
			r->split.used_idx = 0;
			r->split.last_batch_head = k == 14 ? RING : 0;
			f->used->idx = k == 14 ? 1 : RING + 1;
		}
		cr_assert_eq(front_tell(f,
					&(const struct vhost_message)MESSAGE(
						SET_VRING_ADDR, 40,
						.addr = {0, 0, USER, USER + USED, USER + AVAIL, 0}),
					0, &err),
			     0, "%s", err.msg);
		cr_assert_eq(front_tell(f, &kick, 0, &err), -EPROTO, "case %u", k);
		expect_in(err.msg, "SET_VRING_KICK: inflight region: ");
		cr_assert_not(f->device.queue[0].started);
	}
}

/* Entries that lead out of the region while the queue runs. */
Test(inflight, a_region_that_is_scribbled_over_breaks_the_queue, .timeout = HANG_S)
{
	for (unsigned k = 0; k < 5; k++) {
		DISK(f, disk);
		struct peer_queue *q = &f->device.queue[0];

		memset(f->memory, 0, BYTES);
		begin(f, &disk, PACKED, false);
		put_request(f, true, 0, 0, true);
		if (k == 0) {
			region_of(f)->packed.free_head = RING;
		} else if (k == 1) {
			region_of(f)->packed.old_free_head = 0xffff;
		} else if (k == 2) {
			const struct chain *chain = taken(q);

			region_of(f)->packed.entry[0].last = RING;
			peer_queue_return(q, chain, 1);
		} else { /* a chain that is held leads out of the ring, or goes round */
			taken(q);
			begin(f, &disk, PACKED, true);
			region_of(f)->packed.entry[0].next = k == 3 ? RING : 0;
		}
		blk_turn(&disk, q);
		cr_assert_not_null(q->broken, "case %u", k);
		expect_in(q->broken, "the inflight region is not what it was left as");
	}
}

Test(inflight, a_region_is_made_and_bad_ones_are_refused)
{
	DISK(f, disk);
	const struct vhost_message get = MESSAGE(GET_INFLIGHT_FD, 20, .inflight = {0, 0, 1, 128});
	const struct {
		struct vhost_message m;
		unsigned fds;
		const char *why;
	} bad[] = {
		{set_region(4096, 0, 1, RING), 0, "0 descriptors; legal: 1"},
		{set_region(4096, 0, 0, RING), 1, "0 queues of 16; legal: 1 to 1"},
		{set_region(4096, 0, 2, RING), 1, "2 queues of 16"},
		{set_region(4096, 0, 1, 0), 1, "1 queues of 0"},
		{set_region(4096, 0, 1, 32769), 1, "1 queues of 32769"},
		{set_region(0, 0, 1, RING), 1, "empty"},
		{set_region(4096, 4, 1, RING), 1, "multiples of 8"},
		{set_region(4097, 0, 1, RING), 1, "multiples of 8"},
		{set_region(BYTES, 8, 1, RING), 1, "of its file"},
		{set_region(UINT64_MAX & ~7ull, 8, 1, RING), 1, "wrap"},
	};
	unsigned char reply[64];
	uint64_t size;
	struct vrb_err err = {""};

	cr_assert_eq(front_tell(f, &get, 0, &err), -EPROTO);
	expect_in(err.msg, "INFLIGHT_SHMFD is not negotiated");
	must(front_tell, f, &negotiate, 0);
	must(front_tell, f, &get, 0);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 12 + 20);
	memcpy(&size, reply + 12, sizeof(size));
	cr_assert_eq(size, inflight_bytes(true, 128));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cr_assert_eq(front_tell(f, &bad[i].m, bad[i].fds, &err), -EPROTO, "case %zu", i);
		expect_in(err.msg, bad[i].why);
	}
	front_start(f, 0, SPLIT);
	cr_assert_eq(front_tell(f, &get, 0, &err), -EPROTO);
	expect_in(err.msg, "a queue runs");
}

/* ---- killed ---- */

#define TABLES 0x8000u /* an indirect table a request */
#define PIECES 14u     /* of a request, the same 16 KiB each */
#define PIECE  16384u
#define KILLS  1 /* at least, that find something held */

static void post_large(struct front *f, unsigned head)
{
	struct vring_desc *table = (void *)(f->memory + TABLES + 16 * RING * head);

	set_desc(&table[0], HEADER, 16, NEXT, 1);
	for (unsigned i = 1; i <= PIECES; i++)
		set_desc(&table[i], DATA, PIECE, NEXT, i + 1);
	set_desc(&table[PIECES + 1], STATUS + head, 1, WRITE, 0);
	set_desc(&f->desc[head], TABLES + 16 * RING * head, 16 * (PIECES + 2), INDIR, 0);
	f->memory[STATUS + head] = 0xff;
	f->avail->ring[f->avail->idx % RING] = (uint16_t)head;
	__atomic_store_n(&f->avail->idx, (uint16_t)(f->avail->idx + 1), __ATOMIC_RELEASE);
}

static void post_free(struct front *f, bool *held)
{
	for (unsigned head = 0; head < RING; head++) {
		if (!held[head])
			post_large(f, head);
		held[head] = true;
	}
}

/* Takes back what was returned: each of those that the device holds, and no other. Returns how many. */
static unsigned reap(struct front *f, uint16_t *reaped, bool *held)
{
	unsigned n = 0;

	for (; *reaped != __atomic_load_n(&f->used->idx, __ATOMIC_ACQUIRE); ++*reaped, n++) {
		const uint32_t id = f->used->ring[*reaped % RING].id;

		cr_assert(id < RING && held[id], "head %u came back twice", id);
		cr_assert_eq(f->memory[STATUS + id], VIRTIO_BLK_S_OK);
		held[id] = false;
	}
	return n;
}

Test(inflight, requests_of_a_device_that_is_killed_return_once, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	FRONT_OF(f, net_offer(0, 1)); /* of no use: the device is in another process */
	const struct vhost_message region = set_region(inflight_bytes(true, RING), REGION, 1, RING);
	bool held[RING] = {false};
	uint16_t reaped = 0;
	char path[128];

	snprintf(path, sizeof(path), "%s/s", dir);
	f->memory[HEADER] = VIRTIO_BLK_T_OUT;
	for (unsigned found = 0, run = 0; found < KILLS || run < 5; run++) {
		freed_by(spawn_free) struct spawned s;

		unlink(path); /* whoever is killed leaves it behind */
		spawn_words_start(&s, dir, "serve --device blk --disk-size 1 --socket s");
		front_joins(f, dir);
		front_send(f, &negotiate, 20, 0);
		front_send(f, &region, 36, 1);
		front_say(f, 0, SPLIT);
		for (unsigned done = 0; done < 2 * RING; done += reap(f, &reaped, held))
			post_free(f, held);
		post_free(f, held);
		usleep(100 * (run % 10)); /* into the burst, or behind it */
		kill(s.pid, SIGKILL);
		spawn_finish(&s);
		found += marked(f, false) > 0;
	}
	{
		freed_by(spawn_free) struct spawned s;
		const unsigned left = marked(f, false);
		unsigned most = 0;

		unlink(path);
		spawn_words_start(&s, dir, "serve --device blk --disk-size 1 --socket s --once");
		front_joins(f, dir);
		front_send(f, &negotiate, 20, 0);
		front_send(f, &region, 36, 1);
		front_say(f, 0, SPLIT);
		for (unsigned head = 0; head < RING; head++)
			most += held[head];
		cr_assert_leq(left, most);
		while (most)
			most -= reap(f, &reaped, held);
		usleep(20000);
		cr_assert_eq(reap(f, &reaped, held), 0);
		front_leaves(f);
		spawn_finish(&s);
		has_ended(&s, EXIT_DONE);
	}
}
