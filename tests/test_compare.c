/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_compare.c - sessions against an older one: how often a whole table raises a false alarm, what
 * it finds, and what it refuses to compare.
 */
#include "analysis/compare.h"

#include "rule_noise.h"
#include "session_builder.h"

#include <glob.h>

TestSuite(compare, .init = make_folder, .fini = drop_folder);

/* ---- the interval ---- */

Test(compare, two_means_by_hand)
{
	static const double a[] = {1, 2, 3}, b[] = {2, 4, 6}, c[] = {5, 5};
	const struct interval r = stats_two_means(a, 3, b, 3, 0.95);

	/* variances of the means 1/3 and 4/3; 2.94 degrees of freedom, so 2: t is 4.3027 */
	cr_expect_float_eq(r.mid, -2, 1e-12);
	cr_expect_float_eq(r.hi, -2 + 4.3027 * sqrt(5.0 / 3), 1e-3);
	cr_expect_float_eq(r.lo, -2 - 4.3027 * sqrt(5.0 / 3), 1e-3);
	cr_expect(r.known);
	/* without any spread the interval is a point */
	cr_expect_float_eq(stats_two_means(c, 2, c, 2, 0.95).hi, 0, 1e-12);
	cr_expect_not(stats_two_means(a, 1, b, 3, 0.95).known);
	cr_expect_not(stats_two_means(a, 3, b, 0, 0.95).known);
}

/* Unlike spreads and numbers, of which the t interval of equal variances makes too narrow ones. */
Test(compare, two_means_cover_what_they_claim)
{
	struct rng rng = {3};
	unsigned covered = 0;
	const unsigned tries = 4000;

	for (unsigned i = 0; i < tries; i++) {
		double a[4], b[9];

		for (unsigned k = 0; k < ARRAY_SIZE(a); k++)
			a[k] = 3 * rule_normal(&rng);
		for (unsigned k = 0; k < ARRAY_SIZE(b); k++)
			b[k] = rule_normal(&rng);
		const struct interval r = stats_two_means(a, ARRAY_SIZE(a), b, ARRAY_SIZE(b), 0.95);

		covered += r.lo <= 0 && r.hi >= 0;
	}
	cr_expect_geq(covered, tries * 0.94, "%u of %u", covered, tries);
}

/* ---- made-up sessions in memory ---- */

#define GROUPS	 4
#define VARIANTS 3 /* and baseline, and two null rows */
#define A_GROUP	 (VARIANTS + 3)
#define LAUNCHES 6
#define ROUNDS	 10

static const char *const variants[] = {"baseline",     "in-order",   "shadow-avail",
				       "fixed-layout", NULL_CONTROL, NULL_CONTROL};

/* By what factor the code became slower, in one cell or in all. */
struct planted {
	double ratio;
	int cell; /* -1: all */
};

static void make_cells(struct session *s)
{
	s->ncells = GROUPS * A_GROUP;
	s->cells = calloc(s->ncells, sizeof(*s->cells));
	for (unsigned i = 0; i < s->ncells; i++) {
		const unsigned k = i % A_GROUP;

		s->cells[i] = (struct cell){.id = i,
					    .group = i / A_GROUP,
					    .role = k == 0	   ? ROLE_BASELINE
						    : k > VARIANTS ? ROLE_NULL
								   : ROLE_VARIANT,
					    .variant = strdup(variants[k]),
					    .ring_size = 256,
					    .burst = 1u << (i / A_GROUP)};
	}
}

