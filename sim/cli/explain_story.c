/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain_story.c - one burst, line by line.
 */
#include "cli/explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FACTS_COLUMN 60

/* ---- which turns ---- */

/* RX: the device fills buffers, then the driver takes them. TX: the driver posts, the device takes. */
static size_t partner(const struct explain_record *r, size_t device_turn)
{
	if (r->ring->dir == DIR_RX)
		return device_turn + 1;
	return device_turn ? device_turn - 1 : r->nturns;
}

/* A device's turn with work, and the driver's turn that goes with it. */
static bool is_step(const struct explain_record *r, size_t i)
{
	const size_t other = partner(r, i);

	return r->turns[i].agent == AGENT_DEVICE && explain_works(&r->turns[i]) &&
	       other < r->nturns && explain_works(&r->turns[other]);
}

/* What two turns cost. */
static struct explain_cost sum_of(const struct explain_turn *a, const struct explain_turn *b)
{
	return (struct explain_cost){a->cost.transfers + b->cost.transfers,
				     a->cost.upgrades + b->cost.upgrades,
				     a->cost.memory + b->cost.memory};
}

static struct explain_cost cost_of(const struct explain_record *r, size_t step)
{
	return sum_of(&r->turns[step], &r->turns[partner(r, step)]);
}

static bool same_cost(const struct explain_cost *a, const struct explain_cost *b)
{
	return a->transfers == b->transfers && a->upgrades == b->upgrades && a->memory == b->memory;
}

/* Steps with the same cost are of one sort; more sorts than these are not told apart. */
#define SORTS_MAX 64

/* The cost of the most frequent sort. @steps: out; of all sorts. */
static struct explain_cost usual_cost(const struct explain_record *r, size_t *steps)
{
	struct {
		struct explain_cost cost;
		size_t steps;
	} sorts[SORTS_MAX], most = {.steps = 0};
	unsigned n = 0, k;

	*steps = 0;
	for (size_t i = 0; i < r->nturns; i++) {
		struct explain_cost cost;

		if (!is_step(r, i))
			continue;
		++*steps;
		cost = cost_of(r, i);
		for (k = 0; k < n && !same_cost(&sorts[k].cost, &cost);)
			k++;
		if (k == SORTS_MAX)
			continue;
		if (k == n) {
			sorts[n].cost = cost;
			sorts[n++].steps = 0;
		}
		if (++sorts[k].steps > most.steps) {
			most.cost = cost;
			most.steps = sorts[k].steps;
		}
	}
	return most.cost;
}

