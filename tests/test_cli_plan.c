/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_cli_plan.c - plans through the real program: sessions, what wins over what, mistakes,
 * failures and Ctrl-C. On the model, where a step takes no time, unless it must take some.
 */
#include "session/session.h"
#include "spawned.h"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#define TINY "[defaults]\nengine = model\nring-size = 64\nburst = 8\n"

/* The last lines of stdout are the session files: the one that is @back from the end. */
static void load_listed(const char *dir, const struct spawned *s, unsigned back,
			struct session *out)
{
	const char *at = s->out + strlen(s->out), *end = at;
	char path[512];

	for (unsigned i = 0; i <= back; i++) {
		cr_assert_gt(at, s->out, "%s", s->out);
		for (end = --at; at > s->out && at[-1] != '\n'; at--)
			;
	}
	snprintf(path, sizeof(path), "%s/%.*s", dir, (int)(end - at), at);
	must(session_load, path, out);
}

#define LISTED(name, dir, s, back)                  \
	freed_by(session_free) struct session name; \
	load_listed(dir, s, back, &(name))

static const char *step_member(const struct session *s, const char *key)
{
	return json_string_value(json_object_get(json_object_get(s->head, "step"), key));
}

static int step_number(const struct session *s, const char *key)
{
	return (int)json_integer_value(json_object_get(json_object_get(s->head, "step"), key));
}

static const char *command_of(const struct session *s)
{
	return json_string_value(json_object_get(s->head, "command"));
}

/* ---- runs ---- */

#define TWO_STEPS                                                                    \
	TINY "[first]\nquestion = Does it pay?\ncommand = run\nvariant = in-order\n" \
	     "direction = rx\n[second]\ncommand = ablate\ndirection = tx\nburst = 4\n"

Test(timed_cli_plan, each_step_leaves_a_session_that_says_which_and_why)
{
	TEMP_DIR(dir);
	char results[96];

	temp_dir_put(dir, "two.plan", TWO_STEPS);
	RAN(s, EXIT_DONE, dir, "--plan two.plan --results r");
	snprintf(results, sizeof(results), "%s/r", dir);
	cr_assert_eq(temp_dir_entries(results), 2u);
	LISTED(a, dir, &s, 1);
	LISTED(b, dir, &s, 0);
	cr_assert_str_eq(step_member(&a, "plan"), "two.plan");
	cr_assert_str_eq(step_member(&a, "name"), "first");
	cr_assert_eq(step_number(&a, "index"), 1);
	cr_assert_eq(step_number(&a, "of"), 2);
	cr_assert_str_eq(json_string_value(json_object_get(a.head, "question")), "Does it pay?");
	cr_assert_str_eq(a.cells[1].variant, "in-order");
	cr_assert_eq(a.cells[0].burst, 8u);
	cr_assert_str_eq(step_member(&b, "name"), "second");
	cr_assert_eq(step_number(&b, "index"), 2);
	cr_assert(json_is_null(json_object_get(b.head, "question")));
	cr_assert_eq(b.cells[0].burst, 4u, "a step wins over the defaults");
	cr_assert_eq(b.cells[0].dir, DIR_TX);
	expect_in(s.err, "step 1 of 2: first: Does it pay?\n", "step 2 of 2: second\n");
}

Test(timed_cli_plan, what_measures_without_two_threads_is_a_step)
{
	static const char *const names[] = {"predict", "sweep", "ablate", "run"};
	TEMP_DIR(dir);

	temp_dir_put(dir, "x.plan",
		     "[defaults]\nvariant = baseline,in-order\ndirection = rx\nring-size = 64\n"
		     "[run]\ncommand = run\nengine = model\n"
		     "[ablate]\ncommand = ablate\nengine = model\nvariant = combinations\n"
		     "[sweep]\ncommand = sweep\nengine = model\nover = burst=1,8\n"
		     "[predict]\ncommand = predict\nmachine = zen5-far\n");
	RAN(s, EXIT_DONE, dir, "--plan x.plan");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		freed_by(session_free) struct session session;

		load_listed(dir, &s, i, &session);
		cr_assert_str_eq(step_member(&session, "name"), names[i]);
		cr_assert_eq(session.status, SESSION_COMPLETE, "%s", names[i]);
	}
}

