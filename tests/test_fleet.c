/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_fleet.c - sessions of several machines on one page, what a fleet lost, and scripts/fleet.
 */
#include "report_page_fixture.h"

#include <sys/stat.h>

TestSuite(fleet, .init = make_folder, .fini = drop_folder);

#define SIDES	    "Machines side by side"
#define RECORD_HEAD "task\tnode\ttries\toutcome\texit\tsessions\n"

/* A session of a machine whose head says @value for @key of "host", or of the plan. */
static void make_machine(const char *name, const char *host, const char *member, const char *key,
			 const char *value, double ratio)
{
	json_t *head = make_head("native", host);
	struct session_writer *w;

	json_object_set_new(json_object_get(head, member), key, json_string(value));
	w = begin_session(in_folder(name), head, cells, NCELLS);
	put_rounds(w, CLASS_NEAR, 20, ratio, 0.01, 0);
	finish_session(w);
}

static char *markdown(void)
{
	const char *const paths[] = {in_folder("a.jsonl"), in_folder("b.jsonl"), NULL};

	return page_of(MARKUP_MARKDOWN, paths);
}

Test(fleet, machines_stand_side_by_side_by_microarchitecture)
{
	make_machine("a.jsonl", "one", "host", "cpu_id",
		     "AuthenticAMD family 26 model 2 stepping 1", 0.5);
	make_machine("b.jsonl", "two", "host", "cpu_id",
		     "AuthenticAMD family 25 model 17 stepping 1", 0.25);

	freed_by(free_text) char *text = markdown();

	expect_in(text, SIDES, "| variant | zen5, one, near | zen4, two, near |",
		  "| baseline | 21.00 ns | 21.00 ns |",
		  "| in-order | 0.500 (0.500 to 0.500) faster | 0.250 (0.250 to 0.250) faster |");
}

Test(fleet, a_processor_that_is_not_known_has_its_own_name)
{
	make_machine("a.jsonl", "one", "host", "cpu_id", "implementer 0x41 part 0xd0c", 0.5);
	make_machine("b.jsonl", "two", "host", "cpu_model", "B CPU", 0.5);

	freed_by(free_text) char *text = markdown();

	expect_in(text, "| variant | A CPU, one, near | B CPU, two, near |");
}

Test(fleet, one_machine_is_not_beside_itself)
{
	make_machine("a.jsonl", "one", "host", "governor", "a", 0.5);
	make_machine("b.jsonl", "one", "host", "governor", "b", 0.25);

	freed_by(free_text) char *text = markdown();

	expect_not_in(text, SIDES);
}

Test(fleet, other_policies_are_not_laid_beside)
{
	make_machine("a.jsonl", "one", "plan", "free_list", "fifo", 0.5);
	make_machine("b.jsonl", "two", "plan", "free_list", "lifo", 0.25);

	freed_by(free_text) char *text = markdown();

	expect_not_in(text, SIDES);
}

/* ---- a folder and its record ---- */

Test(fleet, a_folder_is_its_sessions_and_what_was_lost)
{
	make_machine("b.jsonl", "two", "host", "cpu_id", "", 0.5);
	make_machine("a.jsonl", "one", "host", "cpu_id", "", 0.5);
	put_text(in_folder("fleet.tsv"), RECORD_HEAD "one\tone\t1\tdone\t0\t1\n"
						     "n3\tnode3\t2\tlost\t-\t0\n"
						     "n4\tn4\t1\tfailed\t2\t0\n");
	RAN(s, 0, folder, "report --format md .");
	expect_in(s.out, "Task n3 lost: node node3, tries 2, exit -",
		  "Task n4 failed: node n4, tries 1, exit 2", "| A CPU, one, near | A CPU, two");
	expect_not_in(s.out, "Task one");
}

Test(fleet, a_bad_record_or_an_empty_folder_is_refused)
{
	static const char *const bad[][2] = {
		{"", "fleet.tsv:1"},
		{"task\n", "fleet.tsv:1"},
		{RECORD_HEAD "n3\tn3\t2\n", "fleet.tsv:2"},
		{RECORD_HEAD "n3\tn3\t2\tgone\t-\t0\n", "fleet.tsv:2"},
		{RECORD_HEAD "n3\tn3\t2\tlost\t-\t0\t\n", "fleet.tsv:2"},
		{RECORD_HEAD "n3\tn3\t2\tlost\t-\t0\n", "no session"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put_text(in_folder("fleet.tsv"), bad[i][0]);
		RAN(s, EXIT_USAGE, folder, "report .");
		expect_in(s.err, bad[i][1]);
		cr_expect_eq(files_in_folder(), 1);
	}
}

/* ---- scripts/fleet ---- */

/* Runs it by sh -c in the test's folder, behind @before: `$f` is the script, `$p` the program. */
static void run_script(struct spawned *s, const char *before, const char *options)
{
	char line[4096];
	char *argv[] = {"/bin/sh", "-c", line, NULL};

	snprintf(line, sizeof(line), "f='%s/scripts/fleet' p='%s'; %s \"$f\" %s", spawn_root(),
		 spawn_program(), before, options);
	spawn_run(s, argv, folder);
}

Test(fleet, options_that_are_wrong_are_refused)
{
	static const char *const bad[][2] = {
		{"", "--nodes"},
		{"--nodes a", "behind --"},
		{"--nodes a --ssh b -- x", "mutually exclusive"},
		{"--nodes a,a -- x", "twice"},
		{"--nodes 'a;b' -- x", "--nodes a;b"},
		{"--ssh -oX -- x", "--ssh -oX"},
		{"--ssh : --retries x -- x", "0..100"},
		{"--ssh : --wait 0 -- x", "1..86400"},
		{"--frob 1 -- x", "--frob"},
		{"--ssh", "missing"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		freed_by(spawn_free) struct spawned s;

		run_script(&s, "", bad[i][0]);
		cr_expect_eq(s.code, 2, "%s", bad[i][0]);
		expect_in(s.err, bad[i][1]);
		cr_expect_eq(files_in_folder(), 0, "%s", bad[i][0]);
	}
}

/*
 * ssh is a stand-in that runs the command here, or has no connection to "dead". Like sshd it sets SHELL:
 * GNU parallel's commands for the far side read it, and a bare environment has none.
 */
Test(fleet, a_host_that_dies_loses_only_its_task)
{
	freed_by(spawn_free) struct spawned s;

	if (system("command -v parallel >/dev/null"))
		cr_skip("GNU parallel is not installed");
	put_text(in_folder("ssh"), "#!/bin/sh\n"
				   "export SHELL=/bin/sh\n"
				   "[ $1 != dead ] || exit 255\n"
				   "shift; [ \"$1\" != -- ] || shift; exec sh -c \"$*\"\n");
	cr_assert_eq(chmod(in_folder("ssh"), 0755), 0);
	run_script(&s, "export HOME=$PWD PARALLEL_SSH=$PWD/ssh;",
		   "--ssh a,dead,b --program \"$p\" --out out -- --engine model --direction rx "
		   "--variant in-order --question \"Is it's quoted?\"");
	cr_expect_eq(s.code, 1, "%s", s.err);
	expect_in(s.out, "dead\t-\t2\tlost\t-\t0\n", "\na\t", "\nb\t", "\t1\tdone\t0\t1\n");
	spawn_free(&s);
	spawn_words(&s, folder, "report --format md out");
	cr_expect_eq(s.code, 0, "%s", s.err);
	expect_in(s.out, "Task dead lost", "[Is it's quoted?](#s1)", "(#s2)");
}
