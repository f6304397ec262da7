/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain_compare.c - what a buffer costs in line transactions, region by region, and why that
 * differs from baseline. All that is said follows from the two runs' counts and accesses.
 */
#include "cli/explain.h"

#include <inttypes.h>
#include <math.h>

enum column { TRANSFERS, UPGRADES, MEMORY, COLUMNS };

/* Per buffer. @region: REGION_KINDS: of all. @column: COLUMNS: of all. */
static double figure(const struct explain_record *r, unsigned region, unsigned column)
{
	static uint64_t (*const of[])(const struct coh_counts *, unsigned) = {
		[TRANSFERS] = coh_transfers, [UPGRADES] = coh_upgrades, [MEMORY] = coh_memory};
	uint64_t n = 0;

	for (unsigned i = 0; i < REGION_KINDS * COLUMNS; i++) {
		const unsigned at = i / COLUMNS, c = i % COLUMNS;

		if ((region != at && region != REGION_KINDS) || (column != c && column != COLUMNS))
			continue;
		n += of[c](&r->counts[AGENT_DRIVER], at) + of[c](&r->counts[AGENT_DEVICE], at);
	}
	return (double)n / (double)r->buffers;
}

/* All transactions of a region. */
static double all_of(const struct explain_record *r, unsigned region)
{
	return figure(r, region, COLUMNS);
}

/* ---- the table ---- */

static void put_table(FILE *out, const struct explain_record *r, const struct explain_record *base)
{
	static const char *const names[] = {"transfers", "upgrades", "memory"};
	/* a ring that stays in the caches asks memory for nothing */
	const bool memory = figure(r, REGION_KINDS, MEMORY) > 0 ||
			    (base && figure(base, REGION_KINDS, MEMORY) > 0);
	const unsigned columns = memory ? COLUMNS : MEMORY;

	fprintf(out, "\nPer buffer, counted over %" PRIu64 " buffers:\n", r->buffers);
	if (r->map.kind == RING_SPSC)
		fprintf(out,
			"  (the queue to the device under descriptors and avail->idx, the queue "
			"back under used)\n");
	fprintf(out, "  %-15s", "");
	for (unsigned c = 0; c < columns; c++)
		fprintf(out, " %10s%s", names[c], base ? "  (baseline)" : "");
	fputc('\n', out);
	for (unsigned region = 0; region <= REGION_KINDS; region++) {
		const bool total = region == REGION_KINDS;

		if (!total && all_of(r, region) == 0 && !(base && all_of(base, region) > 0))
			continue;
		fprintf(out, "  %-15s",
			total ? "total" : lines_region_words((enum ring_region)region));
		for (unsigned c = 0; c < columns; c++) {
			fprintf(out, " %10.6f", figure(r, region, c));
			if (base)
				fprintf(out, "  %10.6f", figure(base, region, c));
		}
		fputc('\n', out);
	}
}

/* ---- false sharing ---- */

static uint64_t elsewhere(const struct explain_record *r, unsigned lost, unsigned wanted)
{
	return r->counts[AGENT_DRIVER].elsewhere[lost][wanted] +
	       r->counts[AGENT_DEVICE].elsewhere[lost][wanted];
}

static void put_false_sharing(FILE *out, const struct explain_record *r)
{
	bool any = false;

	for (unsigned w = 0; w < REGION_KINDS; w++) {
		for (unsigned l = 0; l < REGION_KINDS; l++) {
			if (!elsewhere(r, l, w))
				continue;
			if (!any)
				fprintf(out, "\nFalse sharing, among these transfers:\n");
			any = true;
			explain_wrap(
				out, 2,
				"%.6f a buffer for %s, on a line that was lost to an access for %s.",
				(double)elsewhere(r, l, w) / (double)r->buffers,
				lines_region_words((enum ring_region)w),
				lines_region_words((enum ring_region)l));
		}
	}
}

/* ---- why ---- */

/* Behind what a text of TEXT_MAX bytes holds. */
#define TEXT_MAX    900
#define say(t, ...) text_add(t, TEXT_MAX, __VA_ARGS__)

/* In a lap, per buffer. */
static double rate(const struct explain_record *r, uint64_t n)
{
	return (double)n / r->ring->ring_size;
}

/* A difference that shows in three digits. */
static bool differs(double a, double b)
{
	return fabs(a - b) > 0.0005;
}

struct pair {
	const struct explain_record *r, *base;
	unsigned region;
};

/* One side's loads or stores of a region, if there are more or fewer. Returns true if so. */
static bool say_accesses(char *t, const struct pair *p, unsigned agent, bool store)
{
	const struct explain_facts *f = &p->r->facts[agent][p->region];
	const struct explain_facts *b = &p->base->facts[agent][p->region];
	const double now = rate(p->r, f->accesses[store]), was = rate(p->base, b->accesses[store]);
	const double lines = rate(p->r, f->lines[store]),
		     lines_was = rate(p->base, b->lines[store]);

	if (!differs(now, was))
		return false;
	if (now == 0) {
		say(t, " The %s %s none of it (baseline: %.3g a buffer).", side_name(agent),
		    store ? "stores" : "loads", was);
		return true;
	}
	say(t, " The %s %s it %.3g times a buffer (baseline: %.3g)", side_name(agent),
	    store ? "stores to" : "loads from", now, was);
	if (differs(lines, lines_was))
		say(t, ", on %.3g lines (baseline: %.3g)", lines, lines_was);
	say(t, ".");
	return true;
}

