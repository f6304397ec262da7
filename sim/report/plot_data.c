/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_data.c - panels, words and numbers of the pictures, as gnuplot reads them.
 *
 * Lines of a data block begin with the panel (from 1) and the class (enum place_class);
 * the gnuplot files pick theirs by these two.
 */
#include "report/plot_data.h"

#include <inttypes.h>
#include <string.h>

/* ---- what is drawn ---- */

static bool same_point(const struct cell *a, const struct cell *b)
{
	return a->ring_size == b->ring_size && a->burst == b->burst && a->payload == b->payload;
}

static const struct cell *find_cell(const struct session *s, const struct cell *like,
				    enum direction dir)
{
	for (unsigned i = 0; i < s->ncells; i++)
		if (s->cells[i].dir == dir && same_point(&s->cells[i], like))
			return &s->cells[i];
	return NULL;
}

static void add_name(struct plot_set *set, const char *name)
{
	for (unsigned i = 0; i < set->nnames; i++)
		if (!strcmp(set->names[i], name))
			return;
	if (set->nnames < PLOT_NAMES_MAX)
		set->names[set->nnames++] = name;
}

static bool panel_known(const struct plot_set *set, const struct cell *c)
{
	for (unsigned i = 0; i < set->npanels; i++)
		if (set->panels[i]->group == c->group)
			return true;
	return false;
}

static void add_panel(struct plot_set *set, const struct cell *c)
{
	if (c && set->npanels < PLOT_PANELS_MAX && !panel_known(set, c))
		set->panels[set->npanels++] = c;
}

/* RX and TX of one point of the plan stand side by side. */
static void choose_panels(struct plot_set *set)
{
	const struct session *s = set->s;
	unsigned directions = 0;

	for (unsigned i = 0; i < s->ncells; i++)
		directions |= 1u << s->cells[i].dir;
	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell *c = &s->cells[i];
		bool first = true;

		for (unsigned k = 0; k < i && first; k++)
			first = s->cells[k].group != c->group;
		set->groups += first;
		if (first) {
			add_panel(set, find_cell(s, c, DIR_RX));
			add_panel(set, find_cell(s, c, DIR_TX));
		}
	}
	set->columns = directions == 3 || set->npanels > 1 ? 2 : 1;
}

void plot_set_make(struct plot_set *set, const struct session *s, const struct summary *sum)
{
	memset(set, 0, sizeof(*set));
	set->s = s;
	set->sum = sum;
	choose_panels(set);
	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell *c = &s->cells[i];

		if (c->role != ROLE_NULL)
			add_name(set, c->variant);
		set->ring_varies |= c->ring_size != s->cells[0].ring_size;
		set->burst_varies |= c->burst != s->cells[0].burst;
		set->payload_varies |= c->payload != s->cells[0].payload;
	}
	for (unsigned i = 0; i < s->ncells; i++)
		if (s->cells[i].role == ROLE_NULL)
			add_name(set, s->cells[i].variant);
	for (unsigned i = 0; i < sum->nrows; i++)
		if (sum->rows[i].used)
			set->classes |= 1u << sum->rows[i].place;
	if (!set->classes) /* a key is still wanted, if only for dropped samples */
		set->classes = 1u << CLASS_NONE;
}

/* Panel of a group, from 1; 0: not drawn. */
static unsigned panel_of(const struct plot_set *set, uint32_t group)
{
	for (unsigned i = 0; i < set->npanels; i++)
		if (set->panels[i]->group == group)
			return i + 1;
	return 0;
}

/* Row of a name, from 1. */
static unsigned name_row(const struct plot_set *set, const char *name)
{
	unsigned i = 0;

	while (i < set->nnames && strcmp(set->names[i], name))
		i++;
	return i + 1;
}

/* Its place among the classes that are drawn, from 0. */
static unsigned class_rank(const struct plot_set *set, enum place_class place)
{
	return (unsigned)__builtin_popcount(set->classes & ((1u << place) - 1));
}

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

/* "AMD EPYC, host vm, 2030-01-31 12:00 UTC". */
static void put_machine(FILE *out, const struct plot_set *set)
{
	const char *model = head_string(set->s, "host", "cpu_model");
	const char *hypervisor = head_string(set->s, "host", "hypervisor");
	const char *started = head_string(set->s, NULL, "started");
	bool guest = *hypervisor && strcmp(hypervisor, "none") != 0;
	char line[512];

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
	fprintf(out, "array PANEL[%u]\n", set->npanels);
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
		fprintf(out, "PANEL[%u] = ", i + 1);
		put_quoted(out, title);
		fputc('\n', out);
	}
}

/* "near: 24 ns a hand-off", the median of the groups. */
static void put_classes(FILE *out, const struct plot_set *set)
{
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
		fprintf(out, "CLASS[%d] = ", c + 1);
		put_quoted(out, words);
		fputc('\n', out);
	}
}

