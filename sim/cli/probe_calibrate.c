/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probe_calibrate.c - what the litmus scripts measured, as a machine for the model.
 */
#include "cli/probe.h"
#include "coherence/coherence.h"
#include "host/uarch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of a core that no preset is known for. */
#define ASSUMED_HIT_PS	     500
#define ASSUMED_STORE_BUFFER 56
#define ASSUMED_WINDOW	     53

/* Which preset's core is it? What is missing here has one of its own name, or none. */
static const char *core_of(const char *cpu_id)
{
	const enum uarch u = uarch_of_words(cpu_id);

	return uarch_name(u == UARCH_CLX ? UARCH_SKX : u == UARCH_EMR ? UARCH_SPR : u);
}

/* Returns the preset's name, or NULL if what is in the core had to be assumed. */
static const char *put_core(const char *cpu_id, struct latency_machine *out)
{
	const char *core = core_of(cpu_id);
	struct latency_machine preset;
	unsigned place;

	out->hit_ps = ASSUMED_HIT_PS;
	out->store_buffer = ASSUMED_STORE_BUFFER;
	out->window = ASSUMED_WINDOW;
	if (latency_find(core, &preset, &place, NULL))
		return NULL;
	out->hit_ps = preset.hit_ps;
	out->store_buffer = preset.store_buffer;
	out->window = preset.window;
	return core;
}

/* A kind that the scripts could not show costs what the transfer of a dirty line does. */
static void put_place(enum place_class place, const struct litmus_class *from,
		      struct latency_place *to)
{
	snprintf(to->name, sizeof(to->name), "%s", place_class_name(place));
	to->handoff_ns = from->handoff_ns;
	for (unsigned k = 0; k < COH_KINDS; k++) {
		bool load = k == COH_READ_MEMORY || k == COH_READ_CLEAN || k == COH_READ_DIRTY;
		double ns = litmus_kind_ns(from->ns, (enum coh_kind)k);

		if (!isfinite(ns))
			ns = litmus_kind_ns(from->ns, load ? COH_READ_DIRTY : COH_OWN_DIRTY);
		to->ps[k] = (uint32_t)lround(ns * 1000);
	}
	for (unsigned g = 0; g < COH_GAP_KINDS; g++) {
		const double ns = litmus_gap_ns(from, (enum coh_gap)g);

		to->gap_ps[g] = isfinite(ns) ? (uint32_t)lround(ns * 1000) : 0;
	}
}

/* What stands for mesi, mesif and moesi, which the times do not tell apart. */
static enum coh_protocol likely(const char *cpu_id)
{
	if (strstr(cpu_id, "GenuineIntel"))
		return COH_MESIF;
	return strstr(cpu_id, "AuthenticAMD") ? COH_MOESI : COH_MESI;
}

/* By the class that decides; the first one, if several do. Returns what to say of it. */
static const char *put_protocol(const struct litmus *l, const char *cpu_id,
				struct latency_machine *out)
{
	char why[256];

	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		enum litmus_verdict v = LITMUS_CANNOT_TELL;

		if (l->by[c].rounds)
			v = litmus_judge(l->by[c].ns, why, sizeof(why));
		out->protocol = v == LITMUS_MIGRATORY ? COH_MOESI_MIGRATORY : likely(cpu_id);
		if (v == LITMUS_MIGRATORY)
			return "protocol by the scripts";
		if (v == LITMUS_SHARING)
			return "protocol: not migratory by the scripts, which of the others assumed";
	}
	return "protocol assumed, the scripts did not decide";
}

static bool any_filled_in(const struct litmus *l)
{
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		for (unsigned k = 0; k < COH_KINDS && l->by[c].rounds; k++) {
			if (!isfinite(litmus_kind_ns(l->by[c].ns, (enum coh_kind)k)))
				return true;
		}
	}
	return false;
}

/* Names come from outside: what is no plain letter would spoil the file or a table. */
static void keep_ascii(char *s)
{
	for (; *s; s++) {
		if (*s < ' ' || *s > '~')
			*s = '?';
	}
}

/* What the times show of the core, in place of what a preset has. Returns what was not measured. */
static const char *put_sizes(const struct core_size *size, struct latency_machine *out)
{
	const unsigned window = size->reorder / LATENCY_WINDOW_INSTRUCTIONS;

	if (size->store_buffer)
		out->store_buffer = size->store_buffer < COH_STORE_BUFFER_MAX
					    ? size->store_buffer
					    : COH_STORE_BUFFER_MAX;
	if (window)
		out->window = window < COH_WINDOW_MAX ? window : COH_WINDOW_MAX;
	if (size->store_buffer)
		return window ? "hit" : "hit, window";
	return window ? "hit, store buffer" : "hit, store buffer, window";
}

void probe_calibrated(const struct litmus *l, const struct core_size *size,
		      const struct machine *host, struct latency_machine *out)
{
	const char *protocol, *core, *rest;

	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "%.31s", *host->hostname ? host->hostname : "host");
	protocol = put_protocol(l, host->cpu_id, out);
	core = put_core(host->cpu_id, out);
	rest = put_sizes(size, out);
	snprintf(out->source, sizeof(out->source), "probe --calibrate on %.40s; %s%s; %s %s%s",
		 *host->cpu_model ? host->cpu_model : "a CPU without a name", protocol,
		 any_filled_in(l) ? "; clean and memory = dirty, no flush here" : "", rest,
		 core ? "as preset " : "assumed", core ? core : "");
	keep_ascii(out->name);
	keep_ascii(out->source);
	for (unsigned c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (!l->by[c].rounds)
			continue;
		put_place((enum place_class)c, &l->by[c], &out->places[out->nplaces++]);
		out->adjacent |= litmus_adjacent(&l->by[c]);
		out->next_line |= litmus_next_line(&l->by[c]);
	}
}