Test(timed_cli_plan, a_step_is_the_command_that_its_session_names)
{
	freed_by(session_free) struct session b;
	freed_by(spawn_free) struct spawned plan, alone;
	TEMP_DIR(dir);

	temp_dir_put(dir, "two.plan", TWO_STEPS);
	spawn_words(&plan, dir, "plan two.plan");
	cr_assert_eq(plan.code, EXIT_DONE, "%s", plan.err);
	LISTED(a, dir, &plan, 0);
	cr_assert_str_eq(command_of(&a), "vringbench ablate --engine=model --ring-size=64 "
					 "--direction=tx --burst=4");
	spawn_words(
		&alone, dir,
		"ablate --engine=model --ring-size=64 --direction=tx --burst=4 --json alone.jsonl --format tsv");
	cr_assert_eq(alone.code, EXIT_DONE, "%s", alone.err);

	char path[128];

	snprintf(path, sizeof(path), "%s/alone.jsonl", dir);
	must(session_load, path, &b);
	cr_assert(json_equal(json_object_get(a.head, "plan"), json_object_get(b.head, "plan")));
	cr_assert_eq(a.ncounts, b.ncounts);
	for (unsigned i = 0; i < a.ncounts; i++)
		cr_assert_eq(memcmp(&a.counts[i].side, &b.counts[i].side, sizeof(a.counts[i].side)),
			     0, "cell %u", i);
}

Test(timed_cli_plan, options_behind_the_file_win_in_every_step)
{
	TEMP_DIR(dir);

	temp_dir_put(dir, "two.plan", TWO_STEPS);
	RAN(s, EXIT_DONE, dir, "--plan=two.plan -b 2 --question Other?");
	LISTED(a, dir, &s, 1);
	LISTED(b, dir, &s, 0);
	cr_assert_eq(a.cells[0].burst, 2u);
	cr_assert_eq(b.cells[0].burst, 2u);
	cr_assert_str_eq(json_string_value(json_object_get(a.head, "question")), "Other?");
}

Test(timed_cli_plan, quick_leaves_aside_how_much_the_file_measures)
{
	TEMP_DIR(dir);

	temp_dir_put(dir, "x.plan",
		     "[defaults]\nfull\nengine = one-core\n[a]\ncommand = run\nrounds = 100000\n"
		     "time-limit = 600\nlaunches = 9\nsample-ms = 1000\nbuffers = 500\n"
		     "variant = baseline\ndirection = rx\n");
	RAN(s, EXIT_DONE, dir, "--plan x.plan --quick");
	LISTED(a, dir, &s, 0);
	cr_assert_str_eq(command_of(&a), "vringbench --engine=one-core --buffers=500 "
					 "--variant=baseline --direction=rx --quick");
}

Test(timed_cli_plan, no_takes_back_what_the_defaults_say)
{
	TEMP_DIR(dir);

	temp_dir_put(
		dir, "x.plan",
		TINY
		"only\nvariant = in-order\n[a]\ncommand = run\n[b]\ncommand = run\nonly = no\n");
	RAN(s, EXIT_DONE, dir, "--plan x.plan -d rx");
	LISTED(a, dir, &s, 1);
	LISTED(b, dir, &s, 0);
	cr_assert_eq(a.ncells, 1u);
	cr_assert_eq(b.ncells, 2u);
}

