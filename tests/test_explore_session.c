/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_explore_session.c - what `explore` leaves: a session that is presented, resumed, reproduced; also of a
 * search that was killed, and as a step of a plan.
 */
#include "expect.h"
#include "session/head.h"
#include "session/session.h"
#include "spawned.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>

/* The rows of a session but its head and end, which have times in them; to be freed. */
static char *rows_of(const char *path)
{
	char *text = get_text(path), *rows = strchr(text, '\n');
	char *end = strstr(text, "{\"type\":\"end\"");

	cr_assert(rows && end, "%s", path);
	*end = '\0';
	return strdup(rows);
}

/* Also in the session. */
Test(explore_session, command_says_the_same_with_any_number_of_threads, .init = make_folder,
     .fini = drop_folder)
{
	static const char words[] = "explore --direction tx --burst 1 --ring-size 64 --points 300 "
				    "--machine zen5-near --threads %d --json %d.jsonl";
	RAN(one, EXIT_DONE, folder, words, 1, 1);
	RAN(three, EXIT_DONE, folder, words, 3, 3);
	RAN(rx, EXIT_DONE, folder,
	    "explore --direction rx --burst 1 --ring-size 64 --points 30 --machine zen5-near --json rx.jsonl");
	cr_expect(!strstr(rx.err, "no effect"), "%s", rx.err);
	char *first = rows_of(in_folder("1.jsonl")), *second = rows_of(in_folder("3.jsonl"));

	cr_assert_str_eq(one.out, three.out);
	cr_assert_str_neq(one.out, "");
	cr_assert_str_eq(first, second);
	free(first);
	free(second);
}

#define RESUMED                                                                         \
	"explore --direction tx --ring-size 256 --burst 4 --threads 2 --quiet --space " \
	"free-list=fifo;ring-align=64;publish=burst "

/* The file whose name begins with a dot: that of a session which is being written; "": none yet. */
static const char *temporary(void)
{
	static char name[NAME_MAX + 1];
	DIR *dir = opendir(folder);

	cr_assert(dir);
	*name = '\0';
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (!strncmp(e->d_name, ".vringbench-", 12))
			snprintf(name, sizeof(name), "%s", e->d_name);
	}
	closedir(dir);
	return name;
}

/* Until the temporary file holds the points of a batch behind its head. */
static void wait_for_points(void)
{
	const uint64_t began = now_ns();
	struct stat st = {0};

	while (!*temporary() || stat(in_folder(temporary()), &st) || st.st_size < 12000) {
		cr_assert_lt(now_ns() - began, HANG_NS, "no points");
		sleep_ms(5);
	}
}

/*
 * What a search leaves that is interrupted, or killed, is a session; going on from it gives what the whole gives,
 * to the byte.
 */
static void resume_after(int signal, const char *left)
{
	freed_by(spawn_free) struct spawned s;
	char *whole, *resumed;

	spawn_words_start(&s, folder, RESUMED "--json part.jsonl");
	wait_for_points();
	kill(s.pid, signal);
	spawn_finish(&s);
	has_ended(&s, signal == SIGKILL ? 128 + SIGKILL : EXIT_INTERRUPTED);
	left = left ? left : temporary();
	RAN(table, EXIT_DONE, folder, "table --partial %s", left);
	expect_in(table.out, "interrupted");
	RAN(on, EXIT_DONE, folder, RESUMED "--resume %s --json again.jsonl", left);
	RAN(once, EXIT_DONE, folder, RESUMED "--json all.jsonl");
	cr_assert_str_eq(on.out, once.out);
	resumed = rows_of(in_folder("again.jsonl"));
	whole = rows_of(in_folder("all.jsonl"));
	cr_assert_str_eq(resumed, whole);
	free(resumed);
	free(whole);
	RAN(other, EXIT_USAGE, folder, RESUMED "--seed 2 --resume %s", left);
	expect_in(other.err, left, "seed 1", "this is 2");
	RAN(done, EXIT_USAGE, folder, RESUMED "--resume all.jsonl");
	expect_in(done.err, "all.jsonl", "interrupted");
}

Test(explore_session, resumed_is_as_never_interrupted, .init = make_folder, .fini = drop_folder)
{
	resume_after(SIGINT, "part.jsonl");
}

Test(explore_session, resumed_is_as_never_killed, .init = make_folder, .fini = drop_folder)
{
	resume_after(SIGKILL, NULL);
}

