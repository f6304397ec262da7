/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/event_spec.h"

int event_specs_parse(const char *root, const char *list, struct event_spec *out, unsigned *n,
		      struct vrb_err *err)
{
	(void)root;
	(void)list;
	(void)out;
	(void)err;
	*n = 0;
	return 0;
}
