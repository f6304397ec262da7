/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_relocate.c - parts of a ring on other physical pages: what moves, what stays, and that rings
 * verify there.
 */
#include "ring_fixture.h"

#include "engine/launch.h"
#include "engine/relocate.h"
#include "plan/options.h"

#include <errno.h>

#define SETS 3

/* One engine a test: it pins its thread, so that a second one would find a single CPU. */
static void relocate(struct engine *e, enum relocated what)
{
	relocate_close(e);
	e->conf.relocate = what;
	e->conf.page_sets = SETS;
	must(relocate_open, e);
}

static struct sample sample_in(struct engine *e, const struct ring_conf *c, uint32_t set)
{
	struct vrb_err err = {""};
	struct sample s;
	int ret;

	engine_page_set(e, set);
	ret = engine_sample(e, c, 4000, &s, &err);
	cr_assert_eq(ret, 0, "%s, %s in set %u: %d %s", where(c, SIMD_SCALAR).text,
		     relocated_name(e->conf.relocate), set, ret, err.msg);
	return s;
}

Test(timed_native, every_part_verifies_on_other_pages)
{
	static const char *const names[] = {"baseline", "fixed-layout", "spsc"};
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 64, NULL);

	for (unsigned what = RELOCATE_DESC; what < RELOCATED_KINDS; what++) {
		relocate(e, (enum relocated)what);
		for (unsigned i = 0; i < ARRAY_SIZE(names) * 2; i++) {
			const struct ring_conf c =
				CONF(variant_named(names[i / 2]), directions[i & 1], 256, 32,
				     .payload = 64, .align = i & 1 ? ALIGN_PACKED : ALIGN_LEGACY,
				     .start_idx = 65533);

			for (uint32_t set = SETS; set-- > 0;)
				sample_in(e, &c, set);
		}
	}
}

/* A set is where it was when it is used again; what is not relocated never moves. */
Test(timed_native, only_what_is_relocated_has_other_frames)
{
	const struct ring_conf c =
		CONF(variant_named("baseline"), DIR_RX, 256, 32, .align = ALIGN_LEGACY);
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 64, NULL);
	const struct drv *own = e->sides.drv;

	for (unsigned what = RELOCATE_DESC; what < RELOCATED_KINDS; what++) {
		const bool both = what == RELOCATE_SHARED || what == RELOCATE_ALL;
		struct sample first;

		relocate(e, (enum relocated)what);
		first = sample_in(e, &c, 0);
		if (!first.avail_frame)
			cr_skip("physical pages are not visible");
		for (uint32_t i = 1; i < 2 * SETS; i++) {
			const struct sample s = sample_in(e, &c, i % SETS);
			const bool moved = i % SETS;

			cr_assert_eq(s.avail_frame != first.avail_frame,
				     moved && (both || what == RELOCATE_AVAIL), "%s, set %u",
				     relocated_name(what), i % SETS);
			cr_assert_eq(s.used_frame != first.used_frame,
				     moved && (both || what == RELOCATE_USED), "%s, set %u",
				     relocated_name(what), i % SETS);
			cr_assert_eq(e->sides.drv != own,
				     moved && (what == RELOCATE_PRIVATE || what == RELOCATE_ALL),
				     "%s, set %u", relocated_name(what), i % SETS);
		}
	}
}

Test(timed_native, hand_offs_on_a_rings_own_words_are_measured)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 64, NULL);

	FOR_EACH_VARIANT (v) {
		const struct ring_conf c = {.variant = v, .ring_size = 256, .burst = 32};
		const bool has = c.variant->ring == RING_SPLIT;
		struct sample s;

		must_run(e, &c, 4000, SIMD_SCALAR, &s);
		cr_assert_eq(s.c2c_avail_ns > 0, has, "%s: %g", c.variant->name, s.c2c_avail_ns);
		cr_assert_eq(s.c2c_used_ns > 0, has, "%s: %g", c.variant->name, s.c2c_used_ns);
	}
}

Test(relocate, each_set_is_used_once_in_a_block_of_rounds_in_a_seeded_order)
{
	unsigned changed = 0;

	for (uint32_t sets = 1; sets <= PAGE_SETS_MAX; sets++) {
		for (uint32_t block = 0; block < 20; block++) {
			uint32_t seen = 0;

			for (uint32_t i = 0; i < sets; i++) {
				const uint32_t round = block * sets + i;
				const uint32_t set = launch_page_set(sets, 7, 3, round);

				cr_assert_lt(set, sets);
				cr_assert_eq(set, launch_page_set(sets, 7, 3, round));
				changed += set != launch_page_set(sets, 7, 4, round);
				seen |= 1u << set;
			}
			cr_assert_eq(seen, (1u << sets) - 1, "%u sets, block %u", sets, block);
		}
	}
	cr_assert_gt(changed, 1000);
}

Test(relocate, what_cannot_move_is_refused_with_what_is_legal)
{
	static const struct run_command run = {.name = "run", .engine = ENGINE_NATIVE};
	static const struct {
		const char *words[4], *line[2];
	} cases[] = {
		{{"--page-sets", "3"}, {"--page-sets 3: nothing is relocated", "--relocate"}},
		{{"--relocate", "all", "--page-sets", "17"}, {"--page-sets 17", "2..16"}},
		{{"--relocate", "used", "--pages", "thp"}, {"--relocate used", "--pages 4k"}},
		{{"--relocate", "usde"}, {"--relocate 'usde'", "used"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char words[4][32], *argv[] = {"run", words[0], words[1], words[2], words[3], NULL};
		struct plan plan;
		int argc = 1;

		for (; argc <= 4 && cases[i].words[argc - 1]; argc++)
			snprintf(argv[argc], sizeof(words[0]), "%s", cases[i].words[argc - 1]);
		argv[argc] = NULL;
		expect_in(refusal(-EINVAL, run_options_parse, &run, argc, argv, &plan),
			  cases[i].line[0], cases[i].line[1]);
	}
}
