/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * path.c - the way from one point of a space to another.
 */
#include "explore/search.h"

/*
 * The cheapest legal point that has @fields more of the fields in @differ as @to has them.
 * Returns 1; 0: none is legal; negative: as cost().
 */
static int step_on(const struct space *s, void *context, const struct point *to, unsigned differ,
		   unsigned fields, struct point *at, struct vrb_err *err)
{
	const struct point from = *at;
	struct costed best = {0}, here = {0};
	bool found = false;

	for (unsigned set = differ; set; set = (set - 1) & differ) {
		struct point p = from;
		int ret;

		if ((unsigned)__builtin_popcount(set) != fields)
			continue;
		for (unsigned f = 0; f < s->nfields; f++)
			p.at[f] = set >> f & 1 ? to->at[f] : p.at[f];
		if (s->legal(s->arg, &p, NULL))
			continue;
		ret = s->cost(s->arg, context, &p, here.cost, err);
		if (ret)
			return ret;
		here.number = set; /* of equal ones that of the first fields */
		if (!found || search_cheaper(&here, &best)) {
			best = here;
			*at = p;
		}
		found = true;
	}
	return found;
}

int search_path(const struct space *s, void *context, const struct point *from,
		const struct point *to, struct point *steps, struct vrb_err *err)
{
	int n = 1;

	steps[0] = *from;
	for (;;) {
		unsigned differ = 0;
		int ret = 0;

		for (unsigned f = 0; f < s->nfields; f++)
			differ |= (unsigned)(steps[n - 1].at[f] != to->at[f]) << f;
		if (!differ)
			return n;
		steps[n] = steps[n - 1];
		for (unsigned fields = 1; !ret && fields <= s->nfields; fields++)
			ret = step_on(s, context, to, differ, fields, &steps[n], err);
		if (ret <= 0)
			return ret ? ret : n;
		n++;
	}
}
