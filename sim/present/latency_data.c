/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_data.c - how long buffers took, as data: tab-separated, JSON, and HdrHistogram's
 * percentile distributions.
 */
#include "analysis/latency_rows.h"
#include "session/head.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Steps while the distance to 100 % halves, as HdrHistogram has them unless told otherwise. */
#define TICKS 5

static void put_figure(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, "\t%.6g", v);
	else
		fputc('\t', out);
}

/* The highest of the points that is solid; NAN: none. */
static double solid_to(const struct latency_row *r)
{
	double solid = (double)NAN;

	for (unsigned i = 0; i < LATENCY_POINTS; i++) {
		if (hist_solid(r->hist->count, latency_points[i]))
			solid = latency_points[i];
	}
	return solid;
}

static double asked(const struct latency_row *r)
{
	return r->cell->pace == PACE_OPEN ? (double)r->cell->rate : (double)NAN;
}

void latency_tsv(FILE *out, const struct session *s)
{
	struct latency_set set;

	if (latency_make(s, &set, NULL))
		return;
	fputs("variant\tdirection\tring_size\tburst\tpayload\tloop\trate\tclass\tachieved\tsaturated\t"
	      "c2c_ns\tsamples\tdisturbed\tcount\tmin",
	      out);
	for (unsigned i = 0; i < LATENCY_POINTS; i++)
		fprintf(out, "\tp%g\tp%g_lo\tp%g_hi", latency_points[i], latency_points[i],
			latency_points[i]);
	fputs("\tmax\tmean\tsolid_to\n", out);
	for (unsigned i = 0; i < set.nrows; i++) {
		const struct latency_row *r = &set.rows[i];
		const struct cell *c = r->cell;

		fprintf(out, "%s\t%s\t%u\t%u\t%u\t%s", c->variant, direction_name(c->dir),
			c->ring_size, c->burst, c->payload, pace_name(c->pace));
		put_figure(out, asked(r));
		fprintf(out, "\t%s", place_class_name(r->place));
		put_figure(out, r->achieved);
		fprintf(out, "\t%s", r->saturated ? "yes" : "no");
		put_figure(out, r->c2c_ns);
		fprintf(out, "\t%u\t%u\t%" PRIu64 "\t%" PRIu64, r->samples, r->disturbed,
			r->hist->count, r->hist->min);
		for (unsigned k = 0; k < LATENCY_POINTS; k++) {
			fprintf(out, "\t%" PRIu64, hist_percentile(r->hist, latency_points[k]));
			put_figure(out, r->spread[k].lo);
			put_figure(out, r->spread[k].hi);
		}
		fprintf(out, "\t%" PRIu64, r->hist->max);
		put_figure(out, hist_mean(r->hist));
		put_figure(out, solid_to(r));
		fputc('\n', out);
	}
	latency_free(&set);
}

static json_t *figure(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *points_json(const struct latency_row *r)
{
	json_t *points = json_array();

	for (unsigned i = 0; i < LATENCY_POINTS; i++) {
		const double p = latency_points[i];

		json_array_append_new(
			points, json_pack("{s:f, s:o, s:b, s:o, s:o}", "percentile", p, "ns",
					  session_u64(hist_percentile(r->hist, p)), "solid",
					  hist_solid(r->hist->count, p), "lo",
					  figure(r->spread[i].lo), "hi", figure(r->spread[i].hi)));
	}
	return points;
}

static json_t *row_json(const struct latency_row *r)
{
	const struct cell *c = r->cell;

	return json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:s, s:o, s:s, s:o, s:b, s:o, s:I, s:I, s:o, s:o, s:o, s:o, "
		"s:o, s:o}",
		"variant", c->variant, "direction", direction_name(c->dir), "ring_size",
		(json_int_t)c->ring_size, "burst", (json_int_t)c->burst, "payload",
		(json_int_t)c->payload, "loop", pace_name(c->pace), "rate", figure(asked(r)),
		"class", place_class_name(r->place), "achieved", figure(r->achieved), "saturated",
		r->saturated, "c2c_ns", figure(r->c2c_ns), "samples", (json_int_t)r->samples,
		"disturbed", (json_int_t)r->disturbed, "count", session_u64(r->hist->count),
		"backwards", session_u64(r->backwards), "min", session_u64(r->hist->min), "points",
		points_json(r), "max", session_u64(r->hist->max), "mean",
		figure(hist_mean(r->hist)));
}

