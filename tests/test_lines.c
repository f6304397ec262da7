/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_lines.c - sessions of the model: counts written and read back, and what is made of them
 * for people, programs and gnuplot.
 */
#include "analysis/lines.h"
#include "present/report.h"

#include "session_builder.h"

#include <sys/stat.h>

TestSuite(lines, .init = make_folder, .fini = drop_folder);

#define BUFFERS 1000

/* ---- made-up counts ---- */

static struct sample model_sample(uint32_t cell)
{
	struct sample s = make_sample(cell, 0, 0, 12.5, CLASS_NONE);

	s.buffers = BUFFERS;
	s.steal_ns = 0;
	return s;
}

/* 0.25 desc, 0.0625 avail_entries and 0.03125 used_idx a buffer; as many upgrades of desc. */
static void make_counts(struct coh_counts c[AGENTS], uint64_t extra)
{
	memset(c, 0, AGENTS * sizeof(*c));
	c[AGENT_DRIVER].accesses = 5000;
	c[AGENT_DRIVER].by[COH_READ_DIRTY][REGION_USED_IDX] = 31;
	c[AGENT_DRIVER].by[COH_UPGRADE][REGION_DESC] = 250;
	c[AGENT_DEVICE].accesses = 4000;
	c[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_DESC] = 200;
	c[AGENT_DEVICE].by[COH_READ_CLEAN][REGION_DESC] = 50;
	c[AGENT_DEVICE].by[COH_OWN_DIRTY][REGION_AVAIL_ENTRIES] = 62 + extra;
	c[AGENT_DEVICE].by[COH_OWN_CLEAN][REGION_AVAIL_ENTRIES] = 1;
	c[AGENT_DEVICE].elsewhere[REGION_AVAIL_IDX][REGION_AVAIL_ENTRIES] = 31;
}

static void put_cell_counts(struct session_writer *w, uint32_t cell, uint64_t extra)
{
	struct coh_counts c[AGENTS];
	struct sample s = model_sample(cell);

	make_counts(c, extra);
	session_put(w, ROW_SAMPLE, &s);
	session_put_counts(w, ROW_COUNTS, &s, COH_MESI, c);
}

static struct session_writer *start_model(const char *path, const char *mode)
{
	static const struct cell points[] = {
		CELL(0, 0, ROLE_BASELINE, "baseline", .dir = DIR_RX),
		CELL(1, 0, ROLE_VARIANT, "in-order", .dir = DIR_RX),
		CELL(2, 1, ROLE_BASELINE, "baseline", .dir = DIR_TX),
	};
	struct session_writer *w;
	json_t *head = make_head("model", "host");

	json_object_set_new(json_object_get(head, "model"), "mode", json_string(mode));
	w = begin_session(path, head, points, ARRAY_SIZE(points));
	return w;
}

/* Two cells of RX, one of TX, which did not run unless @tx. */
static void make_model_session(const char *path, const char *mode, bool tx)
{
	struct session_writer *w = start_model(path, mode);

	put_cell_counts(w, 1, 100);
	put_cell_counts(w, 0, 0);
	if (tx)
		put_cell_counts(w, 2, 500);
	finish_session(w);
}

/* ---- in a session file ---- */

Test(lines, every_count_survives_the_round_trip)
{
	struct session_writer *w = start_model(SESSION, "lockstep");
	struct sample m = model_sample(1);
	static struct coh_counts in[AGENTS];
	uint64_t n = (1ull << 53) - 1000;

	for (unsigned i = 0; i < AGENTS; i++) {
		in[i].accesses = n++;
		for (unsigned r = 0; r < REGION_KINDS; r++) {
			for (unsigned k = 0; k < COH_KINDS; k++)
				in[i].by[k][r] = n++;
			in[i].prefetched[r] = n++;
			in[i].writebacks[r] = n++;
			for (unsigned k = 0; k < REGION_KINDS; k++)
				in[i].elsewhere[r][k] = k == r ? 0 : n++;
		}
	}
	in[0].by[COH_UPGRADE][REGION_POOL] = 0;
	in[1].elsewhere[REGION_DESC][REGION_POOL] = 0;
	session_put(w, ROW_SAMPLE, &m);
	session_put_counts(w, ROW_COUNTS, &m, COH_MESI, in);
	finish_session(w);
	LOADED(s, SESSION);
	cr_assert_eq(s.ncounts, 1);
	expect_have(s.counts, cell == 1, buffers == m.buffers, elapsed_ns == m.elapsed_ns);
	for (unsigned i = 0; i < AGENTS; i++)
		cr_expect_eq(memcmp(&s.counts->side[i], &in[i], sizeof(in[i])), 0, "side %u", i);
}

