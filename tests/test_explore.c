/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_explore.c - the search over a space: a planted optimum, against all points, on any number of
 * threads; and that no ring moves fewer lines than the floor.
 */
#include "expect.h"
#include "explore/floor.h"
#include "explore/rings.h"
#include "spawned.h"
#include "stats/stats.h"

#include <signal.h>

#define FIELDS 6
#define VALUES 5

static const char *digit(unsigned i)
{
	static const char *const names[VALUES] = {"0", "1", "2", "3", "4"};

	return names[i];
}

/* A rugged space: fields act alone, in pairs, and by luck; the optimum is planted. */
struct rugged {
	struct space space;
	struct space_field fields[FIELDS];
	uint64_t seed;
	struct point planted;
};

static double luck(uint64_t seed, uint64_t what)
{
	struct rng rng = {seed + what * 1000003};

	rng_next(&rng);
	return (double)(rng_next(&rng) >> 40) / (double)(1 << 24);
}

static int rugged_legal(const void *arg, const struct point *p, struct vrb_err *err)
{
	(void)arg;
	if (p->at[0] == 3 && p->at[1] == 3)
		return vrb_fail(err, EINVAL, "two threes");
	if (p->at[2] > 3 && p->at[5] == 0)
		return vrb_fail(err, EINVAL, "a four before a nought");
	return 0;
}

static int rugged_cost(const void *arg, void *context, const struct point *p,
		       double cost[SPACE_COSTS], struct vrb_err *err)
{
	const struct rugged *r = arg;
	double sum = 0;

	(void)context;
	(void)err;
	for (unsigned i = 0; i < FIELDS; i++) {
		const unsigned next = (i + 1) % FIELDS;
		const int off = abs(p->at[i] - r->planted.at[i]);

		sum += off + .8 * luck(r->seed, i * 100u + p->at[i] * 10u + p->at[next]) * !!off;
	}
	cost[COST_FIRST] = sum;
	cost[COST_SECOND] = luck(r->seed, space_number(&r->space, p));
	return 0;
}

static void rugged_open(struct rugged *r, uint64_t seed)
{
	struct rng rng = {seed};

	*r = (struct rugged){.seed = seed};
	for (unsigned i = 0; i < FIELDS; i++)
		r->fields[i] = (struct space_field){
			.name = &"a\0b\0c\0d\0e\0f"[2 * i], .n = VALUES, .name_of = digit};
	do {
		for (unsigned i = 0; i < FIELDS; i++)
			r->planted.at[i] = (uint8_t)rng_below(&rng, VALUES);
	} while (rugged_legal(r, &r->planted, NULL));
	r->space = (struct space){.fields = r->fields,
				  .nfields = FIELDS,
				  .arg = r,
				  .legal = rugged_legal,
				  .cost = rugged_cost};
}

static void searched(const struct rugged *r, const struct search_conf *c, struct search *out)
{
	must(search_run, &r->space, c, out);
}

Test(explore, finds_the_planted_optimum)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct rugged r;
		struct search all, some;

		rugged_open(&r, seed);
		searched(&r, &(struct search_conf){.points = 1000000, .threads = 1}, &all);
		searched(&r, &(struct search_conf){.points = 4000, .seed = seed, .threads = 1},
			 &some);
		cr_assert(all.exhaustive);
		cr_assert_not(some.exhaustive);
		cr_assert_eq(all.points[all.best].number, space_number(&r.space, &r.planted),
			     "seed %lu", seed);
		cr_assert_eq(some.points[some.best].number, all.points[all.best].number, "seed %lu",
			     seed);
		cr_assert_leq(some.n, 4000);
		search_close(&all);
		search_close(&some);
	}
}

/* On each sub-space that two fields less make, also where their optimum was not planted. */
Test(explore, descends_to_what_all_points_hold)
{
	for (unsigned i = 0; i < FIELDS; i++) {
		for (unsigned v = 0; v < VALUES; v++) {
			struct search all, some;
			struct rugged r;

			rugged_open(&r, 7);
			r.fields[i].allowed = 1u << v;
			/* a four of c needs more than nought of f */
			r.fields[(i + 2) % FIELDS].allowed = i == 3 ? 0x1a : 0x0b;
			r.fields[5].allowed |= i == 2 && v == 4 ? 0x1e : 0;
			searched(&r, &(struct search_conf){.points = 1000000, .threads = 1}, &all);
			searched(&r,
				 &(struct search_conf){
					 .points = 1000, .seed = 3, .threads = 1, .descend = true},
				 &some);
			cr_assert_eq(some.points[some.best].number, all.points[all.best].number,
				     "field %u value %u", i, v);
			search_close(&all);
			search_close(&some);
		}
	}
}

