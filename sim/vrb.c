/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vrb.c - how an error is told.
 */
#include "vrb.h"

#include <stdarg.h>
#include <stdio.h>

int vrb_fail(struct vrb_err *err, int code, const char *fmt, ...)
{
	if (err) {
		va_list ap;

		va_start(ap, fmt);
		vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
		va_end(ap);
	}
	return -code;
}
