/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_data.c - words and numbers of the plots, as gnuplot reads them.
 *
 * Lines of a data block begin with the panel (from 1) and the class (enum place_class);
 * the gnuplot files pick theirs by these two.
 */
#include "present/plot_data.h"
#include "analysis/lines.h"

#include <inttypes.h>
#include <string.h>

/* How many values a 95 % interval of a median needs; see stats.h. */
#define INTERVAL_SAMPLES 6

/* ---- words ---- */

/*
 * Between single quotes gnuplot substitutes nothing but '' for a quote. A line must stay a
 * line, and a data block has quotes of its own, so control characters become blanks.
 */
static void put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (const char *c = text; *c; c++) {
		if (*c == '\'')
			fputc('\'', out);
		fputc((unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c, out);
	}
	fputc('\'', out);
}

void plot_put_string(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%s = ", name);
	put_quoted(out, text);
	fputc('\n', out);
}

void plot_put_indexed(FILE *out, const char *array, unsigned i, const char *text)
{
	fprintf(out, "%s[%u] = ", array, i);
	put_quoted(out, text);
	fputc('\n', out);
}

void plot_put_number(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, " %.6g", v);
	else
		fputs(" NaN", out);
}

void plot_put_grid(FILE *out, unsigned panels, unsigned columns)
{
	fprintf(out,
		"NPANELS = %u\nNCOLS = %u\nNROWS = %u\narray PANEL[%u]\narray EMPTY[%u]\n"
		"do for [i=1:%u] { PANEL[i] = ''; EMPTY[i] = '' }\n",
		panels, columns, (panels + columns - 1) / columns, panels + 1, panels + 1,
		panels + 1);
}

/* Okabe and Ito's palette, a kin of each for what stands on it, and a mark: the same in all plots. */
struct look {
	const char *variant, *hue, *dark;
	int mark;
};

static struct look look_of(const char *const *names, unsigned at)
{
	static const struct look known[] = {
		{"baseline", "#222222", "#222222", 7},
		{"shadow-avail", "#E69F00", "#7a5200", 5},
		{"fixed-layout", "#56B4E9", "#1d5f8a", 9},
		{"in-order", "#009E73", "#004d38", 13},
		{"vectorized", "#CC79A7", "#7d3a5f", 11},
		{"null-control", "#8a8a8a", "#222222", 8},
	};
	static const struct look others[] = {
		{NULL, "#0072B2", "#003454", 5},  {NULL, "#D55E00", "#6e2f00", 7},
		{NULL, "#7f6b00", "#3d3400", 9},  {NULL, "#7a4fbf", "#3c2266", 13},
		{NULL, "#B23A48", "#5c141d", 11}, {NULL, "#4f7d5a", "#20402a", 5},
	};
	unsigned before = 0;

	for (unsigned i = 0; i <= at; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(known) && strcmp(known[k].variant, names[i]) != 0)
			k++;
		if (i == at && k < ARRAY_SIZE(known))
			return known[k];
		before += k == ARRAY_SIZE(known);
	}
	return others[(before - 1) % ARRAY_SIZE(others)];
}

void plot_put_names(FILE *out, const char *const *names, unsigned n, size_t least)
{
	fprintf(out, "array HUE_OF[%u]\narray DARK_OF[%u]\narray MARK_OF[%u]\n", n + 1, n + 1,
		n + 1);
	for (unsigned i = 0; i < n; i++) {
		const struct look look = look_of(names, i);

		fprintf(out, "HUE_OF[%u] = '%s'\nDARK_OF[%u] = '%s'\nMARK_OF[%u] = %d\n", i + 1,
			look.hue, i + 1, look.dark, i + 1, look.mark);
	}
	fprintf(out, "NNAMES = %u\narray NAME[%u]\n", n, n + 1);
	for (unsigned i = 0; i < n; i++) {
		plot_put_indexed(out, "NAME", i + 1, names[i]);
		least = strlen(names[i]) > least ? strlen(names[i]) : least;
	}
	fprintf(out, "NAME_CHARS = %zu\n", least);
}

