/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_plan.c - from the options of `run` to a plan and its cells.
 *
 * The one-core engine throughout, so that no test depends on how many CPUs there are.
 */
#include "cli/cli.h"
#include "expect.h"
#include "plan/args.h"

#define WORDS_MAX 24

/* "--a b --c" after `vringbench --engine one-core`; the words live as long as the test. */
static int parse(const char *line, struct plan *plan, struct vrb_err *err)
{
	static const struct run_command command = {.name = "run", .engine = ENGINE_NATIVE};
	char *argv[WORDS_MAX + 1] = {(char *)"vringbench", (char *)"--engine", (char *)"one-core"};
	char *copy = strdup(line);
	int argc = 3;

	for (char *word = strtok(copy, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	err->msg[0] = '\0';
	return run_options_parse(&command, argc, argv, plan, err);
}

static void parsed(const char *line, struct plan *plan)
{
	must(parse, line, plan);
}

#define PARSED(p, line) \
	struct plan p;  \
	parsed(line, &(p))

/* The plan has those of `--variant all` that may run in a direction, and tells of each of the others. */
static void all_are_there_or_left_out(const struct plan *p, enum direction dir)
{
	unsigned taken = 0, left_out = 0;

	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);
		struct vrb_err err;

		if (v->kind != KIND_BASELINE && v->kind != KIND_VARIANT)
			continue;
		if (variants_legal(v, dir, &p->policy, &err)) {
			cr_assert_lt(left_out, p->nleft_out, "%s", v->name);
			cr_assert_not_null(strstr(p->left_out[left_out], v->name), "no %s in %s",
					   v->name, p->left_out[left_out]);
			left_out++;
		} else {
			cr_assert_lt(taken, p->nvariants, "%s", v->name);
			cr_assert_str_eq(p->variants[taken++]->name, v->name);
		}
	}
	assert_have(p, nvariants == taken, nleft_out == left_out);
}

Test(plan, defaults_are_what_help_says)
{
	PARSED(p, "");
	cr_assert_eq(p.directions, 1u << DIR_RX | 1u << DIR_TX);
	cr_assert(p.ring_sizes.n == 1 && p.ring_sizes.v[0] == 256);
	cr_assert(p.bursts.n == 1 && p.bursts.v[0] == 32);
	cr_assert(p.payloads.n == 1 && p.payloads.v[0] == 0);
	assert_have(&p.policy, free_list == FREE_FIFO, publish == PUBLISH_BURST,
		    tx_header == TX_HEADER_CHAINED, header_write == HEADER_OWN,
		    used_read == USED_READ_OWN, avail_store == STORE_EACH, poll_fence == FENCE_NONE,
		    device_avail == AVAIL_READ_ENTRIES, device_publish == PUBLISH_BURST,
		    device_order == ORDER_IN, poll == POLL_SPIN, fault == FAULT_NONE,
		    outstanding == 0);
	assert_have(&p, align == ALIGN_LINE, pages == PAGE_4K, mem_node == NODE_ANY);
	cr_assert_neq(p.simd, SIMD_AUTO, "resolved");
	cr_assert(p.launches == 6 && p.rounds == 8);
	cr_assert_float_eq(p.sample_ms, 15, 0);
	cr_assert_float_eq(p.margin, 0.03, 1e-12);
	assert_have(&p, buffers == 0, format == FORMAT_TABLE);
	cr_assert_str_eq(p.results_dir, "results/sessions");
	cr_assert(!p.json_path && !p.plots_dir);
}

Test(plan, all_is_baseline_and_the_single_variants)
{
	unsigned want = 0;

	PARSED(p, "--variant all");
	for (unsigned i = 0; i < variants_count(); i++)
		want += variants_get(i)->kind == KIND_BASELINE ||
			variants_get(i)->kind == KIND_VARIANT;
	assert_have(&p, nvariants == want, variants[0]->kind == KIND_BASELINE);
	for (unsigned i = 1; i < p.nvariants; i++)
		cr_assert_eq(p.variants[i]->kind, KIND_VARIANT, "%s", p.variants[i]->name);
}

Test(plan, everything_is_all_but_the_copies_of_baseline)
{
	PARSED(p, "--variant everything");
	cr_assert_eq(p.nvariants, variants_count() - 4);
}

Test(plan, baseline_stands_first_named_or_not)
{
	PARSED(p, "--variant in-order");
	cr_assert(p.nvariants == 2 && p.variants[0]->kind == KIND_BASELINE);
	parsed("--variant in-order,baseline,in-order", &p);
	cr_assert_eq(p.nvariants, 2, "each once");
	cr_assert_str_eq(p.variants[0]->name, "baseline");
	cr_assert_str_eq(p.variants[1]->name, "in-order");
}

