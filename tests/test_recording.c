/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_recording.c - recordings of rings: what is written is what is read, and what is no whole
 * recording is refused.
 */
#include "recording/recording.h"
#include "spawned.h"

#include <errno.h>
#include <sys/stat.h>

#define RING 8

static struct rec_head head_of(enum rec_ring ring)
{
	return (struct rec_head){.ring = ring,
				 .ring_size = RING,
				 .device = 1,
				 .queue = 1,
				 .by = REC_DEVICE,
				 .clock = REC_NS,
				 .known = REC_KNOWS_NOTIFICATIONS,
				 .start = 5,
				 .source = "a test"};
}

static void put(struct rec_writer *w, uint16_t head, uint64_t now)
{
	rec_put(w, &(struct rec_seen){
			   .head = head, .descs = 1, .bytes = 76, .reads = true, .now = now});
}

/* Two batches: 3, 1, 2 return as 1, 3, 2; then 4. */
static void record(const char *path, enum rec_ring ring)
{
	const struct rec_head head = head_of(ring);
	struct rec_writer *w;
	struct vrb_err err;

	cr_assert_eq(rec_create(&w, path, &head, &err), 0, "%s", err.msg);
	rec_kicked(w);
	rec_batch(w, 1000);
	put(w, 3, 1000);
	put(w, 1, 1000);
	put(w, 2, 1000);
	rec_returned(w, 1, 1500);
	rec_returned(w, 7, 1600); /* never seen */
	rec_returned(w, 3, 9000);
	rec_called(w);
	rec_batch(w, 9100);
	put(w, 4, 9100);
	rec_returned(w, 2, 9200);
	rec_returned(w, 4, 9300);
	cr_assert_eq(rec_finish(w, &err), 0, "%s", err.msg);
}

Test(recording, what_was_written_is_read)
{
	struct recording r;
	struct vrb_err err;
	char path[128];

	TEMP_DIR(dir);
	snprintf(path, sizeof(path), "%s/r.ring", dir);
	record(path, REC_SPLIT);
	cr_assert_eq(rec_read(&r, path, &err), 0, "%s", err.msg);
	cr_assert_eq(r.head.buffers, 4);
	cr_assert_eq(r.head.records, 4);
	cr_assert_eq(r.head.batches, 2);
	cr_assert_eq(r.head.kicks, 1);
	cr_assert_eq(r.head.calls, 1);
	cr_assert_eq(r.head.duration, 8300);
	cr_assert_str_eq(r.head.source, "a test");

	static const struct {
		uint16_t head;
		int16_t order;
		uint16_t after;
		uint64_t took;
		unsigned flags;
	} want[] = {
		{3, 1, 2, 8000, REC_FIRST | REC_KICK | REC_CALL},
		{1, -1, 1, 500, 0},
		{2, 0, 1, 8200, 0},
		{4, 0, 0, 200, REC_FIRST},
	};
	for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
		const struct rec_buffer *b = &r.records[i].buffer;

		cr_assert_eq(b->head, want[i].head, "buffer %u: head %u", i, b->head);
		cr_assert_eq((int16_t)b->order, want[i].order, "buffer %u: order %d", i,
			     (int16_t)b->order);
		cr_assert_eq(b->after, want[i].after, "buffer %u: after %u", i, b->after);
		cr_assert_leq(rec_time(b->took), want[i].took, "buffer %u", i);
		cr_assert_geq(rec_time(b->took) * 2049, want[i].took * 2048, "buffer %u", i);
		cr_assert_eq(b->flags, (want[i].flags | REC_READ | REC_RETURNED),
			     "buffer %u: flags %u", i, b->flags);
		cr_assert_eq(rec_descs(b), 1);
		cr_assert_eq(rec_bytes(b), 76);
	}
	rec_free(&r);
}

Test(recording, times_are_rounded_down_by_less_than_a_2048th)
{
	for (uint64_t ns = 0; ns < UINT64_C(1) << 41; ns = ns * 9 / 8 + 1) {
		const uint64_t t = rec_time(rec_time_pack(ns));

		cr_assert(t <= ns && (ns - t) * 2048 <= ns, "%llu is %llu", (unsigned long long)ns,
			  (unsigned long long)t);
	}
	cr_assert_eq(rec_time_pack(UINT64_MAX), UINT16_MAX);
	for (unsigned packed = 0; packed < 65536; packed++)
		cr_assert_eq(rec_time_pack(rec_time((uint16_t)packed)), packed);
	for (unsigned packed = 0; packed < 256; packed++)
		cr_assert_eq(rec_gap_pack(rec_gap((uint8_t)packed)), packed);
}

