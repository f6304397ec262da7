/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule.h - when does one row differ from another by more than the session's own error?
 *
 * The error is what copies of the same machine code differ by. Errors are shares: 0.02 for 2 %.
 * tests/rule/simulation.c shows what the rule gets wrong, and what it finds.
 */
#ifndef VRB_RULE_H
#define VRB_RULE_H

#include "stats/stats.h"

/* The error is at least so many times what the null pairs of all groups of a class give. */
#define RULE_TYPICAL 1.5

/* A null pair whose whole interval is farther than this from 1 is grossly off. */
#define RULE_GROSS 0.10

/**
 * rule_off - how far a null pair is from 1, as a share, the same for a ratio and its inverse.
 * NAN: the pair has no interval.
 */
double rule_off(const struct interval *pair);

/**
 * rule_error - the error of a group.
 * @own: the largest rule_off() of the group's null pairs.
 * @of_class: the same of all n groups of the class, this one too; finite.
 *
 * The larger of @own and RULE_TYPICAL times the median over the groups: few null pairs are alike by
 * chance. NAN if @own is.
 */
double rule_error(double own, const double *of_class, size_t n);

/** rule_gross - is the whole interval farther than RULE_GROSS from 1? */
bool rule_gross(const struct interval *pair);

/**
 * rule_beyond - is a ratio resolved to differ by more than the error?
 * Returns -1: its interval lies below 1 / (1 + @error); 1: above 1 + @error; else 0.
 */
int rule_beyond(const struct interval *ratio, double error);

/** rule_within - is a ratio resolved to differ by no more than @margin: the whole interval inside? */
bool rule_within(const struct interval *ratio, double margin);

#endif
