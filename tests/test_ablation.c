/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ablation.c - from sessions made by hand to what each optimization gives.
 */
#include "analysis/ablation.h"
#include "present/report.h"

#include "session_builder.h"

#define NVARIANTS 9
#define ROUNDS	  20

/* As the plan has them, the null row last. */
static const char *const variants[NVARIANTS] = {
	"baseline",   "shadow-avail",	       "fixed-layout",		"in-order",
	"vectorized", "shadow-avail+in-order", "fixed-layout+in-order", "vectorized+in-order",
	NULL_CONTROL,
};

/* ns per buffer: shadow-avail and in-order overlap, vectorized and in-order give more than the sum. */
static const double cost[NVARIANTS] = {100, 90, 60, 70, 40, 65, 45, 20, 100};

static struct session_writer *begin(const char *path)
{
	struct session_writer *w = begin_session(path, make_head("native", "host"), NULL, 0);

	for (uint32_t i = 0; i < NVARIANTS; i++) {
		struct cell c = {.id = i,
				 .role = i == 0		      ? ROLE_BASELINE
					 : i == NVARIANTS - 1 ? ROLE_NULL
							      : ROLE_VARIANT,
				 .variant = variants[i],
				 .dir = DIR_RX,
				 .ring_size = 256,
				 .burst = 32};

		session_put(w, ROW_CELL, &c);
	}
	return w;
}

/* What a round adds to all of its cells, and to each of them: up to @noise up and down. */
static void put_round(struct session_writer *w, uint32_t round, const double *ns, double noise,
		      enum place_class place)
{
	struct rng rng = {round + 1};

	for (uint32_t i = 0; i < NVARIANTS; i++) {
		double own = noise * (rng_below(&rng, 2001) / 1000.0 - 1);

		put_one(w, i, 0, round, ns[i] + 50 * (round % 3) + own, place);
	}
}

/* A session read back, and what is made of it. */
struct analysed {
	struct session s;
	struct ablation *a;
	unsigned n;
};

static void analyse(struct session_writer *w, struct analysed *x)
{
	finish_session(w);
	load_session(SESSION, &x->s, NULL);
	must(ablation_make, &x->s, &x->a, &x->n);
}

static void forget(struct analysed *x)
{
	ablation_free(x->a, x->n);
	session_free(&x->s);
}

#define BEGIN(w, x)                                \
	struct session_writer *w = begin(SESSION); \
	freed_by(forget) struct analysed x

/* ROUNDS of them, near. */
static void put_near(struct session_writer *w, const double *ns, double noise)
{
	for (uint32_t r = 0; r < ROUNDS; r++)
		put_round(w, r, ns, noise, CLASS_NEAR);
}

static const struct ablation_pair *pair_of(const struct ablation *a, unsigned f, unsigned g)
{
	for (unsigned i = 0; i < a->npairs; i++) {
		if (a->pair[i].a == f && a->pair[i].b == g)
			return &a->pair[i];
	}
	cr_assert_fail("no such pair");
	return NULL;
}

/* ---- names ---- */

Test(ablation, names_are_sets)
{
	static const struct {
		const char *name;
		uint32_t set;
	} cases[] = {
		{"baseline", 0},
		{"shadow-avail", 1u << FACTOR_SHADOW},
		{"vectorized", 1u << FACTOR_VECTORIZED | 1u << FACTOR_FIXED},
		{"fixed-layout+in-order", 1u << FACTOR_FIXED | 1u << FACTOR_IN_ORDER},
		{"vectorized+in-order",
		 1u << FACTOR_VECTORIZED | 1u << FACTOR_FIXED | 1u << FACTOR_IN_ORDER},
		{"packed", 1u << FACTOR_PACKED},
		{"packed+in-order", 1u << FACTOR_PACKED | 1u << FACTOR_PACKED_IN_ORDER},
		{"packed+vectorized", 1u << FACTOR_PACKED | 1u << FACTOR_PACKED_VECTORIZED},
		{"packed+vectorized+in-order", 1u << FACTOR_PACKED |
						       1u << FACTOR_PACKED_VECTORIZED |
						       1u << FACTOR_PACKED_IN_ORDER},
	};
	uint32_t set;
	char name[96];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert(ablation_set_of(cases[i].name, &set));
		cr_assert_eq(set, cases[i].set, "%s", cases[i].name);
	}
	cr_assert_not(ablation_set_of("spsc", &set));
	cr_assert_not(ablation_set_of("in-order+spsc", &set));
	cr_assert_not(ablation_set_of("in-orders", &set));
	cr_assert_not(ablation_set_of("packed+shadow-avail", &set));
	cr_assert_not(ablation_set_of("in-order+packed", &set));
	ablation_set_name(0, name, sizeof(name));
	cr_assert_str_eq(name, "baseline");
	ablation_set_name(cases[4].set, name, sizeof(name));
	cr_assert_str_eq(name, "fixed-layout+vectorized+in-order");
}

