/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * against.c - other sessions beside a prediction: may they be compared, what belongs to what.
 */
#include "run/against.h"

#include "analysis/groups.h"
#include "run/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void value_words(const json_t *v, char *buf, size_t size)
{
	if (json_is_string(v))
		snprintf(buf, size, "%.40s", json_string_value(v));
	else if (json_is_integer(v))
		snprintf(buf, size, "%lld", (long long)json_integer_value(v));
	else
		snprintf(buf, size, "none");
}

/* A session that an option of predict names. */
struct other {
	const char *option; /* "--against" */
	const struct session *session;
};

static int differs(const struct other *o, const char *option, const json_t *theirs,
		   const json_t *mine, struct vrb_err *err)
{
	char a[48], b[48];

	value_words(theirs, a, sizeof(a));
	value_words(mine, b, sizeof(b));
	return vrb_fail(err, EINVAL,
			"%s %.200s: measured with %s %s, predicted with %s; legal: a session with "
			"the same policies",
			o->option, o->session->path, option, a, b);
}

static int check_policies(const struct other *o, const struct plan *plan, struct vrb_err *err)
{
	const json_t *head = o->session->head, *theirs = json_object_get(head, "plan");
	json_t *mine = record_plan(plan), *simd = json_string(simd_name(plan->simd));
	int ret = 0;

	for (const struct policy *p = record_policies; !ret && p->member; p++) {
		const json_t *a = json_object_get(theirs, p->member);
		const json_t *b = json_object_get(mine, p->member);
		char words[48];

		value_words(b, words, sizeof(words));
		/* neither has it: the plans of both leave out what is not used */
		if (a != b && !json_equal(a, b) && (a || !p->was || !strstr(p->was, words)))
			ret = differs(o, p->option, a, b, err);
	}
	if (!ret && !json_equal(json_object_get(head, "simd"), simd))
		ret = differs(o, "--simd", json_object_get(head, "simd"), simd, err);
	json_decref(mine);
	json_decref(simd);
	return ret;
}

/* @legal: the engine that it must be of, and why. */
static int open_other(const char *option, const char *path, const char *engine, const char *legal,
		      const struct plan *plan, struct loaded *out, struct vrb_err *err)
{
	const struct other other = {option, &out->session};
	struct vrb_err why;
	const char *theirs;
	int ret = loaded_open(path, out, &why);

	if (ret)
		return vrb_fail(err, -ret, "%s: %.480s", option, why.msg);
	theirs = head_string(&out->session, NULL, "engine");
	if (strcmp(theirs, engine) != 0)
		ret = vrb_fail(err, EINVAL, "%s %.200s: a session of engine %.40s; legal: %s",
			       option, path, theirs, legal);
	if (!ret)
		ret = check_policies(&other, plan, err);
	if (ret)
		loaded_close(out);
	return ret;
}

int against_open(const struct plan *plan, struct loaded *out, struct vrb_err *err)
{
	return open_other("--against", plan->against_path, engine_name(ENGINE_NATIVE),
			  "one of engine native, which measured", plan, out, err);
}

int against_open_computing(const struct plan *plan, struct loaded *out, struct vrb_err *err)
{
	return open_other("--computing", plan->computing_path, SESSION_PREDICT,
			  "one of predict, which measured what sides compute", plan, out, err);
}

json_t *against_computing_words(const struct loaded *l)
{
	json_t *of =
		json_object_get(json_object_get(l->session.head, "prediction"), "computing_of");

	return json_is_string(of) ? json_incref(of) : against_words(l);
}

json_t *against_words(const struct loaded *l)
{
	const struct session *s = &l->session;

	return json_sprintf("%s, host %s, %.16s UTC, commit %.12s%s",
			    head_string(s, "host", "cpu_model"), head_string(s, "host", "hostname"),
			    head_string(s, NULL, "started"), head_string(s, NULL, "commit"),
			    s->status == SESSION_COMPLETE ? "" : " (not complete)");
}

/* ---- what belongs to what ---- */

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->dir == b->dir && cell_same_point(a, b) && !strcmp(a->variant, b->variant);
}

static bool same(const struct summary_row *r, const struct cell *cell, enum place_class place)
{
	return r->used && r->place == place && r->cell->role != ROLE_NULL &&
	       same_cell(r->cell, cell);
}

static const struct summary_row *find_row(const struct summary *sum, const struct cell *cell,
					  enum place_class place)
{
	for (unsigned i = 0; i < sum->nrows; i++) {
		if (same(&sum->rows[i], cell, place))
			return &sum->rows[i];
	}
	return NULL;
}

static const struct prediction *find_prediction(const struct session *s, const struct cell *cell)
{
	for (uint32_t i = 0; i < s->npredictions; i++) {
		if (same_cell(&s->cells[s->predictions[i].cell], cell))
			return &s->predictions[i];
	}
	return NULL;
}

int against_computing(const struct loaded *l, const struct cell *cells, uint32_t n,
		      struct predict_compute *out, struct vrb_err *err)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct prediction *p = find_prediction(&l->session, &cells[i]);
		char burst[BURST_WORDS];

		if (!p)
			return vrb_fail(err, EINVAL,
					"--computing %.200s: has no %.60s %s, ring %u, burst %s, "
					"payload %u B; legal: a session with all that is predicted",
					l->session.path, cells[i].variant,
					direction_name(cells[i].dir), cells[i].ring_size,
					cell_burst_words(&cells[i], burst), cells[i].payload);
		out[i] = p->compute;
	}
	return 0;
}

/* Things without a partner: how many, and the first by name. */
struct alone {
	unsigned n;
	char first[160];
};

static void add_alone(struct alone *a, const struct cell *c, enum place_class place)
{
	char burst[BURST_WORDS];

	if (!a->n++)
		snprintf(a->first, sizeof(a->first),
			 "%.60s %s, ring %u, burst %s, payload %u B, %s", c->variant,
			 direction_name(c->dir), c->ring_size, cell_burst_words(c, burst),
			 c->payload, place_class_name(place));
}

static void put_alone(struct session_writer *w, const char *what, const struct alone *a)
{
	if (a->n)
		session_put_warning(w, "%s: %u, the first: %s", what, a->n, a->first);
}

void against_put(const struct loaded *l, const struct cell *cells,
		 const struct prediction *predictions, size_t n, struct session_writer *w)
{
	struct alone unmeasured = {0}, unpredicted = {0};

	for (size_t i = 0; i < n; i++) {
		const struct prediction *p = &predictions[i];
		const struct cell *cell = &cells[p->cell];
		const struct summary_row *r = find_row(&l->summary, cell, p->place);

		if (!r) {
			add_alone(&unmeasured, cell, p->place);
			continue;
		}
		session_put(w, ROW_MEASURED,
			    &(struct measured){.cell = p->cell, .place = p->place, .ns = r->ns});
	}
	for_each (r, l->summary.rows, l->summary.nrows) {
		size_t k = 0;

		if (!r->used || r->cell->role == ROLE_NULL)
			continue;
		while (k < n && !same(r, &cells[predictions[k].cell], predictions[k].place))
			k++;
		if (k == n)
			add_alone(&unpredicted, r->cell, r->place);
	}
	put_alone(w, "predicted, but not measured", &unmeasured);
	put_alone(w, "measured, but not predicted", &unpredicted);
}
