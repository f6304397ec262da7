/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_predict_report.c - predictions in session files: what they are compared with belongs to
 * them, and what is said of the comparison is right; and the command.
 */
#include "session_builder.h"

#include "analysis/predictions.h"
#include "present/report.h"

TestSuite(predict_session, .init = make_folder, .fini = drop_folder);

/* ---- a session made by hand ---- */

static json_t *predict_head(void)
{
	json_t *head = make_head("native", "host");

	json_object_set_new(head, "engine", json_string(SESSION_PREDICT));
	json_object_set_new(
		head, "prediction",
		json_pack("{s:s, s:s, s:s, s:i, s:b, s:n, s:i, s:i, s:f, s:{s:{s:f}}, s:s}",
			  "machine", "zen9", "source", "a guess", "protocol", "mesi", "line", 64,
			  "prefetch", 0, "cache", "store_buffer", 64, "window", 50, "hit_ns", 0.5,
			  "places", "near", "upgrade", 20.0, "measured_on", "A CPU, today"));
	return head;
}

static void put_measured(struct session_writer *w, uint32_t cell, enum place_class place, double ns,
			 double lo, double hi)
{
	session_put(w, ROW_MEASURED,
		    &(struct measured){
			    .cell = cell, .place = place, .ns = {ns, lo, hi, 10, isfinite(lo)}});
}

/*
 * near: one measured between the bounds, one above both; their order is told apart, and the
 * overlapped bound has it the other way round. far: one without an interval, one not measured.
 */
static void made_up_session(const char *path, bool measured)
{
	static const struct prediction rows[] = {
		{0, CLASS_NEAR, {1.25, 0.75}, {30, 10}},
		{0, CLASS_FAR, {1.25, 0.75}, {90, 50}},
		{1, CLASS_NEAR, {1.25, 0.75}, {40, 8}},
		{1, CLASS_FAR, {1.25, 0.75}, {80, 40}},
	};
	struct session_writer *w = begin_session(path, predict_head(), cells, 2);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		session_put(w, ROW_PREDICTION, &rows[i]);
	if (measured) {
		put_measured(w, 0, CLASS_NEAR, 20, 19, 21);
		put_measured(w, 1, CLASS_NEAR, 50, 45, 55);
		put_measured(w, 0, CLASS_FAR, 25, (double)NAN, (double)NAN);
	}
	finish_session(w);
}

/* That session, read back. */
#define MADE_UP(s, measured)                             \
	made_up_session(in_folder("p.jsonl"), measured); \
	LOADED(s, in_folder("p.jsonl"))

Test(predict_session, predictions_come_back_as_they_were)
{
	MADE_UP(s, true);
	assert_have(&s, npredictions == 4, nmeasured == 3);
	expect_have(&s.predictions[1], place == CLASS_FAR, ns[BOUND_SERIAL] == 90,
		    ns[BOUND_OVERLAPPED] == 50);
	expect_have(&s.predictions[2], cell == 1, compute.drv_ns == 1.25, compute.dev_ns == 0.75);
	expect_have(&s.measured[1].ns, mid == 50, hi == 55, n == 10);
	cr_expect(s.measured[1].ns.known);
	cr_expect(!s.measured[2].ns.known);
}

Test(predict_session, the_middle_is_as_far_from_one_bound_as_from_the_other)
{
	static const double known[][3] = {
		{4, 9, 6}, {9, 4, 6}, {5, 5, 5}, {1e-200, 1e-220, 1e-210}, {1e200, 1e220, 1e210},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct prediction p = {.ns = {known[i][0], known[i][1]}};
		struct measured m = {.ns = {.mid = known[i][2] / 2}};
		struct predicted r = {.p = &p, .m = &m};

		cr_expect_float_eq(predicted_ns(&p, FIGURE_MIDDLE) / known[i][2], 1, 1e-12,
				   "row %zu: %g", i, predicted_ns(&p, FIGURE_MIDDLE));
		cr_expect_float_eq(predicted_error(&r, FIGURE_MIDDLE), 1, 1e-12, "row %zu: %g", i,
				   predicted_error(&r, FIGURE_MIDDLE));
		cr_expect_eq(predicted_ns(&p, BOUND_SERIAL), p.ns[BOUND_SERIAL], "row %zu", i);
		cr_expect_eq(predicted_ns(&p, BOUND_OVERLAPPED), p.ns[BOUND_OVERLAPPED], "row %zu",
			     i);
	}
}

