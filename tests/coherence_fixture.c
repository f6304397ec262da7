/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coherence_fixture.c - a coherence model for tests.
 */
#include "coherence_fixture.h"

/* Only its addresses are used. */
static const uint8_t memory[BED_SIZE];

static unsigned region_of(const void *arg, size_t offset)
{
	(void)arg;
	return (unsigned)(offset / 64 % COH_REGIONS_MAX);
}

struct coh_conf bed_conf(enum coh_protocol p, unsigned agents)
{
	struct coh_conf c = {.protocol = p,
			     .agents = agents,
			     .line = 64,
			     .window = 1,
			     .check = true,
			     .size = BED_SIZE,
			     .region_of = region_of};

	for (unsigned k = 0; k < COH_KINDS; k++)
		c.place[0].ps[k] = (k + 1) * 1000;
	return c;
}

static void on_event(void *arg, const struct coh_event *e)
{
	struct bed *b = arg;

	b->events += !e->prefetch;
	b->prefetches += e->prefetch;
	b->silent += !e->transaction && e->rule;
	if (e->transaction)
		b->transactions[e->kind]++;
	if (e->prefetch)
		b->last_prefetch = *e;
	else
		b->last = *e;
}

void bed_open(struct bed *b, const struct coh_conf *conf)
{
	memset(b, 0, sizeof(*b));
	must(coh_open, &b->coh, conf, memory);
	coh_on_event(b->coh, on_event, b);
}

void bed_close(struct bed *b)
{
	coh_close(b->coh);
	b->coh = NULL;
}

const void *bed_at(size_t offset)
{
	return memory + offset;
}

void bed_do(struct bed *b, unsigned id, size_t offset, size_t size, enum coh_verb verb)
{
	coh_access(coh_agent(b->coh, id), bed_at(offset), size, verb);
}

void bed_steps(struct bed *b, const char *steps)
{
	const uint32_t line = coh_conf_of(b->coh)->line;

	for (const char *at = steps; *at; at += at[2] ? 3 : 2) {
		const unsigned id = (unsigned)(at[0] - 'A');

		cr_assert(id < coh_conf_of(b->coh)->agents, "no agent '%c': %s", at[0], steps);
		switch (at[1]) {
		case 'r':
			bed_do(b, id, 0, 4, COH_LOAD);
			break;
		case 'w':
			bed_do(b, id, 0, 4, COH_STORE);
			break;
		case 'x':
			bed_do(b, id, (8 + id) * line, 4, COH_LOAD);
			break;
		default:
			cr_assert(false, "no step '%c': %s", at[1], steps);
		}
	}
}

const char *bed_states(const struct bed *b, char buf[COH_AGENTS_MAX + 1])
{
	const unsigned n = coh_conf_of(b->coh)->agents;

	for (unsigned i = 0; i < n; i++)
		buf[i] = coh_state_letter(coh_state_of(b->coh, i, 0));
	buf[n] = '\0';
	return buf;
}

const char *bed_did(const struct bed *b)
{
	if (b->last.transaction)
		return coh_kind_name(b->last.kind);
	return b->last.rule ? "silent" : "hit";
}

void bed_whole(const struct bed *b, const char *where)
{
	const char *why = coh_broken(b->coh);

	cr_assert(!why, "%s: %s", where, why);
}

uint64_t counted(const struct coh_counts *c)
{
	uint64_t n = 0;

	for (unsigned k = 0; k < COH_KINDS; k++) {
		for (unsigned r = 0; r < COH_REGIONS_MAX; r++)
			n += c->by[k][r];
	}
	return n;
}