/* Launches of a cell spread by 1 %, its rounds by 3 %. */
static void make_loaded(struct loaded *l, const char *path, struct planted p, struct rng *rng)
{
	struct session *s = &l->session;
	double launch[GROUPS * A_GROUP];

	memset(l, 0, sizeof(*l));
	s->head = make_head("native", "host");
	json_object_set_new(s->head, "started", json_string(path));
	s->path = strdup(path);
	make_cells(s);
	s->samples = calloc((size_t)LAUNCHES * ROUNDS * s->ncells, sizeof(*s->samples));
	for (uint32_t at = 0; at < LAUNCHES * ROUNDS; at++) {
		for (uint32_t i = 0; i < s->ncells; i++) {
			const bool slow = p.cell < 0 || p.cell == (int)i;

			if (at % ROUNDS == 0)
				launch[i] = 0.01 * rule_normal(rng);
			s->samples[s->nsamples++] =
				make_sample(i, at / ROUNDS, at % ROUNDS,
					    20 * (slow ? p.ratio : 1) *
						    exp(launch[i] + 0.03 * rule_normal(rng)),
					    CLASS_NEAR);
		}
	}
	must(summary_make, s, &l->summary);
}

/* A table of an old session and of one with something planted. */
struct table {
	struct loaded both[2];
	struct compared c;
};

static void make_table(struct table *t, struct planted p, struct rng *rng)
{
	make_loaded(&t->both[0], "old", (struct planted){1, -1}, rng);
	make_loaded(&t->both[1], "new", p, rng);
	must(compare_make, &t->c, t->both, 1, MARGIN, false);
}

static void drop_table(struct table *t)
{
	compare_free(&t->c);
	loaded_close(&t->both[0]);
	loaded_close(&t->both[1]);
}

/* Of so many tables, those in which any row has the verdict. */
static unsigned tables_with(enum change change, struct planted p, unsigned tables)
{
	struct rng rng = {1};
	unsigned n = 0;

	for (unsigned i = 0; i < tables; i++) {
		freed_by(drop_table) struct table t;

		make_table(&t, p, &rng);
		n += t.c.v[0].tally[0][change] > 0;
	}
	return n;
}

/* All cells are slower by exactly the margin: the most that is no regression. */
Test(compare, false_alarms_of_whole_tables_are_five_percent_at_most)
{
	const unsigned at_margin =
		tables_with(CHANGE_REGRESSION, (struct planted){1 + MARGIN, -1}, 200);
	const unsigned at_one = tables_with(CHANGE_REGRESSION, (struct planted){1, -1}, 200);

	cr_expect_leq(at_margin, 10, "%u of 200 tables", at_margin);
	cr_expect_eq(at_one, 0, "%u of 200 tables", at_one);
}

Test(compare, a_slowdown_of_ten_percent_is_found_in_its_cell_and_nowhere_else)
{
	struct rng rng = {2};
	unsigned found = 0, elsewhere = 0;
	const unsigned tables = 50;

	for (unsigned i = 0; i < tables; i++) {
		freed_by(drop_table) struct table t;

		make_table(&t, (struct planted){1.1, 8}, &rng);
		for (unsigned k = 0; k < t.c.v[0].nrows; k++) {
			const struct compare_row *r = &t.c.v[0].rows[k];
			const bool slow = r->change == CHANGE_REGRESSION;

			found += slow && r->cell->id == 8;
			elsewhere += slow && r->cell->id != 8;
		}
	}
	cr_expect_geq(found, 45, "%u of %u", found, tables);
	cr_expect_eq(elsewhere, 0, "%u", elsewhere);
}

Test(compare, an_improvement_is_the_same_the_other_way_round)
{
	struct rng rng = {5};
	freed_by(drop_table) struct table t;

	make_table(&t, (struct planted){1 / 1.2, -1}, &rng);
	cr_expect_eq(t.c.change, CHANGE_IMPROVEMENT, "%s", change_name(t.c.change));
	cr_expect_eq(t.c.times, GROUPS * (VARIANTS + 1));
}

/* ---- session files ---- */

#define OLD "old.jsonl"
#define NEW "new.jsonl"

/* Six launches of ten rounds; launches spread by 0.2 %. */
static void put_times(struct session_writer *w, double base, double ratio, uint32_t flags)
{
	for (uint32_t i = 0; i < 60; i++) {
		const double ns = base * (1 + 0.001 * (i / 10 % 3) + 0.01 * (i % 2));
		struct sample m[] = {make_sample(0, i / 10, i % 10, ns, CLASS_NEAR),
				     make_sample(1, i / 10, i % 10, ns * ratio, CLASS_NEAR),
				     make_sample(2, i / 10, i % 10, ns * 1.001, CLASS_NEAR)};

		for (unsigned k = 0; k < ARRAY_SIZE(m); k++) {
			m[k].flags |= flags;
			session_put(w, ROW_SAMPLE, &m[k]);
		}
	}
}

