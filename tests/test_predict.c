/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_predict.c - predictions: what goes in comes out; and what ranks are compared by.
 */
#include "engine/predict.h"
#include "expect.h"

#define RING  256u
#define BURST 32u

/* ---- Kendall's tau ---- */

Test(predict_rank, known_answers)
{
	static const struct {
		double a[5], b[5], tau;
		size_t n;
	} known[] = {
		{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}, 1, 5},
		{{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, -1, 5},
		{{1, 2, 3, 4, 5}, {2, 1, 3, 4, 5}, 0.8, 5}, /* one of ten pairs swapped */
		{{1, 2, 3, 4}, {3, 1, 4, 2}, 0, 4},	    /* three of six each way */
		{{1, 1, 3}, {1, 2, 3}, 2.0 / 3, 3},	    /* a tie is a pair not told apart */
		{{1, 2, 3}, {2, 2, 2}, 0, 3},
		{{7, 9}, {1, 1.5}, 1, 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		cr_expect_float_eq(stats_kendall(known[i].a, known[i].b, known[i].n), known[i].tau,
				   1e-12, "row %zu", i);
	cr_expect(isnan(stats_kendall(known[0].a, known[0].b, 1)), "one thing has no order");
}

/* ---- the engine ---- */

/* A machine of one place, or of two of which the second is slower; times in ns. */
static struct model_conf make_model_conf(double near_ns, double far_ns)
{
	struct model_conf m;

	model_defaults(&m);
	m.machine.nplaces = far_ns >= 0 ? 2 : 1;
	snprintf(m.machine.places[0].name, sizeof(m.machine.places[0].name), "near");
	snprintf(m.machine.places[1].name, sizeof(m.machine.places[1].name), "far");
	for (unsigned k = 0; k < COH_KINDS; k++) {
		m.machine.places[0].ps[k] = (uint32_t)(near_ns * 1000);
		m.machine.places[1].ps[k] = (uint32_t)(far_ns * 1000);
	}
	return m;
}

/* Predict one variant, whose sides execute so much; returns how many predictions there are. */
static size_t predict_with(const struct model_conf *m, const char *variant, enum direction dir,
			   uint32_t burst, struct predict_compute computing, double drv, double dev,
			   struct prediction *out)
{
	struct ring_conf ring = {.dir = dir, .ring_size = RING, .burst = burst};
	struct predict_counted counted;
	struct predict_conf conf = {
		.rings = &ring, .counted = &counted, .ncells = 1, .model = m, .places = 3};
	struct ring_layout layout;
	size_t done;

	must(variants_find, variant, &ring.variant);
	counted = (struct predict_counted){.ring = ring, .drv = drv, .dev = dev};
	counted.ring.ring_size = RING / 2;
	counted.ring.burst = BURST;
	ring_layout(&ring, &layout);
	conf.engine = (struct engine_conf){.arena_size = layout.size,
					   .mem_node = NODE_ANY,
					   .max_ring = RING,
					   .max_burst = burst};
	must(predict_run, &conf, &computing, out, &done);
	cr_assert_eq(done, predict_count(&conf), "%zu", done);
	return done;
}

static size_t predict(const struct model_conf *m, const char *variant, enum direction dir,
		      uint32_t burst, struct predict_compute computing, struct prediction *out)
{
	return predict_with(m, variant, dir, burst, computing, 0, 0, out);
}

static const enum direction directions[] = {DIR_RX, DIR_TX};
static const char *const variants[] = {"baseline", "shadow-avail", "fixed-layout", "in-order"};

/* The sides run beside each other, and where lines cost nothing the slower one decides. */
Test(predict_engine, without_latencies_it_is_what_the_slower_side_computes)
{
	static const struct predict_compute computing[] = {{10, 4}, {4, 10}, {40, 5}};
	const struct model_conf m = make_model_conf(0, -1);

	for (size_t v = 0; v < ARRAY_SIZE(variants); v++)
		for (size_t d = 0; d < ARRAY_SIZE(directions); d++)
			for (size_t c = 0; c < ARRAY_SIZE(computing); c++)
				for (enum model_bound b = 0; b < MODEL_BOUNDS; b++) {
					double want =
						fmax(computing[c].drv_ns, computing[c].dev_ns);
					struct prediction p;

					predict(&m, variants[v], directions[d], BURST, computing[c],
						&p);
					cr_expect(fabs(p.ns[b] / want - 1) < 0.05,
						  "%s %s, %g and %g ns, %s: %.3f ns", variants[v],
						  direction_name(directions[d]),
						  computing[c].drv_ns, computing[c].dev_ns,
						  model_bound_name(b), p.ns[b]);
				}
}

Test(predict_engine, computing_enters)
{
	const struct model_conf m = make_model_conf(20, -1);

	for (size_t v = 0; v < ARRAY_SIZE(variants); v++)
		for (size_t d = 0; d < ARRAY_SIZE(directions); d++) {
			struct prediction once, twice;

			predict(&m, variants[v], directions[d], BURST,
				(struct predict_compute){50, 50}, &once);
			predict(&m, variants[v], directions[d], BURST,
				(struct predict_compute){100, 100}, &twice);
			for (enum model_bound b = 0; b < MODEL_BOUNDS; b++)
				cr_expect(twice.ns[b] > once.ns[b] + 40, "%s %s, %s: %.2f, %.2f",
					  variants[v], direction_name(directions[d]),
					  model_bound_name(b), once.ns[b], twice.ns[b]);
		}
}

Test(predict_engine, places_are_told_apart)
{
	const struct model_conf m = make_model_conf(20, 200);
	struct prediction p[2];

	cr_assert_eq(predict(&m, "baseline", DIR_RX, BURST, (struct predict_compute){3, 2}, p), 2);
	cr_expect_eq(p[0].place, CLASS_NEAR);
	cr_expect_eq(p[1].place, CLASS_FAR);
	for (enum model_bound b = 0; b < MODEL_BOUNDS; b++)
		cr_expect_gt(p[1].ns[b], 2 * p[0].ns[b], "%s: %.2f, %.2f", model_bound_name(b),
			     p[0].ns[b], p[1].ns[b]);
}

Test(predict_engine, the_same_input_gives_the_same_output)
{
	const struct model_conf m = make_model_conf(20, 200);
	struct prediction a[2], b[2];

	for (size_t v = 0; v < ARRAY_SIZE(variants); v++) {
		predict(&m, variants[v], DIR_TX, 8, (struct predict_compute){3.3, 2.2}, a);
		predict(&m, variants[v], DIR_TX, 8, (struct predict_compute){3.3, 2.2}, b);
		for (unsigned i = 0; i < 2; i++)
			for (unsigned k = 0; k < MODEL_BOUNDS; k++)
				cr_expect_eq(a[i].ns[k], b[i].ns[k], "%s: %.17g, %.17g",
					     variants[v], a[i].ns[k], b[i].ns[k]);
	}
}

/* While one side is in a long turn the other looks very often, and has lost nothing. */
Test(predict_engine, a_side_may_be_hundreds_of_times_slower)
{
	static const struct predict_compute computing[] = {{100, 0.5}, {0.5, 100}};
	const struct model_conf m = make_model_conf(20, -1);

	for (size_t d = 0; d < ARRAY_SIZE(directions); d++)
		for (size_t c = 0; c < ARRAY_SIZE(computing); c++) {
			struct prediction p;

			predict(&m, "baseline", directions[d], 1, computing[c], &p);
			cr_expect_gt(p.ns[BOUND_SERIAL], 95, "%s: %g",
				     direction_name(directions[d]), p.ns[BOUND_SERIAL]);
		}
}

/*
 * How many stores and instructions a buffer is decides what waits for a line, not how long they take: were it told
 * from their time, a slower core would fill its store buffer with stores that it does not make.
 */
Test(predict_engine, a_slower_core_executes_no_more)
{
	const struct model_conf m = make_model_conf(20, 120);
	struct prediction fast[2], slow[2], more[2];

	for (size_t d = 0; d < ARRAY_SIZE(directions); d++) {
		predict_with(&m, "baseline", directions[d], BURST, (struct predict_compute){2, 1},
			     40, 25, fast);
		predict_with(&m, "baseline", directions[d], BURST, (struct predict_compute){6, 3},
			     40, 25, slow);
		predict_with(&m, "baseline", directions[d], BURST, (struct predict_compute){2, 1},
			     120, 75, more);
		for (unsigned i = 0; i < 2; i++) {
			const double by = slow[i].ns[BOUND_ESTIMATE] - fast[i].ns[BOUND_ESTIMATE];

			cr_expect_leq(by, 5, "%s: %.2f ns more for 4 ns of computing",
				      direction_name(directions[d]), by);
		}
		cr_expect_gt(more[1].ns[BOUND_ESTIMATE], 1.2 * fast[1].ns[BOUND_ESTIMATE],
			     "%s: %.2f, %.2f", direction_name(directions[d]),
			     more[1].ns[BOUND_ESTIMATE], fast[1].ns[BOUND_ESTIMATE]);
		for (unsigned b = BOUND_SERIAL; b <= BOUND_OVERLAPPED; b++)
			cr_expect_eq(more[1].ns[b], fast[1].ns[b]);
	}
}

/* Accesses with fewer than six instructions each: more of them fit into a reorder buffer, so more misses overlap. */
Test(predict_engine, fewer_instructions_overlap_more)
{
	struct model_conf m = make_model_conf(20, 120);
	struct prediction few[2], many[2];

	m.machine.window = 20;

	predict_with(&m, "fixed-layout", DIR_TX, BURST, (struct predict_compute){1, 1}, 40, 8, few);
	predict_with(&m, "fixed-layout", DIR_TX, BURST, (struct predict_compute){1, 1}, 40, 30,
		     many);
	cr_expect_lt(few[1].ns[BOUND_ESTIMATE], 0.9 * many[1].ns[BOUND_ESTIMATE], "%.2f, %.2f",
		     few[1].ns[BOUND_ESTIMATE], many[1].ns[BOUND_ESTIMATE]);
}

Test(predict_engine, a_wish_to_stop_is_heard)
{
	const struct model_conf m = make_model_conf(20, -1);
	const uint32_t stop = 1;
	struct ring_conf ring = {.dir = DIR_RX, .ring_size = RING, .burst = BURST};
	struct predict_conf conf = {.rings = &ring,
				    .ncells = 1,
				    .model = &m,
				    .places = 1,
				    .engine = {.arena_size = 1 << 20,
					       .mem_node = NODE_ANY,
					       .max_ring = RING,
					       .max_burst = BURST,
					       .stop = &stop}};
	struct prediction p;
	size_t done = 9;

	cr_assert_eq(variants_find("baseline", &ring.variant, NULL), 0);
	cr_expect_eq(predict_run(&conf, &(struct predict_compute){1, 1}, &p, &done, NULL), -EINTR);
	cr_expect_eq(done, 0);
}

Test(predict_engine, computing_is_the_median_of_what_can_be_used)
{
	struct sample s[5] = {0};
	struct predict_compute out[2];
	uint32_t disturbed;

	for (unsigned i = 0; i < 5; i++)
		s[i] = (struct sample){.buffers = 10,
				       .drv = {.busy_ns = 10 * (i + 1)},
				       .dev = {.busy_ns = 100 * (i + 1)}};
	s[3].cell = 1;
	s[4].flags = SAMPLE_MIGRATED;
	must(predict_computing, s, 5, 2, out, &disturbed);
	cr_expect_eq(disturbed, 0);
	cr_expect_float_eq(out[0].drv_ns, 2, 1e-12);
	cr_expect_float_eq(out[0].dev_ns, 20, 1e-12);
	cr_expect_float_eq(out[1].drv_ns, 4, 1e-12);
	expect_in(refusal(-ENODATA, predict_computing, s, 3, 2, out, &disturbed), "cell 1");
}

Test(predict_engine, undisturbed_samples_are_enough_if_there_are_three)
{
	struct sample s[7] = {0};
	struct predict_compute out;
	uint32_t disturbed;

	for (unsigned i = 0; i < 7; i++)
		s[i] = (struct sample){.buffers = 1,
				       .drv = {.busy_ns = i < 3 ? 10 : 1000},
				       .dev = {.busy_ns = 10},
				       .flags = i < 3 ? 0 : SAMPLE_SWITCHED};
	cr_assert_eq(predict_computing(s, 7, 1, &out, &disturbed, NULL), 0);
	cr_expect_float_eq(out.drv_ns, 10, 1e-12);
	cr_expect_eq(disturbed, 0);
	s[0].flags = SAMPLE_STEAL;
	cr_assert_eq(predict_computing(s, 7, 1, &out, &disturbed, NULL), 0);
	cr_expect_float_eq(out.drv_ns, 1000, 1e-12);
	cr_expect_eq(disturbed, 1);
}

Test(predict_engine, a_name_of_a_machine_may_name_one_place)
{
	static const struct {
		const char *name;
		bool place;
	} names[] = {
		{"zen5", false},    {"zen5-far", true},		 {"zen5-desktop", false},
		{"m.json", false},  {"m.json:far", true},	 {"./m", false},
		{"./m:near", true}, {"zen5-desktop-near", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		cr_expect_eq(latency_names_place(names[i].name), names[i].place, "%s",
			     names[i].name);
}

/* Where they come from: each side's own turns, and both are all of the time. */
Test(predict_engine, one_core_tells_the_sides_apart)
{
	struct ring_conf ring = {.dir = DIR_RX, .ring_size = RING, .burst = BURST, .payload = 4096};
	struct engine_conf conf = {.mem_node = NODE_ANY, .max_ring = RING, .max_burst = BURST};
	struct ring_layout layout;
	struct engine *e;
	struct sample s;

	cr_assert_eq(variants_find("baseline", &ring.variant, NULL), 0);
	ring_layout(&ring, &layout);
	conf.arena_size = layout.size;
	must(engine_open, &e, &engine_one_core, &conf);
	must(engine_sample, e, &ring, 20000, &s);
	expect_have(&s, drv.busy_ns > 0, dev.busy_ns > 0,
		    elapsed_ns == s.drv.busy_ns + s.dev.busy_ns);
	engine_close(e);
}
