/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vrb.c - how an error is told; the clock.
 */
#include "vrb.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

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

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}
