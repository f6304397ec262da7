/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep_table.c - the curves of a sweep for a person: a table a panel, then where curves bend and
 * where they cross.
 */
#include "analysis/sweep_rows.h"

#include "analysis/groups.h"
#include "analysis/lines.h"

#include <string.h>

#define COLUMNS 11

enum column {
	VARIANT,
	VALUE,
	FIGURE,
	FIGURE_INTERVAL,
	RATIO,
	RATIO_INTERVAL,
	VERDICT,
	FIRST,
	FIRST_INTERVAL,
	FIRST_VERDICT,
	TRANSFERS,
};

struct line {
	char text[COLUMNS][64];
};

static bool left_aligned(unsigned column)
{
	return column == VARIANT || column == VERDICT || column == FIRST_VERDICT;
}

/* Columns that have nothing to say are left out. */
static bool shown(const struct sweep_report *r, unsigned column)
{
	switch ((enum column)column) {
	case FIGURE_INTERVAL:
	case RATIO_INTERVAL:
	case VERDICT:
	case FIRST_INTERVAL:
	case FIRST_VERDICT:
		return !r->exact;
	case TRANSFERS:
		return !r->exact && r->s->nmodelled;
	case VARIANT:
	case VALUE:
	case FIGURE:
	case RATIO:
	case FIRST:
		break;
	}
	return true;
}

static void put_value(char *buf, double v, int digits)
{
	if (isfinite(v))
		snprintf(buf, 64, "%.*f", digits, v);
	else
		snprintf(buf, 64, "-");
}

static void put_interval(char *buf, const struct interval *v, int digits)
{
	if (v->known)
		snprintf(buf, 64, "%.*f .. %.*f", digits, v->lo, digits, v->hi);
	else
		snprintf(buf, 64, "-");
}

static void fill_headings(const struct sweep_report *r, struct line *l)
{
	static const char *const fixed[COLUMNS] = {
		[VARIANT] = "variant",	     [FIGURE_INTERVAL] = "95 % interval",
		[RATIO] = "to baseline",     [RATIO_INTERVAL] = "95 % interval",
		[VERDICT] = "verdict",	     [FIRST_INTERVAL] = "95 % interval",
		[FIRST_VERDICT] = "verdict", [TRANSFERS] = "transfers",
	};

	for (unsigned c = 0; c < COLUMNS; c++)
		snprintf(l->text[c], sizeof(l->text[c]), "%s", fixed[c] ? fixed[c] : "");
	snprintf(l->text[VALUE], sizeof(l->text[0]), "%.60s", r->over.name);
	snprintf(l->text[FIGURE], sizeof(l->text[0]), "%s",
		 r->exact ? "transfers/buffer" : "ns/buffer");
	snprintf(l->text[FIRST], sizeof(l->text[0]), "to %.25s %.25s", r->over.name,
		 r->over.text[0]);
}

/* @named: the first row of its curve. */
static void fill_line(const struct sweep_report *r, const struct sweep_curve *c,
		      const struct sweep_row *row, bool named, struct line *l)
{
	const int digits = r->exact ? 3 : row->figure.mid < 100 ? 2 : 1;

	snprintf(l->text[VARIANT], sizeof(l->text[0]), "%.60s", named ? c->variant : "");
	snprintf(l->text[VALUE], sizeof(l->text[0]), "%.60s", r->over.text[row->value]);
	put_value(l->text[FIGURE], row->figure.mid, digits);
	put_interval(l->text[FIGURE_INTERVAL], &row->figure, digits);
	put_value(l->text[RATIO], row->ratio.mid, 3);
	put_interval(l->text[RATIO_INTERVAL], &row->ratio, 3);
	snprintf(l->text[VERDICT], sizeof(l->text[0]), "%s", verdict_name(row->verdict));
	put_value(l->text[FIRST], row->first.mid, 3);
	put_interval(l->text[FIRST_INTERVAL], &row->first, 3);
	snprintf(l->text[FIRST_VERDICT], sizeof(l->text[0]), "%s",
		 verdict_name(row->first_verdict));
	put_value(l->text[TRANSFERS], row->transfers, 3);
}

static void widen(const struct line *l, int widths[COLUMNS])
{
	for (unsigned c = 0; c < COLUMNS; c++) {
		const int len = (int)strlen(l->text[c]);

		widths[c] = len > widths[c] ? len : widths[c];
	}
}

static void put_line(FILE *out, const struct sweep_report *r, const struct line *l,
		     const int widths[COLUMNS])
{
	char text[COLUMNS * 68] = "";
	size_t used = 0;

	for (unsigned c = 0; c < COLUMNS; c++) {
		if (shown(r, c))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "  %*s",
						 left_aligned(c) ? -widths[c] : widths[c],
						 l->text[c]);
	}
	while (used && text[used - 1] == ' ')
		text[--used] = '\0';
	fprintf(out, "%s\n", text);
}

