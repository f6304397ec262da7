/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ablation_table.c - what each optimization gives, for a person.
 */
#include "analysis/ablation.h"

#include "analysis/groups.h"

#include <string.h>

#define NAME_WIDTH 28

/* Digits after the point: lines move in hundredths, times are not known to more. */
static int digits_of(const struct ablation *a)
{
	return a->block.metric == METRIC_TRANSFERS ? 3 : 2;
}

static void put_gain(FILE *out, const struct ablation *a, const struct ablation_effect *e)
{
	const struct interval *g = &e->gain;
	const int digits = digits_of(a);
	char text[48] = "-";

	if (!a->block.exact && g->known)
		snprintf(text, sizeof(text), "%.*f .. %.*f", digits, g->lo, digits, g->hi);
	if (!e->defined)
		fprintf(out, "  %9s  %18s", "-", "");
	else if (a->block.exact)
		fprintf(out, "  %9.*f  %16.1f %%", digits, g->mid, 100 * g->mid / a->baseline);
	else
		fprintf(out, "  %9.*f  %18s", digits, g->mid, text);
}

static void put_point(FILE *out, const struct cell *c)
{
	fprintf(out, "%s, ring %u, burst %u, payload %u B", direction_name(c->dir), c->ring_size,
		c->burst, c->payload);
}

/* Who counted the instructions of a group's baseline. */
static const char *source_of(const struct session *s, const struct cell *c)
{
	for (unsigned i = 0; i < s->ninstructions; i++) {
		if (s->instructions[i].cell == c->id)
			return s->instructions[i].source;
	}
	return "";
}

static void put_title(FILE *out, const struct session *s, const struct ablation *a)
{
	const struct ablation_block *b = &a->block;

	put_point(out, b->cell);
	if (!b->exact)
		fprintf(out, ", %s", class_words(s, b->place));
	switch (b->metric) {
	case METRIC_NS:
		fprintf(out, ": baseline %.2f ns", a->baseline);
		break;
	case METRIC_TRANSFERS:
		fprintf(out, ": baseline needs %.3f cache-line transfers a buffer on the model\n",
			a->baseline);
		return;
	case METRIC_INSTRUCTIONS:
		fprintf(out, ": baseline executes %.2f instructions a buffer", a->baseline);
		break;
	case METRICS:
		break;
	}
	if (b->exact)
		fprintf(out, " (%s)\n", source_of(s, b->cell));
	else
		fprintf(out, "; %zu whole rounds\n", b->rounds);
}

/* "vectorized (in fixed-layout)". */
static void put_factor(FILE *out, const struct ablation *a, unsigned f)
{
	const uint32_t needs = effects_needs(&a->block.design, f);
	char within[96], name[160];

	ablation_set_name(needs, within, sizeof(within));
	snprintf(name, sizeof(name), "%s%s%s%s", ablation_factor_name((enum ablation_factor)f),
		 needs ? " (in " : "", needs ? within : "", needs ? ")" : "");
	fprintf(out, "  %-*s", NAME_WIDTH, name);
}

static double share_of(const struct ablation *a, uint32_t column)
{
	for (unsigned i = 0; i < a->variation.ncolumns; i++) {
		if (a->variation.column[i] == column)
			return a->variation.of[i] / a->variation.total;
	}
	return (double)NAN;
}

/* One round has no variation but that of its cells; of what is exact it has no meaning. */
static bool has_variation(const struct ablation *a)
{
	return !a->block.exact && a->block.rounds > 1 && a->variation.total > 0;
}

static void put_share(FILE *out, const struct ablation *a, double share)
{
	if (has_variation(a) && isfinite(share))
		fprintf(out, "  %14.1f %%", 100 * share);
}

/* A row of which only the share of the variation is known. */
static void put_rest(FILE *out, const struct ablation *a, const char *name, double of)
{
	fprintf(out, "  %-*s  %91s", NAME_WIDTH, name, "");
	put_share(out, a, of / a->variation.total);
	fputc('\n', out);
}

static void put_variation(FILE *out, const struct ablation *a)
{
	double pairs = 0;

	for (unsigned i = 0; i < a->variation.ncolumns; i++) {
		uint32_t column = a->variation.column[i];

		if (column & (column - 1))
			pairs += a->variation.of[i];
	}
	put_rest(out, a, "in pairs", pairs);
	put_rest(out, a, "between rounds", a->variation.rounds);
	put_rest(out, a, "residual", a->variation.residual);
}

