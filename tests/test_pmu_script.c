/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_pmu_script.c - scripts/pmu-table: it makes the committed table, and refuses what it cannot
 * encode.
 */
#include "spawned.h"

#include <sys/stat.h>

static int run_table(const char *cwd, const char *option, struct spawned *s)
{
	char *const argv[] = {"scripts/pmu-table", (char *)option, NULL};

	spawn_run(s, argv, cwd);
	return s->code;
}

Test(pmu_script, makes_what_is_committed)
{
	struct spawned s;

	cr_assert_eq(run_table(spawn_root(), "--check", &s), 0, "%s%s", s.out, s.err);
	spawn_free(&s);
	cr_assert_eq(run_table(spawn_root(), "--what", &s), 2);
	expect_in(s.err, "usage:");
	spawn_free(&s);
}

/* A copy of what the script needs, in the test's folder. */
static void make_tree(void)
{
	static const char *const files[] = {"scripts/pmu-table", "sim/host/pmu_events.csv",
					    "sim/host/pmu_choice.csv", "sim/host/pmu_rows.inc"};
	char path[4400];

	make_folder();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", spawn_root(), files[i]);
		temp_dir_put(folder, files[i], get_text(path));
	}
	cr_assert_eq(chmod(in_folder(files[0]), 0700), 0);
}

static void append(const char *file, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "ae");
	cr_assert(f, "%s", path);
	fputs(text, f);
	fclose(f);
}

Test(pmu_script, shows_a_difference_and_mends_it, .init = make_tree, .fini = drop_folder)
{
	struct spawned s;

	append("sim/host/pmu_rows.inc", "{edited by hand},\n");
	cr_assert_eq(run_table(folder, "--check", &s), 1);
	expect_in(s.out, "-{edited by hand},");
	expect_in(s.err, "run it");
	spawn_free(&s);
	cr_assert_eq(run_table(folder, NULL, &s), 0, "%s", s.err);
	spawn_free(&s);
	cr_assert_eq(run_table(folder, "--check", &s), 0, "%s", s.out);
	spawn_free(&s);
}

/* A line of the choice that does not hold, and what is said of it. */
Test(pmu_script, refuses, .init = make_tree, .fini = drop_folder)
{
	static const struct {
		const char *line, *said;
	} cases[] = {
		{"icx,cycles,exact,ICX,NO.SUCH_EVENT,\n", "no such event: ICX,NO.SUCH_EVENT"},
		{"skx,inval_in,unavailable,,,why\n", "a second time: skx inval_in"},
		{"icx,cycles,unavailable,ICX,OCR.DEMAND_RFO.L3_HIT.SNOOP_HITM,\n",
		 "what is unavailable has no event"},
		{"icx,cycles,exact,,,\n", "what is unavailable has no event"},
		{"icx,cycles,nearly,,,\n", "not uarch,counter,quality"},
		{"icx,cycles,exact,ICX,OCR.DEMAND_RFO.L3_HIT.SNOOP_HITM\n",
		 "not uarch,counter,quality"},
		{"skx,cycles,exact,SKX..GNR,OFFCORE_REQUESTS.DEMAND_RFO,\n", "not one code: r04b0"},
		{"skx,cycles,exact,SKX/CLX,CORE_SNOOP_RESPONSE.RSP_IFWDM + "
		 "MEM_LOAD_L3_HIT_RETIRED.XSNP_HITM,\n",
		 "not one event select"},
		{"icx,cycles,exact,ICX,OCR.DEMAND_RFO.L3_HIT.SNOOP_HITM + "
		 "OCR.DEMAND_DATA_RD.L3_HIT.SNOOP_HITM,\n",
		 "not one event select"},
		{"icx,cycles,exact,ADL P-core (Golden Cove),OCR.DEMAND_RFO.L3_HIT.SNOOP_HITM,\n",
		 "cpu_core is no PMU of a core of icx"},
		{"zen5,cycles,exact,amd,no,a \"quote\"\n", "no such event"},
		{"zen5,cycles,exact,zen5,l2_request_g1.rd_blk_x,a \"quote\"\n",
		 "no place for quotes"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		freed_by(spawn_free) struct spawned s;

		drop_folder();
		make_tree();
		append("sim/host/pmu_choice.csv", cases[i].line);
		cr_assert_eq(run_table(folder, NULL, &s), 1, "%s", cases[i].line);
		cr_assert(strstr(s.err, cases[i].said), "%s: %s", cases[i].line, s.err);
		cr_assert(strstr(s.err, "pmu_choice.csv:"), "%s: %s", cases[i].line, s.err);
	}
}

/* A raw code of more than 16 bits, the same code in two ways, and masks put together. */
Test(pmu_script, encodes, .init = make_tree, .fini = drop_folder)
{
	static const struct {
		const char *line, *said;
	} cases[] = {
		{"zen5,cycles,exact,zen5,l2_fill_rsp_src.near_cache,\n",
		 "\"l2_fill_rsp_src.near_cache\",\n 0x100000465, 0x0, "},
		{"zen5,cycles,exact,zen5,l2_fill_rsp_src.near_cache + l2_fill_rsp_src.far_cache + "
		 "l2_fill_rsp_src.local_ccx,\n",
		 "\"l2_fill_rsp_src.near_cache + far_cache + local_ccx\",\n 0x100001665, 0x0, "},
		{"skx,cycles,exact,SKX,OFFCORE_RESPONSE.DEMAND_RFO.L3_MISS.REMOTE_HITM,\n",
		 " 0x1b7, 0x103fc00002, "},
		{"skx,cycles,exact,SKX/CLX,MEM_LOAD_L3_HIT_RETIRED.XSNP_HITM,\n", " 0x4d2, 0x0, "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spawned s;
		char path[300];
		char *const argv[] = {"/bin/cat", path, NULL};

		drop_folder();
		make_tree();
		append("sim/host/pmu_choice.csv", cases[i].line);
		cr_assert_eq(run_table(folder, NULL, &s), 0, "%s: %s", cases[i].line, s.err);
		spawn_free(&s);
		snprintf(path, sizeof(path), "%s/sim/host/pmu_rows.inc", folder);
		spawn_run(&s, argv, "/");
		cr_assert(strstr(s.out, cases[i].said), "%s: %s", cases[i].line,
			  strstr(s.out, "COUNTER_CYCLES"));
		spawn_free(&s);
	}
}
