/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page_names.c - what the pages of the shared region are called.
 */
#include "parts.h"
#include "ring/setup.h"

#include <stdio.h>

static const char *const part_names[RING_PARTS] = {
	[RING_PART_DESC] = "vring-desc",     [RING_PART_AVAIL] = "vring-avail",
	[RING_PART_USED] = "vring-used",     [RING_PART_INDIRECT] = "vring-indirect",
	[RING_PART_HEADER] = "vring-header", [RING_PART_SPSC] = "spsc",
	[RING_PART_PAYLOAD] = "payload",
};

/*
 * The parts, as bits, of the page at @at over all rings. @next: out, the next page where that may
 * be different; SIZE_MAX: none.
 */
static unsigned parts_at(const struct ring_conf *confs, unsigned n, size_t page, size_t at,
			 size_t *next)
{
	unsigned parts = 0;

	*next = SIZE_MAX;
	for (unsigned i = 0, queue = 0; i < n;) {
		struct ring_span spans[RING_PARTS];
		struct ring_conf c = confs[i];

		c.queue = queue;
		ring_spans(&c, spans);
		if (++queue == policy_queues(&c.policy)) {
			queue = 0;
			i++;
		}
		for (unsigned p = 0; p < RING_PARTS; p++) {
			size_t from = spans[p].from / page * page;
			size_t to = (spans[p].to + page - 1) / page * page;

			if (spans[p].from == spans[p].to)
				continue;
			if (from <= at && at < to)
				parts |= 1u << p;
			if (from > at && from < *next)
				*next = from;
			if (to > at && to < *next)
				*next = to;
		}
	}
	return parts;
}

static void join_names(unsigned parts, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned p = 0; p < RING_PARTS && used < size; p++)
		if (parts & 1u << p)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? "+" : "",
						 part_names[p]);
}

void ring_parts(const struct ring_conf *confs, unsigned n, size_t page, struct arena_parts *out)
{
	unsigned last = 0;
	size_t next;

	out->n = 0;
	for (size_t at = 0; page && at != SIZE_MAX; at = next) {
		unsigned parts = parts_at(confs, n, page, at, &next);

		if (!parts || parts == last)
			continue;
		if (out->n == ARENA_PARTS) {
			parts |= last;
		} else {
			out->part[out->n++].at = at;
		}
		join_names(parts, out->part[out->n - 1].name, sizeof(out->part[0].name));
		last = parts;
	}
}