void plot_put_notes(FILE *out, const char *note, const char *left_out)
{
	plot_put_string(out, "NOTE", note);
	plot_put_string(out, "LEFT_OUT", left_out);
}

void plot_put_panel(FILE *out, const struct plot_set *set, unsigned panel, const char *first,
		    const struct cell *c, enum place_class place)
{
	const double handoff = group_handoff_ns(set->s, c->group, place);
	char title[256];
	FILE *to = fmemopen(title, sizeof(title), "w");

	*title = '\0';
	if (!to)
		return;
	fputs(first, to);
	if (set->ring_varies)
		fprintf(to, ", ring of %u", c->ring_size);
	if (set->burst_varies)
		fprintf(to, ", bursts of %u", c->burst);
	if (set->payload_varies)
		fprintf(to, ", payload %u B", c->payload);
	fprintf(to, ", CPUs %s", place_class_name(place));
	if (isfinite(handoff))
		fprintf(to, ": %.0f ns a hand-off", handoff);
	fclose(to);
	plot_put_indexed(out, "PANEL", panel, title);
}

unsigned plot_pair_up(unsigned n, const struct cell *(*cell)(const void *arg, unsigned i),
		      bool (*mates)(const void *arg, unsigned a, unsigned b), const void *arg,
		      struct plot_pairs *out)
{
	unsigned directions = 0, left_out = 0;

	*out = (struct plot_pairs){0};
	for (unsigned i = 0; i < n; i++)
		directions |= 1u << cell(arg, i)->dir;
	out->columns = directions == (1u << DIR_RX | 1u << DIR_TX) ? 2 : 1;
	for (unsigned i = 0; i < n; i++) {
		const bool tx = cell(arg, i)->dir == DIR_TX;
		unsigned mate = 0;

		while (out->columns == 2 && mate < n &&
		       (cell(arg, mate)->dir == cell(arg, i)->dir || !mates(arg, i, mate)))
			mate++;
		const bool has = out->columns == 2 && mate < n;

		if (tx && has)
			continue; /* stands beside its RX already */
		if (out->n + out->columns > PLOT_PANELS_MAX) {
			left_out++;
			continue;
		}
		if (out->columns == 2)
			out->panel[out->n++] = tx ? 0 : i + 1;
		out->panel[out->n++] = out->columns == 2 ? (tx	  ? i + 1
							    : has ? mate + 1
								  : 0)
							 : i + 1;
	}
	return left_out;
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
		int n = snprintf(line, sizeof(line), "Coherence model: ");

		lines_model_words(set->s, line + n, sizeof(line) - (size_t)n);
		plot_put_string(out, "MACHINE", line);
		return;
	}
	snprintf(line, sizeof(line), "%s%s%s%s, host %s, %.10s %.5s UTC",
		 *model ? model : "unknown CPU", guest ? " (guest of " : "",
		 guest ? hypervisor : "", guest ? ")" : "", head_string(set->s, "host", "hostname"),
		 started, strlen(started) > 11 ? started + 11 : "");
	plot_put_string(out, "MACHINE", line);
}

/* What is the same in all panels, and where the sides ran. */
static void put_conditions(FILE *out, const struct plot_set *set)
{
	const struct cell *c = &set->s->cells[0];
	const json_t *place = json_object_get(set->s->head, "placement");
	char line[512];
	int n;

	if (json_is_object(place))
		n = snprintf(line, sizeof(line), "driver on CPU %d, device on CPU %d",
			     (int)json_integer_value(json_object_get(place, "driver_cpu")),
			     (int)json_integer_value(json_object_get(place, "device_cpu")));
	else if (session_is_model(set->s))
		n = snprintf(line, sizeof(line), "computed, not measured");
	else
		n = snprintf(line, sizeof(line), "%s engine", head_string(set->s, NULL, "engine"));
	if (!set->ring_varies)
		n += snprintf(line + n, sizeof(line) - (size_t)n, ", ring of %u", c->ring_size);
	if (!set->burst_varies)
		n += snprintf(line + n, sizeof(line) - (size_t)n, ", bursts of %u", c->burst);
	if (!set->payload_varies && c->payload)
		n += snprintf(line + n, sizeof(line) - (size_t)n, ", payload %u B", c->payload);
	if (!set->payload_varies && !c->payload)
		n += snprintf(line + n, sizeof(line) - (size_t)n, ", no payload");
	if (set->s->status != SESSION_COMPLETE)
		snprintf(line + n, sizeof(line) - (size_t)n, "; %s session",
			 session_status_name(set->s->status));
	plot_put_string(out, "CONDITIONS", line);
}

