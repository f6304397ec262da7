/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule_noise.h - made-up sessions, to see how often the rule of verdicts and its intervals are wrong.
 *
 * A group has baseline, two copies of it, and one variant. The logarithm of a time is that of its
 * round, which pairs cancel, and of its cell: an offset in the session (where its code and rings lie),
 * an effect of the launch, and noise of the round with heavy tails. Spreads are of the logarithm of a
 * pair's ratio, that of rounds by 1.4826 MAD.
 */
#ifndef VRB_RULE_NOISE_H
#define VRB_RULE_NOISE_H

#include "stats/stats.h"

#define RULE_VALUES_MAX 600 /* launches * rounds */
#define RULE_GROUPS_MAX 4

/* Noise of a round: normal, or Student's t with so many degrees of freedom. */
enum rule_tails { TAILS_NORMAL, TAILS_T1, TAILS_T2 };

struct rule_case {
	unsigned launches, rounds, groups;
	unsigned null_rows; /* 1 or 2 */
	enum rule_tails tails;
	double round;  /* spread of a pair's rounds: 0.04 is 4 % */
	double launch; /* of launches, over that of rounds */
	double offset; /* of a pair in a session, over that of rounds */
	double ratio;  /* of the variant's time to baseline's */
};

struct rule_outcome {
	unsigned rows;
	unsigned covered; /* the interval holds the ratio */
	unsigned faster, slower;
	unsigned voided;
	double error,
		half; /* means over the rows: of the error, of half the interval's logarithm */
};

/**
 * rule_normal - a standard normal value.
 * Source: Box and Muller, Ann. Math. Stat. 29 (1958) 610-611.
 */
double rule_normal(struct rng *rng);

/** rule_simulate - so many sessions of a case. Returns sums; error and half are means. */
struct rule_outcome rule_simulate(const struct rule_case *c, unsigned sessions, struct rng *rng);

#endif