static size_t distance(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/* Of a side's turns the one nearest to `main` that does most of what `known` lacks. */
static size_t find_news(const struct explain_record *r, size_t main, uint64_t known)
{
	size_t best = r->nturns;
	int most = 0;

	for (size_t i = 0; i < r->nturns; i++) {
		const struct explain_turn *t = &r->turns[i];
		const int news = __builtin_popcountll(t->did & ~known);

		if (t->agent != r->turns[main].agent || news < most || !news)
			continue;
		if (news == most && distance(i, main) >= distance(best, main))
			continue;
		most = news;
		best = i;
	}
	return best;
}

static void add_news(struct explain_record *r, size_t main)
{
	uint64_t known = r->turns[main].did;

	while (r->ntold < EXPLAIN_TOLD_MAX) {
		const size_t i = find_news(r, main, known);

		if (i == r->nturns)
			return;
		r->told[r->ntold++] =
			(struct explain_told){.turn = i, .news = r->turns[i].did & ~known};
		known |= r->turns[i].did;
	}
}

int explain_choose(struct explain_record *r, struct vrb_err *err)
{
	size_t steps, main = r->nturns;
	const struct explain_cost usual = usual_cost(r, &steps);

	if (!steps)
		return vrb_fail(err, ENODATA, "explain: no burst of this ring is whole in a lap");
	/* the middle of the ring: not the slots that share a line with an index */
	for (size_t i = 0; i < r->nturns; i++) {
		struct explain_cost cost;

		if (!is_step(r, i))
			continue;
		cost = cost_of(r, i);
		if (same_cost(&cost, &usual) &&
		    distance(i, r->nturns / 2) < distance(main, r->nturns / 2))
			main = i;
	}
	r->told[0].turn = r->ring->dir == DIR_RX ? main : partner(r, main);
	r->told[1].turn = r->ring->dir == DIR_RX ? partner(r, main) : main;
	r->ntold = 2;
	add_news(r, r->told[0].turn);
	add_news(r, r->told[1].turn);
	return 0;
}

/* ---- before the burst ---- */

static void put_title(FILE *out, const struct explain_record *r)
{
	const struct ring_conf *c = r->ring;
	const struct latency_machine *m = &r->model->machine;
	char notify[NOTIFY_WORDS], coalesce[COALESCE_WORDS];

	fprintf(out, "%s, %s: one burst, line by line\n\n", c->variant->name,
		direction_name(c->dir));
	fprintf(out,
		"  ring %" PRIu32 ", burst %" PRIu32 ", payload %" PRIu32
		", free list %s, avail->idx per %s%s%s\n",
		c->ring_size, c->burst, c->payload, free_list_name(c->policy.free_list),
		publish_name(c->policy.publish), c->dir == DIR_TX ? ", TX header " : "",
		c->dir == DIR_TX ? tx_header_name(c->policy.tx_header) : "");
	if (c->policy.notify != NOTIFY_OFF)
		fprintf(out, "  notify %s, notify-arm %s, notify-coalesce %s, sleep %s\n",
			notify_words(&c->policy, notify), notify_arm_name(c->policy.notify_arm),
			coalesce_words(&c->policy, coalesce), sleepers_name(c->policy.sleep));
	fprintf(out,
		"  protocol %s, lines of %" PRIu32 " bytes%s, what a line costs as on %s-%s\n\n",
		coh_protocol_name(r->model->protocol), r->model->line,
		r->model->prefetch ? " with adjacent-line prefetch" : "", m->name,
		m->places[r->model->place].name);
}

static void put_introduction(FILE *out, const struct explain_record *r)
{
	const struct variant *v = r->ring->variant;

	explain_wrap(out, 2, "%s %s.",
		     v->kind == KIND_BASELINE	 ? "What it is:"
		     : v->kind == KIND_YARDSTICK ? "What it is, for comparison:"
						 : "What differs from baseline:",
		     v->differs);
	explain_wrap(
		out, 2,
		r->ring->dir == DIR_RX
			? "Receiving: the driver keeps the ring full of empty buffers. The device "
			  "fills some and returns them; the driver takes these and posts as "
			  "many empty ones."
			: "Transmitting: the driver posts packets, the device reads them and "
			  "returns them, and the driver takes a number of them back now and "
			  "then.");
	explain_wrap(out, 2,
		     "Each side is a core with a cache of its own. They take turns, a burst each, "
		     "and have gone round the ring before: nothing here is the first time. A line "
		     "costs something when a side wants what it has not got; all else is a hit.");
	fputc('\n', out);
}

static void put_states(FILE *out, const struct explain_record *r)
{
	bool occurs[COH_STATES] = {false};

	for (size_t i = 0; i < r->ngroups; i++) {
		for (unsigned a = 0; a < AGENTS; a++) {
			occurs[r->groups[i].before[a]] = true;
			occurs[r->groups[i].after[a]] = true;
		}
	}
	fprintf(out, "States of a line, the driver's letter first, as MI:\n");
	for (unsigned s = COH_STATES; s-- > 0;) {
		if (occurs[s])
			fprintf(out, "  %c  %s\n", coh_state_letter((enum coh_state)s),
				explain_state((enum coh_state)s));
	}
	fputc('\n', out);
}

/* Who loads from or stores to what lies on a line. */
static const char *who(const struct explain_record *r, size_t line, bool store)
{
	const bool driver = explain_touches(r, AGENT_DRIVER, line, store);
	const bool device = explain_touches(r, AGENT_DEVICE, line, store);

	return driver && device ? "both" : driver ? "driver" : device ? "device" : "nobody";
}

/* How many lines from this one on hold nothing but the same array. */
static size_t array_lines(const struct explain_record *r, size_t line, size_t end)
{
	char first[160], other[160];
	size_t n = 1, stem;

	explain_line_fields(r, line, 1, first, sizeof(first));
	stem = strcspn(first, "[") + 1;
	if (strchr(first, ','))
		return 1;
	for (; line + n < end; n++) {
		explain_line_fields(r, line + n, 1, other, sizeof(other));
		if (strchr(other, ',') || strncmp(first, other, stem) != 0)
			break;
	}
	return n;
}

/* What lies where, and who touches it; what nobody touches is left out. */
static void put_map(FILE *out, const struct explain_record *r)
{
	const size_t end = r->map.layout.buffers / r->model->line;
	char fields[200];

	fprintf(out, "The lines that both sides see%s:\n",
		r->ring->payload ? ", without the buffers" : "");
	for (size_t line = 0, n; line < end; line += n) {
		const char *writes = who(r, line, true), *reads = who(r, line, false);
		int at;

		n = array_lines(r, line, end);
		explain_line_fields(r, line, n, fields, sizeof(fields));
		if (!*fields || (!strcmp(writes, "nobody") && !strcmp(reads, "nobody")))
			continue;
		at = n == 1 ? fprintf(out, "  line %zu", line)
			    : fprintf(out, "  lines %zu..%zu", line, line + n - 1);
		fprintf(out, "%*s%-44s  written by %s, read by %s\n", at < 18 ? 18 - at : 1, "",
			fields, writes, reads);
	}
	fputc('\n', out);
}

/* ---- the burst ---- */

/* "MI -> SS  read_dirty  21 ns" */
static void put_facts(FILE *out, const struct explain_record *r, const struct explain_group *g,
		      size_t n)
{
	for (unsigned a = 0; a < AGENTS; a++)
		fputc(coh_state_letter((enum coh_state)g->before[a]), out);
	if (memcmp(g->before, g->after, sizeof(g->before)) != 0) {
		fprintf(out, " -> ");
		for (unsigned a = 0; a < AGENTS; a++)
			fputc(coh_state_letter((enum coh_state)g->after[a]), out);
	} else {
		fprintf(out, "      ");
	}
	if (!g->transaction) {
		fprintf(out, "  %s\n", g->rule ? "silent" : "hit");
		return;
	}
	fprintf(out, "  %-11s  ", coh_kind_name(g->kind));
	if (n > 1)
		fprintf(out, "%zu x ", n);
	fprintf(out, "%g ns\n", explain_cost_ps(r, g->kind) / 1000.0);
}

/* The head of an item: "3. desc[128..131].addr .len, line 32", and the facts in their column. */
static void put_head(FILE *out, const struct explain_record *r, const struct explain_group *g,
		     size_t n, unsigned number)
{
	const size_t last = g[n - 1].line;
	char fields[256];
	int at;

	explain_fields(r, g, n, true, fields, sizeof(fields));
	if (strlen(fields) > FACTS_COLUMN - 20)
		explain_fields(r, g, n, false, fields, sizeof(fields));
	at = fprintf(out, "%3u. %s, ", number, fields);
	if (n == 1)
		at += fprintf(out, "line %zu", last);
	else if (last - g->line == n - 1)
		at += fprintf(out, "lines %zu..%zu", g->line, last);
	else
		at += fprintf(out, "%zu lines", n);
	if (at > FACTS_COLUMN - 2)
		at = fprintf(out, "\n") - 1;
	fprintf(out, "%*s", FACTS_COLUMN - at, "");
	put_facts(out, r, g, n);
}

/* The story so far: what has been told in full, and where. */
struct telling {
	FILE *out;
	const struct explain_record *r;
	unsigned number; /* of the next item */
	struct {
		const struct coh_rule *rule;
		unsigned agent, number;
	} told[32];
	unsigned ntold;
};

/* What happens to the line; in short if an item before has told it. Returns @buf. */
static const char *change_of(struct telling *t, const struct explain_group *g, char *buf,
			     size_t size)
{
	for (unsigned i = 0; g->rule && i < t->ntold; i++) {
		if (t->told[i].rule == g->rule && t->told[i].agent == g->agent)
			return explain_again(g, t->told[i].number, buf, size);
	}
	if (g->rule && t->ntold < ARRAY_SIZE(t->told)) {
		t->told[t->ntold].rule = g->rule;
		t->told[t->ntold].agent = g->agent;
		t->told[t->ntold++].number = t->number;
	}
	return explain_change(t->r, g, buf, size);
}

static void put_item(struct telling *t, const struct explain_group *g, size_t n)
{
	char change[256], rest[64] = "";
	size_t further = 0;

	for (size_t i = 0; i < n; i++)
		further += g[i].accesses - 1;
	put_head(t->out, t->r, g, n, t->number);
	if (further && g->rule)
		snprintf(rest, sizeof(rest), " %zu more %s%s: hits.", further,
			 explain_stores(g->verb) ? "store" : "load", further == 1 ? "" : "s");
	explain_wrap(t->out, 5, "%s %s%s", explain_purpose(t->r, g),
		     change_of(t, g, change, sizeof(change)), rest);
	t->number++;
}

/* The groups of a turn; with `news`, only those. */
static void put_turn(struct telling *t, const struct explain_told *turn)
{
	const struct explain_group *g = t->r->groups + turn->first, *end = g + turn->ngroups;
	size_t n;

	for (; g != end; g += n) {
		const bool store = explain_stores(g->verb);

		for (n = 1; g + n != end && explain_alike(g, g + n);)
			n++;
		if (!turn->news || turn->news & EXPLAIN_BIT(g->region, store, g->transaction))
			put_item(t, g, n);
	}
}

static void put_sum(FILE *out, const struct explain_record *r)
{
	const struct explain_turn *a = &r->turns[r->told[0].turn], *b = &r->turns[r->told[1].turn];
	const struct explain_cost cost = sum_of(a, b);
	char more[64] = "";

	if (cost.memory)
		snprintf(more, sizeof(more), ", %u from memory", cost.memory);
	fputc('\n', out);
	explain_wrap(
		out, 2,
		"This burst: %u transfer%s (a line goes from one cache to the other), %u upgrade%s "
		"(the right to write, without data)%s. One after the other they take %g ns.",
		cost.transfers, cost.transfers == 1 ? "" : "s", cost.upgrades,
		cost.upgrades == 1 ? "" : "s", more, (double)(a->ps + b->ps) / 1000);
}

/* What a side does in some of its turns only. */
static void put_news(struct telling *t, const struct explain_told *turn)
{
	const struct explain_record *r = t->r;
	const unsigned agent = r->turns[turn->turn].agent;
	size_t some = 0, all = 0;

	for (size_t i = 0; i < r->nturns; i++) {
		if (r->turns[i].agent != agent || !explain_works(&r->turns[i]))
			continue;
		all++;
		some += (r->turns[i].did & turn->news) != 0;
	}
	fputc('\n', t->out);
	explain_wrap(
		t->out, 0,
		"Not in every turn: in %zu of the %zu that it has in a lap, the %s also does this:",
		some, all, side_name(agent));
	put_turn(t, turn);
}

/* ---- what is special near an index ---- */

static void put_idx_lines(FILE *out, const struct explain_record *r)
{
	const struct ring_layout *l = &r->map.layout;
	/* of the other steps, and of those near an index */
	double steps[2] = {0}, transfers[2] = {0}, all[2] = {0};
	char avail[160], used[160];

	for (size_t i = 0; i < r->nturns; i++) {
		if (!is_step(r, i))
			continue;
		const struct explain_cost cost = cost_of(r, i);
		const bool near = r->turns[i].shares_idx;

		steps[near]++;
		transfers[near] += cost.transfers;
		all[near] += cost.transfers + cost.upgrades + cost.memory;
	}
	if (steps[0] == 0 || steps[1] == 0 || r->map.kind != RING_SPLIT)
		return;
	explain_line_fields(r, (l->avail + 2) / r->model->line, 1, avail, sizeof(avail));
	explain_line_fields(r, (l->used + 2) / r->model->line, 1, used, sizeof(used));
	fputc('\n', out);
	explain_wrap(
		out, 0,
		"An index shares its line with the entries behind it: %s lie on one line; %s on "
		"another. Bursts in which the device touches these entries take %.2f transfers on "
		"average, the others %.2f; with upgrades and memory %.2f and %.2f.",
		avail, used, transfers[1] / steps[1], transfers[0] / steps[0], all[1] / steps[1],
		all[0] / steps[0]);
}

void explain_story(FILE *out, const struct explain_record *r)
{
	struct telling t = {.out = out, .r = r, .number = 1};

	put_title(out, r);
	put_introduction(out, r);
	put_states(out, r);
	put_map(out, r);
	for (unsigned i = 0; i < 2; i++) {
		fprintf(out, "%sThe %s's turn\n", i ? "\n" : "",
			side_name(r->turns[r->told[i].turn].agent));
		put_turn(&t, &r->told[i]);
	}
	put_sum(out, r);
	for (unsigned i = 2; i < r->ntold; i++)
		put_news(&t, &r->told[i]);
	put_idx_lines(out, r);
}