/* More are in flight than the window has room for: the oldest are written as not returned. */
Test(recording, memory_is_bounded_and_what_never_returns_is_written_so)
{
	const struct rec_head head = head_of(REC_SPLIT);
	unsigned returned = 0, unknown = 0;
	struct rec_writer *w;
	struct recording r;
	struct vrb_err err;
	char path[128];

	TEMP_DIR(dir);
	snprintf(path, sizeof(path), "%s/r.ring", dir);
	cr_assert_eq(rec_create(&w, path, &head, &err), 0, "%s", err.msg);
	rec_batch(w, 0);
	put(w, 0, 0); /* never comes back */
	for (unsigned i = 1; i < 100000; i++) {
		rec_batch(w, i);
		put(w, (uint16_t)(1 + i % 7), i);
		rec_returned(w, (uint16_t)(1 + i % 7), i);
	}
	cr_assert_eq(rec_finish(w, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_read(&r, path, &err), 0, "%s", err.msg);
	for (uint64_t i = 0; i < r.head.records; i++)
		*(r.records[i].buffer.flags & REC_RETURNED ? &returned : &unknown) += 1;
	cr_assert_eq(returned, 99999);
	cr_assert_eq(unknown, 1);
	rec_free(&r);
}

Test(recording, a_loss_is_counted_and_said_where_it_was)
{
	const struct rec_head head = head_of(REC_PACKED);
	struct rec_writer *w;
	struct recording r;
	struct vrb_err err;
	char path[128];

	TEMP_DIR(dir);
	snprintf(path, sizeof(path), "%s/r.ring", dir);
	cr_assert_eq(rec_create(&w, path, &head, &err), 0, "%s", err.msg);
	rec_batch(w, 0);
	put(w, 1, 0);
	rec_missed(w, 300, 6);
	rec_batch(w, 5);
	put(w, 1, 5);
	cr_assert_eq(rec_finish(w, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_read(&r, path, &err), 0, "%s", err.msg);
	cr_assert_eq(r.head.lost, 300);
	cr_assert_eq(r.head.buffers, 2);
	cr_assert_eq(r.records[1].lost.flags, REC_LOST);
	cr_assert_eq(r.records[1].lost.slot, 6);
	rec_free(&r);
}

/* The recorder came in the middle of one, and lost something in the middle of another. */
Test(recording, what_follows_nothing_begins_a_batch)
{
	const struct rec_head head = head_of(REC_SPLIT);
	struct rec_writer *w;
	struct recording r;
	struct vrb_err err;
	char path[128];

	TEMP_DIR(dir);
	snprintf(path, sizeof(path), "%s/r.ring", dir);
	cr_assert_eq(rec_create(&w, path, &head, &err), 0, "%s", err.msg);
	put(w, 1, 5);
	rec_batch(w, 6);
	put(w, 2, 6);
	rec_missed(w, 1, 0);
	put(w, 3, 6);
	cr_assert_eq(rec_finish(w, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_read(&r, path, &err), 0, "%s", err.msg);
	cr_assert_eq(r.head.batches, 3);
	rec_free(&r);
}

/* Some batches, of one run each, or as if they were none. The second has a buffer before it that has not returned. */
static void record_runs(const char *path, bool runs)
{
	const struct rec_head head = head_of(REC_PACKED);
	struct rec_run run = {
		.of = {.head = 6, .descs = 1, .bytes = 76, .writes = true, .now = 1000},
		.n = 5,
		.first = true};
	struct rec_writer *w;
	struct vrb_err err;

	cr_assert_eq(rec_create(&w, path, &head, &err), 0, "%s", err.msg);
	rec_kicked(w);
	for (unsigned batch = 0; batch < 6; batch++) {
		const uint64_t now = run.of.now + 300;

		if (batch == 2) {
			rec_batch(w, run.of.now);
			put(w, 3, run.of.now);
		}
		run.first = batch != 1; /* which is the rest of the one before */
		if (runs) {
			rec_run(w, &run, now, batch % 2);
		} else {
			rec_run_put(w, &run);
			for (unsigned i = 0; i < run.n; i++)
				rec_returned(w, (uint16_t)((run.of.head + i) % RING), now);
			if (batch % 2)
				rec_called(w);
		}
		if (batch == 3)
			rec_returned(w, 3, now);
		run.of.now += 2000;
	}
	cr_assert_eq(rec_finish(w, &err), 0, "%s", err.msg);
}

Test(recording, a_run_is_one_record_and_reads_as_its_buffers)
{
	char path[2][128];
	struct recording r[2];
	struct stat st[2];
	struct vrb_err err;

	TEMP_DIR(dir);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%u.rec", dir, i);
		record_runs(path[i], i);
		cr_assert_eq(stat(path[i], &st[i]), 0);
		cr_assert_eq(rec_read(&r[i], path[i], &err), 0, "%s", err.msg);
	}
	cr_assert_eq(memcmp(&r[0].head, &r[1].head, sizeof(r[0].head)), 0);
	cr_assert_eq(r[0].head.buffers, 31);
	cr_assert_eq(r[0].head.records, 31);
	for (unsigned i = 0; i < 31; i++)
		cr_assert_eq(memcmp(&r[0].records[i], &r[1].records[i], sizeof(r[0].records[i])), 0,
			     "buffer %u", i);
	cr_assert_eq(r[0].records[4].buffer.flags, REC_WRITE | REC_RETURNED);
	cr_assert_eq(r[0].records[9].buffer.flags, REC_WRITE | REC_RETURNED | REC_CALL);
	/* while the one before them waits they are written one by one: 2 runs, 11 buffers, 2 runs */
	cr_assert_eq(st[0].st_size,
		     (off_t)(sizeof(struct rec_head) + 31 * sizeof(union rec_record)));
	cr_assert_eq(st[1].st_size,
		     (off_t)(sizeof(struct rec_head) + 15 * sizeof(union rec_record)));
	rec_free(&r[0]);
	rec_free(&r[1]);
}

/* The ring is as large as one may be: a loss must not cost as much as the ring has entries. */
Test(recording, many_losses_are_read_at_once)
{
	const uint32_t n = 1u << 20;
	struct rec_head *head = calloc(1, sizeof(*head) + n * sizeof(union rec_record));
	union rec_record *records = (union rec_record *)(head + 1);
	struct recording r;
	struct vrb_err err;

	spin_bound(5);
	*head = head_of(REC_SPLIT);
	memcpy(head->magic, REC_MAGIC, sizeof(head->magic));
	head->version = REC_VERSION;
	head->head_bytes = sizeof(*head);
	head->ring_size = REC_SIZE_MAX;
	head->records = head->lost = n;
	for (uint32_t i = 0; i < n; i++)
		records[i].lost = (struct rec_lost){.lost = 1, .flags = REC_LOST};
	cr_assert_eq(rec_parse(&r, "FILE", head, sizeof(*head) + n * sizeof(*records), &err), 0,
		     "%s", err.msg);
	rec_free(&r);
	free(head);
}

/* ---- what is refused ---- */

#define FILE_BYTES (sizeof(struct rec_head) + 4 * sizeof(union rec_record))

struct bytes {
	struct rec_head head;
	union rec_record records[4];
};

static void whole(struct bytes *b)
{
	struct recording r;
	struct vrb_err err;
	char path[128];

	TEMP_DIR(dir);
	snprintf(path, sizeof(path), "%s/r.ring", dir);
	record(path, REC_SPLIT);
	cr_assert_eq(rec_read(&r, path, &err), 0, "%s", err.msg);
	b->head = r.head;
	memcpy(b->records, r.records, sizeof(b->records));
	rec_free(&r);
}

static void refused(const struct bytes *b, size_t size, const char *word)
{
	struct recording r;
	struct vrb_err err = {""};

	cr_assert_eq(rec_parse(&r, "FILE", b, size, &err), -EINVAL, "%s: taken", word);
	cr_assert(strstr(err.msg, word) && strstr(err.msg, "FILE") && !strchr(err.msg, '\n'),
		  "%s: %s", word, err.msg);
}

Test(recording, every_truncation_is_refused)
{
	struct bytes b;

	whole(&b);
	for (size_t size = 0; size < FILE_BYTES; size++) {
		/* exactly so long: a sanitizer sees who reads on */
		void *cut = malloc(size ? size : 1);

		memcpy(cut, &b, size);
		refused(cut, size, size < sizeof(b.head) ? "no recording" : "cut short");
		free(cut);
	}
}

Test(recording, what_contradicts_itself_is_refused)
{
	struct bytes good, b;
	struct recording r;
	struct vrb_err err;

	whole(&good);
#define REFUSED(change, word)                  \
	do {                                   \
		b = good;                      \
		change;                        \
		refused(&b, FILE_BYTES, word); \
	} while (0)
	REFUSED(b.head.magic[0] = 'X', "no recording");
	REFUSED(b.head.version = 0, "version 0");
	REFUSED(b.head.version = 3, "version 3");
	REFUSED(b.head.head_bytes = 0, "head_bytes 0");
	REFUSED(b.head.ring = 2, "ring 2");
	REFUSED(b.head.ring_size = 7, "ring_size 7");
	REFUSED(b.head.ring_size = 65536, "ring_size 65536");
	REFUSED(b.head.start = 65536, "start 65536");
	REFUSED(b.head.by = 9, "by 9");
	REFUSED(b.head.clock = 9, "clock 9");
	REFUSED(b.head.device = 65536, "device 65536");
	REFUSED(b.head.queue = 65536, "queue 65536");
	REFUSED(b.head.source[2] = 27, "control character");
	REFUSED(b.head.records = UINT64_MAX, "records");
	REFUSED(b.head.records = 3, "something follows");
	REFUSED(b.head.buffers = 3, "buffers 3");
	REFUSED(b.head.lost = 1, "lost 1");
	REFUSED(b.head.batches = 1, "batches 1");
	REFUSED(b.head.batches = UINT64_MAX, "batches 18446744073709551615");
	REFUSED(b.head.batches += 2, "batches");
	REFUSED(b.head.known = 4, "known 4");
	REFUSED(b.head.known = REC_KNOWS_FEATURES, "kicks 1; legal: 0");
	REFUSED(b.head.kicks = 0, "kicks");
	REFUSED(memset(b.head.source, 'x', sizeof(b.head.source)), "source");
	REFUSED(b.records[0].buffer.head = RING, "head 8");
	REFUSED(b.records[1].buffer.head = 3, "head 3"); /* in the ring already */
	REFUSED((b.records[1].buffer.link = 2, b.records[1].buffer.descs |= 8 << 24),
		"descriptors 9");
	REFUSED((b.records[1].buffer.link = 8, b.records[1].buffer.descs = 2 << 24), "link 8");
	REFUSED(b.records[1].buffer.descs = 9 << 24, "descriptors 9");
	REFUSED(b.records[1].buffer.descs = 0, "descriptors 0");
	REFUSED(b.records[1].buffer.flags = REC_RETURNED, "flags");
	REFUSED(b.records[1].buffer.flags = REC_READ,
		"flags"); /* not returned, and it took so long */
	REFUSED(b.records[0].buffer.flags &= (uint8_t)~REC_FIRST, "flags");
	REFUSED(b.records[1].buffer.order = 0, "order"); /* as the second in order */
	REFUSED(b.records[1].buffer.order = (uint16_t)-2, "order");
	REFUSED(b.records[1].buffer.gap = 1, "gap");
	REFUSED((b.records[2].buffer.flags = REC_LOST, b.head.buffers = 3), "flags");
	REFUSED(b.records[3].buffer.link = 1, "buffers 4");
	/* a run */
	b = good;
	b.head.buffers = 6;
	b.records[3].buffer.link = b.records[3].buffer.after = 2;
	cr_assert_eq(rec_parse(&r, "FILE", &b, FILE_BYTES, &err), 0, "%s", err.msg);
	cr_assert_eq(r.head.records, 6);
	rec_free(&r);
	good = b;
	REFUSED(b.head.version = 1, "buffers 6");
	REFUSED((b.head.version = 1, b.head.buffers = 4), "link 2");
	REFUSED(b.records[3].buffer.after = 1, "after 1");
	REFUSED((b.records[3].buffer.flags = REC_FIRST | REC_READ), "after");
	REFUSED((b.head.buffers = 12, b.records[3].buffer.link = RING), "link 8");
	REFUSED((b.head.buffers = 4 + REC_RECORDS_MAX, b.records[3].buffer.link = 0), "buffers");
#undef REFUSED
}

Test(recording, what_is_no_plain_file_is_refused)
{
	struct recording r;
	struct vrb_err err;

	TEMP_DIR(dir);
	const char *const paths[] = {dir, "/dev/zero", "/dev/null"};

	for_each (path, paths, ARRAY_SIZE(paths)) {
		cr_assert_eq(rec_read(&r, *path, &err), -EINVAL);
		cr_assert(strstr(err.msg, "it is not a plain file"), "%s", err.msg);
	}
	cr_assert_eq(rec_read(&r, "/nowhere/r.ring", &err), -ENOENT);
}

/* ---- the documentation ---- */

Test(recording, the_byte_tables_of_the_documentation_are_those_of_the_code)
{
	static const char begin[] = "<!-- layout:begin -->\n", end[] = "<!-- layout:end -->";
	char path[512], *text = NULL, *table = NULL, *from, *to;
	size_t size = 0, have = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/docs/ring-recordings.md", spawn_root());
	f = fopen(path, "re");
	cr_assert_not_null(f, "%s", path);
	cr_assert_gt(getdelim(&text, &have, '\0', f), 0);
	fclose(f);
	f = open_memstream(&table, &size);
	rec_layout_print(f);
	fclose(f);
	from = strstr(text, begin);
	to = strstr(text, end);
	cr_assert(from && to);
	from += strlen(begin);
	cr_assert_eq((size_t)(to - from), size);
	cr_assert_eq(memcmp(from, table, size), 0, "print it with rec_layout_print()");
	free(text);
	free(table);
}