Test(explore, counts_what_each_rule_excludes)
{
	struct rugged r;
	struct search all;

	rugged_open(&r, 1);
	searched(&r, &(struct search_conf){.points = 1000000, .threads = 1}, &all);
	cr_assert_eq(all.size, 15625);
	cr_assert_eq(all.nexcluded, 2);
	for (unsigned i = 0; i < 2; i++) {
		/* of 5^6, one of 25; of the rest of these one of 25 */
		const bool threes = !strcmp(all.excluded[i].why, "two threes");

		cr_assert_eq(all.excluded[i].points, threes ? 625 : 600, "%s", all.excluded[i].why);
	}
	cr_assert_eq(all.n, 15625 - 625 - 600);
	search_close(&all);
}

Test(explore, threads_do_not_change_the_result)
{
	struct rugged r;

	rugged_open(&r, 5);
	for (unsigned descend = 0; descend < 2; descend++) {
		struct search one, three;
		struct search_conf c = {.points = descend ? 3000 : 20000, .seed = 9, .threads = 1};

		searched(&r, &c, &one);
		c.threads = 3;
		searched(&r, &c, &three);
		cr_assert_eq(one.n, three.n);
		cr_assert_eq(one.best, three.best);
		cr_assert_eq(memcmp(one.excluded, three.excluded, sizeof(one.excluded)), 0);
		for (uint64_t i = 0; i < one.n; i++) {
			cr_assert_eq(one.points[i].number, three.points[i].number);
			cr_assert_eq(one.points[i].cost[0], three.points[i].cost[0]);
			cr_assert_eq(one.points[i].front, three.points[i].front);
		}
		search_close(&one);
		search_close(&three);
	}
}

static bool stop_at(void *arg, uint64_t done)
{
	return done >= *(uint64_t *)arg;
}

Test(explore, an_interrupted_search_keeps_what_it_has)
{
	uint64_t at = 1000;
	struct rugged r;
	struct search s;

	rugged_open(&r, 5);
	searched(&r,
		 &(struct search_conf){
			 .points = 20000, .threads = 2, .step = stop_at, .step_arg = &at},
		 &s);
	cr_assert(s.interrupted);
	cr_assert_not(s.exhaustive);
	cr_assert_geq(s.n, at);
	cr_assert_lt(s.n, 2000);
	for (uint64_t i = 0; i < s.n; i++) {
		const struct point p = space_point(&r.space, s.points[i].number);
		double cost[SPACE_COSTS];

		rugged_cost(&r, NULL, &p, cost, NULL);
		cr_assert_eq(s.points[i].cost[0], cost[0]);
		cr_assert_geq(s.points[i].cost[0], s.points[s.best].cost[0]);
	}
	search_close(&s);
}

/* Each point is on the front, or one on it is no worse in both. */
Test(explore, front_leaves_nothing_better_out)
{
	struct rugged r;
	struct search s;

	rugged_open(&r, 11);
	searched(&r, &(struct search_conf){.points = 300, .seed = 1, .threads = 1}, &s);
	for (uint64_t i = 0; i < s.n; i++) {
		bool beaten = false;

		for (uint64_t k = 0; k < s.n; k++) {
			const double *a = s.points[k].cost, *b = s.points[i].cost;

			beaten |= a[0] <= b[0] && a[1] <= b[1] && (a[0] < b[0] || a[1] < b[1]);
		}
		cr_assert_eq(s.points[i].front, !beaten, "point %lu", i);
	}
	search_close(&s);
}

Test(explore, path_goes_by_single_legal_fields)
{
	struct rugged r;
	struct point from = {{0}}, steps[FIELDS + 1];
	struct vrb_err err = {""};
	int n;

	rugged_open(&r, 3);
	from.at[0] = (uint8_t)(r.planted.at[0] == 0);
	n = search_path(&r.space, NULL, &from, &r.planted, steps, &err);
	cr_assert_gt(n, 1, "%s", err.msg);
	cr_assert_eq(memcmp(&steps[n - 1], &r.planted, sizeof(from)), 0);
	for (int i = 1; i < n; i++) {
		unsigned differ = 0;

		for (unsigned f = 0; f < FIELDS; f++)
			differ += steps[i].at[f] != steps[i - 1].at[f];
		cr_assert_eq(differ, 1);
		cr_assert_eq(rugged_legal(&r, &steps[i], NULL), 0);
	}
}

