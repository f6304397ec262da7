/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hist.c - a histogram over a high dynamic range, merged and read.
 */
#include "stats/hist.h"

#include <float.h>
#include <math.h>

/* The bins of a power of two are 2^power wide. */
static unsigned power_of(unsigned bin)
{
	return bin < 2 * HIST_HALF ? 0 : bin / HIST_HALF - 1;
}

uint64_t hist_low(unsigned bin)
{
	const unsigned power = power_of(bin);

	return (uint64_t)(bin - power * HIST_HALF) << power;
}

uint64_t hist_high(unsigned bin)
{
	return hist_low(bin) + ((UINT64_C(1) << power_of(bin)) - 1);
}

void hist_merge(struct hist *to, const struct hist *from)
{
	if (!from->count)
		return;
	if (!to->count || from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	for (unsigned i = hist_bin(from->min); i <= hist_bin(from->max); i++)
		to->bin[i] += from->bin[i];
}

/* What is said of a bin: its largest value, if any came that was as large. */
static uint64_t said_of(const struct hist *h, unsigned bin)
{
	const uint64_t high = hist_high(bin);

	return high < h->max && bin < HIST_BINS - 1 ? high : h->max;
}

uint64_t hist_percentile(const struct hist *h, double percent)
{
	/* a product that should be whole may be a few last digits above it: that is no rank more */
	const double rank = ceil(percent / 100 * (double)h->count * (1 - 4 * DBL_EPSILON));
	uint64_t seen = 0;

	if (!h->count)
		return 0;
	for (unsigned i = hist_bin(h->min); i < hist_bin(h->max); i++) {
		seen += h->bin[i];
		if (seen && (double)seen >= rank)
			return said_of(h, i);
	}
	return h->max;
}

static double middle(unsigned bin)
{
	return ((double)hist_low(bin) + (double)hist_high(bin)) / 2;
}

double hist_mean(const struct hist *h)
{
	double sum = 0;

	for (unsigned i = hist_bin(h->min); i <= hist_bin(h->max); i++)
		sum += middle(i) * (double)h->bin[i];
	return h->count ? sum / (double)h->count : (double)NAN;
}

double hist_stddev(const struct hist *h)
{
	const double mean = hist_mean(h);
	double sum = 0;

	for (unsigned i = hist_bin(h->min); i <= hist_bin(h->max); i++)
		sum += (middle(i) - mean) * (middle(i) - mean) * (double)h->bin[i];
	return h->count ? sqrt(sum / (double)h->count) : (double)NAN;
}

bool hist_solid(uint64_t count, double percent)
{
	/* 100 - 99.9 is a little less than 0.1, and 10 of 10000 are 10 */
	return (double)count * (100 - percent) / 100 >= HIST_BEYOND * (1 - 1e-9);
}

/* The step after one that goes up to @percent: of a half distance the @ticks-th part. */
static double step_after(double percent, unsigned ticks)
{
	const double halves = floor(log2(100 / (100 - percent))) + 1;

	return percent + 100 / (ticks * exp2(halves));
}

size_t hist_steps(const struct hist *h, unsigned ticks, struct hist_step *steps, size_t room)
{
	uint64_t seen = 0;
	double percent = 0;
	size_t n = 0;

	if (!h->count)
		return 0;
	for (unsigned i = hist_bin(h->min); i <= hist_bin(h->max); i++) {
		if (!h->bin[i])
			continue;
		seen += h->bin[i];
		/* the last bin has one step besides that to 100 */
		while (100.0 * (double)seen / (double)h->count >= percent) {
			if (n < room)
				steps[n] = (struct hist_step){said_of(h, i), percent, seen};
			n++;
			percent = step_after(percent, ticks);
			if (seen == h->count)
				break;
		}
	}
	if (n < room)
		steps[n] = (struct hist_step){h->max, 100, h->count};
	return n + 1;
}
