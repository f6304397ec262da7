/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_session.c - sessions written, checked against their schema and read back.
 */
#include "session/rows.h"
#include "session_builder.h"
#include "spawned.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

TestSuite(session, .init = make_folder, .fini = drop_folder);

static void same_side(const struct side_counts *a, const struct side_counts *b)
{
	expect_have(a, polls == b->polls, empty_polls == b->empty_polls,
		    vol_switches == b->vol_switches, invol_switches == b->invol_switches,
		    minor_faults == b->minor_faults, major_faults == b->major_faults,
		    migrations == b->migrations, busy_ns == b->busy_ns, task_ns == b->task_ns,
		    cpu_before == b->cpu_before, cpu_after == b->cpu_after);
}

Test(session, every_field_of_a_sample_survives_the_round_trip)
{
	const struct sample in = {
		.cell = 2,
		.launch = 3,
		.round = UINT32_MAX,
		.position = 5,
		.buffers = INT64_MAX,
		.elapsed_ns = UINT64_MAX,
		.c2c_before_ns = 24.123456789012345,
		.c2c_after_ns = (double)NAN,
		.place = CLASS_XSOCKET,
		.steal_ns = -1,
		.flags = 0x7f,
		.start_ns = (1ull << 63) + 1,
		.drv = {.polls = 1,
			.empty_polls = 2,
			.vol_switches = 3,
			.invol_switches = 4,
			.minor_faults = 5,
			.major_faults = 6,
			.migrations = 7,
			.busy_ns = 8,
			.task_ns = 10,
			.cpu_before = -1,
			.cpu_after = 9},
		.dev = {.polls = UINT64_MAX,
			.empty_polls = (1ull << 53) + 1,
			.vol_switches = 1ull << 63,
			.invol_switches = 4,
			.minor_faults = 5,
			.major_faults = 6,
			.migrations = 7,
			.busy_ns = (1ull << 53) + 1,
			.task_ns = 11,
			.cpu_before = 8,
			.cpu_after = INT32_MAX},
	};

	WRITE_SESSION(w, "native", session_put(w, ROW_SAMPLE, &in));
	LOADED(s, SESSION);
	cr_assert_eq(s.nsamples, 1);

	const struct sample *out = s.samples;

	expect_have(out, cell == in.cell, launch == in.launch, round == in.round,
		    position == in.position, buffers == in.buffers, elapsed_ns == in.elapsed_ns,
		    c2c_before_ns == in.c2c_before_ns);
	cr_expect_neq(isnan(out->c2c_after_ns), 0);
	expect_have(out, place == in.place, steal_ns == in.steal_ns, flags == in.flags,
		    start_ns == in.start_ns);
	same_side(&out->drv, &in.drv);
	same_side(&out->dev, &in.dev);
}

Test(session, cells_warnings_and_status_survive_the_round_trip)
{
	struct session_writer *w = start_session(SESSION, "native");

	session_put_warning(w, "%d \"things\"\n", 3);
	session_put_warning(w, "not UTF-8: \xff");
	cr_assert_eq(session_commit(w, SESSION_INTERRUPTED, NULL, 0, NULL), 0);
	LOADED(s, SESSION);
	cr_assert_eq(s.ncells, ARRAY_SIZE(cells));
	for (unsigned i = 0; i < s.ncells; i++) {
		expect_have(&s.cells[i], id == i, group == cells[i].group, role == cells[i].role);
		cr_expect_str_eq(s.cells[i].variant, cells[i].variant);
		expect_have(&s.cells[i], dir == cells[i].dir, ring_size == cells[i].ring_size,
			    burst == cells[i].burst, payload == cells[i].payload);
	}
	cr_assert_eq(s.nwarnings, 2);
	cr_expect_str_eq(s.warnings[0], "3 \"things\" ?");
	cr_expect_str_eq(s.warnings[1], "not UTF-8: ?");
	cr_expect_eq(s.status, SESSION_INTERRUPTED);
	cr_expect_str_eq(text_at(s.head, "seed"), "18446744073709551615");
}

Test(session, a_session_is_valid_under_its_schema)
{
	struct session_writer *w = start_session(SESSION, "native");
	struct sample s = make_sample(1, 0, 0, 12.5, CLASS_NONE);

	session_put(w, ROW_SAMPLE, &s);
	s = make_sample(2, 0, 0, 12.5, CLASS_FAR);
	s.flags = 0x3f;
	s.elapsed_ns = UINT64_MAX;
	session_put(w, ROW_SAMPLE, &s);
	session_put_warning(w, "hm");
	finish_session(w);
	expect_by_schema(SESSION, "{\"type\":\"cell\"}");
}