Test(explore, restrictions_are_read)
{
	static const char *const bad[] = {"",	  "a",	  "a=",	      "a=9", "g=1",
					  "a=1;", "a=1,", "a=1;;b=2", "=1",  "a=1,x;b=1"};
	struct rugged r;

	rugged_open(&r, 1);
	must(space_restrict, &r.space, r.fields, "a=1,3;f=4");
	cr_assert_eq(space_size(&r.space), 2 * 625);
	for (uint64_t i = 0; i < space_size(&r.space); i++) {
		const struct point p = space_point(&r.space, i);

		cr_assert(p.at[0] == 1 || p.at[0] == 3);
		cr_assert_eq(p.at[5], 4);
		cr_assert_eq(space_number(&r.space, &p), i);
	}
	for_each (text, bad, ARRAY_SIZE(bad))
		refusal_of(*text, -EINVAL, space_restrict, &r.space, r.fields, *text);
}

Test(explore, a_space_without_a_legal_point_says_why)
{
	struct rugged r;
	struct search s;

	rugged_open(&r, 1);
	must(space_restrict, &r.space, r.fields, "a=3;b=3");
	cr_assert(strstr(refusal(-EINVAL, search_run, &r.space,
				 &(struct search_conf){.points = 100000, .threads = 1}, &s),
			 "two threes"));
	search_close(&s);
}

/*
 * All legal points of a space, small. @lab: some values of lab's fields; NULL: the rings that there are. @outstanding: most
 * buffers in the ring; 0: any. Returns by how much the cheapest is above the floor.
 */
static double above_floor(enum direction dir, uint32_t burst, uint32_t outstanding, const char *lab)
{
	const struct ring_load load = {.ring = {.dir = dir,
						.ring_size = 64,
						.burst = burst,
						.policy = {.outstanding = outstanding}},
				       .weight_lines = 1,
				       .lab = lab};
	struct ring_space space;
	struct ring_bench *bench;
	struct search s;
	double least = 1e9;

	ring_space_open(&space, &load);
	/* fewer policies of TX: what changes no line is left out */
	if (lab)
		must(space_restrict, &space.space, space.fields, lab);
	else if (dir == DIR_TX)
		must(space_restrict, &space.space, space.fields,
		     "ring-align=64;free-list=fifo;publish=burst;device-publish=burst");
	must(ring_bench_open, &bench, &space);
	must(search_run, &space.space,
	     &(struct search_conf){
		     .points = 100000, .threads = 1, .contexts = (void *const[]){bench}},
	     &s);
	cr_assert(s.exhaustive);
	for (uint64_t i = 0; i < s.n; i++) {
		const struct point p = space_point(&space.space, s.points[i].number);
		struct ring_own own;
		const struct ring_conf c = ring_space_conf(&space, &p, &own);
		const uint32_t fits = ring_capacity(&c), shown = burst * ring_space_waits(&space);
		const struct floor f =
			floor_of(&(struct floor_load){.burst = shown < fits ? shown : fits,
						      .capacity = fits,
						      .line = CACHE_LINE});

		/* what was known when the sample began needs no transfer in it: 1 of 8 laps' buffers */
		cr_assert_geq(s.points[i].cost[COST_FIRST], f.packets + f.buffers - 1. / (8 * 64),
			      "%s %s burst %u", c.variant->name, direction_name(dir), burst);
		if (s.points[i].cost[COST_FIRST] - f.packets - f.buffers < least)
			least = s.points[i].cost[COST_FIRST] - f.packets - f.buffers;
	}
	search_close(&s);
	ring_bench_close(bench);
	return least;
}

Test(explore, no_ring_moves_fewer_lines_than_the_floor)
{
	/* each signal, also those that a reader finds in pieces */
	static const char rows[] = "out-elem=4,8;back-elem=2,4;out-lie=row;back-lie=row;"
				   "out-publish=burst,16;back-publish=burst,16";
	static const uint32_t bursts[] = {1, 4, 32};

	for_each (burst, bursts, ARRAY_SIZE(bursts)) {
		above_floor(DIR_RX, *burst, 0, NULL);
		above_floor(DIR_TX, *burst, 0, NULL);
		above_floor(DIR_RX, *burst, 0, rows);
		above_floor(DIR_TX, *burst, 0, rows);
	}
}

