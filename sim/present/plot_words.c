/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_words.c - words of the plots, as gnuplot reads them: titles, panels, names, classes.
 */
#include "present/plot_data.h"

#include "analysis/lines.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* How many values a 95 % interval of a median needs; see stats.h. */
#define INTERVAL_SAMPLES 6

/*
 * Between single quotes gnuplot substitutes nothing but '' for a quote. A line must stay a
 * line, and a data block has quotes of its own, so control characters become blanks.
 */
void plot_put_indexed(FILE *out, const char *name, unsigned i, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	fputs(name, out);
	if (i)
		fprintf(out, "[%u]", i);
	fputs(" = '", out);
	for (const char *c = text; c && *c; c++) {
		if (*c == '\'')
			fputc('\'', out);
		fputc((unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c, out);
	}
	fputs("'\n", out);
	free(text);
}

void plot_put_number(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, " %.6g", v);
	else
		fputs(" NaN", out);
}

void plot_put_array(FILE *out, const char *array, const double *v, unsigned n)
{
	fprintf(out, "array %s[%u]\n", array, n + 1);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s[%u] = %.6g\n", array, i + 1, v[i]);
}

void plot_put_grid(FILE *out, unsigned panels, unsigned columns)
{
	fprintf(out,
		"NOTE = ''\nLEFT_OUT = ''\n"
		"NPANELS = %u\nNCOLS = %u\nNROWS = %u\narray PANEL[%u]\narray EMPTY[%u]\n"
		"do for [i=1:%u] { PANEL[i] = ''; EMPTY[i] = '' }\n",
		panels, columns, (panels + columns - 1) / columns, panels + 1, panels + 1,
		panels + 1);
}

void plot_put_texts(FILE *out, const char *array, const char *const *v, unsigned n)
{
	size_t longest = strlen("baseline");

	fprintf(out, "N%sS = %u\narray %s[%u]\n", array, n, array, n + 1);
	for (unsigned i = 0; i < n; i++) {
		plot_put_indexed(out, array, i + 1, "%s", v[i]);
		longest = strlen(v[i]) > longest ? strlen(v[i]) : longest;
	}
	fprintf(out, "%s_CHARS = %zu\n", array, longest);
}

void plot_put_regions(FILE *out, unsigned regions)
{
	size_t longest = 0;

	/* gnuplot goes through an empty list once */
	if (!regions)
		regions = 1u << REGION_DESC;
	fprintf(out, "NREGIONS = %d\nREGIONS = '", __builtin_popcount(regions));
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		if (regions >> i & 1)
			fprintf(out, "%u ", i);
	}
	fprintf(out, "'\narray REGION[%d]\n", REGION_KINDS);
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const char *words = lines_region_words((enum ring_region)i);

		fprintf(out, "REGION[%u] = '%s'\n", i + 1, words);
		if (regions >> i & 1 && strlen(words) > longest)
			longest = strlen(words);
	}
	fprintf(out, "REGION_CHARS = %zu\n", longest);
}

const char *plot_direction_words(enum direction dir)
{
	return dir == DIR_RX ? "RX (receive)" : "TX (transmit)";
}

void plot_point_words(const struct plot_set *set, const struct cell *c, bool varying,
		      bool no_payload, char *buf, size_t size)
{
	static const char *const before[PARAMETERS] = {", ring of ", ", bursts of ", ", payload "};

	char value[BURST_WORDS];

	buf[0] = '\0';
	for (unsigned p = 0; p < PARAMETERS; p++) {
		if (parameter_varies(set->s, p) != varying)
			continue;
		if (no_payload && p == PAYLOAD && !c->payload)
			text_add(buf, size, ", no payload");
		else
			text_add(buf, size, "%s%s%s%s", before[p],
				 p == BURST && session_is_replay(set->s) ? "at most " : "",
				 parameter_words(c, p, value), p == PAYLOAD ? " B" : "");
	}
}

void plot_cell_words(const struct cell *c, enum place_class place, unsigned what, char *buf,
		     size_t size)
{
	char value[BURST_WORDS];

	if (what & PLOT_VARIANT)
		text_add(buf, size, "%s, %s", c->variant, direction_name(c->dir));
	if (what & PLOT_RING)
		text_add(buf, size, ", ring %u", c->ring_size);
	if (what & PLOT_BURST)
		text_add(buf, size, ", burst %s", cell_burst_words(c, value));
	if (what & PLOT_PAYLOAD)
		text_add(buf, size, ", payload %u B", c->payload);
	for (unsigned i = 0; what & PLOT_VARIANT && i < CELL_PARAMS; i++) {
		if (c->params[i].name)
			text_add(buf, size, ", %s %s", c->params[i].name, c->params[i].value);
	}
	if (what & PLOT_PLACE && place != CLASS_COUNT && place != CLASS_NONE)
		text_add(buf, size, ", %s", place_class_name(place));
}

