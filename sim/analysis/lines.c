/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lines.c - what a session of the model counted, per buffer: figures, and these as data.
 */
#include "analysis/lines.h"

#include "session/head.h"

#include <string.h>

/* ---- figures ---- */

NAMES_OF(lines_region_words, ring_region, [REGION_DESC] = "descriptors",
	 [REGION_INDIRECT] = "indirect tables", [REGION_AVAIL_IDX] = "avail->idx",
	 [REGION_AVAIL_ENTRIES] = "avail entries", [REGION_USED_IDX] = "used->idx",
	 [REGION_USED_ELEMENTS] = "used elements", [REGION_AVAIL_EVENT] = "avail_event",
	 [REGION_USED_EVENT] = "used_event", [REGION_DRIVER_EVENT] = "driver event suppression",
	 [REGION_DEVICE_EVENT] = "device event suppression", [REGION_HEADER] = "headers",
	 [REGION_PAYLOAD] = "payload", [REGION_POOL] = "pool", [REGION_OTHER] = "other")

const struct cell_counts *lines_of(const struct session *s, const struct cell *cell)
{
	for (unsigned i = 0; i < s->ncounts; i++) {
		if (s->counts[i].cell == cell->id)
			return &s->counts[i];
	}
	for (unsigned i = 0; i < s->nmodelled; i++) {
		if (s->modelled[i].cell == cell->id)
			return &s->modelled[i];
	}
	return NULL;
}

static double per_buffer(const struct cell_counts *c, uint64_t n)
{
	return (double)n / (double)c->buffers;
}

const struct cell_instructions *instructions_of(const struct session *s, const struct cell *cell)
{
	for (unsigned i = 0; i < s->ninstructions; i++) {
		if (s->instructions[i].cell == cell->id)
			return &s->instructions[i];
	}
	return NULL;
}

uint64_t lines_of_side(const struct coh_counts *c, lines_fn *what)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < REGION_KINDS; i++)
		n += what(c, i);
	return n;
}

double lines_in(const struct cell_counts *c, lines_fn *what, unsigned region)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < AGENTS; i++)
		n += what(&c->side[i], region);
	return per_buffer(c, n);
}

double lines_in_all(const struct cell_counts *c, lines_fn *what)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < AGENTS; i++)
		n += lines_of_side(&c->side[i], what);
	return per_buffer(c, n);
}

double lines_transfers(const struct session *s, const struct cell *cell)
{
	const struct cell_counts *c = cell ? lines_of(s, cell) : NULL;

	return c ? lines_in_all(c, coh_transfers) : (double)NAN;
}

double lines_elsewhere(const struct cell_counts *c, unsigned lost, unsigned wanted)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < AGENTS; i++)
		n += c->side[i].elsewhere[lost][wanted];
	return per_buffer(c, n);
}

double lines_other_queue(const struct cell_counts *c, unsigned wanted)
{
	return per_buffer(c, c->side[AGENT_DRIVER].others[wanted] +
				     c->side[AGENT_DEVICE].others[wanted]);
}

unsigned lines_regions(const struct session *s)
{
	unsigned regions = 0;

	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell_counts *c = lines_of(s, &s->cells[i]);

		for (unsigned r = 0; c && r < REGION_KINDS; r++)
			regions |= (unsigned)(lines_in(c, coh_transfers, r) > 0) << r;
	}
	return regions;
}

bool lines_timed(const struct session *s)
{
	return !strcmp(head_string(s, "model", "mode"), model_mode_name(MODE_TIMED));
}

static bool is_set(const json_t *model, const char *key)
{
	return json_is_true(json_object_get(model, key));
}

/* What is added to @buf of the caches. @model: of the head, or its prediction. */
static void add_caches(const json_t *model, char *buf, size_t size)
{
	const char *cache = json_string_value(json_object_get(model, "cache"));

	text_add(buf, size, "lines of %d B",
		 (int)json_integer_value(json_object_get(model, "line")));
	if (is_set(model, "prefetch"))
		text_add(buf, size, ", with prefetch");
	if (cache)
		text_add(buf, size, ", caches of %s lines", cache);
}

static void add_without(const json_t *model, char *buf, size_t size)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(model, "without"), i, v)
		text_add(buf, size, "%s%s", i ? " and " : ", without ", json_string_value(v));
}

void lines_prediction_words(const struct session *s, char *buf, size_t size)
{
	const json_t *p = json_object_get(s->head, "prediction");

	*buf = '\0';
	add_caches(p, buf, size);
	text_add(buf, size, ", %s, store buffer of %d, window of %d accesses%s%s",
		 head_string(s, "prediction", "protocol"),
		 (int)json_integer_value(json_object_get(p, "store_buffer")),
		 (int)json_integer_value(json_object_get(p, "window")),
		 is_set(p, "adjacent_line") ? ", adjacent-line prefetch" : "",
		 is_set(p, "next_line") ? ", next-line prefetch" : "");
	add_without(p, buf, size);
}