/* What is as usual is not in "asked": that it was otherwise is found, too. */
Test(explore_session, resumed_without_an_option_that_it_had_is_refused, .init = make_folder,
     .fini = drop_folder)
{
	freed_by(spawn_free) struct spawned s;

	spawn_words_start(&s, folder,
			  RESUMED "--protocol moesi-migratory --queues 2 --json part.jsonl");
	wait_for_points();
	kill(s.pid, SIGKILL);
	spawn_finish(&s);
	RAN(one, EXIT_USAGE, folder, RESUMED "--queues 2 --resume %s", temporary());
	expect_in(one.err, "protocol \"moesi-migratory\"", "this is nothing");
	RAN(other, EXIT_USAGE, folder, RESUMED "--protocol moesi-migratory --resume %s",
	    temporary());
	expect_in(other.err, "queue", "this is nothing");
}

static unsigned points_in(const char *name)
{
	freed_by(session_free) struct session s;
	unsigned n = 0;

	must(session_load_partial, in_folder(name), &s);
	for_each (row, s.points, s.npoints) {
		cr_assert_not(row->binned);
		n += row->n;
	}
	return n;
}

/* What is known is not run again: all of it is in what was killed late. */
Test(explore_session, a_killed_search_knows_what_it_had_run, .init = make_folder,
     .fini = drop_folder)
{
	freed_by(spawn_free) struct spawned s;

	spawn_words_start(&s, folder, RESUMED "--json part.jsonl");
	wait_for_points();
	kill(s.pid, SIGKILL);
	spawn_finish(&s);
	cr_assert_geq(points_in(temporary()), 256);
}

/* Interrupted again before it has run a ring, in place of the session that it goes on from. */
Test(explore_session, interrupted_again_it_knows_no_less, .init = make_folder, .fini = drop_folder)
{
	freed_by(spawn_free) struct spawned s, again;
	unsigned known;

	spawn_words_start(&s, folder, RESUMED "--json part.jsonl");
	wait_for_points();
	kill(s.pid, SIGINT);
	spawn_finish(&s);
	known = points_in("part.jsonl");
	spawn_words_start(&again, folder, RESUMED "--resume part.jsonl --json part.jsonl");
	for (const uint64_t began = now_ns(); !*temporary();)
		cr_assert_lt(now_ns() - began, HANG_NS, "no session");
	kill(again.pid, SIGINT);
	spawn_finish(&again);
	has_ended(&again, EXIT_INTERRUPTED);
	cr_assert_geq(points_in("part.jsonl"), known);
}

/* What explore prints is what table prints of its session, in each format; and the session has a page. */
Test(explore_session, session_is_presented_as_the_command_does, .init = make_folder,
     .fini = drop_folder)
{
	static const char *const formats[] = {"table", "tsv", "json"};

	for_each (format, formats, ARRAY_SIZE(formats)) {
		RAN(first, EXIT_DONE, folder,
		    "explore --burst 4 --ring-size 64 --space variant=packed,packed+in-order,spsc "
		    "--machine zen5-near,zen5-far --minimise weighted:1:0.1 --json %s.jsonl --format %s",
		    *format, *format);
		RAN(again, EXIT_DONE, folder, "table %s.jsonl --format %s", *format, *format);
		cr_assert_str_eq(first.out, again.out);
		expect_in(first.out, "zen5-near", "zen5-far", "spsc");
	}
	RAN(page, EXIT_DONE, folder, "report table.jsonl -o page.md");
	expect_in(get_text(in_folder("page.md")), "fewest 1 transfers + 0.1 ns", "floor: 0.266",
		  "the way begins at packed+in-order");
}

/* Sessions that are committed, each by the command in its first row, to the byte. */
Test(explore_session, committed_sessions_are_reproduced, .init = make_folder, .fini = drop_folder)
{
	static const char *const names[] = {"known-rx-4", "alone-rx-1", "alone-rx-4", "alone-rx-32",
					    "alone-tx-1", "alone-tx-4", "alone-tx-32"};
	static const char before[] = "\"command\":\"vringbench ";

	for_each (name, names, ARRAY_SIZE(names)) {
		char file[512], *then, *now, *head, *command;

		snprintf(file, sizeof(file), "%s/results/lab/explore-%s.jsonl", spawn_root(),
			 *name);
		head = get_text(file);
		command = strstr(head, before);
		cr_assert(command, "%s", file);
		command = strtok(command + sizeof(before) - 1, "\"");
		for (char *quote; (quote = strchr(command, '\'')) != NULL;)
			memmove(quote, quote + 1, strlen(quote));
		RAN(s, EXIT_DONE, folder, "%s --json now.jsonl", command);
		then = rows_of(file);
		now = rows_of(in_folder("now.jsonl"));
		cr_assert_str_eq(now, then, "%s: write it again by its command", file);
		free(then);
		free(now);
	}
}

/* ---- a step of a plan ---- */

