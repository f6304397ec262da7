/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_data.c - how long buffers took, as HdrHistogram's percentile distributions.
 */
#include "analysis/groups.h"
#include "analysis/latency_rows.h"
#include "session/head.h"
#include "whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Steps while the distance to 100 % halves, as HdrHistogram has them unless told otherwise. */
#define TICKS 5

/* ---- percentile distributions ---- */

static const struct whole_kind hgrm_kind = {"--hgrm file",
					    "       Value     Percentile TotalCount ", NULL};

/* The text of HdrHistogram's outputPercentileDistribution(), values in ns. */
static int put_hgrm(FILE *out, void *of, struct vrb_err *err)
{
	const struct hist *h = of;
	const size_t n = hist_steps(h, TICKS, NULL, 0);
	struct hist_step *steps = calloc(n + 1, sizeof(*steps));

	(void)err;
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

/* "a/b.jsonl" -> "b": where it begins; returns its length. */
static int stem_of(const char *path, const char **begins)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	*begins = name;
	return dot && dot != name ? (int)(dot - name) : (int)strlen(name);
}

/* "2030-01-31-host-1234-baseline-rx-open-1M-near" */
static void name_row(const struct session *s, const struct latency_row *r, char *buf, size_t size)
{
	const struct cell *c = r->cell;
	const char *stem;
	const int length = stem_of(s->path, &stem);
	static const char *const names[PARAMETERS] = {"ring", "burst", "payload"};
	char point[96] = "", rate[32] = "";

	for (unsigned p = 0; p < PARAMETERS; p++) {
		if (parameter_varies(s, p))
			text_add(point, sizeof(point), "-%s%u", names[p], cell_parameter(c, p));
	}
	if (c->pace == PACE_OPEN) {
		rate[0] = '-';
		latency_rate_words(c->rate, rate + 1, sizeof(rate) - 1);
	}
	snprintf(buf, size, "%.*s-%s-%s-%s%s%s-%s", length, stem, c->variant,
		 direction_name(c->dir), pace_name(c->pace), rate, point,
		 place_class_name(r->place));
}

static bool is_hgrm_of(const char *name, const char *stem, size_t length)
{
	static const char end[] = ".hgrm";
	const size_t size = strlen(name);

	return size > length + sizeof(end) && !strncmp(name, stem, length) && name[length] == '-' &&
	       !strcmp(name + size - (sizeof(end) - 1), end);
}

int latency_may_hgrm(const char *session, const char *dir, struct vrb_err *err)
{
	const char *stem;
	const size_t length = (size_t)stem_of(session, &stem);
	DIR *in = opendir(dir);
	int rc = 0;

	/* what cannot be listed is found out when it is written */
	for (const struct dirent *e; !rc && in && (e = readdir(in)) != NULL;) {
		char path[PATH_MAX + NAME_MAX];

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (is_hgrm_of(e->d_name, stem, length))
			rc = whole_may_replace(&hgrm_kind, path, err);
	}
	if (in)
		closedir(in);
	return rc;
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
	rc = vrb_make_dir(dir, NULL, err);
	if (!rc)
		rc = latency_may_hgrm(s->path, dir, err);
	for (unsigned i = 0; !rc && i < set.nrows; i++) {
		char path[PATH_MAX], name[NAME_MAX];

		name_row(s, &set.rows[i], name, sizeof(name));
		snprintf(path, sizeof(path), "%s/%s.hgrm", dir, name);
		rc = whole_write(&hgrm_kind, path, put_hgrm, set.rows[i].hist, err);
	}
	latency_free(&set);
	return rc;
}
