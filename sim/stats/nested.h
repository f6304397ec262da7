/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nested.h - how much of what values vary by is due to launches, to sets of pages within a launch,
 * and to neither.
 */
#ifndef VRB_NESTED_H
#define VRB_NESTED_H

#include <stddef.h>
#include <stdint.h>

/* Labels of sets are below this. */
#define NESTED_SETS_MAX 32

/* Standard deviations; of logarithms, these are shares. NAN: there is nothing to estimate it from. */
struct nested {
	double launch, set, within;
	double p; /* that sets differ by chance alone as much as they do; NAN: nothing to tell by */
	size_t launches, sets, n;
};

/**
 * stats_nested - a nested random effect: launches, sets within launches, values within sets.
 * @v: n values; those of a launch one after the other. @launch: the launch of each. @set: its set,
 * which means nothing in another launch; all alike: there are no sets.
 *
 * Components by analysis of variance, sizes may differ; one that comes out below 0 is 0. p is by 999
 * seeded shuffles of the sets of each launch. n is 0 without memory.
 * Source: Searle, Casella, McCulloch, Variance Components (1992), 3.3 and app. F.1.
 */
struct nested stats_nested(const double *v, const uint32_t *launch, const uint32_t *set, size_t n);

#endif