Test(lines, what_is_0_is_not_in_the_file)
{
	make_model_session(SESSION, "lockstep", true);
	const char *text = get_text(SESSION);

	expect_in(text,
		  "\"driver\":{\"accesses\":5000,\"read_dirty\":{\"used_idx\":"
		  "31},\"upgrade\":{\"desc\":250}}",
		  "\"elsewhere\":{\"avail_idx>avail_entries\":31}}");
}

/* ---- as data ---- */

Test(lines, tsv_has_one_header_and_six_decimals)
{
	make_model_session(SESSION, "lockstep", false);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TSV);

	cr_expect_str_eq(
		text,
		"variant\tdirection\tring_size\tburst\tpayload\tprotocol\tmode\ttransfers\t"
		"upgrades\tmemory\tdesc\tindirect\tavail_idx\tavail_entries\tused_idx\tused_elements\tavail_event\tused_event\tdriver_event\tdevice_event\theader\t"
		"payload\tpool\tother\n"
		"baseline\trx\t256\t32\t0\tmesi\tlockstep\t0.344000\t0.250000\t0.000000\t"
		"0.250000\t0.000000\t0.000000\t0.063000\t0.031000\t0.000000\t0.000000\t0.000000\t"
		"0.000000\t0.000000\t0.000000\t0.000000\t0.000000\t0.000000\n"
		"in-order\trx\t256\t32\t0\tmesi\tlockstep\t0.444000\t0.250000\t0.000000\t"
		"0.250000\t0.000000\t0.000000\t0.163000\t0.031000\t0.000000\t0.000000\t0.000000\t"
		"0.000000\t0.000000\t0.000000\t0.000000\t0.000000\t0.000000\n"
		"baseline\ttx\t256\t32\t0\tmesi\tlockstep\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\n",
		"%s", text);
}

Test(lines, regions_sum_to_the_total)
{
	struct session_writer *w = start_model(SESSION, "lockstep");
	struct sample m = model_sample(0);
	static struct coh_counts in[AGENTS];
	uint64_t n = 1, transfers = 0, upgrades = 0, memory = 0;
	double sum = 0;

	for (unsigned i = 0; i < AGENTS * COH_KINDS * REGION_KINDS; i++, n = n * 7 % 1009) {
		const unsigned k = i / 2 % COH_KINDS;

		in[i % 2].by[k][i / 2 / COH_KINDS] = n;
		if (k == COH_UPGRADE)
			upgrades += n;
		else if (k == COH_READ_MEMORY || k == COH_OWN_MEMORY)
			memory += n;
		else
			transfers += n;
	}
	session_put(w, ROW_SAMPLE, &m);
	session_put_counts(w, ROW_COUNTS, &m, COH_MESI, in);
	finish_session(w);
	LOADED(s, SESSION);
	for (unsigned r = 0; r < REGION_KINDS; r++)
		sum += lines_in(s.counts, coh_transfers, r);
	cr_expect_float_eq(sum, (double)transfers / BUFFERS, 1e-9);
	cr_expect_float_eq(lines_in_all(s.counts, coh_transfers), sum, 1e-9);
	cr_expect_float_eq(lines_in_all(s.counts, coh_upgrades), (double)upgrades / BUFFERS, 1e-9);
	cr_expect_float_eq(lines_in_all(s.counts, coh_memory), (double)memory / BUFFERS, 1e-9);
}

Test(lines, json_tells_each_side_by_kind_and_false_sharing)
{
	make_model_session(SESSION, "timed", false);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_JSON);
	json_t *all = json_loads(text, 0, NULL), *row = json_at(all, "rows.1");

	cr_assert_not_null(row, "%s", text);
	cr_expect_str_eq(text_at(all, "session"), SESSION);
	cr_expect_eq(number_at(all, "model.line"), 64);
	cr_assert_eq(json_array_size(json_at(all, "rows")), 3);
	cr_expect_str_eq(text_at(row, "variant"), "in-order");
	cr_expect_str_eq(text_at(row, "mode"), "timed");
	cr_expect_float_eq(number_at(row, "transfers"), 0.444, 1e-9);
	cr_expect_float_eq(number_at(row, "ns"), 12.5, 1e-9);
	cr_expect_float_eq(number_at(row, "regions.avail_entries"), 0.163, 1e-9);
	cr_expect_float_eq(number_at(row, "regions.pool"), 0, 1e-9);
	cr_expect_float_eq(number_at(row, "driver.upgrade.desc"), 0.25, 1e-9);
	cr_expect_float_eq(number_at(row, "device.read_clean.desc"), 0.05, 1e-9);
	cr_expect_float_eq(number_at(row, "device.accesses"), 4, 1e-9);
	cr_assert_eq(json_array_size(json_at(row, "device.false_sharing")), 1);
	cr_expect_str_eq(text_at(row, "device.false_sharing.0.lost_to"), "avail_idx");
	cr_expect_str_eq(text_at(row, "device.false_sharing.0.wanted"), "avail_entries");
	cr_expect_float_eq(number_at(row, "device.false_sharing.0.transfers"), 0.031, 1e-9);
	cr_expect(json_is_null(json_at(all, "rows.2.transfers")), "it did not run");
	json_decref(all);
}