static void put_factors(FILE *out, const struct ablation *a)
{
	char saved[NAME_WIDTH];
	const char *second = a->block.exact ? "of baseline" : "95 % interval";

	snprintf(saved, sizeof(saved), "%s saved", ablation_metric_name(a->block.metric));
	fprintf(out, "  %-*s", NAME_WIDTH, saved);
	fprintf(out, "  %9s  %18s  %9s  %18s  %9s  %18s", "alone", second, "last", second,
		"average", second);
	fprintf(out, "%s\n", has_variation(a) ? "  variance explained" : "");
	for (unsigned f = 0; f < FACTORS; f++) {
		if (!a->average[f].defined)
			continue;
		put_factor(out, a, f);
		put_gain(out, a, &a->alone[f]);
		put_gain(out, a, &a->last[f]);
		put_gain(out, a, &a->average[f]);
		put_share(out, a, share_of(a, 1u << f));
		fputc('\n', out);
	}
	if (has_variation(a))
		put_variation(out, a);
}

static void put_pair(FILE *out, const struct ablation *a, const struct ablation_pair *p)
{
	const int digits = digits_of(a);
	const uint32_t needs =
		effects_needs(&a->block.design, p->a) | effects_needs(&a->block.design, p->b);
	char name[96], within[96];

	snprintf(name, sizeof(name), "%s, %s", ablation_factor_name((enum ablation_factor)p->a),
		 ablation_factor_name((enum ablation_factor)p->b));
	fprintf(out, "  %-*s", NAME_WIDTH, name);
	if (p->verdict == TOGETHER_NEVER) {
		fprintf(out, "  mutually exclusive\n");
		return;
	}
	if (p->verdict == TOGETHER_NESTED) {
		fprintf(out, "  one needs the other\n");
		return;
	}
	fprintf(out, "  %9.*f  %9.*f  %9.*f  %9.*f", digits, p->first.gain.mid, digits,
		p->second.gain.mid, digits, p->first.gain.mid + p->second.gain.mid, digits,
		p->together.gain.mid);
	put_gain(out, a, &p->excess);
	fprintf(out, "  %6.3f  %s", p->ratio.mid, together_name(p->verdict));
	ablation_set_name(needs, within, sizeof(within));
	fprintf(out, needs ? " (in %s)\n" : "\n", within);
}

static void put_pairs(FILE *out, const struct ablation *a)
{
	if (!a->npairs)
		return;
	fprintf(out, "  %-*s  %9s  %9s  %9s  %9s  %9s  %18s  %6s  %s\n", NAME_WIDTH,
		"both, and the sum", "first", "second", "sum", "together", "difference",
		a->block.exact ? "of baseline" : "95 % interval", "ratio", "verdict");
	for (unsigned i = 0; i < a->npairs; i++)
		put_pair(out, a, &a->pair[i]);
}

static void put_shares(FILE *out, const struct ablation *a)
{
	for (unsigned i = 0; i < a->nshares; i++) {
		const struct ablation_share *share = &a->share[i];
		const char *sep = "";
		char name[96];

		ablation_set_name(share->full, name, sizeof(name));
		fprintf(out, "  %s saves %.*f:", name, digits_of(a), share->total.mid);
		for (unsigned f = 0; f < FACTORS; f++) {
			if (!share->of[f].defined)
				continue;
			fprintf(out, "%s %s %.*f", sep,
				ablation_factor_name((enum ablation_factor)f), digits_of(a),
				share->of[f].gain.mid);
			if (share->total.mid > 0)
				fprintf(out, " (%.0f %%)",
					100 * share->of[f].gain.mid / share->total.mid);
			sep = ",";
		}
		fputs(", over all orders\n", out);
	}
}

/* A vector path that was counted, but is not the one that ran. */
static void put_other_path(FILE *out, const struct session *s, const struct cell *baseline)
{
	const char *ran = head_string(s, NULL, "simd");

	for (unsigned i = 0; i < s->ninstructions; i++) {
		const struct cell_instructions *n = &s->instructions[i];

		if (s->cells[n->cell].group != baseline->group || !*n->simd ||
		    !strcmp(n->simd, ran))
			continue;
		fprintf(out, "  vectorized is counted by its %s path; what ran took %s\n", n->simd,
			ran);
		return;
	}
}

/* How to come by the third table. */
static void put_no_instructions(FILE *out, const struct cell *c)
{
	put_point(out, c);
	fprintf(out,
		": instructions are unavailable: no counters, and no table for it. "
		"`scripts/instructions --ring-size %u --burst %u --payload %u --output FILE` makes "
		"one, `vringbench ablate --instructions FILE` takes it\n\n",
		c->ring_size, c->burst, c->payload);
}

void ablation_table(FILE *out, const struct session *s, const struct ablation *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct ablation_block *b = &a[i].block;

		put_title(out, s, &a[i]);
		put_factors(out, &a[i]);
		put_pairs(out, &a[i]);
		put_shares(out, &a[i]);
		if (b->metric == METRIC_INSTRUCTIONS && b->exact)
			put_other_path(out, s, b->cell);
		fputc('\n', out);
		/* instructions come last in a group */
		if (b->metric != METRIC_INSTRUCTIONS &&
		    (i + 1 == n || a[i + 1].block.group != b->group))
			put_no_instructions(out, b->cell);
	}
}
