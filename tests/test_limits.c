/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_limits.c - what a session may hold: more is refused when it is read, and not begun when it is measured.
 */
#include "input_file.h"
#include "run/job.h"
#include "spawned.h"

#include "session_builder.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(limits, .init = make_folder, .fini = drop_folder);

Test(limits, a_session_that_is_too_large_is_refused_before_it_is_read)
{
	const char *path = in_folder("large.jsonl");
	freed_by(session_free) struct session s;
	struct vrb_err err = {""};

	finish_session(start_session(path, "native"));
	cr_assert_eq(truncate(path, (off_t)SESSION_BYTES_MOST + 1), 0);
	cr_expect_eq(session_load(path, &s, &err), -EFBIG);
	cr_expect_not_null(strstr(err.msg, "larger than a session may be, 512 MiB"), "%s", err.msg);
}

Test(limits, no_more_rounds_are_begun_than_a_session_holds)
{
	static const struct {
		uint32_t rounds, launches, cells, begun;
	} rows[] = {
		{8, 6, 10, 8},	       {100000, 1, 2, 100000},	{100000, 2, 2, 50000},
		{100000, 1000, 8, 25}, {100000, 1000, 1000, 1}, /* each cell once, at least */
	};

	for_each (r, rows, ARRAY_SIZE(rows)) {
		struct job j = {.plan = {.rounds = r->rounds, .launches = r->launches},
				.cells = {.n = r->cells}};

		cr_expect_eq(job_rounds(&j), r->begun, "%u x %u x %u: %u", r->rounds, r->launches,
			     r->cells, job_rounds(&j));
	}
}

/* ---- what was never finished ---- */

/* A whole session; then its file without the last @cut bytes. */
static void cut_session(const char *path, size_t cut)
{
	struct session_writer *w = start_session(path, "native");
	struct stat st;

	put_rounds(w, CLASS_NEAR, 20, 0.8, 0, 0);
	finish_session(w);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(truncate(path, st.st_size - (off_t)cut), 0);
}

Test(limits, a_session_that_was_never_finished_can_be_read_as_far_as_it_goes)
{
	freed_by(session_free) struct session whole, partial, refused;
	struct vrb_err err = {""};

	cut_session(SESSION, 0);
	must(session_load, SESSION, &whole);
	for (size_t cut = 2; cut < 600; cut += 7) {
		cut_session(SESSION, cut);
		cr_expect_eq(session_load(SESSION, &refused, &err), -EINVAL, "%zu: refused else",
			     cut);
		cr_assert_eq(session_load_partial(SESSION, &partial, &err), 0, "%zu: %s", cut,
			     err.msg);
		cr_expect(partial.status == SESSION_INTERRUPTED &&
				  partial.nsamples <= whole.nsamples &&
				  partial.nsamples + 2 >= whole.nsamples,
			  "%zu: %u of %u samples", cut, partial.nsamples, whole.nsamples);
		cr_expect_not_null(
			strstr(partial.warnings[partial.nwarnings - 1], "without an end row"));
		session_free(&partial);
	}
	put_text(SESSION, "{\"type\":\"ses");
	cr_expect_eq(session_load_partial(SESSION, &partial, &err), -EINVAL,
		     "no head: nothing to read");
}

/* Writes a session with samples until the disk, as it were, is full. */
static struct session_writer *start_small(void)
{
	const struct rlimit limit = {65536, 65536};

	put_text(SESSION, OLD_SESSION);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	return start_session(SESSION, "native");
}

static int fill_disk(struct vrb_err *err)
{
	struct session_writer *w = start_small();

	for (uint32_t round = 0; round < 400; round += 10)
		put_rounds(w, CLASS_NEAR, 20, 0.8, 0, round);
	return session_commit(w, SESSION_COMPLETE, NULL, 0, err);
}

/* As a search that keeps its points between two batches, and then would begin again. */
static int fill_disk_with_points(struct vrb_err *err)
{
	struct explored_point point[100] = {{0}};
	const struct explored_points row = {.v = point, .n = ARRAY_SIZE(point)};
	struct session_writer *w = start_small();

	while (!session_error(w))
		session_put(w, ROW_POINTS, &row);
	session_restart(w);
	return session_commit(w, SESSION_INTERRUPTED, NULL, 0, err);
}

/* What is left, by what the error says. */
static void load_left(int ret, const struct vrb_err *err, struct session *out)
{
	const char *at = strstr(err->msg, "is in "),
		   *end = strstr(err->msg, ", for vringbench table --partial");
	char temp[PATH_MAX];

	cr_assert_eq(ret, -EFBIG, "%d: %s", ret, err->msg);
	cr_expect_str_eq(get_text(SESSION), OLD_SESSION);
	cr_assert(at && end, "%s", err->msg);
	snprintf(temp, sizeof(temp), "%.*s", (int)(end - at - 6), at + 6);
	must(session_load_partial, temp, out);
}

Test(limits, samples_are_not_lost_when_the_disk_is_full)
{
	freed_by(session_free) struct session s;
	struct vrb_err err = {""};
	const int ret = fill_disk(&err);

	load_left(ret, &err, &s);
	cr_expect_gt(s.nsamples, 20);
}

/* Killed before what begins again is whole, or unable to write that. */
Test(limits, points_of_a_search_are_not_lost_when_it_ends)
{
	struct explored_point point = {.n = 7};
	const struct explored_points row = {.v = &point, .n = 1};
	struct session_writer *w = start_small();
	freed_by(session_free) struct session killed, full;
	struct vrb_err err = {""};
	char first[64];

	session_put(w, ROW_POINTS, &row);
	session_restart(w);
	snprintf(first, sizeof(first), ".vringbench-%ld-0.tmp", (long)getpid());
	must(session_load_partial, in_folder(first), &killed);
	cr_expect_eq(killed.npoints, 1);
	for (uint32_t round = 0; !session_error(w); round += 10)
		put_rounds(w, CLASS_NEAR, 20, 0.8, 0, round);
	load_left(session_commit(w, SESSION_COMPLETE, NULL, 0, &err), &err, &full);
	cr_expect_eq(full.npoints, 1);
	cr_expect_eq(files_in_folder(), 2);
}

Test(limits, points_of_a_search_are_not_lost_when_the_disk_is_full)
{
	freed_by(session_free) struct session s;
	struct vrb_err err = {""};
	const int ret = fill_disk_with_points(&err);

	load_left(ret, &err, &s);
	cr_expect_gt(s.npoints, 20);
}

/* ---- what never comes to an end ---- */

Test(limits, a_pipe_or_a_device_is_no_input_file)
{
	const char *const paths[] = {in_folder("fifo"), "/dev/zero", folder};
	struct vrb_err err = {""};
	char *text;
	size_t len;

	cr_assert_eq(mkfifo(paths[0], 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		cr_expect_eq(input_read("plan file", paths[i], 100, &text, &len, &err), -EINVAL);
		cr_expect_not_null(strstr(err.msg, "it is not a plain file"), "%s", err.msg);
	}
	put_text(in_folder("text"), "0123456789");
	must(input_read, "plan file", in_folder("text"), 10, &text, &len);
	cr_expect(len == 10 && !strcmp(text, "0123456789"));
	free(text);
	cr_expect_eq(input_read("plan file", in_folder("text"), 9, &text, &len, &err), -EFBIG);
	cr_expect_null(text);
}