void latency_json(FILE *out, const struct session *s)
{
	struct latency_set set;
	json_t *rows = json_array(), *all;

	if (latency_make(s, &set, NULL)) {
		json_decref(rows);
		return;
	}
	for (unsigned i = 0; i < set.nrows; i++)
		json_array_append_new(rows, row_json(&set.rows[i]));
	all = json_pack("{s:s, s:O, s:o}", "session", s->path, "latency",
			json_object_get(s->head, "latency"), "rows", rows);
	if (all)
		json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	fputc('\n', out);
	json_decref(all);
	latency_free(&set);
}

/* ---- percentile distributions ---- */

/* The text of HdrHistogram's outputPercentileDistribution(), values in ns. */
static int put_hgrm(FILE *out, const struct hist *h)
{
	const size_t n = hist_steps(h, TICKS, NULL, 0);
	struct hist_step *steps = calloc(n + 1, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	hist_steps(h, TICKS, steps, n);
	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	for (size_t i = 0; i < n; i++) {
		const double share = steps[i].percent / 100;

		fprintf(out, "%12.3f %2.12f %10" PRIu64, (double)steps[i].value, share,
			steps[i].up_to);
		if (steps[i].percent < 100)
			fprintf(out, " %14.2f", 1 / (1 - share));
		fputc('\n', out);
	}
	fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", hist_mean(h),
		hist_stddev(h));
	fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n", (double)h->max,
		h->count);
	fprintf(out, "#[Buckets = %12d, SubBuckets     = %12u]\n", HIST_POWERS + 1, 2 * HIST_HALF);
	free(steps);
	return 0;
}

struct varies {
	bool ring, burst, payload;
};

static struct varies what_varies(const struct session *s)
{
	struct varies v = {0};

	for (unsigned i = 0; i < s->ncells; i++) {
		v.ring |= s->cells[i].ring_size != s->cells[0].ring_size;
		v.burst |= s->cells[i].burst != s->cells[0].burst;
		v.payload |= s->cells[i].payload != s->cells[0].payload;
	}
	return v;
}

/* "2030-01-31-host-1234-baseline-rx-open-1M-near" */
static void name_row(const struct session *s, const struct latency_row *r, char *buf, size_t size)
{
	const char *slash = strrchr(s->path, '/'), *name = slash ? slash + 1 : s->path;
	const struct varies v = what_varies(s);
	const struct cell *c = r->cell;
	const char *dot = strrchr(name, '.');
	char point[96] = "", rate[32] = "";
	int n = 0;

	if (v.ring)
		n += snprintf(point + n, sizeof(point) - (size_t)n, "-ring%u", c->ring_size);
	if (v.burst)
		n += snprintf(point + n, sizeof(point) - (size_t)n, "-burst%u", c->burst);
	if (v.payload)
		snprintf(point + n, sizeof(point) - (size_t)n, "-payload%u", c->payload);
	if (c->pace == PACE_OPEN) {
		rate[0] = '-';
		latency_rate_words(c->rate, rate + 1, sizeof(rate) - 1);
	}
	snprintf(buf, size, "%.*s-%s-%s-%s%s%s-%s",
		 (int)(dot && dot != name ? dot - name : (long)strlen(name)), name, c->variant,
		 direction_name(c->dir), pace_name(c->pace), rate, point,
		 place_class_name(r->place));
}

static int write_hgrm(const char *path, const struct hist *h, struct vrb_err *err)
{
	FILE *f = fopen(path, "we");
	int rc;

	if (!f)
		return vrb_fail(err, errno, "--hgrm: cannot write %.300s: %s", path,
				strerror(errno));
	rc = put_hgrm(f, h);
	if (fflush(f) || ferror(f))
		rc = -EIO;
	if (fclose(f) && !rc)
		rc = -errno;
	return rc ? vrb_fail(err, -rc, "--hgrm: cannot write %.300s: %s", path, strerror(-rc)) : 0;
}

int latency_hgrm(const struct session *s, const char *dir, struct vrb_err *err)
{
	struct latency_set set;
	int rc;

	if (!s->ntimed)
		return vrb_fail(
			err, ENODATA,
			"--hgrm: %.300s has no times of buffers; legal: a session of latency",
			s->path);
	rc = latency_make(s, &set, err);
	if (rc)
		return rc;
	rc = vrb_make_dir(dir, err);
	for (unsigned i = 0; !rc && i < set.nrows; i++) {
		char path[PATH_MAX], name[NAME_MAX];

		name_row(s, &set.rows[i], name, sizeof(name));
		snprintf(path, sizeof(path), "%s/%s.hgrm", dir, name);
		rc = write_hgrm(path, set.rows[i].hist, err);
	}
	latency_free(&set);
	return rc;
}