static void put_panel_titles(FILE *out, const struct plot_set *set)
{
	for (unsigned i = 0; i < set->npanels; i++) {
		const struct cell *c = set->panels[i];
		char title[128];
		int n = snprintf(title, sizeof(title), "%s",
				 c->dir == DIR_RX ? "RX (receive)" : "TX (transmit)");

		if (set->ring_varies)
			n += snprintf(title + n, sizeof(title) - (size_t)n, ", ring of %u",
				      c->ring_size);
		if (set->burst_varies)
			n += snprintf(title + n, sizeof(title) - (size_t)n, ", bursts of %u",
				      c->burst);
		if (set->payload_varies && c->payload)
			snprintf(title + n, sizeof(title) - (size_t)n, ", payload %u B",
				 c->payload);
		if (set->payload_varies && !c->payload)
			snprintf(title + n, sizeof(title) - (size_t)n, ", no payload");
		plot_put_indexed(out, "PANEL", i + 1, title);
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
	for (unsigned i = 0; i < set->npanels; i++)
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
	int n = 0;

	if (set->few)
		snprintf(line, sizeof(line),
			 "No row has the %d %s that an interval needs: nothing here is proven.",
			 INTERVAL_SAMPLES, sample_words(set));
	for (int c = CLASS_NONE; c < CLASS_COUNT; c++) {
		unsigned without = 0;

		for (unsigned i = 0; i < set->npanels; i++)
			without += (set->present[i] & ~set->shown[i]) >> c & 1;
		if (!without)
			continue;
		if (!n)
			n = snprintf(line, sizeof(line),
				     "Left out, with fewer than %d %s a row:", INTERVAL_SAMPLES,
				     sample_words(set));
		else
			n += snprintf(line + n, sizeof(line) - (size_t)n, ",");
		n += snprintf(line + n, sizeof(line) - (size_t)n, " %s%s",
			      c == CLASS_NONE ? "" : "CPUs ",
			      class_words(set->s, (enum place_class)c));
		if (set->classes >> c & 1)
			n += snprintf(line + n, sizeof(line) - (size_t)n, " in %u of %u panels",
				      without, set->npanels);
	}
	if (n)
		snprintf(line + n, sizeof(line) - (size_t)n, ".");
	plot_put_string(out, "LEFT_OUT", line);
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
		plot_put_indexed(out, "CLASS", (unsigned)c + 1, words);
		if (set->classes >> c & 1 && strlen(words) > longest)
			longest = strlen(words);
	}
	fprintf(out, "CLASS_CHARS = %zu\n", longest);
}

void plot_put_frame(FILE *out, const struct plot_set *set)
{
	char note[128] = "";

	plot_put_machine(out, set);
	put_conditions(out, set);
	if (set->groups > set->npanels)
		snprintf(note, sizeof(note),
			 "%u of %u combinations are drawn; the session file has all.", set->npanels,
			 set->groups);
	plot_put_string(out, "NOTE", note);
	plot_put_grid(out, set->npanels, set->columns);
	put_left_out(out, set);
	put_panel_titles(out, set);
	put_empty_words(out, set);
	put_classes(out, set);
	plot_put_names(out, set->names, set->nnames, 8);
}

/* ---- numbers ---- */

static void put_interval(FILE *out, const struct interval *v)
{
	plot_put_number(out, v->mid);
	plot_put_number(out, v->lo);
	plot_put_number(out, v->hi);
}

static void widen(double v, double *least, double *most)
{
	if (isfinite(v)) {
		*least = fmin(*least, v);
		*most = fmax(*most, v);
	}
}

/*
 * The end of each panel's axis. RX and TX of one point of the plan have the same, to be
 * compared side by side; all have, unless the small ones would shrink to nothing.
 */
