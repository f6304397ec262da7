/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_sweep_report.c - the curves of sessions of a sweep that were made by hand.
 */
#include "analysis/sweep_rows.h"
#include "present/plot_data.h"
#include "present/report.h"
#include "session_builder.h"

TestSuite(sweep_report, .init = make_folder, .fini = drop_folder);

#define VALUES	 5
#define VARIANTS 3 /* a group: baseline, in-order, the null row */

static const char *const bursts[VALUES] = {"4", "8", "16", "32", "64"};

/* ns per buffer of baseline and in-order by burst: they cross between 8 and 16. */
static const double base_ns[VALUES] = {100, 40, 36, 33, 30};
static const double order_ns[VALUES] = {120, 44, 30, 24, 20};

/* What a session by hand is made of. */
struct made {
	const char *first_burst; /* the order of --over: this value comes first */
	double null_noise, null_off;
	unsigned rounds; /* in each of two launches */
};

static void put_cells(struct session_writer *w)
{
	for (uint32_t v = 0; v < VALUES; v++) {
		for (uint32_t k = 0; k < VARIANTS; k++) {
			struct cell c = cells[k];

			c.id = v * VARIANTS + k;
			c.group = v;
			c.burst = (uint32_t)atoi(bursts[v]);
			c.series = k;
			c.params[0] = (struct cell_param){"burst", bursts[v]};
			session_put(w, ROW_CELL, &c);
		}
	}
}

static void put_round(struct session_writer *w, const struct made *made, uint32_t launch,
		      uint32_t round)
{
	/* a round touches all of its cells */
	const double drift = 1 + 0.1 * (round % 4);

	for (uint32_t v = 0; v < VALUES; v++) {
		const double noise =
			1 + made->null_off + (round % 2 ? made->null_noise : -made->null_noise);
		const double ns[VARIANTS] = {base_ns[v], order_ns[v], base_ns[v] * noise};

		for (uint32_t k = 0; k < VARIANTS; k++) {
			put_one(w, v * VARIANTS + k, launch, round, ns[k] * drift, CLASS_NEAR);
		}
	}
}

static void make_session(const char *path, const struct made *made)
{
	struct session_writer *w;
	json_t *head = make_head("native", "host");
	json_t *values = json_array();

	json_array_append_new(values, json_string(made->first_burst));
	for (unsigned i = 0; i < VALUES; i++) {
		if (strcmp(bursts[i], made->first_burst) != 0)
			json_array_append_new(values, json_string(bursts[i]));
	}
	json_object_set_new(
		head, "sweep",
		json_pack("{s:{s:s, s:o}, s:n}", "over", "name", "burst", "values", values, "by"));
	w = begin_session(path, head, NULL, 0);
	put_cells(w);
	for (uint32_t launch = 0; launch < 2; launch++)
		for (uint32_t r = 0; r < made->rounds; r++)
			put_round(w, made, launch, r);
	finish_session(w);
}

/* A session read back, with its curves. */
struct read_back {
	struct session s;
	struct summary sum;
	struct sweep_report r;
};

static void read_back(const struct made *made, struct read_back *out)
{
	make_session(SESSION, made);
	load_session(SESSION, &out->s, &out->sum);
	cr_assert(session_kind(&out->s) == SESSION_SWEEP);
	must(sweep_make, &out->s, &out->sum, &out->r);
}

static void drop(struct read_back *b)
{
	sweep_report_free(&b->r);
	summary_free(&b->sum);
	session_free(&b->s);
}

#define READ_BACK(b, made)                 \
	freed_by(drop) struct read_back b; \
	read_back((made), &(b))

static const struct sweep_row *row_of(const struct read_back *b, const char *variant,
				      const char *burst)
{
	for (unsigned i = 0; i < b->r.nrows; i++) {
		const struct cell *c = b->r.rows[i].cell;

		if (!strcmp(c->variant, variant) && !strcmp(c->params[0].value, burst))
			return &b->r.rows[i];
	}
	cr_assert_fail("no row of %s at %s", variant, burst);
	return NULL;
}

static const struct made good = {.first_burst = "4", .null_noise = 0.001, .rounds = 12};

Test(sweep_report, a_panel_has_a_curve_a_variant_and_no_null_row)
{
	READ_BACK(b, &good);
	assert_have(&b.r, npanels == 1, panels[0].place == CLASS_NEAR);
	cr_assert_float_eq(b.r.panels[0].handoff_ns, 20, 1e-9);
	cr_assert_eq(b.r.ncurves, 2);
	cr_assert_str_eq(b.r.curves[0].variant, "baseline");
	cr_assert_str_eq(b.r.curves[1].variant, "in-order");
	cr_assert_eq(b.r.curves[1].count, VALUES);
	cr_assert(b.r.over.numeric && b.r.over.by_ratio);
	cr_assert_null(b.r.by.name);
}

