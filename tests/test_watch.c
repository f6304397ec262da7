/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_watch.c - a ring that is recorded out of shared memory, and a watcher who is too late and knows it.
 */
#include "expect.h"
#include "recording/watch.h"
#include "spawned.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_ring.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE  8
#define AVAIL 4096
#define USED  8192
#define BYTES 12288

/* A ring in a file, and what watches it. */
struct fixture {
	char dir[64], memory[96], path[96];
	uint8_t *at;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct watch *watch;
};

/* The indices are what they are when the watcher comes. */
static void begin_at(struct fixture *f, uint16_t avail, uint16_t used, bool in_order, bool by_pid)
{
	struct watch_conf conf = {
		.desc = 0, .avail = AVAIL, .used = USED, .size = SIZE, .in_order = in_order};
	struct vrb_err err;
	int fd;

	if (by_pid && getenv("EMULATOR")) /* docs/arm.md */
		cr_skip_test("by an emulator no program's memory can be read");
	temp_dir(f->dir);
	snprintf(f->memory, sizeof(f->memory), "%s/memory", f->dir);
	snprintf(f->path, sizeof(f->path), "%s/r.rec", f->dir);
	fd = open(f->memory, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert(fd >= 0 && !ftruncate(fd, BYTES));
	f->at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	cr_assert_neq(f->at, MAP_FAILED);
	close(fd);
	f->desc = (void *)f->at;
	f->avail = (void *)(f->at + AVAIL);
	f->used = (void *)(f->at + USED);
	f->avail->idx = avail;
	f->used->idx = used;
	for (uint16_t i = used; i != avail && avail - used <= SIZE; i++)
		f->avail->ring[i % SIZE] = i % SIZE;
	conf.memory = f->memory;
	if (by_pid) {
		conf.memory = NULL;
		conf.pid = getpid();
		conf.desc = (uintptr_t)f->desc;
		conf.avail = (uintptr_t)f->avail;
		conf.used = (uintptr_t)f->used;
	}
	conf.path = f->path;
	cr_assert_eq(watch_open(&f->watch, &conf, &err), 0, "%s", err.msg);
}

static void begin(struct fixture *f, uint16_t idx, bool in_order, bool by_pid)
{
	begin_at(f, idx, idx, in_order, by_pid);
}

static void post(struct fixture *f, uint16_t head)
{
	f->desc[head].len = 100u + head;
	f->avail->ring[f->avail->idx % SIZE] = head;
	f->avail->idx++;
}

static void give(struct fixture *f, uint16_t head)
{
	f->used->ring[f->used->idx % SIZE].id = head;
	f->used->idx++;
}

static void end(struct fixture *f, struct recording *r)
{
	struct vrb_err err;

	cr_assert_eq(watch_close(f->watch, true, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_read(r, f->path, &err), 0, "%s", err.msg);
	munmap(f->at, BYTES);
	temp_dir_remove(f->dir);
}

static void expect_heads(const struct recording *r, const uint16_t *heads, unsigned n)
{
	cr_assert_eq(r->head.records, n, "%llu", (unsigned long long)r->head.records);
	for (unsigned i = 0; i < n; i++) {
		cr_assert_eq(r->records[i].buffer.head, heads[i], "buffer %u: %u", i,
			     r->records[i].buffer.head);
		cr_assert_eq(rec_bytes(&r->records[i].buffer), 100u + heads[i]);
	}
}

/* Indices wrap; buffers return in another order, one within the poll that found it. */
Test(watch, what_goes_through_the_ring_is_recorded)
{
	static const uint16_t heads[] = {3, 1, 2, 5, 3, 1};

	for (unsigned by_pid = 0; by_pid < 2; by_pid++) {
		struct fixture f;
		struct recording r;

		begin(&f, 65534, false, by_pid);
		cr_assert_eq(watch_poll(f.watch), 0);
		post(&f, 3);
		post(&f, 1);
		post(&f, 2);
		cr_assert_eq(watch_poll(f.watch), 3);
		give(&f, 1);
		post(&f, 5);
		give(&f, 5);
		cr_assert_eq(watch_poll(f.watch), 1);
		give(&f, 3);
		give(&f, 2);
		post(&f, 3); /* again, after it was back */
		post(&f, 1);
		cr_assert_eq(watch_poll(f.watch), 2);
		end(&f, &r);
		expect_heads(&r, heads, ARRAY_SIZE(heads));
		cr_assert_eq(r.head.start, 65534);
		cr_assert_eq(r.head.batches, 3);
		cr_assert_eq(r.head.lost, 0);
		cr_assert_eq((int16_t)r.records[0].buffer.order, 2);
		cr_assert_eq((int16_t)r.records[1].buffer.order, -1);
		cr_assert_eq((int16_t)r.records[3].buffer.order, -2);
		cr_assert(!(r.records[4].buffer.flags & REC_RETURNED));
		rec_free(&r);
	}
}

/* A batch has one element, whose slot is that of its first buffer. */
Test(watch, batches_of_a_device_that_is_in_order)
{
	static const uint16_t heads[] = {0, 1, 2};
	struct fixture f;
	struct recording r;

	begin(&f, 0, true, false);
	for (uint16_t i = 0; i < 3; i++)
		post(&f, i);
	watch_poll(f.watch);
	f.used->ring[0].id = 2;
	f.used->idx += 3;
	watch_poll(f.watch);
	end(&f, &r);
	expect_heads(&r, heads, 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert(r.records[i].buffer.flags & REC_RETURNED && !r.records[i].buffer.order);
	rec_free(&r);
}

/* The index is further on than the ring is long. */
Test(watch, one_who_was_lapped_knows_what_is_lost)
{
	struct fixture f;
	struct recording r;

	begin(&f, 0, false, false);
	post(&f, 1);
	watch_poll(f.watch);
	for (unsigned i = 0; i < SIZE + 1; i++) {
		give(&f, 1);
		post(&f, 1);
	}
	cr_assert_eq(watch_poll(f.watch), SIZE + 1);
	give(&f, 1);
	post(&f, 2);
	cr_assert_eq(watch_poll(f.watch), 1);
	end(&f, &r);
	cr_assert_eq(r.head.lost, SIZE + 1);
	cr_assert_eq(r.head.buffers, 2);
	cr_assert_eq(r.records[1].lost.lost, SIZE + 1);
	cr_assert_eq(r.records[2].buffer.head, 2);
	rec_free(&r);
}

/* What was in the ring when the watcher came returns first, and is no later buffer of the same head. */
Test(watch, buffers_that_were_there_before_are_not_credited_to_later_ones)
{
	for (unsigned in_order = 0; in_order < 2; in_order++) {
		struct fixture f;
		struct recording r;

		begin_at(&f, SIZE, 0, in_order, false);
		for (uint16_t i = 0; i < SIZE; i++) {
			give(&f, i);
			post(&f, i);
			cr_assert_eq(watch_poll(f.watch), 1);
		}
		give(&f, 0);
		watch_poll(f.watch);
		end(&f, &r);
		cr_assert_eq(r.head.buffers, SIZE);
		for (unsigned i = 0; i < SIZE; i++)
			cr_assert_eq(!!(r.records[i].buffer.flags & REC_RETURNED), !i, "%u", i);
		rec_free(&r);
	}
}

/* A device that is not in order returns a new one first, whose head is none of those that were there. */
Test(watch, a_buffer_that_came_and_went_is_none_of_those_that_were_there)
{
	static const uint16_t heads[] = {6, 7, 1};
	struct fixture f;
	struct recording r;

	begin_at(&f, 4, 0, false, false);
	post(&f, 6);
	give(&f, 6);
	post(&f, 7);
	cr_assert_eq(watch_poll(f.watch), 2);
	give(&f, 1);
	give(&f, 7);
	post(&f, 1); /* that one was there */
	cr_assert_eq(watch_poll(f.watch), 1);
	give(&f, 0);
	give(&f, 1);
	watch_poll(f.watch);
	end(&f, &r);
	expect_heads(&r, heads, 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert(r.records[i].buffer.flags & REC_RETURNED, "%u", i);
	rec_free(&r);
}

/* The same after a loss, when the ring is full. */
Test(watch, buffers_that_were_there_at_a_loss_are_not_credited_to_later_ones)
{
	struct fixture f;
	struct recording r;

	begin(&f, 0, true, false);
	for (unsigned i = 0; i < SIZE + 2; i++) {
		post(&f, (uint16_t)(i % SIZE));
		if (i < 2)
			give(&f, (uint16_t)i);
	}
	cr_assert_eq(watch_poll(f.watch), SIZE + 2);
	give(&f, 2);
	post(&f, 2);
	cr_assert_eq(watch_poll(f.watch), 1);
	end(&f, &r);
	cr_assert_eq(r.head.lost, SIZE + 2);
	cr_assert_eq(r.head.buffers, 1);
	cr_assert_not(r.records[1].buffer.flags & REC_RETURNED);
	rec_free(&r);
}

/* A descriptor, and behind it a table of three; and more bytes than a record can say. */
Test(watch, a_chain_that_ends_in_a_table_is_a_legal_record)
{
	struct fixture f;
	struct recording r;

	begin(&f, 0, false, false);
	post(&f, 1);
	f.desc[1].flags = VRING_DESC_F_NEXT;
	f.desc[1].next = 4;
	f.desc[4].flags = VRING_DESC_F_INDIRECT;
	f.desc[4].len = 48;
	post(&f, 2);
	f.desc[2].len = UINT32_MAX;
	f.desc[2].flags = VRING_DESC_F_NEXT;
	f.desc[2].next = 2;
	cr_assert_eq(watch_poll(f.watch), 2);
	end(&f, &r);
	cr_assert_eq(rec_descs(&r.records[0].buffer), 4);
	assert_have(&r.records[0].buffer, head == 1, link == 0);
	cr_assert(r.records[0].buffer.flags & REC_INDIRECT);
	cr_assert_eq(rec_bytes(&r.records[1].buffer), 0xffffff);
	rec_free(&r);
}

/* More than half a ring, of which some have come back: entries may have been overwritten. */
Test(watch, what_may_be_overwritten_is_not_believed)
{
	struct fixture f;
	struct recording r;

	begin(&f, 0, false, false);
	for (uint16_t i = 0; i < 5; i++)
		post(&f, i);
	give(&f, 0);
	cr_assert_eq(watch_poll(f.watch), 5);
	end(&f, &r);
	cr_assert_eq(r.head.lost, 5);
	rec_free(&r);

	begin(&f, 0, false, false);
	for (uint16_t i = 0; i < 5; i++) /* none has come back: all are as they were */
		post(&f, i);
	cr_assert_eq(watch_poll(f.watch), 5);
	end(&f, &r);
	cr_assert_eq(r.head.lost, 0);
	cr_assert_eq(r.head.buffers, 5);
	rec_free(&r);
}

Test(watch, hostile_rings_are_lost_and_not_believed)
{
	struct fixture f;
	struct recording r;

	begin(&f, 0, false, false);
	post(&f, 1);
	f.avail->ring[0] = 999; /* no head */
	cr_assert_eq(watch_poll(f.watch), 1);
	f.desc[2].flags = VRING_DESC_F_NEXT;
	f.desc[2].next = 2; /* a chain without an end */
	post(&f, 2);
	give(&f, 2);
	f.used->ring[f.used->idx % SIZE].id = 12345;
	f.used->idx += 200;
	watch_poll(f.watch);
	end(&f, &r);
	rec_free(&r);
}

/* More used than available: no element is read for what was never there. */
Test(watch, a_used_index_ahead_of_the_available_one_is_harmless)
{
	struct fixture f;
	struct recording r;

	begin_at(&f, 0, 100, false, false);
	f.used->idx += 4;
	cr_assert_eq(watch_poll(f.watch), 0);
	f.used->idx += 200;
	watch_poll(f.watch);
	end(&f, &r);
	cr_assert_eq(r.head.buffers, 0);
	rec_free(&r);
}

Test(watch, memory_that_goes_away_ends_it)
{
	struct fixture f;
	struct recording r;

	begin(&f, 0, false, false);
	post(&f, 1);
	watch_poll(f.watch);
	cr_assert_eq(truncate(f.memory, 100), 0);
	cr_assert_lt(watch_poll(f.watch), 0);
	end(&f, &r);
	cr_assert_eq(r.head.buffers, 1);
	rec_free(&r);
}

Test(watch, what_is_no_ring_is_one_line)
{
	static const struct {
		const char *words, *said;
	} cases[] = {
		{"watch", "--memory"},
		{"watch --memory m --pid 1", "one of the two"},
		{"watch --memory m", "--size"},
		{"watch --memory m --size 8", "--record"},
		{"watch --memory m --size 8 --record r", "--desc"},
		{"watch --memory m --size 8 --record r --desc x --avail 0 --used 0", "--desc 'x'"},
		{"watch --memory m --size 7 --record r --desc 0 --avail 0 --used 0", "--size 7"},
		{"watch --memory m --size 8 --record r --desc 8 --avail 0 --used 0", "--desc 8"},
		{"watch --memory m --size 8 --record r --desc 0 --avail 4096 --used 0",
		 "--avail 4096"},
		{"watch --memory m --size 8 --record r --desc 0 --avail 0 --used 0xfffffffffffffffc",
		 "--used"},
		{"watch --memory /dev/zero --size 8 --record r --desc 0 --avail 0 --used 0",
		 "not a plain file"},
		{"watch --memory none --size 8 --record r --desc 0 --avail 0 --used 0", "none"},
		{"watch --memory m --size 8 --record no/r --desc 0 --avail 0 --used 0", "no/r"},
		{"watch --pid 2147483647 --size 8 --record r --desc 0 --avail 0 --used 0",
		 "--desc"},
	};

	TEMP_DIR(dir);
	temp_dir_put(dir, "m", "");
	char path[80];

	snprintf(path, sizeof(path), "%s/m", dir);
	cr_assert_eq(truncate(path, 4096), 0);
	for_each (c, cases, ARRAY_SIZE(cases)) {
		SPAWNED(s, dir, "%s", c->words);
		cr_assert_eq(s.code, 2, "%s: %d", c->words, s.code);
		cr_assert(strstr(s.err, c->said) &&
				  strchr(s.err, '\n') == s.err + strlen(s.err) - 1,
			  "%s: %s", c->words, s.err);
	}
	cr_assert_eq(temp_dir_entries(dir), 1);
	SPAWNED(s, dir,
		"watch --memory m --size 8 --record r --desc 0 --avail 128 --used 256 --seconds 0.05");
	cr_assert_eq(s.code, 0, "%s", s.err);
	cr_assert(strstr(s.out, "0 buffers"), "%s", s.out);
}
