/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * export_text.c - OpenMetrics, the Go benchmark format, and JUnit's XML.
 */
#include "analysis/ab.h"
#include "present/export.h"
#include "session/head.h"

#include <string.h>

/* ---- OpenMetrics ---- */

static void put_label(FILE *out, const char *between, const char *key, const char *value)
{
	fprintf(out, "%s%s=\"", between, key);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else
			fprintf(out, "%s%c", strchr("\\\"", *value) ? "\\" : "", *value);
	}
	fputc('"', out);
}

/* No type "info": readers of Prometheus' text format, which is else the same, refuse it. */
static void put_info(FILE *out, const struct session *s)
{
	static const struct {
		const char *label, *object, *key;
	} about[] = {
		{"commit", NULL, "commit"},	    {"version", NULL, "version"},
		{"compiler", NULL, "compiler"},	    {"started", NULL, "started"},
		{"host", "host", "hostname"},	    {"cpu", "host", "cpu_model"},
		{"microcode", "host", "microcode"}, {"kernel", "host", "kernel"},
	};

	fputs("# TYPE vringbench_session_info gauge\n"
	      "# HELP vringbench_session_info What was measured, and where.\n"
	      "vringbench_session_info",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(about); i++)
		put_label(out, i ? "," : "{", about[i].label,
			  head_string(s, about[i].object, about[i].key));
	fputs("} 1\n", out);
}

/* A value a series: a launch as a label would begin new series with each session. */
int export_openmetrics(FILE *out, const struct export *e)
{
	int last = -1;

	put_info(out, e->set.s);
	for_series(x, e)
	{
		const struct export_kind *kind = export_kind(x);
		struct series_label l[SERIES_LABELS];
		const unsigned n = series_labels(e->set.s, x, l);

		if ((int)x->kind != last)
			fprintf(out,
				"# TYPE vringbench_%s gauge\n# UNIT vringbench_%s %s\n"
				"# HELP vringbench_%s %s.\n",
				kind->metric, kind->metric, kind->metric_unit, kind->metric,
				kind->help);
		last = (int)x->kind;
		fprintf(out, "vringbench_%s", kind->metric);
		for (unsigned i = 0; i < n; i++)
			put_label(out, i ? "," : "{", l[i].key, l[i].value);
		fprintf(out, "} %.9g\n", x->median * kind->scale);
	}
	fputs("# EOF\n", out);
	return 0;
}

/* ---- the Go benchmark format ---- */

/*
 * A line a launch: benchstat takes lines of one name for independent repetitions. It compares only
 * what has the same configuration ("key: value"), so that has what decides a time, and no commit. A
 * name must not end in -DIGITS, which would be GOMAXPROCS: a variant's may, a class does not.
 */
int export_benchstat(FILE *out, const struct export *e)
{
	static const char *const keys[][3] = {{"cpu", "host", "cpu_model"},
					      {"microcode", "host", "microcode"},
					      {"kernel", "host", "kernel"}};

	fputs("pkg: vringbench\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = head_string(e->set.s, keys[i][1], keys[i][2]);

		if (*value)
			fprintf(out, "%s: %.*s\n", keys[i][0], (int)strcspn(value, "\r\n"), value);
	}
	for (unsigned k = SERIES_TRANSFERS; k < SERIES_KINDS; k++)
		fprintf(out, "Unit %s better=lower assume=exact\n", export_kinds[k].go_unit);
	for_series(x, e)
	{
		char name[EXPORT_NAME];

		export_name(e, x, name);
		for (unsigned i = 0; i < x->n; i++)
			fprintf(out, "BenchmarkRing/%s\t%llu\t%.9g %s\n", name,
				(unsigned long long)x->values[i].buffers, x->values[i].v,
				export_kind(x)->go_unit);
	}
	return 0;
}

/* ---- JUnit ---- */

/* Control characters are none in XML 1.0, not even escaped. */
static void put_xml(FILE *out, const char *text)
{
	static const char special[] = "<>&\"'";
	static const char *const escaped[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};

	for (; *text; text++) {
		const char *at = strchr(special, *text);

		if (at)
			fputs(escaped[at - special], out);
		else
			fputc((unsigned char)*text < ' ' && *text != '\n' ? '?' : *text, out);
	}
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put_xml(out, value);
	fputc('"', out);
}

static void put_case(FILE *out, const char *class, const char *name)
{
	fputs(" <testcase", out);
	put_attribute(out, "classname", class);
	put_attribute(out, "name", name);
	fputc('>', out);
}

