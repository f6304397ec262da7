/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows_explore.c - `ring` and `points` rows: what rings cost that `explore` ran.
 */
#include "session/rows.h"

#include <errno.h>
#include <stdlib.h>

NAMES_OF(explored_role_name, explored_role, [EXPLORED_WINNER] = "winner",
	 [EXPLORED_FRONT] = "front", [EXPLORED_STEP] = "step", [EXPLORED_NAMED] = "named")
NAMES(role_of, explored_role, explored_role_name)

double explored_transfers(const struct explored_ring *r)
{
	double sum = 0;

	for (unsigned i = 0; i < REGION_KINDS; i++)
		sum += r->region[i];
	return sum;
}

double explored_busier(const struct explored_ring *r)
{
	const double *a = r->accesses;

	return a[AGENT_DRIVER] > a[AGENT_DEVICE] ? a[AGENT_DRIVER] : a[AGENT_DEVICE];
}

/* A figure that is not negative. */
static bool read_cost(const json_t *v, double *out)
{
	*out = json_number_value(v);
	return json_is_number(v) && *out >= 0 && isfinite(*out);
}

static int read_regions(const struct reader *r, const json_t *regions, void *row)
{
	struct explored_ring *ring = row;
	size_t known = 0;

	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const json_t *v = json_object_get(regions, ring_region_name((enum ring_region)i));

		if (v && !read_cost(v, &ring->region[i]))
			return codec_bad(r, "transfers", "of numbers from 0");
		known += v != NULL;
	}
	return json_is_object(regions) && known == json_object_size(regions)
		       ? 0
		       : codec_bad(r, "transfers", "an object of regions that are known");
}

static json_t *write_regions(const void *row)
{
	const struct explored_ring *ring = row;
	json_t *regions = json_object();

	for (unsigned i = 0; i < REGION_KINDS; i++) {
		if (ring->region[i] > 0)
			json_object_set_new(regions, ring_region_name((enum ring_region)i),
					    json_real(ring->region[i]));
	}
	return regions;
}

static int read_ns(const struct reader *r, const json_t *list, void *row)
{
	struct explored_ring *ring = row;
	const json_t *asked = json_object_get(json_object_get(r->s->head, "explore"), "asked");
	const size_t n = json_array_size(json_object_get(asked, "machines"));

	if (!json_is_array(list) || json_array_size(list) != n || n > EXPLORED_MACHINES)
		return codec_bad(r, "ns", "an array with a number for each machine of the head");
	for (size_t i = 0; i < n; i++) {
		if (!read_cost(json_array_get(list, i), &ring->ns[i]))
			return codec_bad(r, "ns", "of numbers from 0");
	}
	ring->machines = (uint32_t)n;
	return 0;
}

static json_t *write_ns(const void *row)
{
	const struct explored_ring *ring = row;
	json_t *list = json_array();

	for (unsigned i = 0; i < ring->machines; i++)
		json_array_append_new(list, json_real(ring->ns[i]));
	return list;
}

static bool has_step(const void *row)
{
	return ((const struct explored_ring *)row)->step;
}

static bool has_others(const void *row)
{
	return ((const struct explored_ring *)row)->others > 0;
}

static bool has_memory(const void *row)
{
	return ((const struct explored_ring *)row)->memory > 0;
}

static const struct field ring_field[] = {
	KEY_CELL(explored_ring),
	FIELD("roles", NAMES, FIELD_AT(explored_ring, roles), .name = role_of,
	      .max = EXPLORED_ROLES - 1,
	      .about =
		      "front: no other ring that was run is as cheap in one cost and cheaper in the other. named: it has a name, to compare with."),
	FIELD("step", WHOLE, FIELD_AT(explored_ring, step), .flags = FIELD_OPTIONAL,
	      .there = has_step, .min = 1, .max = UINT32_MAX,
	      .about = "Its place on the way to the winner, from 1."),
	FIELD("driver_accesses", REAL, FIELD_AT(explored_ring, accesses[AGENT_DRIVER]),
	      .about = "Of the driver to lines; one that straddles a boundary counts twice."),
	FIELD("device_accesses", REAL, FIELD_AT(explored_ring, accesses[AGENT_DEVICE])),
	FIELD("upgrades", REAL, FIELD_AT(explored_ring, upgrades)),
	FIELD("other_queue", REAL, FIELD_AT(explored_ring, others), .flags = FIELD_OPTIONAL,
	      .there = has_others,
	      .about = "Of the transfers: of lines lost to another queue pair; missing: none."),
	FIELD("memory", REAL, FIELD_AT(explored_ring, memory), .flags = FIELD_OPTIONAL,
	      .there = has_memory,
	      .about = "Lines that memory gave, which are no transfers; missing: none."),
	FIELD("transfers", HOOK, .flags = FIELD_OPTIONAL, .read = read_regions,
	      .write = write_regions,
	      .schema =
		      "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\",\"minimum\":0}}",
	      .about =
		      "By region, those that have any; of packets and their headers, which are the same with every ring, none is counted."),
	FIELD("ns", HOOK, .read = read_ns, .write = write_ns,
	      .schema =
		      "{\"type\":\"array\",\"items\":{\"type\":\"number\",\"minimum\":0},\"maxItems\":4}",
	      .about =
		      "Of the estimate, without computing beyond the accesses; for each machine of the head."),
};
const struct fields ring_fields = {ring_field, ARRAY_SIZE(ring_field)};

/* ---- points ---- */

static int read_points(const struct reader *r, const json_t *list, void *row)
{
	struct explored_points *p = row;
	size_t i;
	const json_t *v;

	if (!json_is_array(list) || json_array_size(list) > UINT32_MAX)
		return codec_bad(r, "points", "an array");
	p->v = calloc(json_array_size(list) + 1, sizeof(*p->v));
	if (!p->v)
		return vrb_fail(r->err, ENOMEM, "out of memory");
	json_array_foreach(list, i, v)
	{
		struct explored_point *at = &p->v[i];

		if (json_array_size(v) != 3 ||
		    !codec_count(json_array_get(v, 0), INT64_MAX, &at->n) ||
		    !read_cost(json_array_get(v, 1), &at->cost[0]) ||
		    !read_cost(json_array_get(v, 2), &at->cost[1]))
			return codec_bad(r, "points",
					 "of a whole number and two numbers from 0 each");
	}
	p->n = (unsigned)json_array_size(list);
	return 0;
}

static json_t *write_points(const void *row)
{
	const struct explored_points *p = row;
	json_t *list = json_array();

	for (unsigned i = 0; list && i < p->n; i++)
		json_array_append_new(list, json_pack("[o, f, f]", session_u64(p->v[i].n),
						      p->v[i].cost[0], p->v[i].cost[1]));
	return list;
}

void points_drop(void *row)
{
	free(((struct explored_points *)row)->v);
}

static const struct field points_field[] = {
	FIELD("binned", BOOL, FIELD_AT(explored_points, binned),
	      .about =
		      "Rings that cost nearly the same stand together; else each by itself, of a search that was interrupted: --resume goes on from these."),
	FIELD("points", HOOK, .read = read_points, .write = write_points,
	      .schema =
		      "{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"number\",\"minimum\":0},\"minItems\":3,\"maxItems\":3}}",
	      .about =
		      "Of a bin: how many rings, and the least costs in it, 16 bins to each power of two. Else the ring's number in the space, and its costs. The costs: what is minimised, and accesses of the busier side, per buffer."),
};
const struct fields points_fields = {points_field, ARRAY_SIZE(points_field)};
