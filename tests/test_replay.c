/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_replay.c - a recorded driver's order through our loops: what a shadow spares is what the
 * recording says, counted in two ways that share no code.
 */
#include "expect.h"
#include "recording/recording.h"
#include "spawned.h"

#include <jansson.h>

/* A driver and its device, recorded. */
struct made {
	const char *name;
	unsigned ring, buffers, burst;
	bool lifo, rx;
	unsigned descs; /* of a buffer */
	enum {
		IN_ORDER,
		REVERSED,
		LATE,
		PAIRS
	} order; /* of the device; LATE: the first of a batch after the next one; PAIRS: two batches at once */
	enum rec_ring kind;
};

struct free_list {
	uint16_t ids[1024];
	unsigned first, n;
	bool lifo;
};

static uint16_t take(struct free_list *f)
{
	cr_assert_gt(f->n, 0);
	if (f->lifo)
		return f->ids[--f->n];
	f->n--;
	return f->ids[f->first++ % ARRAY_SIZE(f->ids)];
}

static void give(struct free_list *f, uint16_t id)
{
	if (f->lifo)
		f->ids[f->n++] = id;
	else
		f->ids[(f->first + f->n++) % ARRAY_SIZE(f->ids)] = id;
}

static void post(struct rec_writer *w, const struct made *m, struct free_list *f, uint16_t *head,
		 uint16_t *link, uint64_t now)
{
	*head = take(f);
	*link = m->descs == 2 ? take(f) : 0;
	rec_put(w, &(struct rec_seen){.head = *head,
				      .link = m->kind == REC_SPLIT ? *link : 0,
				      .descs = m->descs,
				      .bytes = 76,
				      .reads = !m->rx,
				      .writes = m->rx,
				      .now = now});
}

static void make(const struct made *m, const char *path)
{
	const struct rec_head head = {.ring = m->kind,
				      .ring_size = m->ring,
				      .device = 1,
				      .queue = !m->rx,
				      .clock = REC_NS,
				      .known = REC_KNOWS_NOTIFICATIONS,
				      .source = "a test"};
	struct free_list f = {.n = m->ring, .lifo = m->lifo};
	static uint16_t heads[1 << 16], links[1 << 16];
	unsigned put = 0, back = 0;
	uint64_t now = 0;
	struct rec_writer *w;
	struct vrb_err err;

	for (unsigned i = 0; i < m->ring; i++)
		f.ids[i] = (uint16_t)i;
	cr_assert_eq(rec_create(&w, path, &head, &err), 0, "%s", err.msg);
	while (put < m->buffers) {
		/* RX: first all of them, then what came back */
		const unsigned n = m->rx && !put ? m->ring / m->descs : m->burst;
		unsigned out = m->order == PAIRS ? put / m->burst % 2 * 2 * m->burst
			       : m->rx		 ? m->burst
						 : n;

		now += 1000;
		rec_batch(w, now);
		for (unsigned i = 0; i < n; i++, put++)
			post(w, m, &f, &heads[put], &links[put], now);
		for (unsigned i = 0; i < out; i++) {
			unsigned at = m->order == REVERSED ? back + out - 1 - i : back + i;

			if (m->order == LATE && !i && !back)
				continue;
			if (m->order == LATE && !i)
				at -= m->burst;

			rec_returned(w, heads[at], now + 500);
			if (m->descs == 2)
				give(&f, links[at]);
			give(&f, heads[at]);
		}
		back += out;
	}
	cr_assert_eq(rec_finish(w, &err), 0, "%s", err.msg);
}

static json_int_t number(const json_t *from, const char *name)
{
	const json_t *v = json_object_get(from, name);

	cr_assert(json_is_integer(v), "%s", name);
	return json_integer_value(v);
}

/* What a session of the model says. */
struct said {
	json_t *recording;		 /* of the head; to be freed */
	json_int_t accesses[2], buffers; /* of the drivers of baseline and shadow-avail */
};