Test(sweep_report, the_ratio_to_the_first_value_is_paired)
{
	READ_BACK(b, &good);
	cr_assert_not(row_of(&b, "in-order", "4")->first.known, "the first has none");
	for (unsigned v = 1; v < VALUES; v++) {
		const struct sweep_row *row = row_of(&b, "in-order", bursts[v]);

		/* what a round does to both cancels: exact although rounds differ by 30 % */
		cr_assert_float_eq(row->first.mid, order_ns[v] / order_ns[0], 1e-4);
		cr_assert_float_eq(row->first.lo, row->first.hi, 1e-4);
		assert_have(row, first.n == 24, first_verdict == VERDICT_FASTER);
	}
	cr_assert_eq(row_of(&b, "baseline", "64")->first_verdict, VERDICT_FASTER);
}

Test(sweep_report, first_is_the_value_that_was_given_first)
{
	const struct made made = {.first_burst = "32", .null_noise = 0.001, .rounds = 12};
	READ_BACK(b, &made);
	cr_assert_not(row_of(&b, "baseline", "32")->first.known);
	cr_assert_float_eq(row_of(&b, "baseline", "4")->first.mid, 100.0 / 33, 1e-3);
	cr_assert_eq(row_of(&b, "baseline", "4")->first_verdict, VERDICT_SLOWER);
	cr_assert_eq(row_of(&b, "baseline", "64")->first_verdict, VERDICT_FASTER);
}

Test(sweep_report, a_null_row_that_is_grossly_off_ranks_no_value_either)
{
	const struct made made = {.first_burst = "4", .null_off = 0.2, .rounds = 12};
	READ_BACK(b, &made);
	cr_assert_eq(row_of(&b, "in-order", "64")->first_verdict, VERDICT_UNPROVEN);
	cr_assert_eq(row_of(&b, "baseline", "64")->first_verdict, VERDICT_UNPROVEN);
}

Test(sweep_report, few_rounds_give_a_ratio_and_no_verdict)
{
	const struct made made = {.first_burst = "4", .null_noise = 0, .rounds = 2};
	READ_BACK(b, &made);
	cr_assert_float_eq(row_of(&b, "in-order", "64")->first.mid, 20.0 / 120, 1e-4);
	cr_assert_not(row_of(&b, "in-order", "64")->first.known);
	cr_assert_neq(row_of(&b, "in-order", "64")->first_verdict, VERDICT_FASTER);
}

Test(sweep_report, knees_and_crossings_are_those_of_the_curves)
{
	READ_BACK(b, &good);
	for (unsigned v = 0; v < VALUES; v++) {
		cr_assert_eq(row_of(&b, "baseline", bursts[v])->knee, v == 1, "%s", bursts[v]);
		cr_assert_eq(row_of(&b, "in-order", bursts[v])->knee, v == 1, "%s", bursts[v]);
	}
	cr_assert_eq(b.r.ncrossings, 1);
	cr_assert(b.r.crossings[0].where.resolved);
	cr_assert_str_eq(b.r.crossings[0].a, "in-order", "it is lower from there on");
	cr_assert_str_eq(b.r.crossings[0].b, "baseline");
	cr_assert_float_eq(b.r.crossings[0].where.lo, 8, 1e-9);
	cr_assert_float_eq(b.r.crossings[0].where.hi, 16, 1e-9);
	/* ln 44/40 above, ln 36/30 below: 0.343 of an octave */
	cr_assert_float_eq(b.r.crossings[0].where.at, 8 * exp2(0.3433), 0.01);
}

Test(sweep_report, the_table_has_values_knees_and_the_crossing)
{
	READ_BACK(b, &good);
	freed_by(free_text) char *text = print_of(&b.s, &b.sum, FORMAT_TABLE);

	expect_in(text, "rx, ring 256, payload 0 B, near: 20 ns a hand-off\n", "to burst 4",
		  "\n  knees: baseline at 8, in-order at 8\n",
		  "\n  crossing: in-order is below baseline from between 8 and 16 on");
}

Test(sweep_report, the_tsv_has_a_line_a_point_and_a_line_a_crossing)
{
	unsigned lines = 0;
	READ_BACK(b, &good);
	freed_by(free_text) char *text = print_of(&b.s, &b.sum, FORMAT_TSV);

	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	cr_assert_eq(lines, 1 + 2 * VALUES + 1, "%s", text);
	expect_in(text, "\npoint\tin-order\trx\tnear\tburst\t8\t\t\t256\t8\t0\tns\t",
		  "\ncrossing\tin-order baseline\trx\tnear\tburst\t\t\t\t\t\t\tburst\t");
}