void lines_model_words(const struct session *s, char *buf, size_t size)
{
	const json_t *model = json_object_get(s->head, "model");
	const json_t *bursts = json_object_get(model, "random_bursts");
	const json_t *v;
	size_t i;

	*buf = '\0';
	text_add(buf, size, "%s, %s%s, ", head_string(s, "model", "protocol"),
		 head_string(s, "model", "mode"), lines_timed(s) ? "" : " (a burst each in turn)");
	add_caches(model, buf, size);
	if (json_is_integer(bursts))
		text_add(buf, size, ", random bursts (seed %lld)",
			 (long long)json_integer_value(bursts));
	if (json_is_string(bursts))
		text_add(buf, size, ", random bursts (seed %s)", json_string_value(bursts));
	if (lines_timed(s))
		text_add(buf, size, ", times of %s, %s bound, store buffer of %d",
			 head_string(s, "model", "machine"), head_string(s, "model", "bound"),
			 (int)json_integer_value(json_object_get(model, "store_buffer")));
	add_without(model, buf, size);
	if (json_array_size(json_object_get(model, "sockets"))) {
		text_add(buf, size, ", sockets ");
		json_array_foreach(json_object_get(model, "sockets"), i, v) text_add(
			buf, size, "%s%lld", i ? "," : "", (long long)json_integer_value(v));
		text_add(buf, size, " (%s)", head_string(s, "model", "farthest"));
	}
}

void lines_notes(FILE *out, const struct session *s)
{
	if (s->nmodelled)
		fprintf(out,
			"transfers: cache lines whose data go from one core's cache to the "
			"other's, per buffer, on the model (%s, lockstep)\n",
			coh_protocol_name(s->modelled[0].protocol));
}

/* ---- as data ---- */

/* Rounded, so that few digits are printed: counts per buffer have no more than six that tell. */
static json_t *figure(double v)
{
	return json_real(nearbyint(v * 1e6) / 1e6);
}

static json_t *regions_json(const struct cell_counts *c, const uint64_t *n)
{
	json_t *o = json_object();

	for (unsigned i = 0; o && i < REGION_KINDS; i++) {
		if (n[i])
			json_object_set_new(o, ring_region_name((enum ring_region)i),
					    figure(per_buffer(c, n[i])));
	}
	return o;
}

static json_t *elsewhere_json(const struct cell_counts *c, const struct coh_counts *side)
{
	json_t *all = json_array();

	for (unsigned i = 0; all && i < REGION_KINDS * REGION_KINDS; i++) {
		const unsigned lost = i / REGION_KINDS, wanted = i % REGION_KINDS;

		if (side->elsewhere[lost][wanted])
			json_array_append_new(
				all,
				json_pack("{s:s, s:s, s:o}", "lost_to",
					  ring_region_name((enum ring_region)lost), "wanted",
					  ring_region_name((enum ring_region)wanted), "transfers",
					  figure(per_buffer(c, side->elsewhere[lost][wanted]))));
	}
	return all;
}

json_t *lines_side_json(const struct cell_counts *c, unsigned agent)
{
	const struct coh_counts *side = &c->side[agent];

	json_t *o = json_pack("{s:o}", "accesses", figure(per_buffer(c, side->accesses)));

	for (unsigned k = 0; o && k < COH_KINDS; k++)
		json_object_set_new(o, coh_kind_name((enum coh_kind)k),
				    regions_json(c, side->by[k]));
	if (o) {
		json_object_set_new(o, "prefetched", regions_json(c, side->prefetched));
		json_object_set_new(o, "writebacks", regions_json(c, side->writebacks));
		json_object_set_new(o, "false_sharing", elsewhere_json(c, side));
		if (c->nqueues)
			json_object_set_new(o, "other_queue", regions_json(c, side->others));
	}
	return o;
}

json_t *lines_regions_json(const struct cell_counts *c)
{
	json_t *regions = json_object();

	for (unsigned i = 0; regions && i < REGION_KINDS; i++)
		json_object_set_new(regions, ring_region_name((enum ring_region)i),
				    figure(lines_in(c, coh_transfers, i)));
	return regions;
}

json_t *lines_queues_json(const struct cell_counts *c)
{
	json_t *all = json_array();

	for (unsigned i = 0; all && i < c->nqueues; i++) {
		const struct queue_counts *q = &c->queue[i];
		const double n = (double)c->buffers / c->nqueues;

		json_array_append_new(all, json_pack("{s:o, s:o, s:o, s:o}", "transfers",
						     figure((double)q->transfers / n), "upgrades",
						     figure((double)q->upgrades / n), "memory",
						     figure((double)q->memory / n), "other_queue",
						     figure((double)q->others / n)));
	}
	return all;
}

json_t *lines_modelled_json(const struct session *s, const struct cell *cell)
{
	const struct cell_counts *c = lines_of(s, cell);

	return !c ? json_null()
		  : json_pack("{s:o, s:o, s:o, s:o}", "transfers",
			      figure(lines_in_all(c, coh_transfers)), "upgrades",
			      figure(lines_in_all(c, coh_upgrades)), "memory",
			      figure(lines_in_all(c, coh_memory)), "regions",
			      lines_regions_json(c));
}
