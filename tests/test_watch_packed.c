/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_watch_packed.c - rings that our own sides drive are watched from outside: all that goes through is recorded, and one who
 * was lapped knows it.
 */
#include "recording/watch.h"
#include "ring_fixture.h"
#include "spawned.h"

#include <stdlib.h>
#include <unistd.h>

/* A ring, its watcher, and what it has recorded. */
struct watched {
	char dir[64], path[96];
	struct watch *watch;
	uint64_t began; /* posted before */
};

static void watch(struct watched *w, const struct hand *h)
{
	const bool packed = h->conf.variant->ring == RING_PACKED;
	struct watch_conf conf = {.pid = getpid(),
				  .size = h->conf.ring_size,
				  .packed = packed,
				  .in_turns = true,
				  .in_order = strstr(h->conf.variant->name, "in-order"),
				  .path = w->path};
	struct vrb_err err = {""};

	if (packed) {
		conf.desc = (uintptr_t)h->d->packed.desc;
	} else {
		conf.desc = (uintptr_t)h->d->split.desc;
		conf.avail = (uintptr_t)h->d->split.avail;
		conf.used = (uintptr_t)h->d->split.used;
	}
	if (getenv("EMULATOR")) /* docs/arm.md */
		cr_skip_test("by an emulator no program's memory can be read");
	temp_dir(w->dir);
	snprintf(w->path, sizeof(w->path), "%s/r.rec", w->dir);
	cr_assert_eq(watch_open(&w->watch, &conf, &err), 0, "%s", err.msg);
	w->began = h->d->posted;
}