Test(plan, combinations_are_named_by_their_parts_in_any_order)
{
	struct plan a, b;

	parsed("--variant shadow-avail+in-order", &a);
	parsed("--variant in-order+shadow-avail", &b);
	assert_have(&a, variants[1] == b.variants[1], variants[1]->kind == KIND_COMBINATION);
}

Test(plan, default_burst_fits_the_smallest_ring)
{
	PARSED(p, "--ring-size 256,4,64");
	cr_assert_eq(p.bursts.v[0], 4);
	parsed("--ring-size 64,256", &p);
	cr_assert_eq(p.bursts.v[0], 32);
}

Test(plan, a_burst_above_any_ring_names_both)
{
	struct plan p;

	expect_in(refusal(-EINVAL, parse, "--burst 1,64 --ring-size 256,32", &p), "--burst 64",
		  "--ring-size 32");
}

Test(plan, presets_yield_to_explicit_options_in_any_order)
{
	PARSED(p, "--quick");
	cr_assert(p.launches == 4 && p.rounds == 6 && p.sample_ms > 9.9 && p.sample_ms < 10.1);
	parsed("--full", &p);
	cr_assert(p.launches == 10 && p.rounds == 15 && p.sample_ms > 19.9 && p.sample_ms < 20.1);
	parsed("--rounds 7 --quick --launches 4", &p);
	cr_assert(p.launches == 4 && p.rounds == 7);
	parsed("--full --sample-ms 2.5", &p);
	cr_assert_float_eq(p.sample_ms, 2.5, 0);
}

Test(plan, the_last_of_an_option_given_twice_counts)
{
	PARSED(p, "--ring-size 64,128 --ring-size 512 --seed 1 --seed 2");
	cr_assert(p.ring_sizes.n == 1 && p.ring_sizes.v[0] == 512);
	cr_assert_eq(p.seed, 2);
}

Test(plan, every_policy_reaches_the_plan)
{
	PARSED(p,
	       "--variant baseline --free-list lifo --publish buffer --tx-header none --poll pause "
	       "--outstanding 8 --rx-room 100 --align packed --start-index 65533 --simd scalar");
	assert_have(&p.policy, work_driver == 0, work_device == 0, pressure == 0,
		    free_list == FREE_LIFO, publish == PUBLISH_BUFFER, tx_header == TX_HEADER_NONE,
		    poll == POLL_PAUSE, outstanding == 8, rx_room == 100);
	assert_have(&p, align == ALIGN_PACKED, start_idx == 65533, simd == SIMD_SCALAR);
}

Test(plan, mergeable_buffers_reach_the_plan)
{
	PARSED(p, "--payload 1500,9000 --rx-buffer 512");
	cr_assert_eq(p.policy.rx_buffer, 512);
	all_are_there_or_left_out(&p, DIR_RX);
	expect_in(p.left_out[0], "vectorized");
	parsed("--payload 0 --rx-buffer 0", &p);
	cr_assert_eq(p.policy.rx_buffer, 0);
	parsed("--ring-size 8 --payload 116 --rx-buffer 16 --direction rx", &p);
	cr_assert_eq(p.policy.rx_buffer, 16);
}

Test(plan, policies_of_the_device_and_what_is_between_bursts_reach_the_plan)
{
	PARSED(p,
	       "--only --variant in-order --direction tx --tx-header indirect --header-write "
	       "in-buffer-if-changed --payload 0,64 --used-read idx-only --device-avail in-order "
	       "--device-publish buffer");
	assert_have(&p.policy, tx_header == TX_HEADER_INDIRECT, header_write == HEADER_IF_CHANGED,
		    used_read == USED_READ_IDX_ONLY, device_avail == AVAIL_READ_NONE,
		    device_publish == PUBLISH_BUFFER);
	parsed("--work-driver 1000000 --work-device 7 --pressure 65536 --poll backoff", &p);
	assert_have(&p.policy, work_driver == 1000000, work_device == 7, pressure == 65536,
		    poll == POLL_BACKOFF);
	parsed("--variant baseline --inject duplicate:12", &p);
	assert_have(&p.policy, fault == FAULT_DUPLICATE, fault_at == 12);
}

