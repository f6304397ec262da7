/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * paired.c - any two cells of a session against each other, round by round.
 */
#include "analysis/paired.h"

#include "session/head.h"
#include "stats/rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_NONE:
		return "";
	case VERDICT_FASTER:
		return "faster";
	case VERDICT_SLOWER:
		return "slower";
	case VERDICT_SAME:
		return "~";
	case VERDICT_UNPROVEN:
		return "unproven";
	}
	return "?";
}

static int by_round(const struct sample *a, const struct sample *b)
{
	if (a->launch != b->launch)
		return a->launch < b->launch ? -1 : 1;
	if (a->round != b->round)
		return a->round < b->round ? -1 : 1;
	return 0;
}

static int by_cell(const void *pa, const void *pb)
{
	const struct sample *a = *(const struct sample *const *)pa;
	const struct sample *b = *(const struct sample *const *)pb;

	if (a->cell != b->cell)
		return a->cell < b->cell ? -1 : 1;
	return by_round(a, b);
}

int pairing_make(const struct session *s, struct pairing *out)
{
	const size_t room = (size_t)s->nsamples + 1;

	*out = (struct pairing){0};
	out->samples = owned_get(&out->memory, room, sizeof(*out->samples));
	out->a = owned_get(&out->memory, room, sizeof(*out->a));
	out->b = owned_get(&out->memory, room, sizeof(*out->b));
	out->launch = owned_get(&out->memory, room, sizeof(*out->launch));
	if (out->memory.failed) {
		pairing_free(out);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < s->nsamples; i++) {
		if (sample_used(&s->samples[i]))
			out->samples[out->n++] = &s->samples[i];
	}
	qsort(out->samples, out->n, sizeof(*out->samples), by_cell);
	return 0;
}

void pairing_free(struct pairing *p)
{
	owned_free(&p->memory);
	*p = (struct pairing){0};
}

size_t pairing_first(const struct pairing *p, uint32_t cell)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (p->samples[mid]->cell < cell)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct interval paired_ratio(const struct pairing *p, uint32_t a, uint32_t b,
			     enum place_class place, double level)
{
	size_t i = pairing_first(p, a), k = pairing_first(p, b), n = 0;

	while (i < p->n && k < p->n && p->samples[i]->cell == a && p->samples[k]->cell == b) {
		const struct sample *x = p->samples[i], *y = p->samples[k];
		const int order = by_round(x, y);

		i += order <= 0;
		k += order >= 0;
		if (order || x->place != place || y->place != place)
			continue;
		p->launch[n] = x->launch;
		p->a[n] = sample_ns(x);
		p->b[n] = sample_ns(y);
		n++;
	}
	return stats_paired_ratio(p->a, p->b, p->launch, n, level);
}

enum verdict paired_verdict(const struct interval *ratio, double error)
{
	const int beyond = rule_beyond(ratio, error);

	if (isnan(error))
		return VERDICT_UNPROVEN;
	return beyond < 0 ? VERDICT_FASTER : beyond > 0 ? VERDICT_SLOWER : VERDICT_SAME;
}