static void end(struct watched *w, struct recording *r)
{
	struct vrb_err err = {""};

	cr_assert_eq(watch_close(w->watch, true, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_read(r, w->path, &err), 0, "%s", err.msg);
	temp_dir_remove(w->dir);
}

static const char *const names[] = {"baseline", "in-order", "packed", "packed+in-order"};

static struct ring_conf conf(unsigned k)
{
	static const enum tx_header headers[] = {TX_HEADER_CHAINED, TX_HEADER_INDIRECT,
						 TX_HEADER_ANY_LAYOUT};
	struct ring_conf c =
		CONF(variant_named(names[k % 4]), directions[k / 4 % 2], 16, 3,
		     .start_idx = (uint16_t)(5 * k), .policy = {.tx_header = headers[k / 8 % 3]});

	if (c.dir == DIR_TX && !(k % 4 % 2) && k / 24)
		c.policy.free_list = FREE_LIFO;
	return c;
}

#define CONFS 48

/* Each buffer is seen while it is available, from wherever the ring begins, over several laps. */
Test(watch_packed, all_that_our_sides_do_is_recorded)
{
	for (unsigned k = 0; k < CONFS; k++) {
		const struct ring_conf c = conf(k);
		struct watched w;
		struct recording r;
		uint64_t posted, back = 0;

		HAND(h, &c, SIMD_SCALAR);
		watch(&w, &h);
		for (unsigned i = 0; i < 100; i++) {
			hand_drv(&h, 1);
			cr_assert_geq(watch_poll(w.watch), 0);
			hand_dev(&h, 1);
			if (i % 3)
				watch_poll(w.watch);
		}
		watch_poll(w.watch);
		posted = h.d->posted - w.began;
		end(&w, &r);
		cr_assert_eq(r.head.lost, 0, "%s: %lu", where(&c, SIMD_SCALAR).text, r.head.lost);
		cr_assert_eq(r.head.buffers, posted, "%s: %lu of %lu", where(&c, SIMD_SCALAR).text,
			     r.head.buffers, posted);
		for (uint64_t i = 0; i < posted; i++) {
			const struct rec_buffer *b = &r.records[i].buffer;
			const bool two =
				c.dir == DIR_TX && h.conf.policy.tx_header != TX_HEADER_ANY_LAYOUT;

			cr_assert_eq(rec_descs(b), two ? 2 : 1, "%s: %lu: %u",
				     where(&c, SIMD_SCALAR).text, i, rec_descs(b));
			cr_assert_eq(!!(b->flags & REC_READ), c.dir == DIR_TX);
			back += b->flags & REC_RETURNED ? 1 : 0;
			cr_assert(!(b->flags & REC_RETURNED) || !b->order, "%s: %lu: %d",
				  where(&c, SIMD_SCALAR).text, i, (int16_t)b->order);
		}
		cr_assert_eq(back, h.v->returned - w.began, "%s: %lu of %lu",
			     where(&c, SIMD_SCALAR).text, back, h.v->returned - w.began);
		rec_free(&r);
	}
}

/* It looks now and then only: what it cannot know is lost, and no buffer is recorded that never was. */
Test(watch_packed, one_who_looks_too_late_knows_it)
{
	unsigned seed = 1;

	for (unsigned k = 0; k < CONFS; k++) {
		struct ring_conf c = conf(k);
		const bool chained = c.dir == DIR_TX && c.policy.tx_header == TX_HEADER_CHAINED;
		/* of a batch that is one descriptor the other ids are gone */
		const bool one = !chained && k % 4 != 3;
		struct watched w;
		struct recording r;
		uint64_t posted;

		if (k % 4 == 2 && k >= CONFS / 2) {
			c.policy.device_order = ORDER_EARLY;
			c.policy.early_share = 0.5;
		}
		HAND(h, &c, SIMD_SCALAR);
		watch(&w, &h);
		for (unsigned i = 0; i < 400; i++) {
			const uint64_t before = h.d->posted;

			/* up to less than two laps of descriptors */
			do {
				seed = seed * 1103515245u + 12345;
				if (seed >> 30)
					hand_drv(&h, 1);
				if (seed >> 28 & 3)
					hand_dev(&h, 1);
			} while (seed >> 16 & 3 && h.d->posted - before < (chained ? 11 : 25));
			cr_assert_geq(watch_poll(w.watch), 0);
		}
		posted = h.d->posted - w.began;
		end(&w, &r);
		cr_assert_gt(r.head.buffers, posted / (one ? 8 : 16), "%s: %lu and %lu of %lu",
			     where(&c, SIMD_SCALAR).text, r.head.buffers, r.head.lost, posted);
		cr_assert_leq(r.head.buffers + r.head.lost, posted, "%s: %lu and %lu of %lu",
			      where(&c, SIMD_SCALAR).text, r.head.buffers, r.head.lost, posted);
		/* of what is lost before any buffer was seen nobody knows the descriptors */
		cr_assert(!one || r.head.buffers + r.head.lost + 100 >= posted,
			  "%s: %lu and %lu of %lu", where(&c, SIMD_SCALAR).text, r.head.buffers,
			  r.head.lost, posted);
		/* which of two that are gone came back first is known of a device in order */
		for (uint64_t n = 0; k % 2 && n < r.head.records; n++) {
			const struct rec_buffer *b = &r.records[n].buffer;

			cr_assert(!(b->flags & REC_RETURNED) || !b->order, "%s: %lu: %d",
				  where(&c, SIMD_SCALAR).text, n, (int16_t)b->order);
		}
		rec_free(&r);
	}
}

#define GOES  (1u << VRING_PACKED_DESC_F_AVAIL)
#define COMES (GOES | 1u << VRING_PACKED_DESC_F_USED)

/* Descriptor @slot of the first lap of a ring in a file. */
static void write_desc(const char *memory, unsigned slot, unsigned id, unsigned flags)
{
	const struct vring_packed_desc d = {4096, 64, (uint16_t)id, (uint16_t)flags};
	FILE *f = fopen(memory, "r+e");

	cr_assert_not_null(f);
	fseek(f, (long)(slot * sizeof(d)), SEEK_SET);
	cr_assert_eq(fwrite(&d, sizeof(d), 1, f), 1);
	fclose(f);
}

/*
 * A buffer of one descriptor is seen. Slot 1 was returned before it was seen, and slot 2 looks available: another buffer, or the
 * rest of the first. What comes then says which.
 */
Test(watch_packed, what_may_be_the_rest_of_a_chain_is_told)
{
	static const struct {
		unsigned slot, id, flags; /* slot 0: none */
	} then[][3] = {
		{{2, 2, COMES}, {3, 3, COMES}, {0, 0, 0}}, /* a buffer of its own */
		{{3, 3, COMES}, {0, 0, 0}, {0, 0, 0}},	   /* 2 was skipped */
		{{4, 3, GOES}, {3, 3, GOES | VRING_DESC_F_NEXT}, {0, 0, 0}}, /* there are chains */
	};
	TEMP_DIR(dir);
	char memory[96], path[96];

	snprintf(memory, sizeof(memory), "%s/m", dir);
	snprintf(path, sizeof(path), "%s/r.rec", dir);
	for (size_t i = 0; i < ARRAY_SIZE(then); i++) {
		const struct watch_conf conf = {.memory = memory,
						.size = 8,
						.packed = true,
						.in_turns = true,
						.path = path};
		struct vrb_err err = {""};
		const char zeroes[128] = {0};
		struct watch *w;
		FILE *f = fopen(memory, "we");

		cr_assert(f && fwrite(zeroes, sizeof(zeroes), 1, f) == 1);
		fclose(f);
		cr_assert_eq(watch_open(&w, &conf, &err), 0, "%s", err.msg);
		write_desc(memory, 0, 0, GOES);
		cr_assert_eq(watch_poll(w), 1);
		write_desc(memory, 0, 0, COMES);
		cr_assert_eq(watch_poll(w), 0);
		write_desc(memory, 2, 2, GOES);
		write_desc(memory, 1, 1, COMES);
		cr_assert_eq(watch_poll(w), 2);
		cr_assert_eq(watch_notes(w)->unsure, 0);
		for (size_t n = 0; n < ARRAY_SIZE(then[i]) && then[i][n].slot; n++)
			write_desc(memory, then[i][n].slot, then[i][n].id, then[i][n].flags);
		cr_assert_eq(watch_poll(w), 1);
		cr_assert_eq(watch_notes(w)->unsure, i ? 1 : 0, "case %zu: %lu", i,
			     watch_notes(w)->unsure);
		cr_assert_eq(watch_close(w, true, &err), 0, "%s", err.msg);
	}
}

/* Any bytes are a ring of somebody: what is recorded is a legal recording. */
Test(watch_packed, hostile_memory_gives_a_legal_recording)
{
	TEMP_DIR(dir);
	char memory[96];
	unsigned seed = 7;

	snprintf(memory, sizeof(memory), "%s/m", dir);
	for (unsigned round = 0; round < 60; round++) {
		struct watch_conf conf = {.memory = memory,
					  .size = 2 + round % 30,
					  .packed = true,
					  .events = true,
					  .avail = 1024,
					  .used = 1028,
					  .in_order = round % 2};
		char path[96];
		struct watch *w;
		struct recording r;
		struct vrb_err err = {""};
		uint16_t words[516] = {0};

		snprintf(path, sizeof(path), "%s/r.rec", dir);
		conf.path = path;
		for (unsigned turn = 0; turn < 30; turn++) {
			FILE *f = fopen(memory, turn ? "r+e" : "we");

			cr_assert_not_null(f);
			for (unsigned i = 0; i < 20; i++) {
				seed = seed * 1103515245u + 12345;
				words[(seed >> 8) % ARRAY_SIZE(words)] = (uint16_t)(seed >> 16);
				/* flags, mostly */
				words[(seed >> 8) % 64 * 8 + 7] = (uint16_t)(seed >> 14);
			}
			cr_assert_eq(fwrite(words, sizeof(words), 1, f), 1);
			fclose(f);
			if (!turn)
				cr_assert_eq(watch_open(&w, &conf, &err), 0, "%s", err.msg);
			cr_assert_geq(watch_poll(w), 0);
		}
		cr_assert_eq(watch_close(w, true, &err), 0, "%s", err.msg);
		cr_assert_eq(rec_read(&r, path, &err), 0, "%s", err.msg);
		rec_free(&r);
	}
}

Test(watch_packed, what_is_no_packed_ring_is_one_line)
{
	static const struct {
		const char *words;
		int code;
		const char *said;
	} cases[] = {
		{"--size 1 --desc 0", 2, "--size 1"},
		{"--size 256 --desc 16", 2, "--desc 16"},
		{"--size 7 --desc 8", 2, "--desc 8"},
		{"--size 7 --desc 0 --avail 128", 2, "both or none"},
		{"--size 7 --desc 0 --avail 126 --used 132", 2, "--avail 126"},
		{"--size 7 --desc 0 --seconds 0.01", 0, "0 buffers in 0 batches, 0 lost\n"},
		{"--size 7 --desc 0 --avail 128 --used 132 --seconds 0.01", 0,
		 "asked for a kick at 0"},
	};

	TEMP_DIR(dir);
	char path[80];

	temp_dir_put(dir, "m", "");
	snprintf(path, sizeof(path), "%s/m", dir);
	cr_assert_eq(truncate(path, 4096), 0);
	for_each (c, cases, ARRAY_SIZE(cases)) {
		SPAWNED(s, dir, "watch --packed --memory m --record r %s", c->words);
		cr_assert_eq(s.code, c->code, "%s: %d: %s", c->words, s.code, s.err);
		cr_assert(strstr(c->code ? s.err : s.out, c->said), "%s: %s%s", c->words, s.err,
			  s.out);
	}
}