Test(timed_cli_plan, checking_prints_commands_and_writes_nothing)
{
	TEMP_DIR(dir);

	temp_dir_put(dir, "two.plan", TWO_STEPS);
	RAN(s, EXIT_DONE, dir, "--plan two.plan --check --seed 7");
	cr_assert_str_eq(s.out, "[first]\nvringbench '--question=Does it pay?' --engine=model "
				"--ring-size=64 --burst=8 --variant=in-order --direction=rx "
				"--seed 7\n"
				"[second]\nvringbench ablate --engine=model --ring-size=64 "
				"--direction=tx --burst=4 --seed 7\n");
	cr_assert_str_eq(s.err, "");
	cr_assert_eq(temp_dir_entries(dir), 1u);
}

/* ---- plans that come with the program ---- */

static void check_committed(const char *name)
{
	static const char ending[] = ".plan";
	char path[512], title[80];
	struct spawned s;
	size_t len = strlen(name);

	if (len <= strlen(ending) || strcmp(name + len - strlen(ending), ending) != 0)
		return;
	snprintf(path, sizeof(path), "%s/workloads/%s", spawn_root(), name);
	spawn_words(&s, "/", "--plan %s --check", path);
	cr_assert_eq(s.code, EXIT_DONE, "%s", s.err);
	cr_assert(strstr(s.out, "--question="), "%s: a step without a question: %s", name, s.out);
	spawn_free(&s);
	/* and by its name alone, from anywhere */
	snprintf(title, sizeof(title), "%.*s", (int)(len - strlen(ending)), name);
	spawn_words(&s, "/", "plan %s --check --quick", title);
	cr_assert_eq(s.code, EXIT_DONE, "%s", s.err);
	spawn_free(&s);
}

Test(timed_cli_plan, every_plan_that_comes_with_the_program_can_run)
{
	char path[512];
	unsigned n = 0;
	DIR *dir;

	if (cpus_allowed(NULL, 0) < 2)
		cr_skip_test("one CPU only");
	snprintf(path, sizeof(path), "%s/workloads", spawn_root());
	dir = opendir(path);
	cr_assert_not_null(dir, "%s", path);
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		check_committed(e->d_name);
		n += strstr(e->d_name, ".plan") != NULL;
	}
	closedir(dir);
	cr_assert_gt(n, 0u);
}

/* ---- mistakes ---- */

#define AT    "vringbench: " /* what the line begins with */
#define FIRST TINY "[good]\ncommand = run\n[bad]\ncommand = run\n"