static bool view_item(const void *of, unsigned i, struct plot_item *out)
{
	const struct view *w = of;
	const struct row *first = view_row(w, &w->groups[i], 0);

	*out = (struct plot_item){first->cell, first->place, 0};
	return true;
}

void plot_choose_groups(struct plot_panels *out, const struct view *w)
{
	plot_choose(out, w, w->ngroups, view_item, PLOT_PANELS_MAX, true);
}

const struct view_group *plot_group_at(const struct view *w, const struct plot_panels *panels,
				       unsigned panel)
{
	return panels->item[panel] ? &w->groups[panels->item[panel] - 1] : NULL;
}

/* "RX, bursts of 8, CPUs near: 24 ns a hand-off" */
static void put_title(FILE *out, const struct plot_set *set, unsigned panel, const struct row *r,
		      void (*first)(const struct cell *c, char *buf, size_t size))
{
	const double handoff = group_handoff_ns(set->s, r->cell->group, r->place);
	char text[128], point[128];

	first(r->cell, text, sizeof(text));
	plot_point_words(set, r->cell, true, false, point, sizeof(point));
	text_add(point, sizeof(point), ", CPUs %s", place_class_name(r->place));
	if (isfinite(handoff))
		text_add(point, sizeof(point), ": %.0f ns a hand-off", handoff);
	plot_put_indexed(out, "PANEL", panel, "%s%s", text, point);
}

void plot_put_panels(FILE *out, const struct plot_set *set, const struct view *w,
		     const struct plot_panels *panels,
		     void (*first)(const struct cell *c, char *buf, size_t size))
{
	plot_put_grid(out, panels->n, panels->columns);
	if (panels->left_out)
		plot_put_string(out, "NOTE",
				"%u more groups are not drawn. The session file has all.",
				panels->left_out);
	for (unsigned i = 0; i < panels->n; i++) {
		const struct view_group *g = plot_group_at(w, panels, i);

		if (g)
			put_title(out, set, i + 1, view_row(w, g, 0), first);
		else
			plot_put_indexed(out, "EMPTY", i + 1, "no samples of this class");
	}
}

/* "AMD EPYC, host vm, 2030-01-31 12:00 UTC"; of the model not: any machine gives the same. */
void plot_put_machine(FILE *out, const struct plot_set *set)
{
	const char *model = head_string(set->s, "host", "cpu_model");
	const char *hypervisor = head_string(set->s, "host", "hypervisor");
	const char *started = head_string(set->s, NULL, "started");
	bool guest = *hypervisor && strcmp(hypervisor, "none") != 0;
	char line[512];

	if (session_is_model(set->s)) {
		lines_model_words(set->s, line, sizeof(line));
		plot_put_string(out, "MACHINE", "Coherence model: %s", line);
		return;
	}
	plot_put_string(out, "MACHINE", "%s%s%s%s, host %s, %.10s %.5s UTC",
			*model ? model : "unknown CPU", guest ? " (guest of " : "",
			guest ? hypervisor : "", guest ? ")" : "",
			head_string(set->s, "host", "hostname"), started,
			strlen(started) > 11 ? started + 11 : "");
}

void plot_sides_words(const struct session *s, char *buf, size_t size)
{
	const json_t *place = json_object_get(s->head, "placement");

	if (json_is_object(place))
		snprintf(buf, size, "driver on CPU %d, device on CPU %d",
			 (int)json_integer_value(json_object_get(place, "driver_cpu")),
			 (int)json_integer_value(json_object_get(place, "device_cpu")));
	else if (session_is_model(s))
		snprintf(buf, size, "computed, not measured");
}

/* What is the same in all panels, and where the sides ran. */
static void put_conditions(FILE *out, const struct plot_set *set)
{
	char point[128], line[256] = "";

	text_add(line, sizeof(line), "%s engine", head_string(set->s, NULL, "engine"));
	plot_sides_words(set->s, line, sizeof(line));
	plot_point_words(set, &set->s->cells[0], false, true, point, sizeof(point));
	if (set->s->status != SESSION_COMPLETE)
		text_add(point, sizeof(point), "; %s session", session_status_name(set->s->status));
	plot_put_string(out, "CONDITIONS", "%s%s", line, point);
}

