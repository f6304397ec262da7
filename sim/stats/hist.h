/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hist.h - a histogram of whole numbers over a high dynamic range: how often each value came, to
 * three significant digits.
 *
 * Bins are 1 wide below 2048, then 1024 to each power of two, so that a bin is never wider than
 * 1/1024 of the values in it: the layout of G. Tene's HdrHistogram with three digits and a lowest
 * value of 1. Values may be ns from 1 ns to 137 s. Zeroed memory is an empty histogram; one holds
 * no pointers, so that it can lie in memory that processes share.
 */
#ifndef VRB_HIST_H
#define VRB_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIST_DIGITS 3

/* 2^HIST_HALF bins to each power of two. */
#define HIST_HALF_BITS 10
#define HIST_HALF      (1u << HIST_HALF_BITS)

/* Powers of two from 2^11 to 2^37; what is larger falls into the last bin. */
#define HIST_POWERS  26
#define HIST_BINS    ((HIST_POWERS + 2) * HIST_HALF)
#define HIST_LARGEST ((UINT64_C(1) << (HIST_HALF_BITS + 1 + HIST_POWERS)) - 1)

struct hist {
	uint64_t count;	   /* values recorded */
	uint64_t min, max; /* exact; 0 of an empty one */
	uint64_t bin[HIST_BINS];
};

/** hist_bin - which bin holds @value. */
static inline unsigned hist_bin(uint64_t value)
{
	unsigned power;

	if (value > HIST_LARGEST)
		value = HIST_LARGEST;
	if (value < 2 * HIST_HALF)
		return (unsigned)value;
	power = 63 - HIST_HALF_BITS - (unsigned)__builtin_clzll(value);
	return power * HIST_HALF + (unsigned)(value >> power);
}

/** hist_record_n - @n times the same value; some ns. */
static inline void hist_record_n(struct hist *h, uint64_t value, uint64_t n)
{
	if (!n)
		return;
	if (!h->count || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->count += n;
	h->bin[hist_bin(value)] += n;
}

static inline void hist_record(struct hist *h, uint64_t value)
{
	hist_record_n(h, value, 1);
}

/** hist_low, hist_high - the smallest and the largest value that bin @bin (below HIST_BINS) holds. */
uint64_t hist_low(unsigned bin);
uint64_t hist_high(unsigned bin);

/** hist_merge - @to then holds what both held. */
void hist_merge(struct hist *to, const struct hist *from);

/**
 * hist_percentile - the value that @percent of all do not exceed.
 * @percent: 0..100.
 *
 * The largest value of the bin that holds the value of rank ceil(percent / 100 * count) in
 * ascending order (rank 1 at least), and never more than the exact maximum: at most 1/1024 above
 * the true one, never below it. 0 of an empty histogram.
 */
uint64_t hist_percentile(const struct hist *h, double percent);

/** hist_mean, hist_stddev - of the middles of the bins; NAN of an empty histogram. */
double hist_mean(const struct hist *h);
double hist_stddev(const struct hist *h);

/*
 * A percentile rests on the values beyond it. With fewer than so many expected there, the next
 * session may well show another figure: with 10, one in three is off by 3 of them or more.
 */
#define HIST_BEYOND 10

/** hist_solid - are at least HIST_BEYOND of @count values expected beyond @percent? */
bool hist_solid(uint64_t count, double percent);

/* One step of a percentile distribution. */
struct hist_step {
	uint64_t value; /* hist_percentile() there */
	double percent; /* up to which the step goes; 100 at the end */
	uint64_t up_to; /* how many values are in the bins up to that of value */
};

/**
 * hist_steps - the distribution in percentile steps that get finer towards 100.
 * @ticks: steps while the distance to 100 halves.
 * @steps: out, room for @room; NULL: only count.
 *
 * Returns how many there are; 0 of an empty histogram. The steps are those that HdrHistogram
 * reports: of each at least one, and at each bin as many as its values pass.
 */
size_t hist_steps(const struct hist *h, unsigned ticks, struct hist_step *steps, size_t room);

#endif