void plot_put_ends(FILE *out, const struct plot_set *set, const double most[])
{
	double end[PLOT_PANELS_MAX], largest = 0, smallest = INFINITY;

	for (unsigned i = 0; i < set->npanels; i++) {
		end[i] = 0;
		for (unsigned k = 0; k < set->npanels; k++)
			if (plot_same_point(set->panels[i], set->panels[k]))
				end[i] = fmax(end[i], most[k]);
		largest = fmax(largest, end[i]);
		if (end[i] > 0)
			smallest = fmin(smallest, end[i]);
	}
	bool own = largest > 2 * smallest;

	fprintf(out, "OWN_SCALES = %d\narray MOST[%u]\n", own, set->npanels);
	for (unsigned i = 0; i < set->npanels; i++) {
		double v = own ? end[i] : largest;

		fprintf(out, "MOST[%u] = %.6g\n", i + 1, v > 0 ? v : 1);
	}
}

/* panel class row rank ns lo hi at "label", with at: where the label stands */
void plot_ns_data(FILE *out, const struct plot_set *set)
{
	double most[PLOT_PANELS_MAX] = {0};
	size_t longest = 0;

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < set->sum->nrows; i++) {
		const struct summary_row *r = &set->sum->rows[i];
		unsigned panel = plot_panel_of_row(set, r);
		char label[64];

		if (!panel)
			continue;
		fprintf(out, "%u %d %u %u", panel, (int)r->place,
			plot_name_row(set, r->cell->variant), plot_class_rank(set, r->place));
		put_interval(out, &r->ns);
		double at = fmax(r->ns.mid, r->ns.hi); /* fmax() passes over a NaN */

		plot_put_number(out, at);
		snprintf(label, sizeof(label), "%.*f%s", r->ns.mid < 99.95 ? 1 : 0, r->ns.mid,
			 r->ns.known ? "" : " (few samples)");
		fprintf(out, " \"%s\"\n", label);
		most[panel - 1] = fmax(most[panel - 1], at);
		if (strlen(label) > longest)
			longest = strlen(label);
	}
	fprintf(out, "END_OF_DATA\nLABEL_CHARS = %zu\n", longest);
	plot_put_ends(out, set, most);
}

/*
 * Labels of a logarithmic axis: round numbers, outward from @from, none closer to its
 * neighbour than a share of the axis that leaves room for its text.
 */
static void put_log_tics(FILE *out, const char *axis, double least, double most, double from,
			 double share, const double *round, size_t n)
{
	double gap = (log(most) - log(least)) * share;
	const char *sep = "";
	double last = from;

	fprintf(out, "TICS = 'set %stics (", axis);
	if (from >= least && from <= most) {
		fprintf(out, "\"%g\" %g", from, from);
		sep = ", ";
	}
	for (size_t i = 0; i < n; i++)
		if (round[i] > from && round[i] <= most && log(round[i] / last) >= gap) {
			fprintf(out, "%s\"%g\" %g", sep, round[i], round[i]);
			sep = ", ";
			last = round[i];
		}
	last = from;
	for (size_t i = n; i-- > 0;)
		if (round[i] < from && round[i] >= least && log(last / round[i]) >= gap) {
			fprintf(out, "%s\"%g\" %g", sep, round[i], round[i]);
			sep = ", ";
			last = round[i];
		}
	fputs(")'\n", out);
}

/* "0.62 (0.60 .. 0.65) faster"; unresolved is the table's ~ */
static void ratio_label(const struct summary_row *r, char *label, size_t size)
{
	int digits = r->ratio.mid < 10 ? 3 : 1;

	if (r->ratio.known)
		snprintf(label, size, "%.*f (%.*f .. %.*f) %s", digits, r->ratio.mid, digits,
			 r->ratio.lo, digits, r->ratio.hi,
			 r->verdict == VERDICT_SAME ? "unresolved" : verdict_name(r->verdict));
	else
		snprintf(label, size, "%.*f (few samples)", digits, r->ratio.mid);
}

