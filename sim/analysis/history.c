/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * history.c - sessions over commits, read, merged and put in order.
 */
#include "analysis/history.h"

#include "analysis/compare.h"
#include "session/head.h"
#include "stats/stats.h"
#include "texts.h"
#include "whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- names of files ---- */

static int is_session(const struct dirent *e)
{
	const size_t len = strlen(e->d_name), end = strlen(".jsonl");

	return *e->d_name != '.' && len > end && !strcmp(e->d_name + len - end, ".jsonl");
}

static int add_folder(struct texts *names, const char *dir, struct vrb_err *err)
{
	struct dirent **found;
	const int n = scandir(dir, &found, is_session, alphasort);
	int rc = 0;

	if (n < 0)
		return vrb_fail(err, errno, "cannot read directory %.300s: %s", dir,
				strerror(errno));
	if (!n)
		rc = vrb_fail(err, ENOENT, "no session in %.300s: it has no *.jsonl", dir);
	for (int i = 0; i < n; i++) {
		texts_add(names, "%s/%s", dir, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return rc;
}

/* ---- a session ---- */

static double interval_half(const double *logs, unsigned n, double mean)
{
	double squares = 0;

	for (unsigned i = 0; i < n; i++)
		squares += (logs[i] - mean) * (logs[i] - mean);
	return n < 2 ? (double)NAN : stats_t_quantile(n - 1, 0.95) * sqrt(squares / (n - 1) / n);
}

static int put_times(struct history_entry *e)
{
	struct session *s = &e->s;
	struct pairing pairing;
	double *logs = calloc((size_t)s->nsamples + 1, sizeof(*logs));
	int rc = pairing_make(s, &pairing);

	e->times = calloc((size_t)s->ncells * CLASS_COUNT + 1, sizeof(*e->times));
	if (!logs || !e->times)
		rc = -ENOMEM;
	for (unsigned i = 0; !rc && i < s->ncells * CLASS_COUNT; i++) {
		struct history_time *t = &e->times[i];
		const struct cell *cell = &s->cells[i / CLASS_COUNT];

		if (compare_is_timed(s, cell))
			t->launches = compare_launch_logs(
				&pairing, cell->id, (enum place_class)(i % CLASS_COUNT), logs);
		for (unsigned k = 0; k < t->launches; k++)
			t->log += logs[k] / t->launches;
		t->half = interval_half(logs, t->launches, t->log);
	}
	if (!rc)
		pairing_free(&pairing);
	free(logs);
	/* what is left is small, and histories are long */
	free(s->samples);
	s->samples = NULL;
	s->nsamples = 0;
	return rc;
}

static int read_entry(struct history_entry *e, const char *path, struct vrb_err *err)
{
	int rc = session_load_brief(path, &e->s, err);

	if (rc)
		return rc == -EINVAL ? -EBADMSG : rc;
	if (e->s.status == SESSION_FAILED)
		rc = vrb_fail(err, EBADMSG, "%.300s: a launch of it failed, so nothing is compared",
			      path);
	else if (put_times(e))
		rc = vrb_fail(err, ENOMEM, "out of memory");
	e->commit = head_string(&e->s, NULL, "commit");
	e->dirty = json_is_true(json_object_get(e->s.head, "dirty"));
	return rc;
}

static void free_entry(struct history_entry *e)
{
	session_free(&e->s);
	free(e->times);
	memset(e, 0, sizeof(*e));
}

const char *history_commit(const struct history_entry *e, char buf[32])
{
	snprintf(buf, 32, "%.12s%s", *e->commit ? e->commit : "?", e->dirty ? "+" : "");
	return buf;
}

/* ---- their order ---- */

/* The place of a commit in a file of commits, from 1; 0: it is not in it. */
static unsigned line_of(const struct texts *order, const char *commit)
{
	for (unsigned i = 0; commit && *commit && i < order->n; i++) {
		if (!strncmp(order->v[i], commit, strlen(order->v[i])))
			return i + 1;
	}
	return 0;
}

static int read_order(const char *path, struct texts *out, struct vrb_err *err)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	if (!f)
		return vrb_fail(err, errno, "cannot read --order %.300s: %s", path,
				strerror(errno));
	while (!rc && getline(&line, &room, f) >= 0) {
		const size_t len = strspn(line, "0123456789abcdef");
		const bool ended = line[len] == '\0' || strchr("\r\n \t", line[len]);

		line[len] = '\0';
		if (len < 7 || len > 64 || !ended)
			rc = vrb_fail(err, EINVAL,
				      "--order %.300s:%u: not a commit of 7 to 64 hexadecimal "
				      "digits; legal: what git rev-list --reverse prints",
				      path, out->n + 1);
		else
			texts_add(out, "%s", line);
	}
	if (!rc && out->failed)
		rc = vrb_fail(err, ENOMEM, "out of memory");
	if (!rc && !out->n)
		rc = vrb_fail(err, EINVAL, "--order %.300s: no commit is in it", path);
	free(line);
	fclose(f);
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct history_entry *x = a, *y = b;
	const int by =
		strcmp(head_string(&x->s, NULL, "started"), head_string(&y->s, NULL, "started"));

	return x->line != y->line ? (x->line < y->line ? -1 : 1)
	       : by		  ? by
				  : strcmp(x->s.path, y->s.path);
}

static int by_place(const void *a, const void *b)
{
	const struct history_entry *x = a, *y = b;

	return x->place != y->place ? (x->place < y->place ? -1 : 1) : by_start(a, b);
}

static bool same_commit(const struct history_entry *a, const struct history_entry *b)
{
	return *a->commit && !a->dirty && !b->dirty && !strcmp(a->commit, b->commit);
}

static void drop_entry(struct history *h, unsigned i)
{
	free_entry(&h->v[i]);
	h->n--;
	memmove(&h->v[i], &h->v[i + 1], (h->n - i) * sizeof(*h->v));
	memset(&h->v[h->n], 0, sizeof(*h->v));
}

static int put_in_order(struct history *h, const char *path, struct vrb_err *err)
{
	struct texts order = {0};
	int rc = path ? read_order(path, &order, err) : 0;

	for (unsigned i = 0; path && !rc && i < h->n; i++)
		h->v[i].line = line_of(&order, h->v[i].commit);
	texts_free(&order);
	for (unsigned i = h->n; path && !rc && i-- > 0;) {
		if (h->v[i].line)
			continue;
		drop_entry(h, i);
		h->not_in_order++;
	}
	if (rc || !h->n)
		return rc ? rc
			  : vrb_fail(err, ENOENT,
				     "--order %.200s lists no commit of the %u sessions", path,
				     h->not_in_order);
	qsort(h->v, h->n, sizeof(*h->v), by_start);
	for (unsigned i = 0; i < h->n; i++) {
		unsigned k = 0;

		while (k < i && !same_commit(&h->v[k], &h->v[i]))
			k++;
		h->v[i].place = k < i ? h->v[k].place : h->commits++;
	}
	qsort(h->v, h->n, sizeof(*h->v), by_place);
	return 0;
}

/* ---- sessions of one commit ---- */

static bool same_cells(const struct session *a, const struct session *b)
{
	bool same = a->ncells == b->ncells;

	for (unsigned i = 0; same && i < a->ncells; i++)
		same = a->cells[i].role == ROLE_NULL ? b->cells[i].role == ROLE_NULL
						     : alike_cells(&a->cells[i], &b->cells[i]);
	return same;
}

static bool is_group(const struct session *a, const struct session *b)
{
	return alike_hardware(a, b) && !alike_policies(a, b, NULL);
}

static bool can_merge(const struct history_entry *a, const struct history_entry *b)
{
	struct difference differences[DIFFERENCES_MAX];

	return same_commit(a, b) && !alike_machines(&a->s, &b->s, differences) &&
	       is_group(&a->s, &b->s) && same_cells(&a->s, &b->s);
}

static void merge(struct history_entry *to, const struct history_entry *from)
{
	to->merged++;
	for (unsigned i = 0; i < to->s.ncells * CLASS_COUNT; i++) {
		struct history_time *a = &to->times[i];
		const struct history_time *b = &from->times[i];
		const double n = a->launches, m = b->launches;

		if (!b->launches)
			continue;
		if (!a->launches)
			*a = *b;
		else
			*a = (struct history_time){(n * a->log + m * b->log) / (n + m),
						   hypot(n * a->half, m * b->half) / (n + m),
						   a->launches + b->launches};
	}
}

static void merge_all(struct history *h)
{
	for (unsigned i = 0; i < h->n; i++) {
		for (unsigned k = i + 1; k < h->n && h->v[k].place == h->v[i].place;) {
			const bool copy = alike_sessions(&h->v[i].s, &h->v[k].s);

			if (!copy && !can_merge(&h->v[i], &h->v[k])) {
				k++;
				continue;
			}
			if (!copy)
				merge(&h->v[i], &h->v[k]);
			h->copies += copy;
			drop_entry(h, k);
		}
	}
}

/* ---- machines ---- */

static int put_groups(struct history *h)
{
	h->groups = calloc((size_t)h->n + 1, sizeof(*h->groups));
	for (unsigned i = 0; h->groups && i < h->n; i++) {
		unsigned k = 0;

		while (k < i && !is_group(&h->v[k].s, &h->v[i].s))
			k++;
		h->v[i].group = k < i ? h->v[k].group : h->ngroups++;
		struct history_group *to = &h->groups[h->v[i].group];

		if (!to->entries)
			to->entries = calloc(h->n, sizeof(*to->entries));
		if (!to->entries)
			return -ENOMEM;
		to->entries[to->n++] = i;
	}
	return h->groups ? 0 : -ENOMEM;
}

static int read_all(struct history *h, const struct texts *names, bool skip, struct vrb_err *err)
{
	h->v = calloc((size_t)names->n + 1, sizeof(*h->v));
	if (!h->v || names->failed)
		return vrb_fail(err, ENOMEM, "out of memory");
	for (unsigned i = 0; i < names->n; i++) {
		const int rc = read_entry(&h->v[h->n], names->v[i], err);

		if (!rc) {
			h->n++;
			continue;
		}
		free_entry(&h->v[h->n]);
		if (rc != -EBADMSG || !skip)
			return rc;
		vrb_complain(err, EXIT_INVALID);
		h->invalid++;
	}
	return h->n ? 0
		    : vrb_fail(err, ENOENT, "no session is left: all %u are invalid", h->invalid);
}

int history_open(struct history *out, char *const *paths, unsigned n,
		 const struct history_options *options, struct vrb_err *err)
{
	struct texts names = {0};
	int rc = 0;

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; !rc && i < n; i++) {
		struct stat st;

		if (!stat(paths[i], &st) && S_ISDIR(st.st_mode))
			rc = add_folder(&names, paths[i], err);
		else
			texts_add(&names, "%s", paths[i]);
	}
	if (!rc)
		rc = whole_apart("--page", options->page, "HISTORY", (const char *const *)names.v,
				 names.n, err);
	if (!rc)
		rc = whole_apart("--page", options->page, "--order", &options->order, 1, err);
	if (!rc)
		rc = read_all(out, &names, options->skip_invalid, err);
	texts_free(&names);
	if (!rc)
		rc = put_in_order(out, options->order, err);
	if (!rc) {
		merge_all(out);
		rc = put_groups(out) ? vrb_fail(err, ENOMEM, "out of memory") : 0;
	}
	if (rc)
		history_close(out);
	return rc;
}

void history_close(struct history *h)
{
	for (unsigned i = 0; i < h->n; i++)
		free_entry(&h->v[i]);
	for (unsigned i = 0; i < h->ngroups; i++)
		free(h->groups[i].entries);
	free(h->groups);
	free(h->v);
	memset(h, 0, sizeof(*h));
}