/* Packets that wait may be shown so many bursts at once, so no ring is below the floor of these, and some are near it. */
Test(explore, rings_whose_packets_wait_have_the_floor_of_what_is_shown_at_once)
{
	static const char back[] =
		"out-elem=4;out-signal=own;back-elem=4,8;out-lie=row;back-lie=row;"
		"out-publish=16;back-publish=burst,line-2,line-8;way=ring";
	static const char out[] = "out-elem=8,16;back-signal=own;out-lie=row;back-lie=row;"
				  "out-publish=burst,line-2,line-8;back-publish=16;way=counter";

	for (uint32_t burst = 1; burst <= 4; burst += 3) {
		cr_assert_lt(above_floor(DIR_RX, burst, 0, back), 0.2);
		cr_assert_lt(above_floor(DIR_TX, burst, 0, out), 0.2);
	}
}

/* Eight buffers in the ring: postings are looked at each eight, and there are rings that move no line more than that. */
Test(explore, few_outstanding_buffers_raise_the_floor_and_rings_reach_it)
{
	static const char rows[] = "out-elem=4,8;back-elem=2,4;out-lie=row;back-lie=row;"
				   "out-publish=burst,16;back-publish=burst,16";

	for (uint32_t burst = 1; burst <= 4; burst += 3) {
		above_floor(DIR_RX, burst, 8, NULL);
		above_floor(DIR_TX, burst, 8, rows);
		cr_assert_leq(above_floor(DIR_RX, burst, 8, rows), 1e-9);
	}
}

/* What is known is not run again. */
Test(explore, known_points_are_not_costed_again)
{
	struct costed known[15625];
	struct rugged r;
	struct search all, again;

	rugged_open(&r, 5);
	for (unsigned descend = 0; descend < 2; descend++) {
		struct search_conf c = {.points = descend ? 3000 : 20000, .seed = 9, .threads = 1};

		searched(&r, &c, &all);
		cr_assert_leq(all.n, ARRAY_SIZE(known));
		memcpy(known, all.points, all.n * sizeof(*known));
		for (uint64_t i = 0; i < all.n; i++)
			known[i].cost[COST_FIRST] += 1;
		c.known = known;
		c.nknown = all.n;
		searched(&r, &c, &again);
		cr_assert_eq(again.n, all.n);
		cr_assert_eq(again.best, all.best);
		cr_assert_eq(again.points[0].cost[COST_FIRST], all.points[0].cost[COST_FIRST] + 1);
		search_close(&all);
		search_close(&again);
	}
}

/* ---- the command ---- */

Test(explore, command_prints_front_winner_steps_and_floor, .init = make_folder, .fini = drop_folder)
{
	RAN(s, EXIT_DONE, folder, "explore --burst 4 --threads 2");
	expect_in(s.out, "all that are legal", "front: transfers against accesses",
		  "packed+in-order                 0.500",
		  "floor      0.254 transfers per buffer: 0.250 bring packets, 0.004 empty buffers",
		  "winner     0.312 transfers per buffer, 1.2 times the floor: lab-least-rx");
	expect_in(s.err, "session: ");
}

/* All of lab, of what one of its fields is restricted to: from Virtio's ring on. */
Test(explore, command_knows_the_points_of_lab, .init = make_folder, .fini = drop_folder)
{
	RAN(s, EXIT_DONE, folder,
	    "explore --rings lab --burst 4 --space out-elem=4,16;out-lie=row;back-lie=row;out-publish=burst,32");
	expect_in(s.out, "all that are legal", "excluded", "back is void: elements return in place",
		  "lab-packed-in-order: out-elem=16",
		  "winner     0.312 transfers per buffer, 1.2 times the floor: out-elem=4");
	expect_in(s.err, "session: ");
}

Test(explore, command_minimises_ns_in_a_restricted_space, .init = make_folder, .fini = drop_folder)
{
	RAN(s, EXIT_DONE, folder,
	    "explore --machine zen5-far --minimise ns --space variant=packed+in-order,spsc "
	    "--format tsv --ring-size 64 --burst 8");
	/* which has more transfers */
	expect_in(s.out, "role\tring\ttransfers", "floor\t\t0.14", "winner\tspsc ", "ns_zen5-far");
	cr_assert_null(strstr(s.out, "vectorized"));
}