/* ---- what is said ---- */

TestSuite(ablation_session, .init = make_folder, .fini = drop_folder);

Test(ablation_session, gains_are_found_whatever_a_round_adds)
{
	static const double alone[FACTORS] = {[FACTOR_SHADOW] = 10,
					      [FACTOR_FIXED] = 40,
					      [FACTOR_IN_ORDER] = 30,
					      [FACTOR_VECTORIZED] = 20};
	BEGIN(w, x);

	put_near(w, cost, 1);
	analyse(w, &x);
	assert_have(&x, n == 1, a->block.rounds == ROUNDS, a->block.design.ncells == 8);
	for (unsigned f = 0; f < FACTOR_PACKED; f++) {
		const struct interval *g = &x.a->alone[f].gain;

		cr_assert(x.a->alone[f].defined && g->known);
		cr_assert_float_eq(g->mid, alone[f], 1.5, "%u: %g", f, g->mid);
		cr_assert(g->lo <= alone[f] && g->hi >= alone[f], "%u: %g .. %g", f, g->lo, g->hi);
	}
	cr_assert_float_eq(x.a->variation.total,
			   x.a->variation.rounds + x.a->variation.residual + x.a->variation.of[0] +
				   x.a->variation.of[1] + x.a->variation.of[2] +
				   x.a->variation.of[3] + x.a->variation.of[4] +
				   x.a->variation.of[5] + x.a->variation.of[6],
			   1e-6 * x.a->variation.total);
	cr_assert_lt(x.a->variation.residual, 0.01 * x.a->variation.total);
}

Test(ablation_session, verdicts_on_pairs)
{
	BEGIN(w, x);

	put_near(w, cost, 0.5);
	analyse(w, &x);
	cr_assert_eq(pair_of(x.a, FACTOR_SHADOW, FACTOR_FIXED)->verdict, TOGETHER_NEVER);
	cr_assert_eq(pair_of(x.a, FACTOR_FIXED, FACTOR_VECTORIZED)->verdict, TOGETHER_NESTED);
	cr_assert_eq(pair_of(x.a, FACTOR_SHADOW, FACTOR_IN_ORDER)->verdict, TOGETHER_OVERLAP);
	cr_assert_eq(pair_of(x.a, FACTOR_FIXED, FACTOR_IN_ORDER)->verdict, TOGETHER_OVERLAP);
	cr_assert_eq(pair_of(x.a, FACTOR_IN_ORDER, FACTOR_VECTORIZED)->verdict, TOGETHER_MORE);
}