Test(sweep_report, the_json_is_the_same_as_data)
{
	READ_BACK(b, &good);
	freed_by(free_text) char *text = print_of(&b.s, &b.sum, FORMAT_JSON);
	json_t *all = json_loads(text, 0, NULL);

	cr_assert_not_null(all);
	cr_assert_eq(json_array_size(json_object_get(all, "rows")), 2 * VALUES);
	cr_assert_eq(json_array_size(json_object_get(all, "crossings")), 1);
	json_decref(all);
}

/* ---- pictures ---- */

Test(sweep_report, the_curves_are_drawn_with_their_knees_and_crossings)
{
	const struct made made = {.first_burst = "32", .null_noise = 0.001, .rounds = 12};
	struct plot_set set;

	READ_BACK(b, &made);
	plot_set_make(&set, &b.s, &b.sum);
	TEXT(text, out, plot_curves_data(out, &set));
	expect_in(text, "\nOVER = 'burst'\n", "\nLOGX = 1\n", "\nNKNEES = 2\n",
		  "\nNCROSSINGS = 1\n");
	/* the first block is baseline's, in the order of x and not of the values */
	const char *block = strstr(text, "$data << END_OF_DATA\n1 1 4 ");
	cr_assert_not_null(block, "%s", text);
	cr_assert_lt(strstr(block, "\n1 1 8 ") - block, strstr(block, "\n1 1 64 ") - block);
	expect_in(text, "\n1 2 4 ");
}

Test(sweep_report, one_option_has_curves_and_no_heat_map)
{
	READ_BACK(b, &good);
	cr_assert_not(plot_has_heat(&b.s));
	draw_plots(&b.s, &b.sum);
	cr_expect(has_plot("s-curves.svg") && has_plot("s-curves.png"));
	cr_expect(!has_plot("s-heat.svg"));
}

/* A second option, with the same cells at each of its values but the last. */
static void make_grid(const char *path)
{
	static const char *const rings[] = {"256", "64", "16"};
	struct session_writer *w;
	json_t *head = make_head("native", "host");

	json_object_set_new(head, "sweep",
			    json_pack("{s:{s:s, s:[s,s]}, s:{s:s, s:[s,s,s]}}", "over", "name",
				      "burst", "values", "4", "8", "by", "name", "ring-size",
				      "values", rings[0], rings[1], rings[2]));
	w = begin_session(path, head, NULL, 0);
	for (uint32_t i = 0; i < 4 * VARIANTS; i++) {
		struct cell c = cells[i % VARIANTS];

		c.id = i;
		c.group = i / VARIANTS;
		c.burst = (uint32_t)atoi(bursts[c.group % 2]);
		c.ring_size = (uint32_t)atoi(rings[c.group / 2]);
		c.series = c.group / 2 * VARIANTS + i % VARIANTS;
		c.params[0] = (struct cell_param){"burst", bursts[c.group % 2]};
		c.params[1] = (struct cell_param){"ring-size", rings[c.group / 2]};
		session_put(w, ROW_CELL, &c);
	}
	for (uint32_t round = 0; round < 8; round++) {
		for (uint32_t i = 0; i < 4 * VARIANTS; i++) {
			const uint32_t group = i / VARIANTS;
			const double ns = 40 * (i % VARIANTS == 1 ? 0.5 : 1) + group;

			put_one(w, i, 0, round, ns, CLASS_NEAR);
		}
	}
	finish_session(w);
}

Test(sweep_report, two_options_over_numbers_have_a_panel_a_value_and_heat_maps)
{
	freed_by(drop) struct read_back b;
	struct plot_set set;

	make_grid(in_folder("g.jsonl"));
	load_session(in_folder("g.jsonl"), &b.s, &b.sum);
	cr_assert(plot_has_heat(&b.s));
	must(sweep_make, &b.s, &b.sum, &b.r);
	assert_have(&b.r, npanels == 2, panels[1].by == 1);
	plot_set_make(&set, &b.s, &b.sum);
	TEXT(text, out, plot_heat_data(out, &set));
	expect_in(text, "\nNPANELS = 2\n", "PANEL[2] = 'in-order, rx, payload 0 B, near'\n");
	/* 16 is the first of the rings, and has no box */
	expect_in(text, "\nYNAME[1] = '16'\n", "\n2 1 3 ", " \"20.0\" \"0.50\"\n");
	expect_not_in(text, "\n2 1 1 ");
}
