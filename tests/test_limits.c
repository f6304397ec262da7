/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_limits.c - what a session may hold: more is refused when it is read, and not begun when it is measured.
 */
#include "run/job.h"
#include "spawned.h"

#include "session_builder.h"

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
