/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_core_size.c - where times step up, told from times that are made up as a core's are.
 */
#include "host/core_size.h"

#include "cell.h"
#include "host/core_share.h"

#include "expect.h"

#include <errno.h>
#include <math.h>
#include <sched.h>

#define TIMES 190

/*
 * The times of a pass, for a buffer of @size: as many misses at once as there is room for, and what lies between them, which
 * takes its time. @first: what ns[0] has between two misses.
 */
static void make_times(double ns[TIMES], unsigned first, unsigned size, double miss, double each,
		       double noise)
{
	for (unsigned i = 0; i < TIMES; i++) {
		const unsigned between = first + i, at_once = (size + between) / (between + 1);
		const double shared = miss / at_once, busy = each * between;

		ns[i] = fmax(shared, busy) + (at_once > 1 ? 0 : busy) + (i % 3 - 1.0) * noise;
	}
}

/* Misses of a near memory and of a far one, stores of a slow core and of a fast one. */
Test(core_size, a_step_is_found_where_it_was_made)
{
	static const double misses[] = {80, 100, 150, 300}, each[] = {0.15, 0.26, 0.33};

	for (unsigned size = 20; size < 130; size++) {
		for (size_t i = 0; i < ARRAY_SIZE(misses) * ARRAY_SIZE(each); i++) {
			double ns[TIMES];
			unsigned step;

			make_times(ns, 9, size, misses[i % 4], each[i / 4], misses[i % 4] / 50);
			step = core_size_step(ns, TIMES);
			cr_assert_leq(abs((int)(9 + step + 1) - (int)size), 1,
				      "%u, %g ns a miss, %g each: %u", size, misses[i % 4],
				      each[i / 4], 9 + step + 1);
		}
	}
}

Test(core_size, what_is_no_step_is_none)
{
	double flat[TIMES], slope[TIMES], slower[TIMES], late[TIMES];

	for (unsigned i = 0; i < TIMES; i++) {
		flat[i] = 100 + i % 3;
		slope[i] = 40 + 0.33 * i; /* nothing overlaps, or stores merge */
		slower[i] = (i < 90 ? 1 : 1.2) * 100;
		late[i] = i < TIMES - 3
				  ? 100
				  : 200; /* the upper level may begin beyond what was looked at */
	}
	cr_assert_eq(core_size_step(flat, TIMES), 0);
	cr_assert_eq(core_size_step(slope, TIMES), 0);
	cr_assert_eq(core_size_step(slower, TIMES), 0);
	cr_assert_eq(core_size_step(late, TIMES), 0);
}

/* From three misses at a time to two times may step up more than from two to one: the last step ends the buffer. */
Test(core_size, the_last_step_counts)
{
	double ns[TIMES];

	for (unsigned i = 0; i < TIMES; i++)
		ns[i] = i < 42 ? 60 : i < 86 ? 110 : 152;
	cr_assert_eq(core_size_step(ns, TIMES), 86);
	for (unsigned i = 0; i < TIMES; i++)
		ns[i] = i < 42 ? 60 : 110;
	cr_assert_eq(core_size_step(ns, TIMES), 42);
}

/* Of 9 looks at a core, of which it is said that its buffer is twice as large: those that see half of it. */
static unsigned looks_at_half(uint32_t reorder)
{
	struct core_share *c;
	unsigned shared = 0;

	must(core_share_open, &c, 2 * reorder);
	for (unsigned i = 0; i < 9; i++)
		shared += core_share_look(c) >= CORE_SHARED;
	core_share_close(c);
	return shared;
}

/* Whatever it is here: of two CPUs that are one, the same core. */
Test(timed_core_size, looks_follow_from_a_reorder_buffer)
{
	const int cpu = sched_getcpu();
	uint32_t reorder[2] = {1, 1};
	struct core_share *c = NULL;
	struct vrb_err err = {""};
	unsigned shared = 0;
	double look;
	int ret;

	core_size_reorder(&(struct cpu_pair){.drv = cpu, .dev = 4000}, reorder);
	cr_assert(!reorder[0] || (reorder[0] >= 40 && reorder[0] <= 1200), "%u", reorder[0]);
	cr_assert_eq(reorder[1], 0U, "of a CPU that is not there");

	ret = core_share_open(&c, 512, &err);
	cr_assert(!ret || (ret == -ENOTSUP && *err.msg && !c));
	if (!c)
		return;
	look = core_share_look(c);
	core_share_close(c);
	cr_assert(look > 0.2 && look < 20, "%g", look);
	/* so near that nobody's buffer ends between them: as near as those it is compared with */
	must(core_share_open, &c, 4U);
	look = core_share_look(c);
	core_share_close(c);
	cr_assert(look < CORE_SHARED, "%g", look);
	/* of a buffer twice as large the core has half, as one has that is shared; a guest may not be left alone to see it */
	for (unsigned i = 0; reorder[0] && i < 10 && shared < 5; i++)
		shared = looks_at_half(reorder[0]);
	cr_assert(!reorder[0] || shared >= 5, "%u of 9, %u", shared, reorder[0]);
}

Test(timed_core_size, shares_are_shares)
{
	const int cpu = sched_getcpu();
	const struct cpu_pair pair = {.drv = cpu, .dev = cpu}, gone = {.drv = cpu, .dev = 4000};
	const uint32_t reorder[2] = {4, 4};
	struct vrb_err err = {""};
	double share[2] = {-1, -1};

	if (core_share_watch(&pair, reorder, share, &err))
		cr_assert(*err.msg);
	for (unsigned i = 0; i < 2; i++)
		cr_assert(share[i] >= 0 && share[i] < 0.2, "%g, of loads that are all near",
			  share[i]);
	cr_assert_lt(core_share_watch(&gone, reorder, share, &err), 0);
	cr_assert(*err.msg);
}

Test(core_size, a_cpu_that_is_not_there_is_told)
{
	const struct cpu_pair pair = {.drv = 4000, .dev = 4000};
	struct core_size size;
	struct vrb_err err = {""};
	const int ret = core_size_measure(&pair, &size, &err);

	cr_assert(ret == -EINVAL || ret == -ENOTSUP, "%d", ret);
	cr_assert(*err.msg);
	cr_assert_eq(size.store_buffer + size.reorder, 0);
}

/* Whatever it is here: a figure that a core may have, or none. */
Test(timed_core_size, a_figure_is_one_that_a_core_may_have)
{
	const int cpu = sched_getcpu();
	const struct cpu_pair pair = {.drv = cpu, .dev = cpu};
	struct core_size size;
	struct vrb_err err = {""};

	cr_assert(!core_size_measure(&pair, &size, &err) || *err.msg);
	cr_assert(!size.store_buffer || (size.store_buffer >= 10 && size.store_buffer <= 200));
	cr_assert(!size.reorder || (size.reorder >= 40 && size.reorder <= 1200));
}