/* A policy that the space leaves out is that of no named ring, and of no step. */
Test(explore, names_rings_of_the_policies_that_are_allowed, .init = make_folder,
     .fini = drop_folder)
{
	RAN(s, EXIT_DONE, folder,
	    "explore --direction tx --burst 4 --ring-size 64 --format tsv --space "
	    "variant=packed,packed+in-order,spsc;tx-header=none");
	expect_in(s.out, "step\tpacked+in-order tx-header=none\t", "named\tspsc tx-header=none\t",
		  "named\tpacked tx-header=none\t");
}

/* At most so many, whatever --points says; a plan with --quick may say both. */
Test(explore, quick_is_the_least, .init = make_folder, .fini = drop_folder)
{
	RAN(s, EXIT_DONE, folder, "explore --quick --points 3 --ring-size 64");
	expect_in(s.out, "3 rings run");
}

Test(explore, command_refuses_in_one_line, .init = make_folder, .fini = drop_folder)
{
	static const struct bad_line bad[] = {
		{"--burst 0", {"--burst 0", "1..the ring size"}},
		{"--burst 512", {"--burst 512", "--ring-size 256"}},
		{"--burst 1,4", {"--burst", "one workload"}},
		{"--ring-size 100", {"--ring-size", "100", "2, 4, 8"}},
		{"--payload -1", {"--payload", "0..9000"}},
		{"--outstanding 0", {"--outstanding"}},
		{"--device-order late", {"--device-order", "early"}},
		{"--rings lab --device-order early:0.5:1", {"returns in order"}},
		{"--minimise weighted:1", {"--minimise", "weighted:A:B"}},
		{"--minimise weighted:0:0", {"--minimise", "above 0"}},
		{"--minimise weighted:1:1", {"--minimise weighted:1:1", "--machine"}},
		{"--machine zen5-near,zen5-far,zen5-near,zen5-far,zen5-far", {"--machine", "4"}},
		{"--resume /nowhere", {"/nowhere"}},
		{"--json /nowhere/x.jsonl", {"/nowhere/x.jsonl"}},
		{"--space x=1", {"--space", "x", "variant"}},
		{"--space variant=null", {"--space variant=null", "spsc"}},
		{"--space variant=packed;device-avail=in-order", {"no point", "packed"}},
		{"--minimise ns", {"--minimise ns", "--machine"}},
		{"--machine nowhere", {"nowhere", "zen5"}},
		{"--direction both", {"--direction", "both", "rx, tx"}},
		{"--threads 0", {"--threads", "1..256"}},
		{"--points 0", {"--points"}},
		{"--address-bits 65", {"--address-bits", "0..64"}},
		{"words", {"words"}},
	};

	expect_refused(folder, "explore", bad, ARRAY_SIZE(bad));
}

Test(explore, command_prints_what_it_has_when_interrupted, .init = make_folder, .fini = drop_folder)
{
	/* longer on a busy machine, until a ring was run; minutes, if nobody ends it */
	for (unsigned ms = 300;; ms *= 2) {
		freed_by(spawn_free) struct spawned s;

		spawn_words_start(
			&s, folder,
			"explore --direction tx --ring-size 4096 --points 100000 --threads 1");
		sleep_ms(ms);
		kill(s.pid, SIGINT);
		spawn_finish(&s);
		has_ended(&s, EXIT_INTERRUPTED);
		expect_in(s.out, "interrupted");
		if (ms < 20000 && strstr(s.out, " 0 rings run"))
			continue;
		expect_in(s.out, "front:", "winner");
		break;
	}
}

/* A ring outside --space is on no way. */
Test(explore, way_stays_in_the_space, .init = make_folder, .fini = drop_folder)
{
	RAN(s, EXIT_DONE, folder,
	    "explore --burst 4 --ring-size 64 --space variant=packed,spsc --format tsv");
	expect_in(s.out, "winner\tpacked\t", "named\tspsc\t");
	cr_assert_null(strstr(s.out, "step\t"));
}

/* Seconds of CPU time, whose bound the program inherits. */
Test(explore, quick_answers_in_20_s, .init = make_folder, .fini = drop_folder, .timeout = HANG_S)
{
	spin_bound(20);
	RAN(s, EXIT_DONE, folder, "explore --quick --rings lab --direction tx");
	expect_in(s.out, "1000 rings run", "winner");
}
