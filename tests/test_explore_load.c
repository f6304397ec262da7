/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_explore_load.c - the floor, and what may be asked besides one ring and one length of bursts: drawn
 * bursts, several queue pairs.
 */
#include "expect.h"
#include "explore/floor.h"
#include "explore/rings.h"
#include "spawned.h"

/* ---- the floor ---- */

Test(explore, floor_by_hand)
{
	static const struct {
		struct floor_load load;
		double packets, buffers;
	} rows[] = {
		{{1, 0, 256, 64, 0, 0}, 1, 1 / 256.},
		{{32, 0, 256, 64, 0, 0}, 1 / 32., 1 / 256.},
		{{32, 0, 256, 64, 16, 0}, 1 / 32., 1 / 256.},	/* 512 bits: a line */
		{{32, 0, 256, 64, 17, 16}, 2 / 32., 16 / 512.}, /* 544 bits: two */
		{{4, 0, 256, 64, 16 + 64, 64},
		 1 / 4.,
		 64 / 512.}, /* virtio's addresses and lengths */
		{{32, 0, 256, 64, 96, 64}, 6 / 32., 64 / 512.},
	};

	for_each (r, rows, ARRAY_SIZE(rows)) {
		const struct floor f = floor_of(&r->load);

		cr_assert_float_eq(f.packets, r->packets, 1e-12);
		cr_assert_float_eq(f.buffers, r->buffers, 1e-12);
	}
	cr_assert_eq(floor_bits(1), 0);
	cr_assert_eq(floor_bits(2), 1);
	cr_assert_eq(floor_bits(256), 8);
	cr_assert_eq(floor_bits(257), 9);
	cr_assert_eq(floor_bits(UINT64_MAX), 64);
}

/* Drawn bursts: the mean over all that may come, not what the mean burst needs. */
Test(explore, floor_of_drawn_bursts_by_hand)
{
	static const struct {
		struct floor_load load;
		double packets;
	} rows[] = {
		{{.burst = 4, .least = 4, .capacity = 256, .line = 64}, 1 / 4.},
		{{.burst = 32, .least = 1, .capacity = 256, .line = 64}, 32 / 528.},
		/* 16 bits each: up to 32 take a line, up to 64 two; the mean of 32.5 would take two */
		{{.burst = 64, .least = 1, .capacity = 256, .line = 64, .packet_bits = 16},
		 (32 + 2 * 32) / 2080.},
	};

	for_each (r, rows, ARRAY_SIZE(rows))
		cr_assert_float_eq(floor_of(&r->load).packets, r->packets, 1e-12);
}

/* A point's costs with so many queue pairs. */
static struct ring_cost cost_of(const char *variant, uint32_t queues, enum queue_layout layout,
				enum coh_protocol protocol)
{
	const struct ring_load load = {
		.ring = {.dir = DIR_RX,
			 .ring_size = 16,
			 .burst = 4,
			 .policy = {.queues = queues, .queue_layout = layout}},
		.weight_lines = 1,
		.protocol = protocol};
	struct ring_space space;
	struct ring_bench *bench;
	struct ring_cost cost;
	struct point p;

	ring_space_open(&space, &load);
	must(ring_bench_open, &bench, &space);
	cr_assert(ring_space_find(&space, variant, &p));
	/* as run has it: ring_space_find() takes the first alignment */
	p.at[FIELD_ALIGN] = ALIGN_LINE;
	must(ring_bench_cost, &space, bench, &p, &cost);
	ring_bench_close(bench);
	return cost;
}

/* Pairs that share no line cost what one costs, each. */
Test(explore, separate_queue_pairs_cost_what_one_does)
{
	static const char *const variants[] = {"baseline", "in-order", "packed", "packed+in-order"};

	for_each (v, variants, ARRAY_SIZE(variants)) {
		const struct ring_cost one = cost_of(*v, 1, QUEUES_APART, COH_MESI);
		const struct ring_cost eight = cost_of(*v, 8, QUEUES_APART, COH_MESI);

		cr_assert_eq(one.lines, eight.lines, "%s", *v);
		cr_assert_eq(one.upgrades, eight.upgrades, "%s", *v);
		for_each (a, one.accesses, ARRAY_SIZE(one.accesses))
			cr_assert_eq(*a, eight.accesses[a - one.accesses], "%s", *v);
		cr_assert_eq(eight.others, 0, "%s", *v);
		cr_assert_eq(eight.memory, 0, "%s", *v);
	}
}

/* The two rings of 16 that tests/test_queues.c works by hand. */
Test(explore, adjacent_queue_pairs_cost_what_is_worked_by_hand)
{
	const struct ring_cost moesi = cost_of("baseline", 2, QUEUES_ADJACENT, COH_MOESI);
	const struct ring_cost mesi = cost_of("baseline", 2, QUEUES_ADJACENT, COH_MESI);

	cr_assert_float_eq(moesi.lines, 1.375, 1e-9);
	cr_assert_eq(moesi.memory, 0);
	cr_assert_gt(moesi.others, 0);
	cr_assert_float_eq(mesi.lines, 1 + 2 / 32., 1e-9);
	cr_assert_float_eq(mesi.memory, 10 / 32., 1e-9);
}

Test(explore, command_searches_with_several_queue_pairs, .init = make_folder, .fini = drop_folder)
{
	static const char words[] =
		"explore --burst 4 --ring-size 16 --queues 8 --queue-layout adjacent --protocol moesi "
		"--space variant=baseline,packed,packed+in-order --threads %d --json %s";
	RAN(one, EXIT_DONE, folder, words, 1, "one.jsonl");
	RAN(two, EXIT_DONE, folder, words, 2, "two.jsonl");

	expect_in(one.out, "8 queue pairs, adjacent, moesi", "other queue", "memory",
		  "0.000 of them of lines lost to another queue pair: packed+in-order");
	cr_assert_str_eq(one.out, two.out);
	RAN(table, EXIT_DONE, folder, "table one.jsonl");
	cr_assert_str_eq(table.out, one.out);
}

/* Of one pair nothing is told of pairs, as before there were any. */
Test(explore, one_queue_pair_is_what_there_is_without, .init = make_folder, .fini = drop_folder)
{
	static const char words[] =
		"explore --burst 4 --ring-size 16 --space variant=baseline,packed %s";
	RAN(without, EXIT_DONE, folder, words, "");
	RAN(one, EXIT_DONE, folder, words, "--queues 1");

	cr_assert_str_eq(without.out, one.out);
	cr_assert_null(strstr(one.out, "queue"));
}

Test(explore, command_refuses_bad_queue_pairs)
{
	static const struct bad_line bad[] = {
		{"--queues 0", {"--queues 0", "1..64"}},
		{"--queues 65", {"--queues 65", "1..64"}},
		{"--queue-layout adjacent", {"--queue-layout adjacent: one queue pair"}},
		{"--queues 2 --queue-layout near", {"--queue-layout", "near", "adjacent"}},
		{"--protocol mosi", {"--protocol", "mosi", "moesi"}},
	};

	expect_refused("/", "explore", bad, ARRAY_SIZE(bad));
}