/* What one file differs in from the other. */
struct file {
	double ratio;		       /* of in-order */
	unsigned lines;		       /* more of in-order, in 1000 buffers */
	const char *object, *key, *is; /* a member of the head; NULL: none */
	const char *engine;
	double instructions;
	uint32_t flags; /* of its samples */
};

static void make_file(const char *name, struct file f)
{
	json_t *head = make_head(f.engine ? f.engine : "native", "host");
	json_t *at = f.object ? json_object_get(head, f.object) : head;
	struct coh_counts counts[AGENTS];
	struct session_writer *w;

	json_object_set_new(head, "question", json_string(name));
	if (f.key)
		json_object_set_new(at, f.key, json_string(f.is));
	w = begin_session(in_folder(name), head, cells, NCELLS);
	if (f.ratio > 0)
		put_times(w, 20, f.ratio, f.flags);
	for (uint32_t i = 0; i < 2; i++) {
		struct sample m = make_sample(i, 0, 0, 10, CLASS_NONE);
		const struct cell_instructions n = {i, 60 + f.instructions, 30, "", "a table"};

		memset(counts, 0, sizeof(counts));
		counts[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_DESC] = 250;
		counts[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_AVAIL_ENTRIES] = 62 + i * f.lines;
		counts[AGENT_DRIVER].by[COH_UPGRADE][REGION_DESC] = 250;
		if (f.engine)
			session_put(w, ROW_SAMPLE, &m);
		session_put_counts(w, f.engine ? ROW_COUNTS : ROW_MODEL, &m, COH_MESI, counts);
		if (f.instructions >= 0)
			session_put(w, ROW_INSTRUCTIONS, &n);
	}
	finish_session(w);
}

/* `vringbench compare OLD NEW` with words behind it. */
#define COMPARED(s, words) \
	SPAWNED(s, spawn_root(), "compare %s/" OLD " %s/" NEW " %s", folder, folder, words)

static void expect_code(enum vrb_exit code, const char *words, struct file f)
{

	make_file(OLD, (struct file){.ratio = f.engine ? 0 : 0.8, .engine = f.engine});
	make_file(NEW, f);
	COMPARED(s, words);
	cr_expect_eq(s.code, (int)code, "exit %d, expected %d: %s%s", s.code, code, s.out, s.err);
}

Test(compare, exit_codes_are_those_of_the_verdict)
{
	expect_code(EXIT_DONE, "", (struct file){.ratio = 0.8});
	expect_code(EXIT_DONE, "", (struct file){.ratio = 0.7});
	expect_code(EXIT_REGRESSION, "", (struct file){.ratio = 0.9});
	expect_code(EXIT_INCONCLUSIVE, "", (struct file){.ratio = 0.8 * 1.03});
	expect_code(EXIT_DONE, "--margin 20", (struct file){.ratio = 0.9});
	expect_code(EXIT_DONE, "--exact-only", (struct file){.ratio = 0.9});
}

Test(compare, one_line_more_is_a_regression_whatever_the_machine)
{
	static const struct file other = {
		.ratio = 0.8, .lines = 1, .object = "host", .key = "kernel", .is = "Linux 2"};

	expect_code(EXIT_REGRESSION, "", other);
	expect_code(EXIT_REGRESSION, "--exact-only", other);
	expect_code(EXIT_REGRESSION, "", (struct file){.engine = "model", .lines = 1});
	COMPARED(s, "");
	expect_in(s.out, "avail entries +0.001 a buffer",
		  "exact figures: 8 compared; regression 1, improvement 0, equal 7, "
		  "inconclusive 0");
}