static void put_words(const struct sweep_report *r, const struct sweep_panel *p, bool by, char *buf,
		      size_t size)
{
	const struct {
		const char *name, *word, *unit;
		uint32_t value;
	} held[] = {
		{"ring-size", "ring", "", p->cell->ring_size},
		{"burst", "burst", "", p->cell->burst},
		{"payload", "payload", " B", p->cell->payload},
	};
	size_t used = (size_t)snprintf(buf, size, "%s", direction_name(p->cell->dir));

	for (size_t i = 0; i < ARRAY_SIZE(held) && used < size; i++) {
		if (strcmp(held[i].name, r->over.name) != 0 &&
		    (!r->by.name || strcmp(held[i].name, r->by.name) != 0))
			used += (size_t)snprintf(buf + used, size - used, ", %s %u%s", held[i].word,
						 held[i].value, held[i].unit);
	}
	if (by && r->by.name && used < size)
		used += (size_t)snprintf(buf + used, size - used, ", %s %s", r->by.name,
					 r->by.text[p->by]);
	if (!r->exact && used < size)
		snprintf(buf + used, size - used, ", %s", class_words(r->s, p->place));
}

void sweep_panel_words(const struct sweep_report *r, const struct sweep_panel *p, char *buf,
		       size_t size)
{
	put_words(r, p, true, buf, size);
}

void sweep_held_words(const struct sweep_report *r, const struct sweep_panel *p, char *buf,
		      size_t size)
{
	put_words(r, p, false, buf, size);
}

static void put_knees(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	const char *sep = "";

	for (unsigned i = p->first; i < p->first + p->count; i++) {
		const struct sweep_curve *c = &r->curves[i];

		for (unsigned k = c->first; c->has_knee && k < c->first + c->count; k++) {
			if (!r->rows[k].knee)
				continue;
			fprintf(out, "%s%s at %s", *sep ? sep : "  knees: ", c->variant,
				r->over.text[r->rows[k].value]);
			sep = ", ";
		}
	}
	if (*sep)
		fputc('\n', out);
}

static void put_crossings(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	unsigned unresolved = 0;

	for (unsigned i = p->first_crossing; i < p->first_crossing + p->ncrossings; i++) {
		const struct sweep_crossing *c = &r->crossings[i];

		if (!c->where.resolved) {
			unresolved++;
			continue;
		}
		fprintf(out, "  crossing: %s is below %s from between %g and %g on (about %.3g)\n",
			c->a, c->b, c->where.lo, c->where.hi, c->where.at);
	}
	if (unresolved)
		fprintf(out, "  %u more change%s of order %s not resolved\n", unresolved,
			unresolved == 1 ? "" : "s", unresolved == 1 ? "is" : "are");
}

/* Without one interval a panel says nothing, and its figures would be taken for something. */
static bool put_few(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	unsigned n = 0;

	for (unsigned i = p->first; i < p->first + p->count; i++) {
		const struct sweep_curve *c = &r->curves[i];

		for (unsigned k = c->first; k < c->first + c->count; k++) {
			if (r->rows[k].figure.known)
				return false;
			n += r->rows[k].row->used;
		}
	}
	fprintf(out, "  %u sample%s in all, too few to say anything (6 a row are needed)\n\n", n,
		n == 1 ? "" : "s");
	return true;
}

static void put_panel(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	int widths[COLUMNS] = {0};
	char words[256];
	struct line l;

	sweep_panel_words(r, p, words, sizeof(words));
	fputs(words, out);
	if (isfinite(p->handoff_ns))
		fprintf(out, ": %.0f ns a hand-off", p->handoff_ns);
	fputc('\n', out);
	if (put_few(out, r, p))
		return;
	fill_headings(r, &l);
	widen(&l, widths);
	for (unsigned i = p->first; i < p->first + p->count; i++) {
		const struct sweep_curve *c = &r->curves[i];

		for (unsigned k = 0; k < c->count; k++) {
			fill_line(r, c, &r->rows[c->first + k], true, &l);
			widen(&l, widths);
		}
	}
	fill_headings(r, &l);
	put_line(out, r, &l, widths);
	for (unsigned i = p->first; i < p->first + p->count; i++) {
		const struct sweep_curve *c = &r->curves[i];

		for (unsigned k = 0; k < c->count; k++) {
			fill_line(r, c, &r->rows[c->first + k], !k, &l);
			put_line(out, r, &l, widths);
		}
	}
	put_knees(out, r, p);
	put_crossings(out, r, p);
	fputc('\n', out);
}

void sweep_table(FILE *out, const struct sweep_report *r)
{
	char words[256];

	if (r->exact) {
		lines_model_words(r->s, words, sizeof(words));
		fprintf(out, "model: %s\n\n", words);
	}
	for (unsigned i = 0; i < r->npanels; i++)
		put_panel(out, r, &r->panels[i]);
}
