/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clock.c - what looking at the clock costs.
 */
#include "engine/clock.h"

#include "vrb.h"

#include <math.h>

double clock_cost_ns(unsigned series, unsigned reads)
{
	double least = INFINITY;

	for (unsigned i = 0; i < series; i++) {
		uint64_t start = now_ns(), end = start;

		for (unsigned k = 0; k < reads; k++)
			end = now_ns();
		least = fmin(least, (double)(end - start) / reads);
	}
	return least;
}
