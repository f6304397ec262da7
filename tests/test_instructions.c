/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_instructions.c - instructions per buffer: rows of a session, and tables of
 * scripts/instructions as runs take them.
 */
#include "analysis/ablation.h"
#include "plan/options.h"
#include "ring/variants.h"
#include "run/instruction_table.h"

#include "session_builder.h"

#include <sys/stat.h>

TestSuite(instructions, .init = make_folder, .fini = drop_folder);
TestSuite(timed_cli_ablate, .init = make_folder, .fini = drop_folder, .timeout = HANG_S);

/* ---- rows ---- */

Test(instructions, a_row_survives_the_round_trip)
{
	const struct cell_instructions in[] = {
		{.cell = 0, .drv = 63.06, .dev = 34.66, .source = "callgrind"},
		{.cell = 1, .drv = 17.5, .dev = 34.66, .simd = "avx2", .source = "callgrind"}};
	struct session_writer *w = start_session(SESSION, "native");

	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		session_put(w, ROW_INSTRUCTIONS, &in[i]);
	finish_session(w);
	LOADED(s, SESSION);
	cr_assert_eq(s.ninstructions, 2);
	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		cr_expect_eq(s.instructions[i].cell, in[i].cell);
		cr_expect_float_eq(s.instructions[i].drv, in[i].drv, 1e-12);
		cr_expect_float_eq(s.instructions[i].dev, in[i].dev, 1e-12);
		cr_expect_str_eq(s.instructions[i].simd, in[i].simd);
		cr_expect_str_eq(s.instructions[i].source, in[i].source);
	}
	expect_by_schema(SESSION, "{\"type\":\"instructions\",\"cell\":0,\"driver\":0,\"device\":1,"
				  "\"simd\":null,\"source\":\"\"}");
}

/* ---- whole runs ---- */

#define SHORT "-e one-core --launches 1 --rounds 7 --buffers 2000 --json s.jsonl "

/* A table. @compiler: NULL: this program's. @more: of its plan. */
static void put_rows(const char *name, const char *compiler, unsigned burst, const char *more,
		     const char *rows)
{
	char text[1024], own[160];
	const char *line;

	SPAWNED(p, folder, "--version");
	line = strstr(p.out, "compiler");
	cr_assert_not_null(line, "%s", p.out);
	line += strcspn(line, " \t:") + 1;
	line += strspn(line, " \t:");
	snprintf(own, sizeof(own), "%.*s", (int)strcspn(line, "\n"), line);
	snprintf(text, sizeof(text),
		 "# compiler: %s\n# plan: {\"ring_sizes\": [64], \"bursts\": [%u], \"payloads\": "
		 "[0]%s}\ndirection\tvariant\tsimd\tdriver\tdevice\ttotal\tratio_to_baseline\n%s",
		 compiler ? compiler : own, burst, more, rows);
	put_text(in_folder(name), text);
}

static void put_table(const char *name, const char *compiler, const char *more)
{
	put_rows(name, compiler, 8, more,
		 "rx\tbaseline\t-\t60\t30\t90\t1\nrx\tin-order\t-\t50\t20.5\t70.5\t1\n");
}

Test(instructions, predict_says_which_variant_was_not_counted)
{
	static const char words[] = "predict -q --machine zen5-near --direction rx --ring-size 64 "
				    "--burst 4 --buffers 2000 --variant %s --json %s.jsonl";

	cr_assert_eq(mkdir(in_folder("results"), 0700), 0);
	put_table("results/instructions.tsv", NULL, "");
	RAN(p, 0, folder, words, "baseline,shadow-avail", "some");
	expect_in(p.out, "instructions: callgrind, ");
	expect_in(p.out, "not in the table, the first: shadow-avail rx");
	RAN(all, 0, folder, words, "baseline,in-order", "all");
	cr_expect_null(strstr(all.out, "not in the table"), "%s", all.out);
	put_table("results/instructions.tsv", "another", "");
	RAN(none, 0, folder, words, "baseline", "none");
	expect_in(none.out, "instructions: six an access: ");
}

/*
 * 180 a buffer at bursts of 1, 80 at 4 and 40 at 8: by a line over 1 / burst between two of them, and beyond 8 by that of 4
 * and 8. At 2 it is 80 + 100 / 3, at 64 it is 5. A burst of 128 does not fit into the rings of 64 that were counted.
 */