/* Where clocks decide the order, not even the serial bound is always the larger one. */
Test(predict_session, between_is_between_whichever_bound_is_larger)
{
	static const struct {
		double measured;
		int side;
	} rows[] = {{9, -1}, {10, 0}, {20, 0}, {30, 0}, {31, 1}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned larger = 0; larger <= BOUND_OVERLAPPED; larger++) {
			struct measured m = {.ns = {.mid = rows[i].measured}};
			struct prediction p = {.ns = {10, 10}};
			struct predicted r = {.p = &p, .m = &m};

			p.ns[larger] = 30;
			cr_expect_eq(predicted_side(&r), rows[i].side, "%g, %s is larger: %d",
				     rows[i].measured, model_bound_name((enum model_bound)larger),
				     predicted_side(&r));
		}
}

Test(predict_session, scores_are_those_worked_out_by_hand)
{
	struct predicted_score scores[CLASS_COUNT];
	freed_by(predicted_free) struct predicted_set set;

	MADE_UP(s, true);
	cr_assert_eq(predicted_make(&s, &set, NULL), 0);
	cr_assert_eq(predicted_scores(&set, scores, NULL), 0);
	expect_have(&scores[CLASS_NEAR], cells == 2, between == 1, rank[BOUND_SERIAL].pairs == 1);
	cr_expect_float_eq(stats_rank_tau(&scores[CLASS_NEAR].rank[BOUND_SERIAL]), 1, 1e-12);
	cr_expect_float_eq(stats_rank_tau(&scores[CLASS_NEAR].rank[BOUND_OVERLAPPED]), -1, 1e-12);
	/* 30/20 - 1 = .5 and 40/50 - 1 = -.2; 10/20 - 1 = -.5 and 8/50 - 1 = -.84 */
	cr_expect_float_eq(scores[CLASS_NEAR].error[BOUND_SERIAL], 0.35, 1e-12);
	cr_expect_float_eq(scores[CLASS_NEAR].error[BOUND_OVERLAPPED], 0.67, 1e-12);
	/* sqrt(300) and sqrt(320): 17.32/20 - 1 = -.134, 17.89/50 - 1 = -.642 */
	cr_expect_float_eq(stats_rank_tau(&scores[CLASS_NEAR].rank[FIGURE_MIDDLE]), 1, 1e-12);
	cr_expect_float_eq(scores[CLASS_NEAR].error[FIGURE_MIDDLE],
			   (2 - sqrt(300) / 20 - sqrt(320) / 50) / 2, 1e-12);
	expect_have(&scores[CLASS_FAR], cells == 1, between == 0, rank[BOUND_SERIAL].pairs == 0);
	cr_expect_eq(scores[CLASS_SMT].cells, 0);
}

Test(predict_session, the_table_has_both_and_says_how_good)
{
	const char *path = in_folder("p.jsonl");
	freed_by(free_text) char *text;

	made_up_session(path, true);
	text = printed_of(path, FORMAT_TABLE);
	RAN(exported, EXIT_DONE, folder, "export --format=benchstat p.jsonl");
	expect_in(exported.out,
		  "/model=lines_of_64_B,_mesi,_store_buffer_of_64,_window_of_50_accesses/");
	expect_in(
		text,
		"machine: zen9; a guess\nmodelled: lines of 64 B, mesi, store buffer of 64, window of 50 accesses\n",
		"measured: A CPU, today",
		"rx, ring 256, burst 32, payload 0 B, near: ns per buffer",
		"rx, ring 256, burst 32, payload 0 B, far: ns per buffer",
		"middle: the geometric mean of the two bounds, overlapped and serial\n",
		"10.00   30.00   17.32     20.00  19.00 .. 21.00      -13 %  between\n",
		"8.00   40.00   17.89     50.00  45.00 .. 55.00      -64 %  above\n", "below\n",
		"near: 2 measured, 1 (50 %) between the bounds; 1 pair whose",
		"  overlapped      serial      middle\n",
		"tau       -1.00        1.00        1.00\n",
		"error                                  67 %        35 %        39 %\n",
		"far: 1 measured, 0 (0 %)");
}

Test(predict_session, nothing_measured_has_no_columns)
{
	const char *path = in_folder("p.jsonl");
	char *table, *tsv;

	made_up_session(path, false);
	table = printed_of(path, FORMAT_TABLE);
	tsv = printed_of(path, FORMAT_TSV);
	expect_not_in(table, "measured is", "tau");
	expect_not_in(tsv, "error");
	expect_in(tsv, "\nbaseline\trx\t256\t32\t0\tnear\t1.25\t0.75\t10\t30\t17.3205\n");
	free(table);
	free(tsv);
}

