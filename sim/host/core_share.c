/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_share.c - see core_share.h.
 */
#include "host/core_share.h"

#include "host/misses.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define PASSES 3 /* of which the shortest counts */

struct core_share {
	struct misses *misses;
	unsigned near, wide; /* turns between two loads */
};

int core_share_open(struct core_share **out, uint32_t reorder, struct vrb_err *err)
{
	struct core_share *c = calloc(1, sizeof(*c));
	int ret;

	*out = NULL;
	if (!c)
		return vrb_fail(err, ENOMEM, "no memory to look at a core");
	ret = MISSES_TURN ? misses_open(&c->misses, err)
			  : vrb_fail(err, ENOTSUP, "what a turn takes of this CPU is not known");
	if (ret) {
		free(c);
		return ret;
	}
	c->wide = reorder * 3 / 4 / (MISSES_TURN + !MISSES_TURN);
	c->near = c->wide / 2;
	*out = c;
	return 0;
}

void core_share_close(struct core_share *c)
{
	if (!c)
		return;
	misses_close(c->misses);
	free(c);
}

double core_share_look(struct core_share *c)
{
	double near = INFINITY, wide = INFINITY;

	for (unsigned i = 0; i < PASSES; i++) {
		wide = fmin(wide, misses_of_loads(c->misses, c->wide));
		near = fmin(near, misses_of_loads(c->misses, c->near));
	}
	return wide / near;
}