static void read_session(const char *path, struct said *s)
{
	char *line = NULL;
	size_t size = 0;
	unsigned seen = 0;
	FILE *f = fopen(path, "re");

	cr_assert_not_null(f, "%s", path);
	memset(s, 0, sizeof(*s));
	while (getline(&line, &size, f) > 0) {
		json_t *row = json_loads(line, 0, NULL);
		const char *type = json_string_value(json_object_get(row, "type"));

		if (!strcmp(type, "session"))
			s->recording = json_incref(json_object_get(row, "recording"));
		if (!strcmp(type, "sample"))
			s->buffers = number(row, "buffers");
		if (!strcmp(type, "counts") && number(row, "cell") < 2) {
			seen++;
			s->accesses[number(row, "cell")] =
				number(json_object_get(row, "driver"), "accesses");
		}
		json_decref(row);
	}
	free(line);
	fclose(f);
	cr_assert_eq(seen, 2);
}

static const struct made makes[] = {
	{"fifo-tx", 256, 6000, 32, false, false, 1, IN_ORDER, REC_SPLIT},
	{"fifo-rx", 64, 3000, 7, false, true, 1, IN_ORDER, REC_SPLIT},
	{"lifo-tx-32", 256, 6000, 32, true, false, 1, IN_ORDER, REC_SPLIT},
	{"lifo-tx-31", 256, 6000, 31, true, false, 1, IN_ORDER, REC_SPLIT},
	{"lifo-rx-33", 256, 6000, 33, true, true, 1, IN_ORDER, REC_SPLIT},
	{"lifo-one", 16, 500, 1, true, false, 1, IN_ORDER, REC_SPLIT},
	{"chained", 128, 4000, 5, true, false, 2, IN_ORDER, REC_SPLIT},
	{"reversed", 128, 4000, 9, true, false, 1, REVERSED, REC_SPLIT},
	{"reversed-rx", 64, 4000, 20, true, true, 1, REVERSED, REC_SPLIT},
	{"late", 128, 4000, 9, true, false, 1, LATE, REC_SPLIT},
	{"late-chained", 128, 4000, 4, false, false, 2, LATE, REC_SPLIT},
	{"ids", 64, 4000, 8, true, false, 1, IN_ORDER, REC_PACKED},
};

/* Each entry that is spared is one access less, and nothing else differs. */
Test(replay, what_the_shadow_spares_is_what_the_recording_says)
{
	for_each (m, makes, ARRAY_SIZE(makes)) {
		struct said said;
		json_int_t fewer;
		char path[128];

		TEMP_DIR(dir);
		snprintf(path, sizeof(path), "%s/r.ring", dir);
		make(m, path);
		SPAWNED(s, dir,
			"replay r.ring --engine model --variant shadow-avail,packed,in-order,vectorized "
			"--quiet --json s.jsonl");
		cr_assert_eq(s.code, 0, "%s: %s", m->name, s.err);
		snprintf(path, sizeof(path), "%s/s.jsonl", dir);
		read_session(path, &said);
		fewer = said.accesses[0] - said.accesses[1];
		cr_assert_eq(fewer, number(said.recording, "spared"), "%s: %lld", m->name,
			     (long long)fewer);
		cr_assert_eq(said.buffers, number(said.recording, "compared"), "%s", m->name);
		cr_assert_eq(number(said.recording, "early") > 0, m->order == LATE && m->lifo, "%s",
			     m->name);
		cr_assert_eq(said.buffers + (json_int_t)m->ring, number(said.recording, "replayed"),
			     "%s", m->name);
		json_decref(said.recording);
	}
}

/* Shares that were worked out by hand: docs/variants-and-policies.md, burst against ring size. */
Test(replay, known_shares)
{
	static const struct {
		const char *name;
		double least, most;
	} shares[] = {{"fifo-tx", 1, 1},    {"fifo-rx", 1, 1},		{"lifo-tx-32", 1, 1},
		      {"lifo-tx-31", 0, 0}, {"lifo-rx-33", .028, .033}, {"lifo-one", 1, 1}};

	for_each (want, shares, ARRAY_SIZE(shares)) {
		struct said said;
		double share;
		char path[128];

		TEMP_DIR(dir);
		for_each (m, makes, ARRAY_SIZE(makes)) {
			snprintf(path, sizeof(path), "%s/r.ring", dir);
			if (!strcmp(m->name, want->name))
				make(m, path);
		}
		SPAWNED(s, dir, "replay r.ring -e model -v shadow-avail -q -o s.jsonl");
		cr_assert_eq(s.code, 0, "%s", s.err);
		snprintf(path, sizeof(path), "%s/s.jsonl", dir);
		read_session(path, &said);
		share = (double)number(said.recording, "spared") /
			(double)number(said.recording, "compared");
		cr_assert(share >= want->least && share <= want->most, "%s: %g", want->name, share);
		json_decref(said.recording);
	}
}

