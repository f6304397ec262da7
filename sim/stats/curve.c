/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * curve.c - where a curve bends, and where two cross.
 */
#include "stats/curve.h"

#include <math.h>

/* ---- knees ---- */

/* The chord between two ends, at x. */
static double chord(const double *x, size_t n, double first, double last, double at)
{
	return first + (last - first) * (at - x[0]) / (x[n - 1] - x[0]);
}

static bool all_known(const struct interval *y, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!y[i].known)
			return false;
	}
	return true;
}

/* Is the point off the chord wherever within their intervals the three lie? */
static bool off_chord(const double *x, const struct interval *y, size_t n, size_t i)
{
	const double lowest = chord(x, n, y[0].lo, y[n - 1].lo, x[i]);
	const double highest = chord(x, n, y[0].hi, y[n - 1].hi, x[i]);

	return y[i].hi < lowest || y[i].lo > highest;
}

bool stats_knee(const double *x, const struct interval *y, size_t n, size_t *at)
{
	double least = INFINITY, most = -INFINITY, largest = 0, farthest = 0;

	if (n < KNEE_POINTS || !all_known(y, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		const double off = fabs(chord(x, n, y[0].mid, y[n - 1].mid, x[i]) - y[i].mid);

		least = fmin(least, y[i].mid);
		most = fmax(most, y[i].mid);
		largest = fmax(largest, fabs(y[i].mid));
		/* equal but for rounding is equal */
		if (off > farthest * (1 + 1e-9)) {
			farthest = off;
			*at = i;
		}
	}
	if (most - least < KNEE_FLAT * largest || farthest < KNEE_SHARE * (most - least))
		return false;
	return farthest > 0 && off_chord(x, y, n, *at);
}

/* ---- crossings ---- */

static int sign_of(double v)
{
	return (v > 0) - (v < 0);
}

/* The sign that the whole interval has; 0: it holds 0, or is not known. */
static int sure_sign(const struct interval *d)
{
	if (!d->known)
		return 0;
	return d->lo > 0 ? 1 : d->hi < 0 ? -1 : 0;
}

/* Where the line between the medians of two points meets 0. */
static double meets_zero(const double *x, const struct interval *d, size_t a, size_t b)
{
	return x[a] + (x[b] - x[a]) * d[a].mid / (d[a].mid - d[b].mid);
}

/* The next point after @i whose median has a sign, up to @end; @end + 1: none. */
static size_t next_signed(const struct interval *d, size_t i, size_t end)
{
	for (i++; i <= end; i++) {
		if (sign_of(d[i].mid))
			return i;
	}
	return end + 1;
}

/*
 * The changes of sign of the medians from @first to @last. @all: false stops at the first, which is
 * how many there are.
 */
static size_t changes(const double *x, const struct interval *d, size_t first, size_t last,
		      bool all, struct crossing *out)
{
	size_t n = 0, a = sign_of(d[first].mid) ? first : next_signed(d, first, last);

	while (a <= last) {
		const size_t b = next_signed(d, a, last);

		if (b > last)
			break;
		if (sign_of(d[a].mid) != sign_of(d[b].mid)) {
			out[n++] = (struct crossing){
				.lo = x[a], .hi = x[b], .at = meets_zero(x, d, a, b)};
			if (!all)
				break;
		}
		a = b;
	}
	return n;
}

size_t stats_crossings(const double *x, const struct interval *d, size_t n, struct crossing *out)
{
	size_t found = 0, from = 0;

	/* from one point that is sure to the next, and to the end */
	for (size_t i = 1; i < n; i++) {
		const bool sure = sure_sign(&d[i]) != 0;

		if (!sure && i < n - 1)
			continue;
		if (sure && sure_sign(&d[from]) == -sure_sign(&d[i])) {
			if (changes(x, d, from, i, false, &out[found])) {
				out[found].resolved = true;
				out[found].lo = x[from];
				out[found].hi = x[i];
				found++;
			}
		} else {
			found += changes(x, d, from, i, true, &out[found]);
		}
		from = i;
	}
	return found;
}

/* ---- axes ---- */

bool stats_spaced_by_ratio(const double *x, size_t n)
{
	double least_step = INFINITY, most_step = 0, least_ratio = INFINITY, most_ratio = 0;

	if (n < 3 || !(x[0] > 0) || x[n - 1] < 4 * x[0])
		return false;
	for (size_t i = 1; i < n; i++) {
		const double step = x[i] - x[i - 1], ratio = log(x[i] / x[i - 1]);

		least_step = fmin(least_step, step);
		most_step = fmax(most_step, step);
		least_ratio = fmin(least_ratio, ratio);
		most_ratio = fmax(most_ratio, ratio);
	}
	return most_ratio / least_ratio < most_step / least_step;
}
