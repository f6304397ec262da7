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

const char *counts_member(unsigned i)
{
	static const char *const others[] = {"prefetched", "writebacks", "other_queue"};

	return i < COH_KINDS ? coh_kind_name((enum coh_kind)i) : others[i - COH_KINDS];
}

/*
 * Count @i of a side, which moves on: the member that it stands in, its name there and its place.
 * NULL: there are no more.
 */
static uint64_t *next_count(struct coh_counts *c, unsigned *i, const char **member, char name[64])
{
	const unsigned pairs = COUNTS_MEMBERS * REGION_KINDS;

	/* no line is lost to an access for what was wanted */
	if (*i >= pairs && (*i - pairs) / REGION_KINDS == *i % REGION_KINDS)
		++*i;

	const unsigned k = *i / REGION_KINDS, region = *i % REGION_KINDS;
	const char *region_name = ring_region_name((enum ring_region)region);

	if (*i >= pairs + REGION_KINDS * REGION_KINDS)
		return NULL;
	++*i;
	snprintf(name, 64, "%s", region_name);
	if (k < COUNTS_MEMBERS) {
		*member = counts_member(k);
		return k < COH_KINDS	    ? &c->by[k][region]
		       : k == COH_KINDS	    ? &c->prefetched[region]
		       : k == COH_KINDS + 1 ? &c->writebacks[region]
					    : &c->others[region];
	}
	const unsigned lost = k - COUNTS_MEMBERS;

	*member = "elsewhere";
	snprintf(name, 64, "%s>%s", ring_region_name((enum ring_region)lost), region_name);
	return &c->elsewhere[lost][region];
}

/* ---- writing ---- */

/* NULL: no memory; a row that lacks a count must not be written. */
static json_t *write_side(const struct cell_counts *row, unsigned agent)
{
	struct coh_counts c = row->side[agent];
	json_t *side = json_pack("{s:o}", "accesses", session_u64(c.accesses));
	const char *member;
	char name[64];
	const uint64_t *n;
	bool ok = side != NULL;

	for (unsigned i = 0; ok && (n = next_count(&c, &i, &member, name));) {
		if (*n && !json_object_get(side, member))
			ok = !json_object_set_new(side, member, json_object());
		if (*n && ok)
			ok = !json_object_set_new(json_object_get(side, member), name,
						  session_u64(*n));
	}
	if (ok)
		return side;
	json_decref(side);
	return NULL;
}

json_t *counts_write_driver(const void *row)
{
	return write_side(row, AGENT_DRIVER);
}

json_t *counts_write_device(const void *row)
{
	return write_side(row, AGENT_DEVICE);
}

/* ---- reading ---- */

/* Complains of "device.read_dirty.desc", as far as it goes: @member and @name may be NULL. */
static int bad_part(const struct reader *r, const char *side, const char *member, const char *name,
		    const char *want)
{
	char key[160];

	snprintf(key, sizeof(key), "%.30s%s%.60s%s%.60s", side, member ? "." : "",
		 member ? member : "", name ? "." : "", name ? name : "");
	return codec_bad(r, key, want);
}

/* Is there such a member? @find_name: and such a name in it; NULL: any. */
static bool known(const char *find, const char *find_name)
{
	struct coh_counts none;
	const char *member;
	char name[64];

	for (unsigned i = 0; next_count(&none, &i, &member, name);)
		if (!strcmp(find, member) && (!find_name || !strcmp(find_name, name)))
			return true;
	return false;
}

static int refuse_unknown(const struct reader *r, const char *side, const json_t *o)
{
	const char *member, *name;
	json_t *names, *v;

	json_object_foreach((json_t *)o, member, names)
		json_object_foreach(names, name, v) if (!known(member, name)) return bad_part(
			r, side, member, name,
			strcmp(member, "elsewhere") != 0
				? "a name that is known here"
				: "lost>wanted, two names that are known here");
	return 0;
}

static int read_side(const struct reader *r, const char *side, const json_t *o,
		     struct coh_counts *c)
{
	const char *member;
	char name[64];
	uint64_t *n;
	json_t *v;
	size_t left = 0; /* names of which it is not known what they count */

	if (!json_is_object(o))
		return codec_bad(r, side, "an object");
	if (!json_object_get(o, "accesses"))
		return bad_part(r, side, "accesses", NULL, "there");
	if (!codec_count(json_object_get(o, "accesses"), FIGURE_MAX, &c->accesses))
		return bad_part(r, side, "accesses", NULL, "a whole number, 0 to 2^53");
	for (unsigned i = 0; (n = next_count(c, &i, &member, name));) {
		v = json_object_get(json_object_get(o, member), name);
		left -= v != NULL;
		if (v && !codec_count(v, FIGURE_MAX, n))
			return bad_part(r, side, member, name, "a whole number, 0 to 2^53");
	}
	json_object_foreach((json_t *)o, member, v)
	{
		if (!strcmp(member, "accesses"))
			continue;
		if (!known(member, NULL))
			return bad_part(r, side, member, NULL, "a name that is known here");
		if (!json_is_object(v))
			return bad_part(r, side, member, NULL, "an object");
		left += json_object_size(v);
	}
	return left ? refuse_unknown(r, side, o) : 0;
}

int counts_read_driver(const struct reader *r, const json_t *v, void *row)
{
	return read_side(r, "driver", v, &((struct cell_counts *)row)->side[AGENT_DRIVER]);
}

int counts_read_device(const struct reader *r, const json_t *v, void *row)
{
	return read_side(r, "device", v, &((struct cell_counts *)row)->side[AGENT_DEVICE]);
}

/* ---- by queue pair ---- */

#define OF_QUEUE(member) FIELD(#member, COUNT, FIELD_AT(queue_counts, member), .max = FIGURE_MAX)

static const struct field queue_field[] = {
	OF_QUEUE(transfers),
	OF_QUEUE(upgrades),
	OF_QUEUE(memory),
	FIELD("other_queue", COUNT, FIELD_AT(queue_counts, others), .max = FIGURE_MAX,
	      .about = "Of the transfers: of lines lost to an access of another queue pair."),
};

const struct fields queue_fields = {queue_field, ARRAY_SIZE(queue_field)};

json_t *counts_write_queues(const void *row)
{
	const struct cell_counts *c = row;
	json_t *all = json_array();

	for (unsigned i = 0; all && i < c->nqueues; i++) {
		if (json_array_append_new(all, codec_write(NULL, &queue_fields, &c->queue[i]))) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

int counts_read_queues(const struct reader *r, const json_t *v, void *row)
{
	struct cell_counts *c = row;
	int ret = 0;

	if (!json_is_array(v) || json_array_size(v) < 2 || json_array_size(v) > QUEUES_MAX)
		return codec_bad(r, "queues", "an array of 2 to 64 objects");
	c->nqueues = (unsigned)json_array_size(v);
	for (unsigned i = 0; !ret && i < c->nqueues; i++)
		ret = codec_read(r, &queue_fields, "queues.", json_array_get(v, i), &c->queue[i]);
	return ret;
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
			return bad_part(r, "model", names[i], NULL, "a string");
	}
	if (!json_is_integer(json_object_get(model, "line")))
		return bad_part(r, "model", "line", NULL, "a whole number");
	return 0;
}