Test(plan, orders_of_a_device_have_a_share_and_a_seed)
{
	static const struct {
		const char *line;
		enum device_order order;
		double share;
		uint64_t seed;
	} cases[] = {
		{"--variant baseline --device-order early:0.25:77", ORDER_EARLY, 0.25, 77},
		{"--variant baseline --device-order late-first:0.5:3", ORDER_LATE_FIRST, 0.5, 3},
		{"--variant baseline --device-order reversed-bursts:1:4", ORDER_REVERSED, 1, 4},
		{"--variant in-order --device-order discard:1:9", ORDER_DISCARD, 1, 9},
	};

	for_each (c, cases, ARRAY_SIZE(cases)) {
		PARSED(p, c->line);
		cr_assert_eq(p.policy.device_order, c->order, "%s", c->line);
		cr_assert_float_eq(p.policy.early_share, c->share, 0, "%s", c->line);
		cr_assert_eq(p.policy.early_seed, c->seed, "%s", c->line);
	}
}

/* A line of options, and words of the refusal. */
Test(plan, policies_that_do_not_go_together_are_refused_with_the_reason)
{
	static const struct {
		const char *line, *words[3];
	} cases[] = {
		{"--avail-store burst --publish buffer",
		 {"--avail-store burst", "--publish buffer", "each"}},
		{"--avail-store burst --only --variant packed",
		 {"--avail-store burst", "packed", "each"}},
		{"--poll-fence sometimes",
		 {"--poll-fence", "sometimes", "none, driver, device, both"}},
		{"--avail-store sometimes", {"--avail-store", "sometimes", "each, burst"}},
		{"--header-write shared", {"--header-write shared", "--payload 0", "1..9000"}},
		{"--tx-header none --header-write per-slot --payload 64",
		 {"--header-write per-slot", "void", "chained"}},
		{"--tx-header any-layout --header-write shared --payload 64",
		 {"any-layout", "in-buffer, in-buffer-if-changed"}},
		{"--used-read len", {"--used-read len", "baseline rx", "legal with it: id+len"}},
		{"--only --variant fixed-layout --used-read idx-only",
		 {"fixed-layout rx", "needs the length", "id+len, len"}},
		{"--only --variant vectorized --direction rx --used-read id+len",
		 {"vectorized rx", "whole", "legal with it: len"}},
		{"--only --variant in-order --direction tx --used-read len",
		 {"in-order tx", "batch", "id+len, idx-only"}},
		{"--device-avail in-order", {"--device-avail in-order", "baseline", "free list"}},
		{"--inject lose:1 --device-publish buffer", {"--inject lose", "burst"}},
		{"--relocate used", {"--relocate", "two threads", "native"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan p;
		const char *said = refusal_of(cases[i].line, -EINVAL, parse, cases[i].line, &p);

		for (size_t k = 0; k < ARRAY_SIZE(cases[i].words) && cases[i].words[k]; k++)
			expect_in(said, cases[i].words[k]);
	}
}

Test(plan, options_of_a_direction_that_is_not_there_are_told)
{
	PARSED(tx, "--direction tx --rx-room 4 --clean-threshold 8");
	PARSED(rx, "-d rx --rx-room 4 --clean-threshold 8 --tx-header chained --free-list lifo");
	PARSED(both, "--rx-room 4 --clean-threshold 8");
	cr_expect_str_eq(tx.no_effect, "--rx-room");
	cr_expect_str_eq(rx.no_effect, "--clean-threshold", "chained is what holds anyway");
	cr_expect_str_eq(both.no_effect, "");
}

Test(plan, what_cannot_read_less_is_left_out_of_all_and_told)
{
	PARSED(p, "--only --direction tx --used-read idx-only");
	all_are_there_or_left_out(&p, DIR_TX);
	expect_in(p.left_out[0], "baseline tx");
	expect_in(p.left_out[1], "shadow-avail tx");
}

Test(plan, the_numbers_reach_the_plan)
{
	PARSED(p, "--rounds 100000 --launches 1000 --buffers 1099511627776 --sample-ms 0.1 "
		  "--seed 18446744073709551615 --margin 50");
	cr_assert(p.rounds == 100000 && p.launches == 1000);
	cr_assert_eq(p.buffers, UINT64_C(1) << 40);
	cr_assert_float_eq(p.sample_ms, 0.1, 1e-12);
	cr_assert_eq(p.seed, UINT64_MAX);
	cr_assert_float_eq(p.margin, 0.5, 1e-12);
}

Test(plan, a_variant_that_the_policy_forbids_is_refused_when_named)
{
	static const char *const names[] = {"fixed-layout", "in-order", "vectorized",
					    "shadow-avail+in-order"};
	struct plan p;
	char line[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(line, sizeof(line), "--device-order early:0.2:1 --variant %s", names[i]);
		expect_in(refusal_of(line, -EINVAL, parse, line, &p), names[i],
			  "--device-order early");
	}
}

Test(plan, a_variant_that_the_policy_forbids_is_left_out_of_all_and_told)
{
	PARSED(p, "--device-order early:0.2:1");
	all_are_there_or_left_out(&p, DIR_RX);
	cr_assert_str_eq(p.variants[1]->name, "shadow-avail");
	expect_in(p.left_out[0], "fixed-layout");
	expect_in(p.left_out[1], "in-order");
	expect_in(p.left_out[2], "vectorized");
}

Test(plan, ringtest_names_give_the_same_plan)
{
	struct plan a, b;

	parsed("--run-cycles 1000 --batch 8 --relax --ring-size 64 --outstanding 16", &a);
	parsed("--buffers 1000 --burst 8 --poll pause --ring-size 64 --outstanding 16", &b);
	cr_assert_eq(a.buffers, b.buffers);
	cr_assert(a.bursts.n == b.bursts.n && a.bursts.v[0] == b.bursts.v[0]);
	assert_have(&a.policy, poll == b.policy.poll, outstanding == b.policy.outstanding);
	cr_assert_eq(a.ring_sizes.v[0], b.ring_sizes.v[0]);
	cr_assert_eq(plan_cell_count(&a), plan_cell_count(&b));
}

Test(plan, the_command_is_kept_as_typed)
{
	PARSED(p, "--seed 3");
	cr_assert_str_eq(p.command, "vringbench --engine one-core --seed 3");
}

Test(plan, a_command_too_long_to_keep_ends_in_dots)
{
	char line[2000] = "--seed 1 --json ";

	memset(line + strlen(line), 'a', 1500);
	PARSED(p, line);
	cr_assert_lt(strlen(p.command), sizeof(p.command));
	cr_assert_str_eq(p.command + strlen(p.command) - 3, "...");
}

Test(plan, more_cells_than_a_session_holds_are_refused)
{
	struct plan p;

	expect_in(refusal(-EINVAL, parse, "--ring-size 64:*2:32768 --burst 1:1:64 --payload 0:1:63",
			  &p),
		  "cells", "65536");
}

Test(plan, a_list_of_variants_is_served_at_once)
{
	struct vrb_err err;
	struct plan p;
	int rc;

	cr_assert_not_null(freopen("/dev/null", "w", stdout));
	rc = parse("--variant list", &p, &err);
	cr_assert_eq(rc, ARGS_DONE);
}

/* ---- cells ---- */

static struct cell *cells_of(const char *line, struct plan *p, unsigned *n)
{
	struct cell *cells;

	parsed(line, p);
	*n = plan_cell_count(p);
	cells = calloc(*n, sizeof(*cells));
	cr_assert_not_null(cells);
	plan_cells(p, cells);
	return cells;
}

#define GRID "--variant in-order --ring-size 128,64 --burst 4,2,8 --payload 64,0"

Test(plan_cells, there_is_one_for_each_variant_and_null_row_at_each_point)
{
	struct plan p;
	unsigned n;

	free(cells_of(GRID, &p, &n));
	cr_assert_eq(n, 2 * 2 * 3 * 2 * 4);
	free(cells_of(GRID " --direction tx", &p, &n));
	cr_assert_eq(n, 2 * 3 * 2 * 4);
}

/* For the block: the plan p, and its n cells c. */
#define CELLS_OF(line) \
	struct plan p; \
	unsigned n;    \
	freed_by(free_cells) struct cell *c = cells_of(line, &p, &n)

static void free_cells(struct cell **c)
{
	free(*c);
}

/* Ids count up, and within a group the variant alone differs. */
Test(plan_cells, groups_go_by_direction_ring_size_burst_payload_as_given)
{
	CELLS_OF(GRID);
	for (unsigned i = 0; i < n; i++) {
		const unsigned g = i / 4;

		assert_have(&c[i], id == i, group == g, dir == (g / 12 ? DIR_TX : DIR_RX),
			    ring_size == (g / 6 % 2 ? 64 : 128), burst == p.bursts.v[g / 2 % 3],
			    payload == (g % 2 ? 0 : 64));
	}
}

Test(plan_cells, baseline_is_first_and_the_null_rows_last_in_a_group)
{
	CELLS_OF(GRID);
	for (unsigned i = 0; i < n; i += 4) {
		cr_assert_eq(c[i].role, ROLE_BASELINE);
		cr_assert_str_eq(c[i].variant, "baseline");
		cr_assert_eq(c[i + 1].role, ROLE_VARIANT);
		cr_assert_str_eq(c[i + 1].variant, "in-order");
		cr_assert_eq(c[i + 2].role, ROLE_NULL);
		cr_assert_str_eq(c[i + 2].variant, NULL_CONTROL);
		cr_assert_eq(c[i + 3].role, ROLE_NULL);
		cr_assert_str_eq(c[i + 3].variant, "null-control-2");
	}
}