Test(session, the_default_name_is_in_the_folder_which_is_made)
{
	struct session_writer *w;
	char path[512], dir[128];

	snprintf(dir, sizeof(dir), "%s/a/b", folder);
	must(session_create, &w, NULL, dir);
	session_put_head(w, make_head("native", "host"));
	must(session_commit, w, SESSION_COMPLETE, path, sizeof(path));
	cr_expect_eq(strncmp(path, dir, strlen(dir)), 0, "%s", path);
	cr_expect_eq(access(path, R_OK), 0, "%s", path);
	cr_expect_str_eq(path + strlen(path) - 6, ".jsonl");
}

Test(session, a_place_that_cannot_be_written_is_refused_before_the_run)
{
	static const struct {
		const char *path;
		int code;
	} bad[] = {
		{"/nonexistent/x.jsonl", -ENOENT},
		{"/dev/null/x.jsonl", -ENOTDIR},
		{"/dev/full", -EINVAL},
		{"/tmp", -EISDIR},
		{"/tmp/nonexistent/", -EISDIR},
		{"", -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct session_writer *w;
		struct vrb_err err = {""};

		cr_expect_eq(session_create(&w, bad[i].path, NULL, &err), bad[i].code, "%s: %s",
			     bad[i].path, err.msg);
		cr_expect_null(w);
		expect_in(err.msg, bad[i].path);
	}
}

/* The rename would take what is printed away. */
Test(session, where_output_goes_is_no_place_for_a_session)
{
	RAN(s, EXIT_USAGE, spawn_root(), "--engine model -v baseline -q --json /dev/stdout");
	expect_in(s.err, "session /dev/stdout", "what is printed goes there");
}

Test(session, nothing_shows_under_the_name_before_commit)
{
	put_text(SESSION, OLD_SESSION);
	struct session_writer *w = start_session(SESSION, "native");

	cr_expect_str_eq(get_text(SESSION), OLD_SESSION);
	session_abandon(w);
	cr_expect_str_eq(get_text(SESSION), OLD_SESSION);
	cr_expect_eq(files_in_folder(), 1);
}

Test(session, a_full_disk_leaves_the_old_file_and_nothing_else)
{
	const struct rlimit limit = {8192, 8192};
	struct vrb_err err = {""};

	put_text(SESSION, OLD_SESSION);
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);

		struct session_writer *w;

		if (session_create(&w, SESSION, NULL, &err))
			_exit(1);
		session_put_head(w, make_head("native", "host"));
		for (int i = 0; i < 100; i++)
			session_put_warning(w, "%0200d", i);
		if (session_commit(w, SESSION_COMPLETE, NULL, 0, &err) != -EFBIG)
			_exit(2);
		_exit(strstr(err.msg, SESSION) ? 0 : 3);
	}
	int status;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(status, 0, "status %#x", status);
	cr_expect_str_eq(get_text(SESSION), OLD_SESSION);
	cr_expect_eq(files_in_folder(), 1);
}

/* Does it say that it was changed? */
static bool is_changed(const char *text)
{
	freed_by(session_free) struct session s;

	put_text(SESSION, text);
	must(session_load, SESSION, &s);
	for (unsigned i = 0; i < s.nwarnings; i++)
		if (strstr(s.warnings[i], "changed after it was written"))
			return true;
	return false;
}

Test(session, a_file_that_was_changed_is_read_with_a_warning)
{
	char *text, *at, *older;

	WRITE_SESSION(w, "native", { put_rounds(w, CLASS_NEAR, 20, 0.8, 0, 0); });
	text = strdup(get_text(SESSION));
	cr_expect(!is_changed(text), "as it was written");
	at = strstr(text, "\"elapsed_ns\":");
	cr_assert_not_null(at);
	at += strlen("\"elapsed_ns\":");
	*at ^= 1; /* another digit */
	cr_expect(is_changed(text), "a figure");
	*at ^= 1;
	at = strstr(text, "\"ended\":\"");
	cr_assert_not_null(at);
	at += strlen("\"ended\":\"");
	*at ^= 1; /* another thousand years */
	cr_expect(is_changed(text), "the end row itself");
	*at ^= 1;
	/* such as older programs wrote: this one has not */
	at = strstr(text, ",\"digest\":");
	cr_assert_not_null(at, "%s", text);
	*at = '\0';
	cr_assert_gt(asprintf(&older, "%s,\"digest\":\"%#lx\"}\n", text,
			      digest_add(DIGEST_OF_NOTHING, text,
					 (size_t)(strstr(text, "{\"type\":\"end\"") - text))),
		     0);
	cr_expect(is_changed(older), "a digest of the lines before");
	strcpy(at, "}\n");
	cr_expect(is_changed(text), "no digest");
	free(older);
	free(text);
}