/* Does the lap hold other accesses to this region than baseline's? */
static bool is_used_otherwise(const struct pair *p, unsigned region)
{
	bool otherwise = false;

	for (unsigned i = 0; i < AGENTS * 2; i++)
		otherwise |= differs(rate(p->r, p->r->facts[i / 2][region].accesses[i % 2]),
				     rate(p->base, p->base->facts[i / 2][region].accesses[i % 2]));
	return otherwise;
}

/* Do two regions meet on a line? */
static bool share_a_line(const struct explain_record *r, unsigned a, unsigned b)
{
	const size_t line = r->model->line;

	for (size_t at = 0; at < r->map.layout.buffers; at += line) {
		bool has_a = false, has_b = false;

		for (size_t i = 0; i < line; i += 2) {
			const unsigned region = ring_region_at(&r->map, at + i);

			has_a |= region == a;
			has_b |= region == b;
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

/* Where the accesses are the same: what else lies on the line. Returns true if that changed. */
static bool say_neighbours(char *t, const struct pair *p, bool more)
{
	for (unsigned n = 0; n < REGION_KINDS; n++) {
		if (n == p->region || !is_used_otherwise(p, n) || !share_a_line(p->r, n, p->region))
			continue;
		say(t,
		    " Its own loads and stores are the same; those of %s, on the same line, used "
		    "to %s.",
		    lines_region_words((enum ring_region)n),
		    more ? "bring it along" : "take it away");
		return true;
	}
	return false;
}

static bool touches(const struct explain_record *r, unsigned agent, unsigned region)
{
	const struct explain_facts *f = &r->facts[agent][region];

	return f->accesses[0] + f->accesses[1] > 0;
}

/* A region that the other side touches, on a line of this one's; REGION_OTHER: none. */
static unsigned shared_with(const struct explain_record *r, unsigned region, unsigned other)
{
	for (unsigned n = 0; n < REGION_OTHER; n++) {
		if (n != region && touches(r, other, n) && share_a_line(r, n, region))
			return n;
	}
	return REGION_OTHER;
}

/* Where one side leaves a region alone now. */
static void say_left_alone(char *t, const struct pair *p, double now)
{
	const bool driver = touches(p->r, AGENT_DRIVER, p->region);
	const bool device = touches(p->r, AGENT_DEVICE, p->region);
	const unsigned agent = driver ? AGENT_DRIVER : AGENT_DEVICE;
	const unsigned neighbour = shared_with(p->r, p->region, 1 - agent);

	if (driver == device)
		return;
	say(t, " Only the %s touches them now", side_name(agent));
	if (now == 0)
		say(t, ", so their lines stay with it.");
	else if (neighbour != REGION_OTHER)
		say(t, ": their lines stay with it, but for the one that %s is on.",
		    lines_region_words((enum ring_region)neighbour));
	else
		say(t, ".");
}

static void put_difference(FILE *out, const struct pair *p)
{
	const double now = all_of(p->r, p->region), was = all_of(p->base, p->region);
	char t[TEXT_MAX] = "";
	bool explained = false;

	for (unsigned i = 0; i < AGENTS * 2; i++)
		explained |= say_accesses(t, p, i / 2, i % 2 == 0);
	say_left_alone(t, p, now);
	if (!explained && !say_neighbours(t, p, now > was))
		say(t, " Each side does the same loads and stores; what the other side does on the "
		       "same lines in between differs.");
	explain_wrap(out, 2, "%s: %.3f transactions a buffer instead of %.3f.%s",
		     lines_region_words((enum ring_region)p->region), now, was, t);
}

static void put_differences(FILE *out, const struct explain_record *r,
			    const struct explain_record *base)
{
	char same[TEXT_MAX] = "";
	bool any = false;

	fprintf(out, "\nAgainst baseline in the same setting:\n");
	for (unsigned region = 0; region < REGION_KINDS; region++) {
		const struct pair p = {r, base, region};

		if (differs(all_of(r, region), all_of(base, region))) {
			put_difference(out, &p);
			any = true;
		} else if (all_of(base, region) > 0) {
			say(same, "%s%s", *same ? ", " : "As baseline: ",
			    lines_region_words((enum ring_region)region));
		}
	}
	if (*same)
		explain_wrap(out, 2, "%s.", same);
	if (!any)
		explain_wrap(out, 2, "No region has more or fewer transactions.");
}

void explain_compare(FILE *out, const struct explain_record *r, const struct explain_record *base)
{
	put_table(out, r, base);
	put_false_sharing(out, r);
	if (base)
		put_differences(out, r, base);
	else if (r->ring->variant->kind == KIND_BASELINE)
		fprintf(out, "\nBaseline is what the variants are compared with: explain --variant "
			     "shadow-avail, for one.\n");
}
