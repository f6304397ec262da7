/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evidence.c - what to say when the two sides' evidence differs.
 */
#include "ring/evidence.h"

bool fold_locate(const struct fold *a, const struct fold *b, uint64_t n, uint64_t *index,
		 uint64_t *delta)
{
	uint64_t d1 = b->s1 - a->s1;
	uint64_t d2 = b->s2 - a->s2;

	/*
	 * Modulo 2^64 there may be no unique quotient, so look for the position instead of
	 * dividing: only after a failure, and n is a sample.
	 */
	if (d1 == 0)
		return false;
	for (uint64_t weight = 1; weight <= n; weight++) {
		if (weight * d1 == d2) {
			*index = n - weight;
			*delta = d1;
			return true;
		}
	}
	return false;
}

NAMES_OF(failure_text, failure_kind, [FAIL_NONE] = "nothing",
	 [FAIL_INDEX] = "the other side's index ran past what was handed to it",
	 [FAIL_ID] = "an id outside the ring",
	 [FAIL_NOT_THERE] = "the id of a buffer that is not outstanding",
	 [FAIL_BATCH] = "a used element that does not fit its batch",
	 [FAIL_LENGTH] = "wrong length", [FAIL_PAYLOAD] = "wrong payload",
	 [FAIL_PIECES] = "not the header of a packet, or a wrong number of buffers in it",
	 [FAIL_DESCRIPTOR] = "a descriptor that the protocol does not allow here",
	 [FAIL_EVENT] = "an event offset outside the ring, or flags that were not agreed on",
	 [FAIL_LOST] = "never came back", [FAIL_COUNT] = "the two sides count differently",
	 [FAIL_FOLD] = "the two sides' checksums of id, address and length differ")