/* ---- on the screen ---- */

Test(lines, the_table_tells_what_was_modelled_and_what_moved)
{
	struct session_writer *w = start_model(SESSION, "lockstep");

	put_cell_counts(w, 1, 100);
	put_cell_counts(w, 0, 0);
	session_put_warning(w, "hm");
	cr_assert_eq(session_commit(w, SESSION_INTERRUPTED, NULL, 0, NULL), 0);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TABLE);

	expect_in(
		text, "coherence model: mesi, lockstep (a burst each in turn), lines of 64 B\n",
		"nothing moved in: indirect, avail_idx, used_elements, avail_event, used_event, driver_event, device_event, header, payload, pool, other\n",
		"\nrx, ring 256, burst 32, payload 0 B\n  variant ",
		"  variant   transfers  upgrades  memory   desc  avail_entries  used_idx  by driver",
		"  baseline      0.344     0.250       0  0.250          0.063     0.031      0.031",
		"  in-order      0.444     0.250       0  0.250          0.163     0.031      0.031",
		"  by driver  by device\n", "      0.031      0.313\n",
		"      0.031      0.413\n  false sharing: transfers of a line that was lost to ",
		"\n    wanted         lost to        baseline  in-order\n",
		"\n    avail_entries  avail_idx         0.031     0.031\n",
		"\ntx, ring 256, burst 32, payload 0 B\n",
		"\n  baseline          -         -       -      -              -         -          -",
		"interrupted: ", "warning: hm\n");
	expect_not_in(text, "unproven", "null row", "nan", " \n", "not visible", "verdict");
	expect_not_in(text, "  ns");
}

Test(lines, the_table_of_a_timed_session_tells_its_times)
{
	make_model_session(SESSION, "timed", true);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TABLE);

	expect_in(
		text,
		"mesi, timed, lines of 64 B, times of zen5-near, serial bound, store buffer of 64\n",
		"ns by the model's clocks\n",
		"  variant   transfers  upgrades  memory    ns   desc",
		"  in-order      0.444     0.250       0  12.5  0.250");
}

Test(lines, prefetches_and_write_backs_have_columns_only_where_there_are_any)
{
	struct session_writer *w = start_model(SESSION, "lockstep");
	struct sample m = model_sample(0);
	struct coh_counts c[AGENTS];

	make_counts(c, 0);
	c[AGENT_DRIVER].prefetched[REGION_DESC] = 2;
	c[AGENT_DRIVER].writebacks[REGION_DESC] = 3;
	c[AGENT_DEVICE].writebacks[REGION_OTHER] = 4;
	session_put(w, ROW_SAMPLE, &m);
	session_put_counts(w, ROW_COUNTS, &m, COH_MESI, c);
	finish_session(w);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TABLE);

	expect_in(text, "  prefetched  write-backs\n", "       0.002        0.007\n");
}

Test(lines, nothing_is_ranked_and_nothing_is_unproven)
{
	make_model_session(SESSION, "timed", true);
	SUMMED(s, sum, SESSION);
	assert_have(&sum, nrows == 3, ngroups == 2);
	for (unsigned i = 0; i < sum.nrows; i++)
		cr_expect_eq(sum.rows[i].verdict, VERDICT_NONE, "row %u", i);
	for (unsigned i = 0; i < sum.ngroups; i++)
		cr_expect_eq(sum.groups[i].proven, true, "group %u", i);
}

/* ---- the picture ---- */

Test(lines, a_session_of_the_model_has_one_picture, .timeout = HANG_S)
{
	struct stat st = {0};

	make_model_session(in_folder("m.jsonl"), "lockstep", true);
	draw_session(in_folder("m.jsonl"));
	cr_expect_eq(stat(in_folder("plots/m-transfers.png"), &st), 0);
	cr_expect_gt((long)st.st_size, 1000L);
	expect_in(get_text(in_folder("plots/m-transfers.svg")), "descriptors", "avail entries",
		  "used->idx", "0.344", "0.444", "RX (receive)", "in-order");
	expect_not_in(get_text(in_folder("plots/m-transfers.svg")), "used elements",
		      "payload metadata", "zen5");
	cr_expect(!has_plot("m-ns.svg"));
}

Test(lines, a_session_of_the_model_without_counts_is_drawn_empty, .timeout = HANG_S)
{
	struct session_writer *w = start_model(in_folder("m.jsonl"), "lockstep");

	finish_session(w);
	draw_session(in_folder("m.jsonl"));
	expect_in(get_text(in_folder("plots/m-transfers.svg")), "no samples");
}