/* On threads, and on one core: every buffer is verified, whatever the order. */
Test(timed_replay, other_engines_verify_each_buffer)
{
	for_each (m, makes, ARRAY_SIZE(makes)) {
		char path[128];

		TEMP_DIR(dir);
		snprintf(path, sizeof(path), "%s/r.ring", dir);
		make(m, path);
		SPAWNED(s, dir,
			"replay r.ring --launches 1 --rounds 1 --buffers 20000 -q --json s.jsonl");
		cr_assert_eq(s.code, 0, "%s: %s", m->name, s.err);
		SPAWNED(one, dir,
			"replay r.ring -e one-core --launches 1 --rounds 1 --buffers 20000 -q "
			"--json s.jsonl");
		cr_assert_eq(one.code, 0, "%s: %s", m->name, one.err);
	}
}

Test(replay, other_free_lists_and_notifications)
{
	TEMP_DIR(dir);
	char path[128];

	snprintf(path, sizeof(path), "%s/r.ring", dir);
	make(&makes[4], path);
	SPAWNED(s, dir,
		"replay r.ring -e model --over free-list=recorded,fifo,lifo -q -o s.jsonl --format tsv");
	cr_assert_eq(s.code, 0, "%s", s.err);
	cr_assert(strstr(s.out, "recorded") && strstr(s.out, "fifo") && strstr(s.out, "lifo"));
	SPAWNED(n, dir,
		"replay r.ring -e model --variant shadow-avail --notify event-idx --sleep both -q -o s.jsonl");
	cr_assert_eq(n.code, 0, "%s", n.err);
}

/* What a device waits for is more than one batch: it may neither sleep over it, nor be content with what it saw first. */
Test(replay, a_device_that_returned_two_batches_at_once_is_woken_for_the_second)
{
	static const struct made pairs[] = {
		{"tx", 64, 2048, 4, true, false, 1, PAIRS, REC_SPLIT},
		{"chained", 64, 2048, 4, false, false, 2, PAIRS, REC_SPLIT},
	};
	static const char *const cells[] = {
		"-v baseline,shadow-avail --notify event-idx --sleep device",
		"-v baseline,shadow-avail --notify event-idx --sleep both",
		"-v packed,packed+in-order --only --notify desc --sleep device",
		"-v packed,packed+in-order --only --notify desc --sleep both",
		"-v spsc,lab-spsc,lab-split,lab-packed --only",
		"-v spsc,lab-spsc,lab-split,lab-packed --only --mode timed",
	};

	for_each (m, pairs, ARRAY_SIZE(pairs)) {
		for_each (cell, cells, ARRAY_SIZE(cells)) {
			char path[128];
			TEMP_DIR(dir);

			snprintf(path, sizeof(path), "%s/r.ring", dir);
			make(m, path);
			SPAWNED(s, dir, "replay r.ring -e model %s -q -o s.jsonl", *cell);
			cr_assert_eq(s.code, 0, "%s: %s: %d: %s", m->name, *cell, s.code, s.err);
		}
	}
}

/* A device that has returned two batches at once does so in a packed ring, too. */
Test(replay, a_packed_device_returns_as_much_at_once_as_was_recorded)
{
	static const struct made pairs[] = {
		{"tx", 64, 2048, 4, true, false, 1, PAIRS, REC_SPLIT},
		{"chained", 64, 2048, 4, false, false, 2, PAIRS, REC_SPLIT},
	};

	for_each (m, pairs, ARRAY_SIZE(pairs)) {
		char path[128], *line = NULL;
		size_t size = 0;
		unsigned rows = 0;
		FILE *f;

		TEMP_DIR(dir);
		snprintf(path, sizeof(path), "%s/r.ring", dir);
		make(m, path);
		SPAWNED(s, dir,
			"replay r.ring -e model -v packed,packed+in-order,spsc,lab-spsc,lab-packed -q "
			"-o s.jsonl");
		cr_assert_eq(s.code, 0, "%s: %s", m->name, s.err);
		snprintf(path, sizeof(path), "%s/s.jsonl", dir);
		f = fopen(path, "re");
		while (getline(&line, &size, f) > 0) {
			json_t *row = json_loads(line, 0, NULL);
			const json_t *dev = json_object_get(row, "dev");

			if (dev) {
				const json_int_t polls =
					number(dev, "polls") - number(dev, "empty_polls");

				cr_assert_eq(polls, (2048 - 64) / 8, "%s, row %u: %lld", m->name,
					     rows, (long long)polls);
				rows++;
			}
			json_decref(row);
		}
		free(line);
		fclose(f);
		cr_assert_eq(rows, 6, "%s: %u", m->name, rows);
	}
}