Test(predict_session, data_have_the_middle)
{
	const char *path = in_folder("p.jsonl");
	char *tsv, *json;

	made_up_session(path, true);
	tsv = printed_of(path, FORMAT_TSV);
	json = printed_of(path, FORMAT_JSON);
	expect_in(tsv,
		  "\toverlapped_ns\tserial_ns\tmiddle_ns\tns\tns_lo\tns_hi\t"
		  "error_overlapped\terror_serial\terror_middle\tmeasured_is\n",
		  "\t10\t30\t17.3205\t20\t19\t21\t-0.5\t0.5\t-0.133975\tbetween\n",
		  "\t40\t80\t56.5685\t\t\t\t\t\t\t\n");

	json_t *all = json_loads(json, 0, NULL);
	double middle = 0, error = 0, tau = 0, median = 0;

	cr_assert_eq(json_unpack(all, "{s:[{s:F, s:F}], s:{s:{s:F, s:F}}}", "rows", "middle_ns",
				 &middle, "error_middle", &error, "scores", "near", "tau_middle",
				 &tau, "median_error_middle", &median),
		     0, "%s", json);
	cr_expect_float_eq(middle, sqrt(300), 1e-4);
	cr_expect_float_eq(error, sqrt(300) / 20 - 1, 1e-5);
	cr_expect_float_eq(tau, 1, 1e-5);
	cr_expect_float_eq(median, (2 - sqrt(300) / 20 - sqrt(320) / 50) / 2, 1e-5);
	json_decref(all);
	free(tsv);
	free(json);
}

/* ---- the command ---- */

/* A session as if measured, with the policies of make_head(): near and far. */
static void put_native(const char *path, const char *engine)
{
	struct session_writer *w;
	json_t *head = make_head(engine, "host");

	json_object_set_new(head, "simd", json_string("scalar"));
	w = begin_session(path, head, cells, NCELLS);
	put_rounds(w, CLASS_NEAR, 50, 0.5, 0.001, 0);
	finish_session(w);
}

Test(predict_session, what_differs_from_the_measured_session_is_named)
{
	static const struct bad_line bad[] = {
		{"--align 64", {"--align 4096", "predicted with 64"}},
		{"--align 4096 --free-list lifo", {"--free-list fifo", "predicted with lifo"}},
		{"--align 4096 --outstanding 16", {"--outstanding 0", "predicted with 16"}},
		{"--align 4096 --clean-threshold 8",
		 {"--clean-threshold none", "predicted with 8"}},
		{"--align 4096 --start-index 7", {"--start-index 0", "predicted with 7"}},
	};

	put_native(in_folder("native.jsonl"), "native");
	expect_refused(folder, "predict --against native.jsonl --simd scalar", bad,
		       ARRAY_SIZE(bad));
}

Test(predict_session, bad_input_is_refused)
{
	static const struct bad_line bad[] = {
		{"--machine zen55", {"did you mean zen5"}},
		{"--machine zen5-moon", {"no place 'moon'"}},
		{"--against nonexistent.jsonl", {"--against: cannot read"}},
		{"--against one-core.jsonl", {"a session of engine one-core"}},
		{"--against=", {"--against ''"}},
		{"--engine native", {"--engine"}},
		{"--mode lockstep", {"unknown option --mode"}},
		{"--bound serial", {"unknown option --bound"}},
		{"--rounds 3", {"unknown option --rounds"}},
		{"--cpus 0,1", {"unknown option --cpus"}},
		{"--inject lose:1", {"unknown option --inject"}},
		{"--json /nonexistent/x", {"--json /nonexistent/x"}},
		{"session.jsonl", {"stands alone"}},
	};

	put_native(in_folder("one-core.jsonl"), "one-core");
	expect_refused(folder, "predict", bad, ARRAY_SIZE(bad));
}

Test(predict_session, run_has_no_session_to_compare_with)
{
	static const struct bad_line bad = {"--against x", {"unknown option --against"}};

	expect_refused(folder, "", &bad, 1);
}