Test(session, a_file_of_an_older_program_is_read_without_a_warning)
{
#define LINES                                   \
	"{\"type\":\"session\",\"schema\":1}\n" \
	"{\"type\":\"end\",\"status\":\"complete\",\"cells\":0,\"samples\":0"

	cr_expect(!is_changed(LINES "}\n"), "no digest");
	cr_expect(!is_changed(LINES ",\"digest\":\"0xb02e36521ae3126f\"}\n"),
		  "a digest of the lines before");
	cr_expect(is_changed(LINES ",\"digest\":\"0xb02e36521ae3126e\"}\n"), "another one");
#undef LINES
}

/* By each command that reads it, whatever it prints. */
Test(session, a_file_that_was_changed_is_reported_by_each_command)
{
	static const char *const commands[] = {"table s.jsonl",
					       "table --format tsv s.jsonl",
					       "table --format json s.jsonl",
					       "export --format junit s.jsonl",
					       "compare s.jsonl s.jsonl",
					       "report -o page s.jsonl"};
	char *at;

	WRITE_SESSION(w, "native", { put_rounds(w, CLASS_NEAR, 20, 0.8, 0, 0); });
	char *text = strdup(get_text(SESSION));

	at = strstr(text, "\"elapsed_ns\":");
	at[strlen("\"elapsed_ns\":")] ^= 1;
	put_text(SESSION, text);
	free(text);
	for_each (command, commands, ARRAY_SIZE(commands)) {
		SPAWNED(s, folder, "%s", *command);
		cr_expect(strstr(s.err, "s.jsonl: changed after it was written"), "%s: %s",
			  *command, s.err);
	}
}

Test(session, broken_session_files_are_refused_with_the_line)
{
#define HEAD "{\"type\":\"session\",\"schema\":1}\n"
#define CELL_0                                                                                    \
	"{\"type\":\"cell\",\"id\":0,\"group\":0,\"role\":\"baseline\",\"variant\":\"baseline\"," \
	"\"direction\":\"rx\",\"ring_size\":2,\"burst\":1,\"payload\":0}\n"
#define END(n, m) "{\"type\":\"end\",\"status\":\"complete\",\"cells\":" #n ",\"samples\":" #m "}\n"
	static const struct {
		const char *text, *told;
	} bad[] = {
		{"", ": it is empty, and no session"},
		{"\x7f"
		 "ELF\n",
		 ":1: not JSON"},
		{"[]\n", ":1: not a row"},
		{"\n", ":1: not JSON"},
		{CELL_0, ":1: the first row is not a session row"},
		{"{\"type\":\"session\",\"schema\":99}\n", ":1: schema 99"},
		{HEAD, ":1: the file stops here"},
		{HEAD HEAD, ":2: a second session row"},
		{HEAD CELL_0, ":2: the file stops here"},
		{HEAD "{\"type\":\"ce", ":2: not JSON: "},
		{HEAD "{\"type\":\"ce", "; `vringbench table --partial` reads what there is"},
		{HEAD CELL_0 CELL_0 END(2, 0), ":3: cell 0, where cell 1 is due"},
		{HEAD "{\"type\":\"sample\",\"cell\":0}\n", ":2: a sample row of cell 0"},
		{HEAD CELL_0 END(1, 7), ":3: the end row counts"},
		{HEAD END(0, 0) CELL_0, ":3: a cell row after the end row"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *path = in_folder("bad.jsonl");
		struct vrb_err err = {""};
		struct session s;

		put_text(path, bad[i].text);
		cr_expect_eq(session_load(path, &s, &err), -EINVAL, "%zu: %s", i, err.msg);
		cr_expect_not_null(strstr(err.msg, bad[i].told), "%zu: %s", i, err.msg);
		cr_expect_eq(strncmp(err.msg, path, strlen(path)), 0, "%zu: %s", i, err.msg);
	}
	freed_by(session_free) struct session s;

	cr_expect_eq(session_load(in_folder("none"), &s, NULL), -ENOENT);
	put_text(in_folder("new.jsonl"), HEAD CELL_0 "{\"type\":\"later\",\"x\":1}\n" END(1, 0));
	cr_expect_eq(session_load(in_folder("new.jsonl"), &s, NULL), 0, "rows of newer versions");
	session_free(&s);
	put_text(in_folder("mark.jsonl"), "\xef\xbb\xbf" HEAD CELL_0 END(1, 0));
	cr_expect_eq(session_load(in_folder("mark.jsonl"), &s, NULL), 0, "a byte order mark");
#undef HEAD
#undef CELL_0
#undef END
}