Test(timed_cli_plan, all_steps_are_checked_before_the_first_runs)
{
	static const struct {
		const char *text, *begins, *holds;
	} bad[] = {
		{FIRST "brust = 4\n", AT "x.plan:9: [bad] ", "did you mean --burst?"},
		{FIRST "burst = 0\n", AT "x.plan:9: [bad] --burst 0", "legal: 1.."},
		{FIRST "quick = 3\n", AT "x.plan:9: [bad] --quick takes no value", "3"},
		{FIRST "\nburst\n", AT "x.plan:10: [bad] ", "--burst needs a value"},
		{FIRST "variant = vectorised\n", AT "x.plan:9: [bad] ", "did you mean vectorized?"},
		{FIRST "burst = 128\n",
		 AT "x.plan:9: [bad] --burst 128: larger than --ring-size 64", "legal: 1..64"},
		{FIRST "ring-size = 4\n", AT "x.plan:4: [bad] --burst 8: larger than --ring-size 4",
		 "legal: 1..4"},
		{FIRST "device-order = early:.5:1\nvariant = fixed-layout\n",
		 AT "x.plan:", "[bad] --"},
		{FIRST "json = a.jsonl\n", AT "x.plan:9: [bad] --json a.jsonl", "--results DIR"},
		{FIRST "trace = a.txt\n", AT "x.plan:9: [bad] --trace a.txt", "legal:"},
		{FIRST "help\n", AT "x.plan:9: [bad] help prints", "legal:"},
		{FIRST "vers\n", AT "x.plan:9: [bad] vers prints", "legal:"},
		{FIRST "variant = list\n", AT "x.plan:9: [bad] variant prints", "legal:"},
		{FIRST "[odd]\n", AT "x.plan:9: [odd] no command", "legal:"},
		{FIRST "command = run\n", AT "x.plan:9: [bad] a second command", "legal:"},
		{"", AT "x.plan:1: no step", "legal:"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		TEMP_DIR(dir);

		temp_dir_put(dir, "x.plan", bad[i].text);
		expect_refused(dir, "",
			       &(struct bad_line){"--plan x.plan", {bad[i].begins, bad[i].holds}},
			       1);
	}
}

Test(timed_cli_plan, results_that_cannot_be_written_are_refused_before_the_first_step_runs)
{
	TEMP_DIR(dir);

	temp_dir_put(dir, "x.plan", FIRST "results = /proc/nope\n");
	RAN(s, EXIT_USAGE, dir, "--plan x.plan");
	expect_in(s.err, "x.plan:9: [bad] --results /proc/nope");
	cr_assert_eq(temp_dir_entries(dir), 1u, "the good step ran, or left its folder");
}

Test(timed_cli_plan, a_mistake_behind_the_file_is_not_blamed_on_a_line_of_it)
{
	static const struct bad_line bad[] = {
		{"--burst 100", {AT "--burst 100: larger than --ring-size 64"}},
		{"-n 7", {AT "--ring-size 7: not a power of two"}},
		{"--brust=3", {AT "unknown option --brust"}},
		{"stray", {AT "'stray' stands alone"}},
		{"--json a", {AT "--json a: each step"}},
		{"--results /proc/nope", {AT "--results /proc/nope"}},
		{"--plan x.plan", {AT "--plan: a second one"}},
	};
	TEMP_DIR(dir);

	temp_dir_put(dir, "x.plan", FIRST);
	expect_refused(dir, "--plan x.plan", bad, ARRAY_SIZE(bad));
}

Test(timed_cli_plan, a_file_that_is_not_there_is_named)
{
	static const struct bad_line bad[] = {
		{"--plan nope", {AT "--plan nope: no such file", "comes with the program"}},
		{"plan ./nope.plan", {AT "plan file ./nope.plan: cannot be read", "No such file"}},
		{"--plan", {AT "--plan: which file?", "legal: vringbench --plan FILE"}},
		{"--plan=", {AT "--plan: which file?", "legal: vringbench --plan FILE"}},
		{"plan", {AT "--plan: which file?", "legal: vringbench --plan FILE"}},
		{"plan --quick", {AT "--plan: which file?", "legal: vringbench --plan FILE"}},
	};
	TEMP_DIR(dir);

	expect_refused(dir, "", bad, ARRAY_SIZE(bad));
}

/* ---- what goes wrong while it runs ---- */

#define LOSES                                                                                  \
	"[loses]\ncommand = run\nengine = one-core\nrounds = 1\nlaunches = 1\nbuffers = 500\n" \
	"variant = baseline\ninject = lose:9\n"

Test(timed_cli_plan, a_step_that_fails_does_not_keep_the_others_from_running)
{
	TEMP_DIR(dir);

	temp_dir_put(dir, "x.plan", LOSES "[then]\ncommand = run\nengine = model\nburst = 8\n");
	RAN(s, EXIT_INVALID, dir, "--plan x.plan");
	LISTED(a, dir, &s, 1);
	LISTED(b, dir, &s, 0);
	cr_assert_eq(a.status, SESSION_FAILED);
	cr_assert_eq(b.status, SESSION_COMPLETE);
	expect_in(s.err, "step 1 of 2: loses: failed with exit status 4\n",
		  "plan: 1 of 2 steps failed, the others ran\n");
}

/* Until a running command has said something. */
static void wait_for(const struct spawned *s, const char *words)
{
	char text[4096] = "";

	while (!strstr(text, words)) {
		ssize_t n = pread(s->err_fd, text, sizeof(text) - 1, 0);

		text[n > 0 ? n : 0] = '\0';
		sleep_ms(50);
	}
}

#define ENDLESS                                                                      \
	"[long]\ncommand = run\nengine = one-core\nrounds = 100000\nsample-ms = 2\n" \
	"variant = baseline\n"

static void check_interrupt(bool group)
{
	freed_by(spawn_free) struct spawned s;
	TEMP_DIR(dir);
	char results[128];

	temp_dir_put(dir, "x.plan",
		     "[short]\ncommand = run\nengine = model\nburst = 8\n" ENDLESS
		     "[third]\ncommand = run\n[fourth]\ncommand = run\n");
	spawn_words_start(&s, dir, "--plan x.plan");
	snprintf(results, sizeof(results), "%s/results/sessions", dir);
	wait_for(&s, "step 2 of 4");
	sleep_ms(700);
	kill(group ? -s.pid : s.pid, SIGINT);
	spawn_finish(&s);
	cr_assert_eq(s.code, EXIT_INTERRUPTED, "exit %d: %s", s.code, s.err);
	cr_assert_eq(temp_dir_entries(results), 2u, "two sessions, no temporary file");
	LISTED(a, dir, &s, 1);
	LISTED(b, dir, &s, 0);
	cr_assert_eq(a.status, SESSION_COMPLETE);
	cr_assert_eq(b.status, SESSION_INTERRUPTED);
	cr_assert_str_eq(step_member(&b, "name"), "long");
	expect_in(s.err, "did not run: third fourth\n");
}

Test(timed_cli_plan, ctrl_c_ends_the_plan_and_leaves_the_sessions, .timeout = HANG_S)
{
	check_interrupt(true);
}

/* Nor does a step go on whose question is not answered yet. */
Test(timed_cli_plan, ctrl_c_ends_a_plan_whose_step_has_no_answer, .timeout = HANG_S)
{
	static const char *const commands[] = {"sweep\nover = burst=1:*2:64", "ablate"};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		freed_by(spawn_free) struct spawned s;
		char plan[300];
		TEMP_DIR(dir);

		snprintf(plan, sizeof(plan),
			 "[long]\ncommand = %s\nrounds = 100000\nsample-ms = 1000\n"
			 "[second]\ncommand = run\nengine = model\n",
			 commands[i]);
		temp_dir_put(dir, "x.plan", plan);
		spawn_words_start(&s, dir, "--plan x.plan");
		wait_for(&s, "step 1 of 2");
		sleep_ms(500);
		kill(-s.pid, SIGINT);
		spawn_finish(&s);
		has_ended(&s, EXIT_INTERRUPTED);
		expect_in(s.err, "did not run: second\n");
	}
}

