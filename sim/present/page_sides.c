/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page_sides.c - machines side by side: what several sessions measured of the same cells.
 */
#include "present/page.h"

#include "analysis/alike.h"
#include "analysis/groups.h"
#include "analysis/lines.h"
#include "host/uarch.h"
#include "present/answer.h"

#include <errno.h>
#include <string.h>

/* Columns of a table: a page has no room for more. */
#define SIDES_MAX 32

/* A column: a group of a session in a class. */
struct side {
	const struct loaded *of;
	const struct summary_group *g;
};

/* All columns of one point. */
struct sides {
	struct side v[SIDES_MAX];
	unsigned n;
	unsigned left_out;
};

/* What a column shows of a row. */
typedef void side_fn(struct sheet *t, const struct side *x, const struct summary_row *r);

/* ---- which machine ---- */

static const char *host_word(const struct session *s, const char *key)
{
	return head_string(s, "host", key);
}

/* "zen5", or the processor's name where the microarchitecture is not known. */
static const char *kind_of_cpu(const struct session *s)
{
	const enum uarch u = uarch_of_words(host_word(s, "cpu_id"));

	return u == UARCH_UNKNOWN ? host_word(s, "cpu_model") : uarch_name(u);
}

static bool same_machine(const struct session *a, const struct session *b)
{
	return !strcmp(kind_of_cpu(a), kind_of_cpu(b)) &&
	       !strcmp(host_word(a, "hostname"), host_word(b, "hostname"));
}

/* ---- which columns ---- */

static bool measures_times(const struct session *s)
{
	const enum session_kind kind = session_kind(s);

	return kind == SESSION_RUN || kind == SESSION_SWEEP || kind == SESSION_PERF_STAT;
}

/* The cell of @s that is @cell of @first, measured in the same way; NULL: there is none. */
static const struct cell *same_cell(const struct session *s, const struct session *first,
				    const struct cell *cell)
{
	struct vrb_err err;

	if (!measures_times(s) || alike_policies(first, s, &err) ||
	    strcmp(head_string(s, NULL, "engine"), head_string(first, NULL, "engine")) != 0)
		return NULL;
	return alike_cell(s, cell);
}

static const struct cell *base_of(const struct loaded *of, const struct summary_group *g)
{
	const struct summary_row *base = group_row(&of->summary, g, ROLE_BASELINE);

	return base ? base->cell : NULL;
}

static void add_session(struct sides *out, const struct loaded *of, const struct cell *cell)
{
	for (unsigned k = 0; k < of->summary.ngroups; k++) {
		const struct summary_group *g = &of->summary.groups[k];

		if (base_of(of, g) != cell || !group_known(&of->summary, g))
			continue;
		if (out->n < SIDES_MAX)
			out->v[out->n++] = (struct side){of, g};
		else
			out->left_out++;
	}
}

static bool several_machines(const struct sides *x)
{
	for (unsigned i = 1; i < x->n; i++) {
		if (!same_machine(&x->v[0].of->session, &x->v[i].of->session))
			return true;
	}
	return false;
}

/* All that measured the cell, unless a session before the first one did: then it was shown. */
static bool find_sides(struct sides *out, const struct loaded *of, unsigned n, unsigned first,
		       const struct cell *cell)
{
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < n; i++) {
		const struct cell *c = same_cell(&of[i].session, &of[first].session, cell);

		if (c && i < first)
			return false;
		if (c)
			add_session(out, &of[i], c);
	}
	return several_machines(out);
}

/* ---- tables ---- */

static const struct summary_row *row_of(const struct side *x, const char *variant)
{
	for_rows (r, &x->of->summary, x->g) {
		if (r->cell->role != ROLE_NULL && !strcmp(r->cell->variant, variant))
			return r;
	}
	return NULL;
}

static void put_ratio(struct sheet *t, const struct side *x, const struct summary_row *r)
{
	if (r->cell->role == ROLE_BASELINE && r->ns.known)
		sheet_cell(t, "%.2f ns", r->ns.mid);
	else if (r->ratio.known)
		sheet_cell(t, "%.3f (%.3f to %.3f) %s", r->ratio.mid, r->ratio.lo, r->ratio.hi,
			   x->g->proven ? verdict_name(r->verdict) : "unproven");
	else
		sheet_cell(t, "too few samples");
}