void plot_put_frame(FILE *out, const struct plot_set *set)
{
	size_t longest = 8;
	char note[128] = "";

	put_machine(out, set);
	put_conditions(out, set);
	if (set->groups > set->npanels)
		snprintf(note, sizeof(note),
			 "%u of %u combinations are drawn; the session file has all.", set->npanels,
			 set->groups);
	plot_put_string(out, "NOTE", note);
	fprintf(out, "NPANELS = %u\nNCOLS = %u\nNROWS = %u\n", set->npanels, set->columns,
		(set->npanels + set->columns - 1) / set->columns);
	put_panel_titles(out, set);
	put_classes(out, set);
	fprintf(out, "NNAMES = %u\narray NAME[%u]\n", set->nnames, set->nnames);
	for (unsigned i = 0; i < set->nnames; i++) {
		fprintf(out, "NAME[%u] = ", i + 1);
		put_quoted(out, set->names[i]);
		fputc('\n', out);
		if (strlen(set->names[i]) > longest)
			longest = strlen(set->names[i]);
	}
	fprintf(out, "NAME_CHARS = %zu\n", longest);
}

/* ---- numbers ---- */

static void put_number(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, " %.6g", v);
	else
		fputs(" NaN", out);
}

static void put_interval(FILE *out, const struct interval *v)
{
	put_number(out, v->mid);
	put_number(out, v->lo);
	put_number(out, v->hi);
}

static void widen(double v, double *least, double *most)
{
	if (isfinite(v)) {
		*least = fmin(*least, v);
		*most = fmax(*most, v);
	}
}

/* panel class row rank ns lo hi at "label", with at: where the label stands */
void plot_ns_data(FILE *out, const struct plot_set *set)
{
	double least = 0, most = 0;

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < set->sum->nrows; i++) {
		const struct summary_row *r = &set->sum->rows[i];
		unsigned panel = panel_of(set, r->cell->group);

		if (!panel || r->cell->role == ROLE_NULL || !r->used)
			continue;
		fprintf(out, "%u %d %u %u", panel, (int)r->place, name_row(set, r->cell->variant),
			class_rank(set, r->place));
		put_interval(out, &r->ns);
		put_number(out, fmax(r->ns.mid, r->ns.hi)); /* fmax() passes over a NaN */
		fprintf(out, " \"%.*f%s\"\n", r->ns.mid < 99.95 ? 1 : 0, r->ns.mid,
			r->ns.known ? "" : " (few samples)");
		widen(r->ns.mid, &least, &most);
		widen(r->ns.hi, &least, &most);
	}
	fprintf(out, "END_OF_DATA\nMOST = %.6g\n", most > 0 ? most : 1);
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
static void put_ratio_label(FILE *out, const struct summary_row *r)
{
	int digits = r->ratio.mid < 10 ? 3 : 1;

	if (r->ratio.known)
		fprintf(out, " \"%.*f (%.*f .. %.*f) %s\"", digits, r->ratio.mid, digits,
			r->ratio.lo, digits, r->ratio.hi,
			r->verdict == VERDICT_SAME ? "unresolved" : verdict_name(r->verdict));
	else
		fprintf(out, " \"%.*f (few samples)\"", digits, r->ratio.mid);
}

/* panel class row rank ratio lo hi null "label" */
void plot_ratio_data(FILE *out, const struct plot_set *set)
{
	static const double round[] = {0.01, 0.02, 0.05, 0.1,  0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
				       0.8,  0.9,  0.95, 1.05, 1.1,  1.2, 1.3, 1.5, 1.7, 2,   2.5,
				       3,    4,	   5,	 7,    10,   15,  20,  50,  100};
	double margin = head_margin(set->s);
	double least = fmin(1 / 1.06, 1 - 1.5 * margin), most = fmax(1.06, 1 + 1.5 * margin);

	if (!(least > 0.01))
		least = 0.01;
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < set->sum->nrows; i++) {
		const struct summary_row *r = &set->sum->rows[i];
		unsigned panel = panel_of(set, r->cell->group);

		if (!panel || r->cell->role == ROLE_BASELINE || !(r->ratio.mid > 0))
			continue;
		fprintf(out, "%u %d %u %u", panel, (int)r->place, name_row(set, r->cell->variant),
			class_rank(set, r->place));
		put_interval(out, &r->ratio);
		fprintf(out, " %d", r->cell->role == ROLE_NULL);
		put_ratio_label(out, r);
		fputc('\n', out);
		widen(r->ratio.mid, &least, &most);
		widen(r->ratio.lo, &least, &most);
		widen(r->ratio.hi, &least, &most);
	}
	double pad = pow(most / least, 0.06);

	least /= pad;
	most *= pad;
	fprintf(out, "END_OF_DATA\nLEAST = %.6g\nMOST = %.6g\nMARGIN = %.6g\n", least, most,
		margin);
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
		unsigned panel = panel_of(set, s->cells[m->cell].group);
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
