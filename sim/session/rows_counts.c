/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows_counts.c - what one side did to the lines on the model: the members "driver" and "device" of
 * counts and modelled rows.
 *
 * Counts are written by kind and region, and only where they are not 0: of a hundred pairs of
 * regions two or three have false sharing. What is not there is 0, so a name that this program
 * does not know is refused: to pass over it would be a wrong sum.
 */
#include "session/rows.h"

#include <stdio.h>
#include <string.h>

#define KNOWN "a name that is known here"

/* ---- writing ---- */

/* All of these return whether there was memory; a row that lacks a count must not be written. */
static bool put_if_any(json_t *o, const char *key, uint64_t v)
{
	return !v || !json_object_set_new(o, key, session_u64(v));
}

static bool put_regions(json_t *side, const char *key, const uint64_t *v)
{
	json_t *o = json_object();
	bool ok = o != NULL;

	for (unsigned i = 0; ok && i < REGION_KINDS; i++)
		ok = put_if_any(o, ring_region_name((enum ring_region)i), v[i]);
	if (ok && json_object_size(o))
		ok = !json_object_set(side, key, o);
	json_decref(o);
	return ok;
}

/* By "lost to>wanted". */
static bool put_pairs(json_t *side, const char *key, const struct coh_counts *c)
{
	json_t *o = json_object();
	bool ok = o != NULL;
	char name[64];

	for (unsigned i = 0; ok && i < REGION_KINDS * REGION_KINDS; i++) {
		const unsigned lost = i / REGION_KINDS, wanted = i % REGION_KINDS;

		snprintf(name, sizeof(name), "%s>%s", ring_region_name((enum ring_region)lost),
			 ring_region_name((enum ring_region)wanted));
		ok = put_if_any(o, name, c->elsewhere[lost][wanted]);
	}
	if (ok && json_object_size(o))
		ok = !json_object_set(side, key, o);
	json_decref(o);
	return ok;
}

static json_t *side_json(const struct coh_counts *c)
{
	json_t *side = json_pack("{s:o}", "accesses", session_u64(c->accesses));
	bool ok = side != NULL;

	for (unsigned k = 0; ok && k < COH_KINDS; k++)
		ok = put_regions(side, coh_kind_name((enum coh_kind)k), c->by[k]);
	ok = ok && put_regions(side, "prefetched", c->prefetched) &&
	     put_regions(side, "writebacks", c->writebacks) && put_pairs(side, "elsewhere", c);
	if (ok)
		return side;
	json_decref(side);
	return NULL;
}

json_t *counts_write_driver(const void *row)
{
	return side_json(&((const struct cell_counts *)row)->side[AGENT_DRIVER]);
}

json_t *counts_write_device(const void *row)
{
	return side_json(&((const struct cell_counts *)row)->side[AGENT_DEVICE]);
}

/* ---- reading ---- */

static bool find_region(const char *name, size_t len, unsigned *out)
{
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const char *known = ring_region_name((enum ring_region)i);

		if (strlen(known) == len && !strncmp(known, name, len)) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* Complains of "device.read_dirty.desc", as far as it goes. */
static int bad_part(const struct reader *r, const char *const part[3], const char *want)
{
	char name[160];
	int n = snprintf(name, sizeof(name), "%.30s", part[0]);

	for (unsigned i = 1; i < 3 && part[i] && n < (int)sizeof(name); i++)
		n += snprintf(name + n, sizeof(name) - (size_t)n, ".%.60s", part[i]);
	return codec_bad(r, name, want);
}

static int read_count(const struct reader *r, const char *const part[3], const json_t *v,
		      uint64_t *out)
{
	if (codec_count(v, FIGURE_MAX, out))
		return 0;
	return bad_part(r, part, "a whole number, 0 to 2^53");
}

static int read_regions(const struct reader *r, const char *side, const char *key, const json_t *o,
			uint64_t *out)
{
	const char *region;
	json_t *v;

	json_object_foreach((json_t *)o, region, v)
	{
		const char *const part[3] = {side, key, region};
		unsigned i;
		int rc;

		if (!find_region(region, strlen(region), &i))
			return bad_part(r, part, KNOWN);
		rc = read_count(r, part, v, &out[i]);
		if (rc)
			return rc;
	}
	return 0;
}

static int read_pairs(const struct reader *r, const char *side, const char *key, const json_t *o,
		      struct coh_counts *c)
{
	const char *pair;
	json_t *v;

	json_object_foreach((json_t *)o, pair, v)
	{
		const char *const part[3] = {side, key, pair};
		const size_t len = strcspn(pair, ">");
		unsigned lost, wanted;
		int rc;

		if (!pair[len] || !find_region(pair, len, &lost) ||
		    !find_region(pair + len + 1, strlen(pair + len + 1), &wanted) || lost == wanted)
			return bad_part(r, part, "lost>wanted, two names that are known here");
		rc = read_count(r, part, v, &c->elsewhere[lost][wanted]);
		if (rc)
			return rc;
	}
	return 0;
}

/* Where the counts of a name go; NULL: there is none. */
static uint64_t *member(struct coh_counts *c, const char *key)
{
	for (unsigned k = 0; k < COH_KINDS; k++) {
		if (!strcmp(key, coh_kind_name((enum coh_kind)k)))
			return c->by[k];
	}
	if (!strcmp(key, "prefetched"))
		return c->prefetched;
	return strcmp(key, "writebacks") ? NULL : c->writebacks;
}

static int read_part(const struct reader *r, const char *side, const char *key, const json_t *v,
		     struct coh_counts *c)
{
	const char *const part[3] = {side, key, NULL};
	const bool pairs = !strcmp(key, "elsewhere");
	uint64_t *to = member(c, key);

	if (!strcmp(key, "accesses"))
		return read_count(r, part, v, &c->accesses);
	if (!to && !pairs)
		return bad_part(r, part, KNOWN);
	if (!json_is_object(v))
		return bad_part(r, part, "an object");
	return pairs ? read_pairs(r, side, key, v, c) : read_regions(r, side, key, v, to);
}

static int read_side(const struct reader *r, const char *side, const json_t *o,
		     struct coh_counts *c)
{
	const char *key;
	json_t *v;

	if (!json_is_object(o))
		return codec_bad(r, side, "an object");
	if (!json_object_get(o, "accesses"))
		return bad_part(r, (const char *const[3]){side, "accesses", NULL}, "there");
	json_object_foreach((json_t *)o, key, v)
	{
		int rc = read_part(r, side, key, v, c);

		if (rc)
			return rc;
	}
	return 0;
}

int counts_read_driver(const struct reader *r, const json_t *v, void *row)
{
	return read_side(r, "driver", v, &((struct cell_counts *)row)->side[AGENT_DRIVER]);
}

int counts_read_device(const struct reader *r, const json_t *v, void *row)
{
	return read_side(r, "device", v, &((struct cell_counts *)row)->side[AGENT_DEVICE]);
}

int rows_model(const struct reader *r)
{
	static const char *const names[] = {"protocol", "mode", "bound", "machine"};
	const char *engine = json_string_value(json_object_get(r->row, "engine"));
	const json_t *model = json_object_get(r->row, "model");

	if (!engine || strcmp(engine, "model"))
		return 0;
	if (!json_is_object(model))
		return codec_bad(r, "model", "an object");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!json_is_string(json_object_get(model, names[i])))
			return bad_part(r, (const char *const[3]){"model", names[i], NULL},
					"a string");
	}
	if (!json_is_integer(json_object_get(model, "line")))
		return bad_part(r, (const char *const[3]){"model", "line", NULL}, "a whole number");
	return 0;
}
