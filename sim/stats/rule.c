/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule.c - when does one row differ from another by more than the session's own error?
 */
#include "stats/rule.h"

#include <math.h>

double rule_off(const struct interval *pair)
{
	return pair->known ? fmax(pair->mid, 1 / pair->mid) - 1 : NAN;
}

double rule_error(double own, const double *of_class, size_t n)
{
	return isnan(own) ? NAN : fmax(own, RULE_TYPICAL * stats_median(of_class, n));
}

bool rule_gross(const struct interval *pair)
{
	return rule_beyond(pair, RULE_GROSS) != 0;
}

int rule_beyond(const struct interval *ratio, double error)
{
	if (!ratio->known)
		return 0;
	return (ratio->lo > 1 + error) - (ratio->hi < 1 / (1 + error));
}

bool rule_within(const struct interval *ratio, double margin)
{
	return ratio->known && ratio->lo >= 1 / (1 + margin) && ratio->hi <= 1 + margin;
}
