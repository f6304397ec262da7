/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clock.c - what looking at the clock costs, and how finely it steps.
 */
#include "engine/clock.h"

#include <errno.h>
#include <math.h>

/* Readings in which any clock steps: 20 ms at least. */
#define GOES_READS 1000000u

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

int clock_goes(struct vrb_err *err)
{
	const uint64_t start = now_ns();

	for (unsigned i = 0; i < GOES_READS; i++) {
		if (now_ns() != start)
			return 0;
	}
	return vrb_fail(
		err, ETIME,
		"CLOCK_MONOTONIC stands still, so nothing can be timed: end what replaces it "
		"(faketime or the like), or use --engine model");
}

uint64_t clock_step_ns(unsigned reads)
{
	uint64_t before = now_ns(), least = 0;

	for (unsigned i = 1; i < reads; i++) {
		const uint64_t now = now_ns();

		if (now > before && (!least || now - before < least))
			least = now - before;
		before = now;
	}
	return least;
}
