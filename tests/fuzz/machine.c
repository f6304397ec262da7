/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * machine.c - fuzz target: machine files of the model.
 */
#include "fuzz.h"

#include "coherence/latency.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct latency_machine machine;
	struct vrb_err err = {""};
	const int rc = latency_load(fuzz_file(data, size), &machine, &err);

	fuzz_returned(rc, &err);
	if (rc)
		return 0;
	fuzz_check(machine.nplaces > 0 && machine.nplaces <= LATENCY_PLACES_MAX, "places");
	fuzz_check(memchr(machine.name, '\0', sizeof(machine.name)), "the name");
	fuzz_check(memchr(machine.source, '\0', sizeof(machine.source)), "the source");
	for (unsigned i = 0; i < machine.nplaces; i++) {
		const struct latency_place *p = &machine.places[i];

		fuzz_check(memchr(p->name, '\0', sizeof(p->name)), "the name of a place");
		fuzz_check(p->handoff_ns >= 0 && p->handoff_ns <= 100000, "the hand-off latency");
		for (unsigned k = 0; k < COH_KINDS; k++)
			fuzz_check(p->ps[k] <= 100000000, "a latency");
	}
	return 0;
}