/* Only what in-order gives with a shadow is changed; by it the verdict is. */
Test(ablation_session, each_verdict_can_be_had)
{
	static const struct {
		double shadow, in_order, both, noise;
		enum together want;
	} cases[] = {
		{90, 70, 60, 0.5, TOGETHER_INDEPENDENT}, {90, 70, 59, 0.5, TOGETHER_INDEPENDENT},
		{90, 70, 50, 0.5, TOGETHER_MORE},	 {90, 70, 66, 0.5, TOGETHER_OVERLAP},
		{100, 101, 80, 2, TOGETHER_ONLY},	 {90, 70, 58, 15, TOGETHER_UNRESOLVED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double ns[NVARIANTS];
		struct session_writer *w = begin(SESSION);
		freed_by(forget) struct analysed x;
		const struct ablation_pair *p;

		memcpy(ns, cost, sizeof(ns));
		ns[1] = cases[i].shadow;
		ns[3] = cases[i].in_order;
		ns[5] = cases[i].both;
		put_near(w, ns, cases[i].noise);
		analyse(w, &x);
		p = pair_of(x.a, FACTOR_SHADOW, FACTOR_IN_ORDER);
		cr_assert_eq(p->verdict, cases[i].want, "case %zu: %s, excess %g (%g .. %g)", i,
			     together_name(p->verdict), p->excess.gain.mid, p->excess.gain.lo,
			     p->excess.gain.hi);
	}
}

/* 100 -> 60, 60, 20: 40 + 40 = 80 ns, though 0.6 * 0.6 is not 0.2. */
Test(ablation_session, what_adds_up_in_ns_is_independent_whatever_the_ratio)
{
	BEGIN(w, x);
	double ns[NVARIANTS];
	const struct ablation_pair *p;

	memcpy(ns, cost, sizeof(ns));
	ns[1] = ns[3] = 60;
	ns[5] = 20;
	for (uint32_t r = 0; r < ROUNDS; r++) {
		for (uint32_t i = 0; i < NVARIANTS; i++) {
			put_one(w, i, 0, r, ns[i], CLASS_NEAR);
		}
	}
	analyse(w, &x);
	p = pair_of(x.a, FACTOR_SHADOW, FACTOR_IN_ORDER);
	cr_expect_eq(p->verdict, TOGETHER_INDEPENDENT, "%s", together_name(p->verdict));
	cr_expect_float_eq(p->together.gain.mid, 80, 1e-9);
	cr_expect_float_eq(p->excess.gain.mid, 0, 1e-9);
	cr_expect_float_eq(p->ratio.mid, 20 * 100 / (60.0 * 60), 1e-9);
}

Test(ablation_session, shares_add_up_to_the_whole_gain)
{
	BEGIN(w, x);

	put_near(w, cost, 15);
	analyse(w, &x);
	cr_assert_eq(x.a->nshares, 2);
	for (unsigned i = 0; i < x.a->nshares; i++) {
		const struct ablation_share *share = &x.a->share[i];
		double sum = 0;

		for (unsigned f = 0; f < FACTORS; f++)
			sum += share->of[f].defined ? share->of[f].gain.mid : 0;
		cr_assert_float_eq(sum, share->total.mid, 1e-6, "%g, not %g", sum,
				   share->total.mid);
		sum = 0;
		for (unsigned f = 0; f < FACTORS; f++) {
			if (share->of[f].defined)
				sum += ablation_part(x.a, share, (enum ablation_factor)f);
		}
		cr_assert_float_eq(sum, 1, 1e-6, "%g", sum);
	}
}

/*
 * In two fifths of the rounds baseline is disturbed, in two others what saves most is faster: nearly all rounds have more of a
 * difference than the two medians.
 */
Test(ablation_session, a_share_lies_within_its_interval)
{
	BEGIN(w, x);

	for (uint32_t r = 0; r < ROUNDS; r++) {
		double ns[NVARIANTS];

		memcpy(ns, cost, sizeof(ns));
		ns[0] += r % 5 < 2 ? 50 : 0;
		ns[5] -= r % 5 == 2 || r % 5 == 3 ? 15 : 0;
		ns[7] -= r % 5 == 2 || r % 5 == 3 ? 15 : 0;
		put_round(w, r, ns, 0.1, CLASS_NEAR);
	}
	analyse(w, &x);
	cr_assert_gt(x.a->nshares, 0);
	for (unsigned i = 0; i < x.a->nshares; i++) {
		const struct ablation_share *share = &x.a->share[i];

		for (unsigned f = 0; f < FACTORS; f++) {
			const struct interval *g = &share->of[f].gain;

			cr_expect(!share->of[f].defined || (g->lo <= g->mid && g->mid <= g->hi),
				  "%u: %g (%g .. %g)", f, g->mid, g->lo, g->hi);
		}
		cr_expect(share->total.lo <= share->total.mid &&
				  share->total.mid <= share->total.hi,
			  "%g (%g .. %g)", share->total.mid, share->total.lo, share->total.hi);
	}
}

/* Of nothing, or of what may be nothing, there are no parts. */
Test(ablation_session, no_part_of_what_is_not_resolved)
{
	double same[NVARIANTS];
	BEGIN(w, x);

	for (unsigned i = 0; i < NVARIANTS; i++)
		same[i] = 100;
	put_near(w, same, 15);
	analyse(w, &x);
	cr_assert_gt(x.a->nshares, 0);
	for (unsigned f = 0; f < FACTORS; f++)
		cr_expect(isnan(ablation_part(x.a, &x.a->share[0], (enum ablation_factor)f)), "%u",
			  f);
}

/* A round counts in the class that all of its cells were in, and in no other. */
Test(ablation_session, a_round_of_two_classes_counts_in_none)
{
	BEGIN(w, x);

	for (uint32_t r = 0; r < 8; r++)
		put_round(w, r, cost, 0, r < 5 ? CLASS_NEAR : CLASS_FAR);
	for (uint32_t i = 0; i < NVARIANTS; i++) {
		put_one(w, i, 0, 8, 5, i < 4 ? CLASS_NEAR : CLASS_FAR);
	}
	for (uint32_t i = 0; i < NVARIANTS; i++) {
		struct sample m = make_sample(i, 1, 0, 5, CLASS_NEAR);

		m.flags = i == 2 ? SAMPLE_MIGRATED : 0;
		session_put(w, ROW_SAMPLE, &m);
	}
	analyse(w, &x);
	assert_have(&x, n == 2, a[0].block.place == CLASS_NEAR, a[0].block.rounds == 5,
		    a[1].block.place == CLASS_FAR, a[1].block.rounds == 3);
	cr_assert_eq(pair_of(&x.a[0], FACTOR_SHADOW, FACTOR_IN_ORDER)->verdict, TOGETHER_UNRESOLVED,
		     "five rounds are too few for an interval");
}

Test(ablation_session, nothing_to_take_apart_is_an_error)
{
	struct session_writer *w = begin(SESSION);
	struct ablation *a;
	unsigned n;

	for (uint32_t i = 0; i < NVARIANTS - 2; i++) {
		put_one(w, i, 0, 0, 5, CLASS_NEAR);
	}
	finish_session(w);
	LOADED(s, SESSION);
	expect_in(refusal(-ENODATA, ablation_make, &s, &a, &n), "nothing to decompose");
	cr_assert_eq(n, 0);
}

Test(ablation_session, lines_of_the_data_form)
{
	BEGIN(w, x);

	put_near(w, cost, 0);
	analyse(w, &x);
	TEXT(text, out, ablation_data(out, &x.s, x.a, x.n, false));
	expect_in(
		text, "metric\teffect\tkind\tvalue\tlo\thi\tshare\tverdict\tdirection\t",
		"ns\tshadow-avail\talone\t10\t10\t10\t\t\trx\t256\t32\t0\tnear\n",
		"ns\tvectorized\tlast\t25\t25\t25\t\t\t",
		"ns\tshadow-avail:in-order\tpair\t-5\t-5\t-5\t", "\toverlap\t",
		"ns\tshadow-avail:fixed-layout\tpair\t\t\t\t",
		"ns\tfixed-layout/fixed-layout+vectorized+in-order\tshapley\t35\t35\t35\t0.4375\t",
		"ns\tshadow-avail:in-order\ttogether\t35\t35\t35\t\t\t",
		"ns\tshadow-avail:in-order\tratio\t", "ns\tbetween rounds\tvariation\t\t\t\t",
		"ns\tresidual\tvariation\t\t\t\t");
	expect_not_in(text, "transfers\t", "instructions\t");
}

/* ---- the other metrics ---- */

/* @lines: thousandths a buffer. */
static void put_lines(struct session_writer *w, uint32_t cell, uint64_t lines)
{
	struct sample m = make_sample(cell, 0, 0, 1, CLASS_NONE);
	struct coh_counts c[AGENTS] = {{.accesses = 1}, {.accesses = 1}};

	c[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_DESC] = lines;
	session_put_counts(w, ROW_MODEL, &m, COH_MESI, c);
}

Test(ablation_session, a_group_has_ns_then_transfers_then_instructions)
{
	static const uint64_t lines[] = {500, 440, 440, 380, 440, 320, 320, 320, 500};
	BEGIN(w, x);

	for (uint32_t r = 0; r < ROUNDS; r++)
		put_round(w, r, cost, 0, r % 2 ? CLASS_NEAR : CLASS_FAR);
	for (uint32_t i = 0; i < NVARIANTS; i++)
		put_lines(w, i, lines[i]);
	for (uint32_t i = 0; i < NVARIANTS - 1; i++) {
		struct cell_instructions c = {
			.cell = i, .drv = cost[i], .dev = 10, .source = "callgrind"};

		if (i == 4 || i == 7)
			strcpy(c.simd, "sse");
		session_put(w, ROW_INSTRUCTIONS, &c);
	}
	analyse(w, &x);
	cr_assert_eq(x.n, 4);
	expect_have(&x, a[0].block.metric == METRIC_NS, a[1].block.metric == METRIC_NS);
	assert_have(&x, a[2].block.metric == METRIC_TRANSFERS,
		    a[3].block.metric == METRIC_INSTRUCTIONS);
	cr_expect(x.a[2].block.exact && x.a[3].block.exact);
	cr_expect_float_eq(x.a[2].baseline, 0.5, 1e-9);
	cr_expect_float_eq(x.a[2].alone[FACTOR_IN_ORDER].gain.mid, 0.12, 1e-9);
	cr_expect_eq(pair_of(&x.a[2], FACTOR_SHADOW, FACTOR_IN_ORDER)->verdict,
		     TOGETHER_INDEPENDENT);
	cr_expect_float_eq(x.a[3].baseline, 110, 1e-9);
	cr_expect_float_eq(x.a[3].alone[FACTOR_FIXED].gain.mid, 40, 1e-9);
	cr_expect_eq(pair_of(&x.a[3], FACTOR_IN_ORDER, FACTOR_VECTORIZED)->verdict, TOGETHER_MORE);
	TEXT(text, out, ablation_table(out, &x.s, x.a, x.n));
	expect_in(text, "  transfers saved", "  instructions saved",
		  "instructions a buffer (callgrind)",
		  "counted by its sse path; what ran took avx2");
	expect_not_in(text, "unavailable");
}

Test(ablation_session, without_instructions_a_line_says_how_to_come_by_them)
{
	BEGIN(w, x);

	put_near(w, cost, 0);
	analyse(w, &x);
	TEXT(text, out, ablation_table(out, &x.s, x.a, x.n));
	expect_in(text,
		  "rx, ring 256, burst 32, payload 0 B: instructions are "
		  "unavailable",
		  "scripts/instructions --ring-size 256 --burst 32 "
		  "--payload 0 --output FILE",
		  "\n  between rounds ", "\n  residual ");
}

/*
 * What is known of packed rings of 256, RX without payload: .5 transfers a buffer from bursts of 4 on and
 * 2 at 1, in order .25 + 1/burst; vectorized publishes 32 at a time, so that none of its lines is fetched
 * for a part of it.
 */
Test(ablation_session, packed_factors_give_what_is_known)
{
	static const struct {
		uint32_t burst;
		double baseline, packed, in_order, vectorized;
	} known[] = {
		{1, 4.9765625, 2, 0, .75},
		{8, .88671875, .5, .125, 0},
		{32, .5234375, .5, .21875, 0},
	};
	char path[PATH_MAX];
	struct ablation *a;
	unsigned n, seen = 0;

	snprintf(path, sizeof(path), "%s/results/model/exact.jsonl", spawn_root());
	LOADED(s, path);
	must(ablation_make, &s, &a, &n);
	for (unsigned i = 0; i < n; i++) {
		const struct cell *c = a[i].block.cell;
		unsigned k = 0;

		while (k < ARRAY_SIZE(known) && known[k].burst != c->burst)
			k++;
		if (a[i].block.metric != METRIC_TRANSFERS || c->dir != DIR_RX || c->payload ||
		    k == ARRAY_SIZE(known))
			continue;
		seen++;
		cr_expect_float_eq(a[i].alone[FACTOR_PACKED].gain.mid,
				   known[k].baseline - known[k].packed, 1e-6);
		cr_expect_float_eq(a[i].alone[FACTOR_PACKED_IN_ORDER].gain.mid, known[k].in_order,
				   1e-6);
		cr_expect_float_eq(a[i].alone[FACTOR_PACKED_VECTORIZED].gain.mid,
				   known[k].vectorized, 1e-6);
		cr_expect_eq(effects_needs(&a[i].block.design, FACTOR_PACKED_VECTORIZED),
			     1u << FACTOR_PACKED);
		cr_expect_eq(pair_of(&a[i], FACTOR_PACKED, FACTOR_PACKED_IN_ORDER)->verdict,
			     TOGETHER_NESTED);
		cr_expect_eq(
			pair_of(&a[i], FACTOR_PACKED_IN_ORDER, FACTOR_PACKED_VECTORIZED)->verdict,
			TOGETHER_INDEPENDENT);
	}
	cr_expect_eq(seen, ARRAY_SIZE(known));
	ablation_free(a, n);
}

/* A variant that the model could not run is left out, not taken for one that moves nothing. */
Test(ablation_session, a_cell_without_lines_is_not_in_that_table)
{
	BEGIN(w, x);

	put_near(w, cost, 0);
	put_lines(w, 0, 500);
	put_lines(w, 3, 380);
	analyse(w, &x);
	cr_assert_eq(x.n, 2);
	cr_expect_eq(x.a[1].block.design.ncells, 2);
	cr_expect(x.a[1].alone[FACTOR_IN_ORDER].defined);
	cr_expect_not(x.a[1].alone[FACTOR_FIXED].defined);
}

/* ---- pictures ---- */

Test(ablation_session, pictures_say_whose_gain_it_is_and_how_two_act, .timeout = HANG_S)
{
	static const struct {
		const char *file, *want[4];
	} pictures[] = {
		{"plots/s-shares.svg",
		 {"contribution per optimization", ">RX, CPUs near<", ">vectorized<",
		  "-35.00 (44 %)"}},
		{"plots/s-pairs.svg",
		 {">fixed-layout and in-order: overlap<", ">without in-order<",
		  ">RX, CPUs near, all with fixed-layout<", "ns per buffer"}},
		{"plots/s-beside.svg",
		 {">RX (receive): measured<", ">RX (receive): modelled<", ">0.440<",
		  "transfers per buffer, on the model"}},
		{"plots/s-effects.svg",
		 {"in-order, alone", "in-order, last", "more than the sum", "overlap"}},
	};
	struct session_writer *w = begin(SESSION);

	put_near(w, cost, 0);
	for (uint32_t i = 0; i < NVARIANTS; i++)
		put_lines(w, i, 500 - 20 * i);
	finish_session(w);
	draw_session(SESSION);
	for (size_t i = 0; i < ARRAY_SIZE(pictures); i++) {
		const char *text = get_text(in_folder(pictures[i].file));

		for (size_t k = 0; k < 4; k++)
			cr_expect_not_null(strstr(text, pictures[i].want[k]), "%s lacks %s",
					   pictures[i].file, pictures[i].want[k]);
	}
}

/* Intervals need six rounds: a waterfall without them would prove nothing. */
Test(ablation_session, too_few_rounds_have_no_picture_of_shares, .timeout = HANG_S)
{
	struct session_writer *w = begin(SESSION);

	for (uint32_t r = 0; r < 5; r++)
		put_round(w, r, cost, 0, CLASS_NEAR);
	finish_session(w);
	draw_session(SESSION);
	cr_expect_eq(access(in_folder("plots/s-effects.svg"), R_OK), 0);
	cr_expect_neq(access(in_folder("plots/s-shares.svg"), F_OK), 0);
	cr_expect_neq(access(in_folder("plots/s-pairs.svg"), F_OK), 0);
	cr_expect_neq(access(in_folder("plots/s-beside.svg"), F_OK), 0);
}