Test(compare, instructions_are_exact_for_one_compiler_alone)
{
	expect_code(EXIT_REGRESSION, "--exact-only",
		    (struct file){.ratio = 0.8, .instructions = 0.01});
	expect_code(EXIT_INCONCLUSIVE, "--exact-only",
		    (struct file){.ratio = 0.8, .key = "compiler", .is = "another"});
}

/* make_head() has -O2. */
Test(compare, flags_that_make_no_code_are_no_difference)
{
	static const struct {
		const char *flags;
		enum vrb_exit code;
	} cases[] = {
		{"-O2", EXIT_DONE},
		{"-Wall -O2 -g1 -Werror -Isim", EXIT_DONE},
		{" -g  -O2 ", EXIT_DONE},
		{"-O3", EXIT_INCONCLUSIVE},
		{"-O2 -DSLOWDOWN=5", EXIT_INCONCLUSIVE},
		{"-O2 -Wa,--x", EXIT_INCONCLUSIVE},
		{"-O2 -ggdb-something", EXIT_INCONCLUSIVE},
		{"-Wall", EXIT_INCONCLUSIVE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_code(cases[i].code, "--exact-only",
			    (struct file){.ratio = 0.8, .key = "cflags", .is = cases[i].flags});
}

Test(compare, another_machine_is_named_and_its_times_are_not_judged)
{

	expect_code(
		EXIT_INCONCLUSIVE, "",
		(struct file){.ratio = 1.6, .object = "host", .key = "kernel", .is = "Linux 2"});
	COMPARED(s, "");
	expect_in(s.out, "kernel", "Linux 2", "the kernel differs", "verdict: inconclusive");
}

Test(compare, a_figure_that_the_newer_session_lost_does_not_pass)
{

	expect_code(EXIT_INCONCLUSIVE, "", (struct file){.ratio = 0.8, .instructions = -1});
	COMPARED(s, "");
	expect_in(s.out, "the newer session has no counts of it");
}

/* Neither does one that no sample of either session is used for. */
Test(compare, times_that_neither_session_has_do_not_pass)
{
	make_file(OLD, (struct file){.ratio = 0.8, .flags = SAMPLE_CLASS_MOVED});
	make_file(NEW, (struct file){.ratio = 0.8, .flags = SAMPLE_CLASS_MOVED});
	COMPARED(s, "");
	cr_assert_eq(s.code, EXIT_INCONCLUSIVE, "exit %d: %s%s", s.code, s.out, s.err);
	expect_in(s.out, "no sample of it is used in either session", "verdict: inconclusive");
}

Test(compare, another_model_is_told_by_what_differs)
{
#define MODEL "--engine model --mode timed -v baseline -d rx -q -o "
	static const struct {
		const char *options[2], *says;
	} cases[] = {
		{{MODEL "a --bound estimate", MODEL "b --bound estimate --without gaps,computing"},
		 "another model: - | without gaps and computing"},
		{{MODEL "a --store-buffer 0", MODEL "b"},
		 "another model: store buffer of 0 | store buffer of "},
		{{MODEL "a --prefetch", MODEL "b"},
		 "another model: with prefetch | times of zen5-near"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		TEMP_DIR(dir);
		RAN(a, EXIT_DONE, dir, "%s", cases[i].options[0]);
		RAN(b, EXIT_DONE, dir, "%s", cases[i].options[1]);
		RAN(s, EXIT_INCONCLUSIVE, dir, "compare a b");
		expect_in(s.out, cases[i].says);
	}
#undef MODEL
}

Test(compare, cells_of_one_session_alone_are_listed)
{
	static const struct cell others[] = {CELL(0, 0, ROLE_BASELINE, "baseline", .dir = DIR_RX),
					     CELL(1, 0, ROLE_VARIANT, "vectorized", .dir = DIR_RX),
					     CELL(2, 0, ROLE_NULL, NULL_CONTROL, .dir = DIR_RX)};
	struct session_writer *w;

	make_file(OLD, (struct file){.ratio = 0.8, .instructions = -1});
	w = begin_session(in_folder(NEW), make_head("native", "host"), others, ARRAY_SIZE(others));
	put_times(w, 20, 0.5, 0);
	finish_session(w);
	COMPARED(s, "");
	cr_expect_eq(s.code, EXIT_INCONCLUSIVE, "%s", s.out);
	expect_in(s.out, "only in the older session:\n  in-order ",
		  "only in the newer session:\n  vectorized ");
	cr_expect_null(strstr(s.out, NULL_CONTROL), "%s", s.out);
}

Test(compare, data_has_all_rows_and_both_names)
{
	json_t *all, *one;

	make_file(OLD, (struct file){.ratio = 0.8});
	make_file(NEW, (struct file){.ratio = 0.9, .lines = 1});
	COMPARED(tsv, "--format tsv");
	expect_in(tsv.out,
		  "session\tvariant\tdirection\tring_size\tburst\tpayload\tparams\tclass\t"
		  "figure\told\tnew\tratio\tratio_lo\tratio_hi\tlaunches_old\tlaunches_new\t"
		  "error\tverdict\twhy\n");
	COMPARED(json, "--format json");
	all = json_loads(json.out, 0, NULL);
	one = json_at(all, "comparisons.0");
	cr_assert_not_null(one, "%s", json.out);
	cr_expect_str_eq(text_at(all, "verdict"), "regression");
	/* two cells: time, transfers, upgrades, instructions of two sides */
	cr_expect_eq(json_array_size(json_object_get(one, "rows")), 10);
	json_decref(all);
}

/* The older one with each of several, whose times share the level. */
Test(compare, several_newer_sessions)
{

	make_file(OLD, (struct file){.ratio = 0.8});
	make_file(NEW, (struct file){.ratio = 0.8});
	make_file("slow.jsonl", (struct file){.ratio = 0.9});
	RAN(s, EXIT_REGRESSION, spawn_root(), "compare %s/" OLD " %s/" NEW " %s/slow.jsonl", folder,
	    folder, folder);
	expect_in(s.out, "Bonferroni, 4 of them");
}

Test(compare, a_plot_of_times)
{

	if (access("/usr/bin/gnuplot", X_OK))
		cr_skip("gnuplot is missing");
	make_file(OLD, (struct file){.ratio = 0.8});
	make_file(NEW, (struct file){.ratio = 0.9});
	RAN(s, EXIT_REGRESSION, spawn_root(), "compare --plots %s %s/" OLD " %s/" NEW, folder,
	    folder, folder);
	expect_in(get_text(in_folder("new-compare.svg")), "in-order, rx, ring 256");
	cr_expect_eq(access(in_folder("new-compare.png"), R_OK), 0);
}

/* ---- bad input ---- */

static void expect_failed(enum vrb_exit code, const char *words, const char *want)
{

	COMPARED(s, words);
	cr_expect_eq(s.code, (int)code, "exit %d: %s%s", s.code, s.out, s.err);
	cr_expect_str_eq(s.out, "");
	expect_in(s.err, want);
	cr_expect_eq(strchr(s.err, '\n') - s.err, (ptrdiff_t)strlen(s.err) - 1, "%s", s.err);
}

Test(compare, sessions_that_cannot_be_compared)
{
	struct session_writer *w;
	char *text;

	make_file(OLD, (struct file){.ratio = 0.8});
	make_file(NEW, (struct file){.ratio = 0.8, .object = "plan", .key = "poll", .is = "pause"});
	expect_failed(EXIT_USAGE, "", "no cell in common: poll is spin and pause");
	expect_failed(EXIT_USAGE, "--margin 0", "--margin");

	expect_failed(EXIT_USAGE, "/nope.jsonl", "/nope.jsonl");

	text = get_text(in_folder(OLD));
	text[strlen(text) / 2] = '\0';
	put_text(in_folder(NEW), text);
	expect_failed(EXIT_INVALID, "", NEW);

	put_text(in_folder(NEW), "{\"type\":\"session\",\"schema\":2}\n");
	expect_failed(EXIT_INVALID, "", "schema 2; this program reads schema 1");

	w = start_session(in_folder(NEW), "native");
	must(session_commit, w, SESSION_FAILED, NULL, 0);
	expect_failed(EXIT_INVALID, "", "failed");
}

Test(compare, it_takes_two)
{
	RAN(s, EXIT_USAGE, spawn_root(), "compare results/reference/zen4-guest-lifo.jsonl");
	expect_in(s.err, "vringbench compare OLD NEW...");
}

Test(compare, a_gate_of_exact_figures_without_any_does_not_pass)
{
	make_plain_session(in_folder(OLD), 0.8);
	make_plain_session(in_folder(NEW), 0.9);
	expect_failed(EXIT_USAGE, "--exact-only", "no exact figure");
}

/* A gate must not pass because something is no longer measured. */
Test(compare, times_that_the_newer_session_lacks_are_inconclusive)
{
	unsigned of, told, rows = 0;
	char *row;

	RAN(timed, EXIT_DONE, folder,
	    "-v in-order -d rx --engine one-core --buffers 5000 --time-limit 0.2 --json timed.jsonl");
	RAN(model, EXIT_DONE, folder, "-v in-order -d rx --engine model -q --json model.jsonl");
	RAN(lost, EXIT_INCONCLUSIVE, folder, "compare timed.jsonl model.jsonl");
	expect_in(lost.out, "the engine differs", "times: 2 compared;", "inconclusive 2\n",
		  "verdict: inconclusive");
	RAN(exact, EXIT_DONE, folder, "compare --exact-only timed.jsonl model.jsonl");
	RAN(gained, EXIT_DONE, folder, "compare model.jsonl timed.jsonl");
	cr_expect(!strstr(gained.out, "times:"), "%s", gained.out);
	/* and what the end of the progress counts are the samples that are there */
	row = get_text(in_folder("timed.jsonl"));
	while ((row = strstr(row, "{\"type\":\"sample\""))) {
		rows++;
		row++;
	}
	row = strstr(timed.err, " samples in ");
	cr_assert_not_null(row, "%s", timed.err);
	while (row > timed.err && row[-1] != '\n' && row[-1] != '\r')
		row--;
	cr_assert_eq(sscanf(row, "%u of %u", &told, &of), 2, "%s", row);
	cr_expect_eq(told, rows, "%u of %u, and %u rows", told, of, rows);
}

/*
 * Sessions that are committed: each with itself, and two of different machines. A prediction that took its computing from
 * another session has no samples, so nothing of it can be compared.
 */
Test(compare, reference_sessions_do_not_differ_from_themselves)
{
	glob_t found;

	cr_assert_eq(glob("results/reference/*.jsonl", 0, NULL, &found), 0);
	cr_assert_eq(glob("results/reference/*/*.jsonl", GLOB_APPEND, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		const bool sampled = strstr(get_text(path), "{\"type\":\"sample\"") != NULL;

		RAN(s, sampled ? EXIT_DONE : EXIT_USAGE, spawn_root(), "compare %s %s", path, path);
		expect_in(sampled ? s.out : s.err,
			  sampled ? "verdict: no change" : "but no figure of them");
	}
	globfree(&found);
}

Test(compare, reference_sessions_of_two_machines_say_what_differs)
{
	RAN(s, EXIT_INCONCLUSIVE, spawn_root(),
	    "compare results/reference/zen4-guest-main.jsonl "
	    "results/reference/zen5-guest-burst.jsonl");
	expect_in(s.out, "AuthenticAMD family 25 model 17 stepping 1",
		  "AuthenticAMD family 26 model 2 stepping 1");
	cr_expect(!strstr(s.out, "somebody else ran"), "%s", s.out);
}

Test(compare, a_session_whose_sides_did_not_look_at_their_cores_is_told)
{
	RAN(s, EXIT_INCONCLUSIVE, spawn_root(),
	    "compare results/reference/zen4-guest-main.jsonl results/reference/zen5-xsocket-later-bursts.jsonl");
	expect_in(
		s.out,
		"only in the newer session each side looked whether somebody else ran on its core: ");
}