/* A driver that is not like ours: what of it. */
enum odd { REGULAR, STAYS, LONGER, MIXED };

static void make_odd(const char *path, enum odd odd, enum rec_ring kind)
{
	const struct rec_head head = {
		.ring = kind, .ring_size = 16, .clock = REC_NS, .source = "odd"};
	struct rec_writer *w;

	must(rec_create, &w, path, &head);
	for (unsigned i = 0; i < 128; i++) {
		/* the first buffer keeps its head, or all have three descriptors */
		const unsigned at = odd == STAYS ? i : odd == LONGER ? 3 * i : i + 1;
		const uint16_t first = (uint16_t)(odd == STAYS && i ? 1 + at % 15 : at % 15);

		rec_batch(w, 1000 * i);
		rec_put(w, &(struct rec_seen){.head = first,
					      .link = odd == LONGER && kind == REC_SPLIT ? first + 1
											 : 0,
					      .descs = odd == LONGER ? 3 : 1,
					      .bytes = 76,
					      .reads = odd != MIXED || i % 3,
					      .writes = odd == MIXED && i % 3 == 0,
					      .now = 1000 * i});
		/* what is in the ring at the end is nothing odd */
		if (odd == STAYS ? i : odd != REGULAR || i < 113)
			rec_returned(w, first, 1000 * i + 500);
	}
	must(rec_finish, w);
}

/* And nothing of it where there is nothing to say. */
Test(replay, what_is_replayed_in_another_way_is_said)
{
	static const char *const words[] = {"had not come back", "were returned out of order",
					    "more descriptors than are replayed",
					    "another chain or direction"};
	static const struct {
		enum odd odd;
		enum rec_ring kind;
		const char *said;
	} cases[] = {
		{REGULAR, REC_SPLIT, "on, in 128 batches (mean 1.0), at most 1 posted at once\n"},
		{STAYS, REC_SPLIT,
		 "; 1 had not come back a lap later, nor at the end, and are returned in order; 127 were "
		 "returned out of order (behind one that stays, others are), and are returned in order\n"},
		{LONGER, REC_SPLIT,
		 "; 128 have more descriptors than are replayed: two of a table"},
		{LONGER, REC_PACKED,
		 "; 128 have more descriptors than are replayed: two of a table"},
		{LONGER, REC_PACKED,
		 ": unavailable, no buffer begins where one began a lap before\n"},
		{MIXED, REC_SPLIT,
		 "; 43 have another chain or direction, and are replayed as the others"},
	};

	for_each (c, cases, ARRAY_SIZE(cases)) {
		char path[128];
		unsigned said = 0;

		TEMP_DIR(dir);
		snprintf(path, sizeof(path), "%s/r.ring", dir);
		make_odd(path, c->odd, c->kind);
		RAN(s, EXIT_DONE, dir, "replay r.ring -e model -v packed -q -o s.jsonl");
		expect_in(s.out, c->said);
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			said += strstr(s.out, words[i]) != NULL;
		cr_assert_eq(said, c->odd == STAYS ? 2 : c->odd != REGULAR, "%s", s.out);
	}
}