static void put_panel_titles(FILE *out, const struct plot_set *set)
{
	for (unsigned i = 0; i < set->panels.n; i++) {
		const struct cell *c = plot_cell_at(set, i);
		char point[128];

		plot_point_words(set, c, true, true, point, sizeof(point));
		plot_put_indexed(out, "PANEL", i + 1, "%s%s", plot_direction_words(c->dir), point);
	}
}

/* What the samples of a row are called where an interval is made of them. */
static const char *sample_words(const struct plot_set *set)
{
	return set->kind == PLOT_RATIO ? "paired rounds" : "samples";
}

/* What stands in a panel that is empty. */
static void put_empty_words(FILE *out, const struct plot_set *set)
{
	for (unsigned i = 0; i < set->panels.n; i++)
		if (set->shown[i] || set->kind == PLOT_SAMPLES)
			continue;
		else if (set->present[i])
			fprintf(out, "EMPTY[%u] = 'fewer than %d %s a row'\n", i + 1,
				INTERVAL_SAMPLES, sample_words(set));
		else
			fprintf(out, "EMPTY[%u] = 'no %s'\n", i + 1, sample_words(set));
}

/* Which classes are not drawn, and why. */
static void put_left_out(FILE *out, const struct plot_set *set)
{
	char line[256] = "";
	bool any = false;

	for (int c = CLASS_NONE; c < CLASS_COUNT; c++) {
		unsigned without = 0;

		for (unsigned i = 0; i < set->panels.n; i++)
			without += (set->present[i] & ~set->shown[i]) >> c & 1;
		if (!without)
			continue;
		if (any)
			text_add(line, sizeof(line), ",");
		else
			text_add(line, sizeof(line),
				 "Left out, with fewer than %d %s a row:", INTERVAL_SAMPLES,
				 sample_words(set));
		text_add(line, sizeof(line), " %s%s", c == CLASS_NONE ? "" : "CPUs ",
			 class_words(set->s, (enum place_class)c));
		if (set->classes >> c & 1)
			text_add(line, sizeof(line), " in %u of %u panels", without, set->panels.n);
		any = true;
	}
	if (any)
		text_add(line, sizeof(line), ".");
	else if (set->few)
		text_add(line, sizeof(line),
			 "No row has the %d %s that an interval needs: nothing here is proven.",
			 INTERVAL_SAMPLES, sample_words(set));
	plot_put_string(out, "LEFT_OUT", "%s", line);
}

/* "near: 24 ns a hand-off", the median of the groups. */
static void put_classes(FILE *out, const struct plot_set *set)
{
	size_t longest = 0;

	fputs("CLASSES = '", out);
	for (int c = CLASS_NONE; c < CLASS_COUNT; c++)
		if (set->classes >> c & 1)
			fprintf(out, "%d ", c);
	fprintf(out, "'\nNCLASSES = %d\narray CLASS[%d]\n", __builtin_popcount(set->classes),
		CLASS_COUNT);
	for (int c = CLASS_NONE; c < CLASS_COUNT; c++) {
		double sum = 0;
		unsigned n = 0;
		char words[96];

		for (unsigned g = 0; g < set->sum->ngroups; g++) {
			double v = (int)set->sum->groups[g].place == c
					   ? group_handoff_ns(set->s, set->sum->groups[g].group,
							      (enum place_class)c)
					   : (double)NAN;

			if (isfinite(v)) {
				sum += v;
				n++;
			}
		}
		if (n)
			snprintf(words, sizeof(words), "CPUs %s: %.0f ns a hand-off",
				 place_class_name((enum place_class)c), sum / n);
		else
			snprintf(words, sizeof(words), "%s",
				 class_words(set->s, (enum place_class)c));
		plot_put_indexed(out, "CLASS", (unsigned)c + 1, "%s", words);
		if (set->classes >> c & 1 && strlen(words) > longest)
			longest = strlen(words);
	}
	fprintf(out, "CLASS_CHARS = %zu\n", longest);
}

void plot_put_frame(FILE *out, const struct plot_set *set)
{
	plot_put_machine(out, set);
	put_conditions(out, set);
	plot_put_grid(out, set->panels.n, set->panels.columns);
	if (set->panels.left_out)
		plot_put_string(out, "NOTE",
				"%u of %u combinations are drawn; the session file has all.",
				set->panels.n, set->panels.n + set->panels.left_out);
	put_left_out(out, set);
	put_panel_titles(out, set);
	put_empty_words(out, set);
	put_classes(out, set);
	fprintf(out, "NNULLS = %u\n", set->names.nulls);
	plot_put_texts(out, "NAME", set->names.v, set->names.n);
}
