/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * history_builder.c - made-up histories for tests.
 */
#include "history_builder.h"

static double uniform(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) / 9007199254740992.0;
}

double history_log(struct rng *rng, unsigned launches)
{
	double sum = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < launches; i++) {
		if (uniform(rng) < 0.05)
			continue;
		sum += 0.015 * rule_normal(rng) + 0.01 * rule_normal(rng);
		n++;
	}
	sum /= n ? n : 1;
	return uniform(rng) < 0.03 ? sum + 0.1 + 0.3 * uniform(rng) : sum;
}

double *history_series(struct rng *rng, unsigned nseries, unsigned n, unsigned launches,
		       const struct planted_step *steps, struct changing *out)
{
	double *v = calloc((size_t)nseries * n, sizeof(*v));

	cr_assert_not_null(v);
	for (unsigned i = 0; i < nseries; i++) {
		out[i] = (struct changing){v + (size_t)i * n, n};
		for (unsigned k = 0; k < n; k++)
			v[i * n + k] = history_log(rng, launches);
	}
	for (; steps && steps->ratio > 0; steps++) {
		for (unsigned k = steps->from; k < n; k++)
			v[steps->series * n + k] += log(steps->ratio);
	}
	return v;
}

const char *history_name(unsigned session)
{
	static char name[24];

	snprintf(name, sizeof(name), "%03u.jsonl", session);
	return name;
}

static json_t *head_of(const struct history_plan *plan, unsigned session)
{
	json_t *head = make_head("native", "host");
	char commit[24];

	snprintf(commit, sizeof(commit), "%08x00000000", session);
	json_object_set_new(head, "commit", json_string(commit));
	json_object_set_new(head, "dirty", json_false());
	json_object_set_new(head, "seed", json_integer(session));
	if (plan->kernel_from && session >= plan->kernel_from)
		json_object_set_new(json_object_get(head, "host"), "kernel",
				    json_string("Linux 2"));
	return head;
}

/* Two launches of two rounds, which say the same; the session as a whole is off. */
static void put_times(struct session_writer *w, const struct history_plan *plan, unsigned session)
{
	struct rng rng = {session + 1};
	const double spread = plan->spread > 0 ? plan->spread : 0.005;
	const double slow =
		plan->step.ratio > 0 && session >= plan->step.from ? plan->step.ratio : 1;

	for (uint32_t launch = 0; launch < 2; launch++) {
		for (uint32_t cell = 0; cell < NCELLS; cell++) {
			const double ns = 2000 * exp(spread * rule_normal(&rng));

			for (uint32_t round = 0; round < 2; round++) {
				struct sample m =
					make_sample(cell, launch, round, cell == 1 ? ns * slow : ns,
						    CLASS_NEAR);

				session_put(w, ROW_SAMPLE, &m);
			}
		}
	}
}

static void put_counts(struct session_writer *w, const struct history_plan *plan, unsigned session)
{
	const unsigned more = plan->lines_from && session >= plan->lines_from ? 8 : 0;

	for (uint32_t i = 0; i < 2; i++) {
		struct sample m = make_sample(i, 0, 0, 10, CLASS_NONE);
		struct coh_counts counts[AGENTS];

		memset(counts, 0, sizeof(counts));
		counts[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_DESC] = 250;
		counts[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_AVAIL_ENTRIES] = 62 + i * more;
		session_put_counts(w, ROW_MODEL, &m, COH_MESI, counts);
	}
}

/* The head's "started" is the second at which it is written: here the session's own. */
static void set_started(const char *path, unsigned session)
{
	char *text = get_text(path), *at = strstr(text, "\"started\":\"");
	char when[64];

	cr_assert_not_null(at);
	snprintf(when, sizeof(when), "2026-01-01T%02u:%02u:00Z", session / 60 % 24, session % 60);
	at += strlen("\"started\":\"");
	for (size_t i = 0; when[i]; i++)
		at[i] = when[i];
	put_text(path, text);
}

void history_file(const struct history_plan *plan, unsigned session, const char *name)
{
	struct session_writer *w =
		begin_session(in_folder(name), head_of(plan, session), cells, NCELLS);

	put_times(w, plan, session);
	put_counts(w, plan, session);
	finish_session(w);
	set_started(in_folder(name), session);
}

void history_files(struct history_plan plan)
{
	for (unsigned i = 0; i < plan.sessions; i++)
		history_file(&plan, i, history_name(i));
}