Test(instructions, what_a_burst_takes_follows_from_those_around_it)
{
	static const struct run_command predict = {
		.name = "predict", .engine = ENGINE_MODEL, .fixed_engine = true, .predicts = true};
	static const struct {
		const char *burst;
		double drv;
		uint32_t most, least; /* of the ring that is taken for counted */
	} cases[] = {{"8", 40, 8, 0},	 {"1", 180, 1, 0},
		     {"4", 80, 4, 0},	 {"2", 80 + 100 / 3.0, 2, 0},
		     {"64", 5, 64, 0},	 {"random:2:6:1", 80, 6, 2},
		     {"128", 2.5, 64, 0}};
	static const struct {
		const char *name, *drv;
		unsigned burst;
	} files[] = {{"1", "180", 1}, {"4", "80", 4}, {"8", "40", 8}};

	for_each (f, files, ARRAY_SIZE(files)) {
		char row[64];

		snprintf(row, sizeof(row), "rx\tbaseline\t-\t%s\t30\t90\t1\n", f->drv);
		put_rows(f->name, NULL, f->burst, "", row);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char burst[32],
			*argv[] = {"predict",	"--ring-size", "256",	      "--burst", burst,
				   "--variant", "baseline",    "--direction", "rx",	 NULL};
		struct instruction_table *tables[ARRAY_SIZE(files)];
		struct predict_counted counted;
		struct prepared made = {0};
		struct plan plan;

		snprintf(burst, sizeof(burst), "%s", cases[i].burst);
		must(run_options_parse, &predict, ARRAY_SIZE(argv) - 1, argv, &plan);
		must(prepare_cells, &plan, &made);
		for (unsigned k = 0; k < ARRAY_SIZE(files); k++)
			must(instruction_table_open, &plan, &made, false, in_folder(files[k].name),
			     &tables[k]);
		cr_assert(instruction_table_counted(tables, ARRAY_SIZE(files), "scalar",
						    &made.cells[0], &made.rings[0], &counted));
		cr_expect_float_eq(counted.drv, cases[i].drv, 1e-9, "%s: %g", burst, counted.drv);
		cr_expect_float_eq(counted.dev, 30, 1e-9);
		assert_have(&counted.ring, burst == cases[i].most, burst_least == cases[i].least);
		/* the last one alone: as it is counted, and where */
		instruction_table_counted(tables + 2, 1, "scalar", &made.cells[0], &made.rings[0],
					  &counted);
		cr_expect_eq(counted.drv, 40);
		assert_have(&counted.ring, burst == 8, burst_least == 0);
		for (unsigned k = 0; k < ARRAY_SIZE(files); k++)
			instruction_table_close(tables[k]);
		prepared_free(&made);
	}
}

/* A table of other rings says nothing of these. */
Test(instructions, tables_of_other_bursts_are_of_the_same_rings)
{
	static const char words[] = "predict -q --machine zen5-near -d rx --ring-size 64 --burst 4 "
				    "--buffers 2000 --variant baseline --json %s.jsonl";

	cr_assert_eq(mkdir(in_folder("results"), 0700), 0);
	put_table("results/instructions.tsv", NULL, "");
	put_rows("results/instructions-1.tsv", NULL, 1, "", "rx\tbaseline\t-\t180\t30\t90\t1\n");
	RAN(two, 0, folder, words, "two");
	expect_in(two.out, ", at 2 bursts\n");
	put_rows("results/instructions-1.tsv", NULL, 1, ", \"payloads\": [64]",
		 "rx\tbaseline\t-\t180\t30\t90\t1\n");
	RAN(one, 0, folder, words, "one");
	expect_in(one.out, ", at 1 burst\n");
}

/* Two of three rings were counted, and the one with more lines has fewer: both are on that front. */
Test(instructions, explore_shows_those_of_rings_that_were_counted)
{
	static const char words[] =
		"explore -q --ring-size 64 --burst 8 --format %s --instructions table "
		"--space variant=baseline,in-order,packed;publish=burst;"
		"device-publish=burst;free-list=fifo;ring-align=4096;"
		"device-avail=entries --json %s.jsonl";

	put_table("table", NULL, ", \"tx_header\": \"none\", \"header_write\": \"none\"");
	RAN(p, 0, folder, words, "tsv", "s");
	LOADED(s, in_folder("s.jsonl"));
	cr_expect_eq(s.ninstructions, 2);
	cr_expect_null(strstr(p.out, "front-instructions\tpacked"));
	expect_in(p.out, "front-instructions\tin-order\t", "named\tpacked\t");
	RAN(t, 0, folder, words, "table", "t");
	expect_in(t.out, "instructions of both sides, per buffer, of 2 rings",
		  "2 of the 3 rings of the tables have instructions, of the 3 that were run");
	put_table("table", "another", ", \"tx_header\": \"none\", \"header_write\": \"none\"");
	RAN(o, 2, folder, words, "table", "o");
	expect_in(o.err, "--instructions table: it is for compiler another");
	RAN(same, 2, folder, "explore --instructions table --json table");
	expect_in(same.err, "--json table: --instructions table is the same file");
}