/* The run as a whole: its integrity check, and whether it came to its end. */
static void put_run(FILE *out, const struct session *s)
{
	put_case(out, "vringbench", "the run and its integrity check");
	if (s->status != SESSION_COMPLETE) {
		fputs(s->status == SESSION_FAILED ? "<failure" : "<error", out);
		put_attribute(out, "message", session_status_name(s->status));
		fputc('>', out);
		for (unsigned i = 0; i < s->nwarnings; i++) {
			put_xml(out, s->warnings[i]);
			fputc('\n', out);
		}
		fputs(s->status == SESSION_FAILED ? "</failure>" : "</error>", out);
	}
	fputs("</testcase>\n", out);
}

/* The suite, and its first case. @failures: of all other cases. */
static void begin_suite(FILE *out, const struct session *s, unsigned tests, unsigned failures,
			unsigned skipped)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites>\n<testsuite tests=\"%u\" failures=\"%u\" errors=\"%d\" skipped=\"%u\"",
		tests, failures + (s->status == SESSION_FAILED), s->status == SESSION_INTERRUPTED,
		skipped);
	put_attribute(out, "name", "vringbench");
	put_attribute(out, "timestamp", head_string(s, NULL, "started"));
	put_attribute(out, "hostname", head_string(s, "host", "hostname"));
	fputs(">\n", out);
	put_run(out, s);
}

/* A case for each verdict of `ab`: a regression is a failure. */
static void put_verdicts(FILE *out, const struct export *e, const struct compared *c)
{
	char name[EXPORT_NAME], why[256];

	for (unsigned i = 0; i < c->v[0].nrows; i++) {
		const struct compare_row *r = &c->v[0].rows[i];
		const struct series of = {.cell = r->cell, .kind = SERIES_NS, .place = r->place};
		const bool failed = r->change == CHANGE_REGRESSION;

		snprintf(why, sizeof(why), "%s", change_name(r->change));
		if (r->ratio.known)
			text_add(why, sizeof(why), ": new / old %.3f, %.3f to %.3f", r->ratio.mid,
				 r->ratio.lo, r->ratio.hi);
		if (*r->why)
			text_add(why, sizeof(why), "; %s", r->why);
		put_case(out, "vringbench.ab", export_name(e, &of, name));
		if (failed || r->change == CHANGE_INCONCLUSIVE) {
			fputs(failed ? "<failure" : "<skipped", out);
			put_attribute(out, "message", why);
			fputs("/>", out);
		}
		fputs("</testcase>\n", out);
	}
}

static int export_ab(FILE *out, const struct export *e)
{
	const struct session *s = e->set.s;
	struct vrb_err err;
	struct compared c;
	int rc = ab_again(&c, s, &err);

	if (rc)
		return rc;
	begin_suite(out, s, c.v[0].nrows + 1, c.v[0].tally[0][CHANGE_REGRESSION],
		    c.v[0].tally[0][CHANGE_INCONCLUSIVE]);
	put_verdicts(out, e, &c);
	fputs("</testsuite>\n</testsuites>\n", out);
	compare_free(&c);
	return 0;
}

int export_junit(FILE *out, const struct export *e)
{
	const struct session *s = e->set.s;
	char name[EXPORT_NAME], class[64];
	unsigned skipped = 0;

	if (session_kind(s) == SESSION_AB)
		return export_ab(out, e);
	for (unsigned i = 0; i < s->ncells; i++)
		skipped += export_reason(e, &s->cells[i], EXPORT_ALL) != NULL;
	begin_suite(out, s, e->set.n + skipped + 1, 0, skipped);
	for_series(x, e)
	{
		snprintf(class, sizeof(class), "vringbench.%s", export_kind(x)->key);
		put_case(out, class, export_name(e, x, name));
		fprintf(out, "<system-out>%.6g %s, repetitions: %u</system-out></testcase>\n",
			x->median, export_kind(x)->unit, x->n);
	}
	for (unsigned i = 0; i < s->ncells; i++) {
		const struct series none = {.cell = &s->cells[i], .kind = SERIES_NS};
		const char *why = export_reason(e, none.cell, EXPORT_ALL);

		if (!why)
			continue;
		put_case(out, "vringbench.ns", export_name(e, &none, name));
		fputs("<skipped", out);
		put_attribute(out, "message", why);
		fputs("/></testcase>\n", out);
	}
	fputs("</testsuite>\n</testsuites>\n", out);
	return 0;
}
