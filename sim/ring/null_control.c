/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * null_control - baseline a second time, compiled apart from it.
 *
 * Differs from baseline in nothing but where its code lies. Its ratio to baseline shows what
 * a session cannot resolve: the noise of the machine and the luck of code placement.
 * Hypothesis: exactly 1.
 */
#include "ring/policy.h"

#define VARIANT null_control
#define OPT                                                 \
	{                                                   \
		AVAIL_WRITE, USED_EACH, FREE_LIST, VEC_NONE \
	}
#define LOOPS_NEEDED FREE_LIST_LOOPS
#include "ring/split_loops.inc.h"