/* panel class row rank ratio lo hi null "label" */
void plot_ratio_data(FILE *out, const struct plot_set *set)
{
	static const double round[] = {0.01, 0.02, 0.05, 0.1,  0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
				       0.8,  0.9,  0.95, 1.05, 1.1,  1.2, 1.3, 1.5, 1.7, 2,   2.5,
				       3,    4,	   5,	 7,    10,   15,  20,  50,  100};
	double margin = head_margin(set->s);
	double least = fmin(1 / 1.06, 1 - 1.5 * margin), most = fmax(1.06, 1 + 1.5 * margin);
	size_t longest = 0;

	if (!(least > 0.01))
		least = 0.01;
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < set->sum->nrows; i++) {
		const struct summary_row *r = &set->sum->rows[i];
		unsigned panel = plot_panel_of_row(set, r);
		char label[96];

		if (!panel)
			continue;
		fprintf(out, "%u %d %u %u", panel, (int)r->place,
			plot_name_row(set, r->cell->variant), plot_class_rank(set, r->place));
		put_interval(out, &r->ratio);
		ratio_label(r, label, sizeof(label));
		fprintf(out, " %d \"%s\"\n", r->cell->role == ROLE_NULL, label);
		if (strlen(label) > longest)
			longest = strlen(label);
		widen(r->ratio.mid, &least, &most);
		widen(r->ratio.lo, &least, &most);
		widen(r->ratio.hi, &least, &most);
	}
	double pad = pow(most / least, 0.06);

	least /= pad;
	most *= pad;
	fprintf(out, "END_OF_DATA\nLEAST = %.6g\nMOST = %.6g\nMARGIN = %.6g\n", least, most,
		margin);
	fprintf(out, "LABEL_CHARS = %zu\n", longest);
	put_log_tics(out, "x", least, most, 1, 0.13, round, ARRAY_SIZE(round));
}

/* When each launch began, in seconds. */
static void put_launches(FILE *out, const struct session *s)
{
	unsigned n = 0;

	fputs("$launches << END_OF_DATA\n", out);
	for (unsigned i = 0; i < s->nsamples; i++)
		if (!i || s->samples[i].launch != s->samples[i - 1].launch) {
			fprintf(out, "%.6f %u\n", (double)s->samples[i].start_ns / 1e9,
				s->samples[i].launch);
			n++;
		}
	fprintf(out, "END_OF_DATA\nNLAUNCHES = %u\n", n);
}

/* panel class seconds ns state, with 0: undisturbed, 1: disturbed, 2: dropped */
void plot_samples_data(FILE *out, const struct plot_set *set)
{
	static const double round[] = {0.01, 0.02, 0.05, 0.1,  0.2,   0.5,   1,
				       2,    5,	   10,	 20,   50,    100,   200,
				       500,  1000, 2000, 5000, 10000, 20000, 50000};
	const struct session *s = set->s;
	double least = INFINITY, most = 0, last = 0, first = INFINITY;

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];
		unsigned panel = plot_panel_of(set, s->cells[m->cell].group);
		double t = (double)m->start_ns / 1e9;

		if (!panel)
			continue;
		fprintf(out, "%u %d %.6f %.6g %d\n", panel, (int)m->place, t, sample_ns(m),
			!sample_used(m) ? 2 : m->flags != 0);
		widen(sample_ns(m), &least, &most);
		widen(t, &first, &last);
	}
	if (!(most > 0)) {
		least = 0;
		most = 1;
	}
	/* A factor above five: on a linear axis the small ones would be one dark line. */
	bool log_axis = most > 5 * least && least > 0;

	fprintf(out, "END_OF_DATA\nLAST = %.6g\nLOG = %d\n", last > 0 ? last : 1, log_axis);
	fprintf(out, "LEAST = %.6g\nMOST = %.6g\n", log_axis ? least / 1.15 : 0,
		log_axis ? most * 1.15 : most * 1.1);
	fprintf(out, "NSAMPLES = %u\n", s->nsamples);
	put_launches(out, s);
	if (log_axis)
		put_log_tics(out, "y", least / 1.15, most * 1.15, 10, 0.06, round,
			     ARRAY_SIZE(round));
	else
		fputs("TICS = 'set ytics autofreq'\n", out);
}