#define PLAN                                                       \
	"[defaults]\nring-size = 256\nburst = 4\ndirection = tx\n" \
	"[find]\ncommand = explore\nquestion = Which ring?\n%s\n"  \
	"[run]\ncommand = run\nquestion = And by itself?\nengine = model\nvariant = packed\n"

static void put_plan(const char *options)
{
	char text[512];

	snprintf(text, sizeof(text), PLAN, options);
	put_text(in_folder("x.plan"), text);
}

/* The session files that end standard output: the one that is @back from the last. */
static void load_listed(const struct spawned *s, unsigned back, struct session *out)
{
	const char *at = s->out + strlen(s->out), *end = at;
	char name[PATH_MAX];

	for (unsigned i = 0; i <= back; i++) {
		cr_assert_gt(at, s->out, "%s", s->out);
		for (end = --at; at > s->out && at[-1] != '\n'; at--)
			;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(end - at), at);
	must(session_load, in_folder(name), out);
}

/* A search is a step as a run is: session, question, page; and its session names the command that does it again. */
Test(explore_session, is_a_step_of_a_plan, .init = make_folder, .fini = drop_folder)
{
	freed_by(session_free) struct session found, alone;

	put_plan("space = variant=packed,spsc");
	RAN(plan, EXIT_DONE, folder, "--plan x.plan --results r");
	load_listed(&plan, 1, &found);
	cr_assert_eq(session_kind(&found), SESSION_EXPLORE);
	cr_assert_str_eq(json_string_value(json_object_get(found.head, "question")), "Which ring?");
	cr_assert_str_eq(
		json_string_value(json_object_get(json_object_get(found.head, "step"), "name")),
		"find");
	cr_assert_str_eq(json_string_value(json_object_get(found.head, "command")),
			 "vringbench explore '--question=Which ring?' --ring-size=256 --burst=4 "
			 "--direction=tx --space=variant=packed,spsc --results r");
	RAN(page, EXIT_DONE, folder, "report --format md %s", found.path);
	expect_in(page.out, "Which ring?", "the floor");
	RAN(again, EXIT_DONE, folder,
	    "explore --ring-size=256 --burst=4 --direction=tx --space=variant=packed,spsc --json again.jsonl");
	must(session_load, in_folder("again.jsonl"), &alone);
	cr_assert_eq(alone.nexplored, found.nexplored);
	cr_assert_eq(
		memcmp(alone.explored, found.explored, found.nexplored * sizeof(*found.explored)),
		0);
}

/* Ctrl-C ends the plan, and its step goes on by itself from what it left. */
Test(explore_session, a_step_that_was_interrupted_is_resumed, .init = make_folder,
     .fini = drop_folder)
{
	freed_by(spawn_free) struct spawned s;
	freed_by(session_free) struct session left;

	put_plan("threads = 2\nspace = free-list=fifo;ring-align=64;publish=burst");
	spawn_words_start(&s, folder, "--plan x.plan --results .");
	wait_for_points();
	kill(s.pid, SIGINT);
	spawn_finish(&s);
	has_ended(&s, EXIT_INTERRUPTED);
	expect_in(s.err, "did not run: run");
	load_listed(&s, 0, &left);
	cr_assert_eq(left.status, SESSION_INTERRUPTED);
	RAN(on, EXIT_DONE, folder, RESUMED "--resume %s --json again.jsonl", left.path);
	RAN(once, EXIT_DONE, folder, RESUMED "--json all.jsonl");
	cr_assert_str_eq(on.out, once.out);
}

Test(explore_session, a_step_is_checked_before_the_first_runs, .init = make_folder,
     .fini = drop_folder)
{
	static const struct {
		const char *options;
		struct bad_line want;
	} bad[] = {
		{"points = 0", {"--plan x.plan", {"x.plan:8: [find] --points"}}},
		{"launches = 3", {"--plan x.plan", {"x.plan:8: [find] ", "--launches"}}},
		{"space = variant=pakced",
		 {"--plan x.plan", {"x.plan:8: [find] --space", "packed"}}},
		{"payload = 0,64", {"--plan x.plan", {"[find] ", "one workload"}}},
		{"resume = none.jsonl", {"--plan x.plan", {"none.jsonl"}}},
		{"json = x.jsonl", {"--plan x.plan", {"x.plan:8: [find] --json", "--results DIR"}}},
		{"results = /proc/nope",
		 {"--plan x.plan", {"x.plan:8: [find] --results /proc/nope"}}},
		{"burst = 2048", {"--plan x.plan", {"x.plan:8: [find] --burst 2048", "1..256"}}},
		{"quiet", {"--plan x.plan --burst 2048", {"--burst 2048", "1..256"}}},
	};

	for_each (b, bad, ARRAY_SIZE(bad)) {
		put_plan(b->options);
		expect_refused(folder, "", &b->want, 1);
	}
}
