/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_launch_rows.c - what launches and places do, from a session file to a table.
 */
#include "session_builder.h"

#include "analysis/launch_rows.h"

#define LAUNCHES 6
#define SETS	 4
#define ROUNDS	 (3 * SETS)

/* Of in-order, with somebody else on the driver's core, the device's, both (twice only); one of them preempted as well. */
static void put_company(struct session_writer *w)
{
	static const struct {
		double drv, dev, ns;
		uint32_t flags;
	} of[] = {{1.8, 1.0, 59, 0}, {1.0, 1.7, 9, 0},	{1.5, 1.5, 5, 0},
		  {1.8, 1.0, 60, 0}, {1.0, 1.9, 10, 0}, {1.5, 1.5, 6, 0},
		  {1.8, 1.0, 61, 0}, {1.0, 1.8, 11, 0}, {1.8, 1.0, 500, SAMPLE_SWITCHED}};

	for (uint32_t i = 0; i < ARRAY_SIZE(of); i++) {
		struct sample s = make_sample(1, 0, ROUNDS + i, of[i].ns, CLASS_NEAR);

		s.drv.core_before = s.drv.core_after = of[i].drv;
		s.dev.core_before = s.dev.core_after = of[i].dev;
		s.flags = SAMPLE_CORE_SHARED | of[i].flags;
		session_put(w, ROW_SAMPLE, &s);
	}
}

/*
 * Launches are alike, and every place of baseline has a time of its own, in the order of the hand-offs on
 * used->idx. in-order knows no places. One sample is dropped.
 */
static void write_session(const char *path)
{
	struct session_writer *w = start_session(path, "native");

	for (uint32_t launch = 0; launch < LAUNCHES; launch++) {
		for (uint32_t round = 0; round < ROUNDS; round++) {
			const uint32_t set = (round * 7 + launch) % SETS;
			const double slow = (launch * 5 + set * 7) % 24;
			struct sample s =
				make_sample(0, launch, round, 10 + slow + round * 0.01, CLASS_NEAR);

			s.page_set = set + 1;
			s.c2c_avail_ns = 25;
			s.c2c_used_ns = 25 + slow;
			s.avail_frame = 7;
			s.used_frame = 1000 + set;
			s.flags = launch == 2 && round == 3 ? SAMPLE_STALLED : 0;
			session_put(w, ROW_SAMPLE, &s);
			s = make_sample(1, launch, round, 20 + launch + round * 0.01, CLASS_NEAR);
			session_put(w, ROW_SAMPLE, &s);
		}
	}
	put_company(w);
	finish_session(w);
}

static void free_rows(struct launch_set *set)
{
	launch_rows_free(set);
}

Test(launch_rows, what_somebody_else_on_a_core_does_is_told_by_side, .init = make_folder,
     .fini = drop_folder)
{
	static const struct {
		unsigned samples;
		double ns;
	} want[COMPANIES] = {{3, 60}, {3, 10}, {0, 0}}; /* two are too few */
	freed_by(free_rows) struct launch_set set;
	struct session s;
	struct summary sum;

	write_session(SESSION);
	load_session(SESSION, &s, &sum);
	must(launch_rows_make, &s, &set);
	cr_assert(set.shared);
	for (unsigned c = 0; c < COMPANIES; c++) {
		cr_assert_eq(set.rows[0].shared[c].samples, 0U);
		cr_assert(isnan(set.rows[0].shared[c].ratio));
		cr_assert_eq(set.rows[1].shared[c].samples, want[c].samples);
		if (want[c].samples) /* of launch 0, whose others take 20 ns and a little */
			cr_assert_float_eq(set.rows[1].shared[c].ratio * 20.055, want[c].ns, 1e-6);
		else
			cr_assert(isnan(set.rows[1].shared[c].ratio));
	}
	/* the row itself has none of them */
	cr_assert_eq(set.rows[1].samples, (unsigned)(LAUNCHES * ROUNDS));
	summary_free(&sum);
	session_free(&s);
}

Test(launch_rows, places_launches_and_hand_offs_are_told_apart, .init = make_folder,
     .fini = drop_folder)
{
	freed_by(free_rows) struct launch_set set;
	const struct launch_row *base, *other;
	struct session s;
	struct summary sum;
	char *text = NULL;
	size_t size;
	FILE *out;

	write_session(SESSION);
	load_session(SESSION, &s, &sum);
	assert_have(&s.samples[0], page_set == 1U, used_frame == 1000U);
	cr_assert_eq(s.samples[1].page_set, 0U);
	must(launch_rows_make, &s, &set);
	cr_assert_eq(set.nrows, 2U);
	base = &set.rows[0];
	other = &set.rows[1];

	assert_have(base, samples == (unsigned)(LAUNCHES * ROUNDS - 1),
		    sets == (unsigned)(LAUNCHES * SETS));
	cr_assert(base->shares.set > 0.2 && base->shares.within < 0.01, "%g, %g", base->shares.set,
		  base->shares.within);
	assert_have(&base->shares, launch < base->shares.set / 2, p < 0.01);
	cr_assert_gt(base->tau_used, 0.9);
	cr_assert_float_eq(base->tau_avail, 0, 1e-9);

	cr_assert_eq(other->launches, (unsigned)LAUNCHES);
	cr_assert(isnan(other->shares.set) && isnan(other->shares.p));
	cr_assert_gt(other->shares.launch, 0.05);
	cr_assert(isnan(other->tau_avail) && isnan(other->tau_used));

	out = open_memstream(&text, &size);
	cr_assert_not_null(out);
	must(report_launches, out, &s, &sum, FORMAT_TABLE);
	fclose(out);
	expect_in(text, "p of sets", "in-order");
	free(text);
	summary_free(&sum);
	session_free(&s);
}
