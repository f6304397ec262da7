/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_core_size.c - where times step up, told from times that are made up.
 */
#include "host/core_size.h"

#include "expect.h"

#include <errno.h>

#define TIMES 80

/* As a core has them: one miss in the core below @two, two from there, and again at half of it; what lies between takes
 * its time, too. */
static unsigned step_of(unsigned one, double noise, double slope)
{
	double ns[TIMES];

	for (unsigned i = 0; i < TIMES; i++) {
		const double level = i >= one ? 170 : i >= one / 2 ? 100 : 60;

		ns[i] = level + slope * i + (i % 3 - 1.0) * noise;
	}
	return core_size_step(ns, TIMES);
}

Test(core_size, a_step_is_found_where_it_was_made)
{
	for (unsigned at = 12; at < 66; at++) {
		cr_assert_eq(step_of(at, 0, 0), at, "%u", at);
		cr_assert_eq(step_of(at, 4, 0.3), at, "%u, not flat", at);
	}
}

Test(core_size, no_step_is_none)
{
	double flat[TIMES], late[TIMES];

	for (unsigned i = 0; i < TIMES; i++) {
		flat[i] = 100 + i % 3;
		late[i] = i < TIMES - 3 ? 100 : 200;
	}
	cr_assert_eq(core_size_step(flat, TIMES), 0);
	/* the upper level may begin beyond what was looked at */
	cr_assert_eq(core_size_step(late, TIMES), 0);
	cr_assert_eq(step_of(TIMES, 0, 0), 40, "its half is all that shows");
}

Test(core_size, a_cpu_that_is_not_there_is_told)
{
	struct core_size size;
	struct vrb_err err = {""};
	const int ret = core_size_measure(4000, &size, &err);

	cr_assert(ret == -EINVAL || ret == -ENOTSUP, "%d", ret);
	cr_assert(*err.msg);
	cr_assert_eq(size.store_buffer + size.reorder, 0);
}