Test(timed_cli_plan, a_signal_to_the_program_alone_does_the_same, .timeout = HANG_S)
{
	check_interrupt(false);
}

Test(timed_cli_plan, at_any_moment_sessions_are_whole, .timeout = HANG_S)
{
	static const long moments_ms[] = {0, 1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 200};

	for (size_t i = 0; i < ARRAY_SIZE(moments_ms); i++) {
		freed_by(spawn_free) struct spawned s;
		TEMP_DIR(dir);
		char results[128];

		temp_dir_put(dir, "x.plan",
			     "[short]\ncommand = run\nengine = model\nburst = 8\n" ENDLESS);
		spawn_words_start(&s, dir, "--plan x.plan");
		sleep_ms(moments_ms[i]);
		kill(-s.pid, SIGINT);
		spawn_finish(&s);
		cr_assert_eq(s.code, EXIT_INTERRUPTED, "after %ld ms: exit %d: %s", moments_ms[i],
			     s.code, s.err);
		snprintf(results, sizeof(results), "%s/results/sessions", dir);
		if (!access(results, F_OK)) {
			unsigned listed = 0;

			for (const char *c = s.out; (c = strstr(c, ".jsonl\n")); c++)
				listed++;
			cr_assert_eq(temp_dir_entries(results), listed, "after %ld ms",
				     moments_ms[i]);
		}
	}
}
