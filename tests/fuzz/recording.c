/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recording.c - fuzz target: a recording of a ring.
 */
#include "fuzz.h"

#include "recording/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrb_err err = {""};
	struct recording r;
	int rc = rec_parse(&r, "input", data, size, &err);

	fuzz_returned(rc, &err);
	if (rc)
		return 0;
	rec_dump(fuzz_sink(), &r);
	rec_free(&r);
	return 0;
}