static void put_modelled(struct sheet *t, const struct side *x, const struct summary_row *r)
{
	const double moved = lines_transfers(&x->of->session, r->cell);

	char model[32] = "-";

	if (isfinite(moved))
		snprintf(model, sizeof(model), "%.3f", moved);
	if (r->handoffs.n)
		sheet_cell(t, "%.2f / %s", r->handoffs.mid, model);
	else
		sheet_cell(t, "- / %s", model);
}

static void put_row(struct sheet *t, const struct sides *x, const char *variant, side_fn *put)
{
	sheet_cell(t, "%s", variant);
	for (unsigned i = 0; i < x->n; i++) {
		const struct summary_row *r = row_of(&x->v[i], variant);

		if (r)
			put(t, &x->v[i], r);
		else
			sheet_cell(t, "%s", "");
	}
}

/* Variants in the order of the first session that has them. */
static void put_table(struct sheets *all, const struct sides *x, const char *what, side_fn *put)
{
	const struct side *first = &x->v[0];
	char point[160];
	struct sheet *t;

	answer_title(point, sizeof(point), &first->of->session, base_of(first->of, first->g),
		     CLASS_COUNT);
	t = sheets_add(all, "%s: %s", point, what);
	if (!t)
		return;
	sheet_column(t, "variant", true, false, 0);
	for (unsigned i = 0; i < x->n; i++) {
		const struct session *s = &x->v[i].of->session;
		char heading[256];

		snprintf(heading, sizeof(heading), "%s, %s, %s", kind_of_cpu(s),
			 host_word(s, "hostname"), class_words(s, x->v[i].g->place));
		sheet_column(t, heading, false, false, 0);
	}
	for (unsigned i = 0; i < x->n; i++) {
		for_rows (r, &x->v[i].of->summary, x->v[i].g) {
			bool shown = r->cell->role == ROLE_NULL;

			for (unsigned k = 0; k < i && !shown; k++)
				shown = row_of(&x->v[k], r->cell->variant) != NULL;
			if (!shown)
				put_row(t, x, r->cell->variant, put);
		}
	}
}

static bool any_modelled(const struct sides *x)
{
	for (unsigned i = 0; i < x->n; i++) {
		if (isfinite(lines_transfers(&x->v[i].of->session, base_of(x->v[i].of, x->v[i].g))))
			return true;
	}
	return false;
}

/* The tables of all points. Returns how many columns have no room. */
static unsigned put_points(struct sheets *all, const struct loaded *of, unsigned n)
{
	unsigned left_out = 0;
	struct sides x;

	for (unsigned i = 0; i < n; i++) {
		for (unsigned c = 0; measures_times(&of[i].session) && c < of[i].session.ncells;
		     c++) {
			const struct cell *cell = &of[i].session.cells[c];

			if (cell->role != ROLE_BASELINE || !find_sides(&x, of, n, i, cell))
				continue;
			put_table(all, &x, "ratio to baseline", put_ratio);
			if (any_modelled(&x))
				put_table(all, &x, "hand-offs measured / transfers modelled",
					  put_modelled);
			left_out += x.left_out;
		}
	}
	return left_out;
}

int page_sides(const struct markup *m, const struct loaded *of, unsigned n)
{
	struct sheets all = {0};
	const unsigned left_out = put_points(&all, of, n);
	bool failed = all.failed;
	char line[64];

	for (unsigned i = 0; i < all.n; i++)
		failed |= all.v[i].cells.failed;
	if (!failed && all.n) {
		markup_heading(m, 2, NULL, "Machines side by side");
		for (unsigned i = 0; i < all.n; i++)
			markup_sheet(m, &all.v[i]);
		markup_paragraph(
			m, "fine",
			"Cells that sessions of several machines measured with the same policies. "
			"ratio to baseline: of the same machine and class, with its 95 % interval; "
			"of baseline its ns/buffer. hand-offs measured: ns/buffer over the one-way "
			"time between the two CPUs; transfers modelled: cache-line transfers per "
			"buffer that the session's model counts.");
		snprintf(line, sizeof(line), "Columns without room here: %u.", left_out);
		if (left_out)
			markup_paragraph(m, "warn", line);
	}
	sheets_free(&all);
	return failed ? -ENOMEM : 0;
}