Test(timed_cli_ablate, a_table_that_is_for_the_plan_is_in_the_session_and_the_figures)
{

	put_table("table", NULL, "");
	RAN(p, 0, folder, "ablate -d rx -n 64 -b 8 --format tsv --instructions table " SHORT);
	expect_in(p.out, "\ninstructions\tin-order\talone\t19.5\t19.5\t19.5\t",
		  "\ntransfers\tin-order\talone\t", "\nns\tin-order\talone\t");
	LOADED(s, in_folder("s.jsonl"));
	cr_expect_eq(s.ninstructions, 2);
}

Test(timed_cli_ablate, a_table_that_was_named_and_is_for_something_else_is_refused)
{
	static const struct {
		const char *compiler, *more, *words, *told;
	} cases[] = {
		{NULL, "", "-n 64 -b 4", "bursts [8], not 4"},
		{NULL, "", "-n 64 -b 8 --free-list lifo", "free_list \"fifo\", not \"lifo\""},
		{NULL, ", \"publish\": \"buffer\"", "-n 64 -b 8",
		 "publish \"buffer\", not \"burst\""},
		{"cc 1.0", "", "-n 64 -b 8", "compiler cc 1.0, not "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {

		put_table("table", cases[i].compiler, cases[i].more);
		RAN(p, 2, folder, "ablate -d rx %s --instructions table " SHORT, cases[i].words);
		cr_expect_not_null(strstr(p.err, "--instructions table: it is for "), "%zu: %s", i,
				   p.err);
		cr_expect_not_null(strstr(p.err, cases[i].told), "%zu: %s", i, p.err);
		cr_expect_eq(files_in_folder(), 1, "%zu: nothing but the table", i);
	}
}

Test(timed_cli_ablate, a_file_that_is_no_table_is_refused_with_its_line)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{"", "line 0 ends it without compiler, plan and rows"},
		{"# plan: nothing\n", "line 1 has no JSON object"},
		{"a\tb\n", "line 1 does not name the columns"},
		{"direction\tvariant\tsimd\tdriver\tdevice\t\nrx\tbaseline\t-\t0\t1\t\n",
		 "line 2 does not hold"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {

		put_text(in_folder("table"), cases[i].text);
		RAN(p, 2, folder, "ablate --instructions table " SHORT);
		cr_expect_not_null(strstr(p.err, cases[i].told), "%zu: %s", i, p.err);
	}
}

Test(timed_cli_ablate, a_table_that_is_only_there_and_for_something_else_is_passed_over)
{
	cr_assert_eq(mkdir(in_folder("results"), 0777), 0);
	put_table("results/instructions.tsv", NULL, "");
	RAN(other, 0, folder, "ablate -d rx -n 64 -b 4 " SHORT);
	expect_in(other.out, "instructions are unavailable");
	LOADED(s, in_folder("s.jsonl"));
	cr_expect_eq(s.ninstructions, 0);
	SPAWNED(same, folder, "ablate -d rx -n 64 -b 8 " SHORT);
	expect_in(same.out, "instructions saved");
}

/* Every set of the four of a split ring that the registry takes by its parts is a cell, and no other. */
Test(timed_cli_ablate, cells_are_the_legal_combinations)
{
	bool legal[1u << FACTORS] = {false}, ran[1u << FACTORS] = {false};

	for (unsigned parts = 0; parts < 1u << FACTOR_PACKED; parts++) {
		const struct variant *v;
		struct vrb_err err;
		char name[128] = "";
		uint32_t set;

		for (unsigned f = 0; f < FACTOR_PACKED; f++) {
			if (!(parts >> f & 1))
				continue;
			strcat(name, *name ? "+" : "");
			strcat(name, ablation_factor_name((enum ablation_factor)f));
		}
		if (!parts)
			strcpy(name, "baseline");
		if (variants_find(name, &v, &err))
			continue;
		cr_assert(ablation_set_of(v->name, &set), "%s", v->name);
		legal[set] = true;
	}
	RAN(p, 0, folder, "ablate -d rx -n 64 -b 8 " SHORT);
	LOADED(s, in_folder("s.jsonl"));
	for (unsigned i = 0; i < s.ncells; i++) {
		uint32_t set;

		/* a variant of one's own is no optimization of the four */
		if (s.cells[i].role == ROLE_NULL || !ablation_set_of(s.cells[i].variant, &set))
			continue;
		cr_expect_not(ran[set], "%s twice", s.cells[i].variant);
		ran[set] = true;
	}
	for (uint32_t set = 0; set < 1u << FACTORS; set++) {
		char name[96];

		ablation_set_name(set, name, sizeof(name));
		cr_expect_eq(ran[set], legal[set], "%s", name);
	}
}
