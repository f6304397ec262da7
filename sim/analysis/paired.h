/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * paired.h - any two cells of a session against each other, round by round.
 */
#ifndef VRB_REPORT_PAIRED_H
#define VRB_REPORT_PAIRED_H

#include "owned.h"
#include "session/session.h"

enum verdict {
	VERDICT_NONE,	/* baseline itself, the null row; all rows of the model */
	VERDICT_FASTER, /* the ratio's whole interval lies below 1 by more than the error */
	VERDICT_SLOWER,
	VERDICT_SAME,	  /* ~ : no difference beyond the error is resolved */
	VERDICT_UNPROVEN, /* no error is known, or a null row is grossly off */
};

/* "", "faster", "slower", "~", "unproven". */
const char *verdict_name(enum verdict v);

/* The samples that are used, by cell and then by round. */
struct pairing {
	const struct sample **samples;
	size_t n;
	double *a, *b; /* room for the pairs, or the values, at hand */
	uint32_t *launch;
	struct owned memory;
};

/** pairing_make - index a session. Returns 0 or -ENOMEM. */
int pairing_make(const struct session *s, struct pairing *out);
void pairing_free(struct pairing *p);

/**
 * paired_ratio - ns of cell @a by ns of cell @b, over the rounds in which both have a sample of
 * the class that is used. n is 0 if there are none. @level: of the interval.
 */
struct interval paired_ratio(const struct pairing *p, uint32_t a, uint32_t b,
			     enum place_class place, double level);

/** pairing_first - index of the first sample of a cell, or where it would stand. */
size_t pairing_first(const struct pairing *p, uint32_t cell);

/**
 * paired_verdict - faster or slower by more than the error, or the same.
 * @error: a share, by rule_error(); NAN: not known, so that nothing is proven.
 */
enum verdict paired_verdict(const struct interval *ratio, double error);

#endif