/* What a recording says, and what it would gain, is in each reader of its session. */
Test(replay, a_session_answers_for_its_driver_wherever_it_is_read)
{
	TEMP_DIR(dir);
	char path[128];

	snprintf(path, sizeof(path), "%s/r.ring", dir);
	make(&makes[2], path);
	SPAWNED(s, dir, "replay r.ring -e model -v shadow-avail,packed+in-order -q -o s.jsonl");
	cr_assert_eq(s.code, 0, "%s", s.err);
	SPAWNED(table, dir, "table s.jsonl");
	SPAWNED(page, dir, "report --format md s.jsonl");
	const char *const readers[] = {s.out, table.out, page.out};

	for_each (read, readers, ARRAY_SIZE(readers)) {
		cr_assert(strstr(*read, "shadow-avail spares 5632 of 5632 stores"), "%s", *read);
		cr_assert(strstr(*read, "packed+in-order gives most: "), "%s", *read);
	}
	cr_assert(strstr(page.out, "the driver recorded in r.ring?"), "%s", page.out);
	cr_assert(strstr(table.out, "a test\nsplit ring of 256, queue 1"), "%s", table.out);
}

Test(replay, what_cannot_be_replayed_is_one_line)
{
	static const struct {
		const char *words, *said;
	} cases[] = {
		{"replay", "which recording"},
		{"replay --only", "which recording"},
		{"replay nowhere.ring", "nowhere.ring"},
		{"replay .", "plain file"},
		{"replay short.ring", "two laps"},
		{"replay r.ring --burst 4", "burst"},
		{"replay r.ring --ring-size 4", "ring-size"},
		{"replay r.ring --inject lose:1", "inject"},
		{"replay r.ring --variant nope", "nope"},
		{"run --free-list recorded", "recorded"},
	};
	struct made few = makes[0];
	char path[128];

	TEMP_DIR(dir);
	snprintf(path, sizeof(path), "%s/r.ring", dir);
	make(&makes[0], path);
	few.buffers = 100;
	snprintf(path, sizeof(path), "%s/short.ring", dir);
	make(&few, path);
	for_each (c, cases, ARRAY_SIZE(cases)) {
		SPAWNED(s, dir, "%s", c->words);
		cr_assert_eq(s.code, 2, "%s: %d", c->words, s.code);
		cr_assert(strstr(s.err, c->said) &&
				  strchr(s.err, '\n') == s.err + strlen(s.err) - 1,
			  "%s: %s", c->words, s.err);
	}
}

Test(replay, a_dump_has_a_line_for_each_buffer)
{
	unsigned lines = 0;
	char path[128];

	TEMP_DIR(dir);
	snprintf(path, sizeof(path), "%s/r.ring", dir);
	make(&makes[5], path);
	SPAWNED(s, dir, "replay r.ring --dump");
	cr_assert_eq(s.code, 0, "%s", s.err);
	for (const char *at = s.out; (at = strchr(at, '\n')); at++)
		lines++;
	cr_assert_eq(lines, 501);
}

/* Of real drivers: results/traces. */
Test(replay, the_tables_of_recorded_drivers_are_what_the_program_says)
{
	static const char *const scripts[] = {"replay-table", "replay-times"};

	for_each (name, scripts, ARRAY_SIZE(scripts)) {
		char script[512];
		char *argv[] = {script, (char *)"--check", NULL};
		struct spawned s;

		snprintf(script, sizeof(script), "%s/scripts/%s", spawn_root(), *name);
		spawn_run(&s, argv, "/");
		cr_assert_eq(s.code, 0, "%s: %s", *name, s.err);
		spawn_free(&s);
	}
}

Test(replay, times_of_nothing_are_one_line_and_no_table)
{
	static const struct {
		const char *word, *value, *why;
		int code;
	} cases[] = {
		{"--launches", "0", "--launches 0: legal: 1 at least", 2},
		{"--dir", "none", "none: no such folder", 1},
		{"--dir", ".", "no session there has a row, and", 1},
	};
	TEMP_DIR(dir);

	temp_dir_put(dir, "times.tsv", "recording\toption\n");
	for_each (c, cases, ARRAY_SIZE(cases)) {
		char script[512];
		char *argv[] = {script, (char *)"--table", (char *)c->word, (char *)c->value, NULL};
		struct spawned s;

		snprintf(script, sizeof(script), "%s/scripts/replay-times", spawn_root());
		spawn_run(&s, argv, dir);
		cr_assert_eq(s.code, c->code, "%s: %d %s", c->value, s.code, s.err);
		expect_in(s.err, c->why);
		cr_assert(!strstr(s.err, "Traceback"), "%s", s.err);
		spawn_free(&s);
	}
	cr_assert_eq(temp_dir_entries(dir), 1);
}