/* From the words to the file, and from the file alone to the same table. */
Test(predict_session, a_measured_session_stands_beside_the_prediction)
{

	put_native(in_folder("native.jsonl"), "native");
	RAN(first, EXIT_DONE, folder,
	    "predict --machine zen5 --variant in-order -d rx --align 4096 --simd scalar "
	    "--against native.jsonl --json p.jsonl --buffers 4096");
	LOADED(s, in_folder("p.jsonl"));
	cr_assert_eq(s.npredictions, 4, "%u", s.npredictions);
	cr_assert_eq(s.nmeasured, 2, "%u", s.nmeasured);
	cr_expect_eq(s.measured[0].place, CLASS_NEAR);
	cr_expect_float_eq(s.measured[0].ns.mid, 51, 1.01);
	cr_expect_float_eq(s.measured[1].ns.mid, 25.5, 0.51);
	for (unsigned i = 0; i < s.npredictions; i++)
		cr_expect_gt(s.predictions[i].compute.drv_ns, 0);
	expect_by_schema(in_folder("p.jsonl"), "{\"type\":\"prediction\"}");

	/* a second look needs the measured session no more */
	remove(in_folder("native.jsonl"));
	RAN(again, EXIT_DONE, folder, "table p.jsonl");
	cr_expect_str_eq(again.out, first.out);
	expect_in(again.out, "predicted, but not measured: 2, the first: baseline");
}

/* What sides compute is what an older prediction has, to the last digit, whatever this machine does. */
Test(predict_session, computing_is_taken_from_an_older_prediction)
{
	static const char words[] =
		"predict -q --machine zen5-near -d rx --ring-size 64 --burst 4,8 "
		"--buffers 2000 --simd scalar --json %s";
	static const struct bad_line bad[] = {
		{"--burst 16 --computing old.jsonl",
		 {"old.jsonl: has no baseline rx, ring 64, burst 16"}},
		{"--burst 4 --free-list lifo --computing old.jsonl",
		 {"--computing old.jsonl: measured with --free-list fifo, predicted with lifo"}},
		{"--burst 4 --computing none.jsonl", {"--computing: cannot read"}},
		{"--burst 4 --computing native.jsonl",
		 {"a session of engine native; legal: one of predict"}},
		{"--burst 4 --computing old.jsonl --json old.jsonl",
		 {"--json old.jsonl: --computing old.jsonl is the same file"}},
	};

	RAN(old, EXIT_DONE, folder, words, "old.jsonl --variant baseline,in-order");
	RAN(p, EXIT_DONE, folder, words, "new.jsonl --variant in-order --computing old.jsonl");
	expect_in(p.out, "computing: one core of ", ", commit ");
	/* through a second session it is still said where that was */
	RAN(again, EXIT_DONE, folder, words,
	    "third.jsonl --variant in-order --computing new.jsonl");
	cr_expect_str_eq(again.out, p.out);
	LOADED(was, in_folder("old.jsonl"));
	LOADED(is, in_folder("new.jsonl"));
	cr_assert_eq(is.npredictions, was.npredictions);
	for (unsigned i = 0; i < is.npredictions; i++) {
		cr_expect_eq(is.predictions[i].compute.drv_ns, was.predictions[i].compute.drv_ns);
		cr_expect_eq(is.predictions[i].ns[BOUND_ESTIMATE],
			     was.predictions[i].ns[BOUND_ESTIMATE]);
	}
	expect_by_schema(in_folder("new.jsonl"), "{\"type\":\"prediction\"}");
	put_native(in_folder("native.jsonl"), "native");
	expect_refused(folder, "predict -d rx --ring-size 64 --simd scalar", bad, ARRAY_SIZE(bad));
}

/* 30/20 - 1 = .5 and 45/50 - 1 = -.1: and the right order. */
Test(predict_session, estimates_are_scored_where_there_are_some)
{
	static const struct prediction rows[] = {
		{0, CLASS_NEAR, {1.25, 0.75}, {30, 10, 30}},
		{1, CLASS_NEAR, {1.25, 0.75}, {40, 8, 45}},
	};
	const char *path = in_folder("p.jsonl");
	struct predicted_score scores[CLASS_COUNT];
	freed_by(predicted_free) struct predicted_set set;
	struct session_writer *w = begin_session(path, predict_head(), cells, 2);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		session_put(w, ROW_PREDICTION, &rows[i]);
	put_measured(w, 0, CLASS_NEAR, 20, 19, 21);
	put_measured(w, 1, CLASS_NEAR, 50, 45, 55);
	finish_session(w);
	LOADED(s, path);
	cr_assert_eq(predicted_make(&s, &set, NULL), 0);
	cr_assert_eq(predicted_scores(&set, scores, NULL), 0);
	cr_expect_float_eq(scores[CLASS_NEAR].error[BOUND_ESTIMATE], 0.3, 1e-12);
	cr_expect_float_eq(stats_rank_tau(&scores[CLASS_NEAR].rank[BOUND_ESTIMATE]), 1, 1e-12);
}
