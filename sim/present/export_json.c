/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * export_json.c - JSON of Google Benchmark, and of github-action-benchmark.
 */
#include "present/export.h"
#include "session/head.h"

#include <errno.h>

static int put_json(FILE *out, json_t *all)
{
	const bool there = all != NULL;

	if (there && !json_dumpf(all, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)))
		fputc('\n', out);
	json_decref(all);
	return there ? 0 : -ENOMEM;
}

/* Exact figures of the cell, as Google Benchmark has a user's counters. */
static void add_counters(json_t *entry, const struct export *e, const struct cell *cell)
{
	for_series(x, e)
	{
		char key[48];

		if (x->cell != cell || x->kind < SERIES_TRANSFERS)
			continue;
		snprintf(key, sizeof(key), "%s%s%s",
			 x->kind == SERIES_INSTRUCTIONS ? side_name(x->part) : "",
			 x->kind == SERIES_INSTRUCTIONS ? "_" : "", export_kind(x)->key);
		json_object_set_new(entry, key, json_real(x->median));
	}
}

/*
 * An entry a launch: compare.py tests whether the repetitions of two files differ, and takes them for
 * independent. Both sides poll, so cpu_time, which must be there, is real_time.
 */
int export_google_benchmark(FILE *out, const struct export *e)
{
	const struct session *s = e->set.s;
	json_t *all = json_pack("{s:{s:s, s:s, s:s, s:s, s:i, s:s}}", "context", "date",
				head_string(s, NULL, "started"), "host_name",
				head_string(s, "host", "hostname"), "executable",
				head_string(s, NULL, "command"), "commit",
				head_string(s, NULL, "commit"), "num_cpus",
				(int)json_integer_value(json_object_get(
					json_object_get(s->head, "host"), "cpus_online")),
				"library_build_type", "release");
	json_t *entries = json_array();
	int family = 0;

	for_series(x, e)
	{
		char name[EXPORT_NAME];

		export_name(e, x, name);
		for (unsigned i = 0; x->kind < SERIES_TRANSFERS && i < x->n; i++) {
			const struct series_value *v = &x->values[i];
			json_t *entry = json_pack(
				"{s:s, s:i, s:i, s:s, s:s, s:i, s:i, s:i, s:I, s:f, s:f, s:s}",
				"name", name, "family_index", family, "per_family_instance_index",
				0, "run_name", name, "run_type", "iteration", "repetitions",
				(int)x->n, "repetition_index", (int)i, "threads", 1, "iterations",
				(json_int_t)v->buffers, "real_time", v->v, "cpu_time", v->v,
				"time_unit", "ns");

			add_counters(entry, e, x->cell);
			json_array_append_new(entries, entry);
		}
		family += x->kind < SERIES_TRANSFERS;
	}
	json_object_set_new(all, "benchmarks", entries);
	return put_json(out, all);
}

/* As "customSmallerIsBetter" is read: one value a series, and the spread of launches as a text. */
int export_github_action(FILE *out, const struct export *e)
{
	json_t *all = json_array();

	for_series(x, e)
	{
		char name[EXPORT_NAME], range[64];
		double lo = x->median, hi = x->median;
		json_t *entry;

		for (unsigned i = 0; i < x->n; i++) {
			lo = fmin(lo, x->values[i].v);
			hi = fmax(hi, x->values[i].v);
		}
		snprintf(range, sizeof(range), "%.6g .. %.6g", lo, hi);
		entry = json_pack(
			"{s:o, s:s, s:f}", "name",
			json_sprintf("%s %s", export_kind(x)->key, export_name(e, x, name)), "unit",
			export_kind(x)->unit, "value", x->median);
		if (x->n > 1) {
			json_object_set_new(entry, "range", json_string(range));
			json_object_set_new(entry, "extra",
					    json_sprintf("median of %u launches", x->n));
		}
		json_array_append_new(all, entry);
	}
	return put_json(out, all);
}
