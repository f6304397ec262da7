/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_model_bursts.c - the order of the free list under random bursts: RX, N = 256, each step
 * draws one length of 1..32, the device takes so many and the driver takes them back. Mean 16.5.
 *
 * Between two neighbouring entries a burst ends with probability 1 / 16.5. A line that m entries
 * touch is visited by 1 + (m - 1) / 16.5 bursts of a lap; so a lap costs as many lines as there
 * are, and each burst some more:
 *
 *                     a lap    each burst
 *   descriptors        64      192 / 256   4 entries a line
 *   avail entries       8      218 / 256   9 lines of 256 entries, less the index's and its 30
 *   used elements      32      248 / 256   31 lines that 9 elements touch, one that 1 touches
 *   indices             -      2           avail->idx and used->idx
 *
 * The number of bursts is the engine's own, so that the luck of the draw drops out. With a fifo a
 * head keeps its slot and a burst's descriptors lie side by side. With a lifo each burst gives its
 * slots the same heads in reverse: after some hundred laps of ever other bursts they are in random
 * order, and b of 256 descriptors lie in 64 (1 - C(252, b) / C(256, b)) lines.
 */
#include "ring_fixture.h"

#define N     256u
#define BURST 32u

struct count {
	double transfers, upgrades, accesses, bursts, buffers;
};

static struct count run(struct engine *e, uint64_t seed, const char *variant, enum free_list list,
			uint64_t laps)
{
	struct ring_conf c = CONF(variant_named(variant), DIR_RX, N, BURST, .burst_least = 1,
				  .burst_seed = seed, .policy = {.free_list = list});
	struct count sum = {0};
	const struct coh_counts *counts;
	struct sample s;

	must_run(e, &c, laps * N, SIMD_SCALAR, &s);
	counts = engine_counts(e);
	for (unsigned side = 0; side < AGENTS; side++) {
		for (unsigned r = 0; r < REGION_KINDS; r++) {
			sum.transfers += (double)coh_transfers(&counts[side], r);
			sum.upgrades += (double)coh_upgrades(&counts[side], r);
		}
		sum.accesses += (double)counts[side].accesses;
	}
	sum.bursts = (double)(s.dev.polls - s.dev.empty_polls);
	sum.buffers = (double)s.buffers;
	return sum;
}

static struct engine *lockstep(void)
{
	struct model_conf m;

	model_defaults(&m);
	return test_model(&m, N, 0);
}

/* Within a share of what is expected. */
static void near_to(double seen, double want, double share, const char *what, uint64_t seed)
{
	cr_assert(fabs(seen - want) <= share * want, "%s, seed %lu: %.5f, want %.5f within %g %%",
		  what, seed, seen, want, 100 * share);
}

/* Lines a burst beyond the descriptors', with and without stores to avail entries. */
#define STORED_LAP   (8. + 32)
#define STORED_BURST ((218. + 248) / N + 2)
#define SPARED_LAP   32.
#define SPARED_BURST (248. / N + 2)

/* The mean over b = 1..32 of the lines in which b of 256 descriptors in random order lie. */
static double scattered_lines(void)
{
	double sum = 0;

	for (unsigned b = 1; b <= BURST; b++) {
		double none = 1; /* that a line has none of the b: its 4 are among the others */

		for (unsigned i = 0; i < 4; i++)
			none *= (double)(N - b - i) / (N - i);
		sum += 64 * (1 - none);
	}
	return sum / BURST;
}

Test(model_bursts, fifo_moves_what_lines_and_bursts_predict)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		freed_by(close_engine) struct engine *e = lockstep();
		struct count c = run(e, seed, "baseline", FREE_FIFO, 64);
		const double laps = c.buffers / N;

		near_to(c.transfers, laps * (64 + STORED_LAP) + c.bursts * (.75 + STORED_BURST),
			.005, "baseline", seed);
		near_to(c.upgrades, c.transfers, .001, "baseline, upgrades", seed);
		near_to(c.transfers / c.buffers, .683, .03, "baseline, a buffer", seed);
		c = run(e, seed, "shadow-avail", FREE_FIFO, 64);
		near_to(c.transfers, laps * (64 + SPARED_LAP) + c.bursts * (.75 + SPARED_BURST),
			.005, "shadow-avail", seed);
		near_to(c.transfers / c.buffers, .600, .03, "shadow-avail, a buffer", seed);
	}
}

/* The later laps of a run are those of a long one without those of a short one. */
static struct count later(struct engine *e, uint64_t seed, const char *variant, uint64_t from,
			  uint64_t to)
{
	const struct count a = run(e, seed, variant, FREE_LIFO, from),
			   b = run(e, seed, variant, FREE_LIFO, to);

	return (struct count){b.transfers - a.transfers, b.upgrades - a.upgrades,
			      b.accesses - a.accesses, b.bursts - a.bursts, b.buffers - a.buffers};
}

#define MIXED_FROM 256
#define MIXED_TO   768

/* 1.273 a buffer, with and without shadow-avail. */
Test(model_bursts, lifo_scatters_descriptors_over_all_lines)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		freed_by(close_engine) struct engine *e = lockstep();
		const struct count c = later(e, seed, "baseline", MIXED_FROM, MIXED_TO);
		const double laps = c.buffers / N;
		const double lines = c.bursts * (scattered_lines() + STORED_BURST);

		near_to(c.transfers, laps * STORED_LAP + lines, .01, "lifo", seed);
		near_to(c.transfers / c.buffers, 1.273, .02, "lifo, a buffer", seed);
	}
}

/* Heads are still near their places after the warm-up's 8 laps: about .3 a buffer is missing. */
Test(model_bursts, lifo_mixes_slowly)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		freed_by(close_engine) struct engine *e = lockstep();
		const struct count first = run(e, seed, "baseline", FREE_LIFO, 8);
		const struct count sample = run(e, seed, "baseline", FREE_LIFO, 64);

		near_to(first.transfers / first.buffers, .98, .04, "8 laps", seed);
		near_to(sample.transfers / sample.buffers, 1.18, .04, "64 laps", seed);
	}
}

/*
 * A burst's heads come back in reverse: only the middle one of an odd number finds its slot
 * again, half a head a burst, .5 / 16.5 = 3 % of all. The other 97 % are stored, and an entry
 * spared now and then spares no line: its neighbours are stored.
 */
Test(model_bursts, lifo_spares_shadow_avail_3_stores_of_100)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		freed_by(close_engine) struct engine *e = lockstep();
		const struct count plain = run(e, seed, "baseline", FREE_LIFO, 256);
		const struct count shadow = run(e, seed, "shadow-avail", FREE_LIFO, 256);
		const double spared = plain.accesses - shadow.accesses;

		near_to(spared, .5 * plain.bursts, .05, "stores spared", seed);
		near_to(spared / plain.buffers, .5 / 16.5, .05, "share of stores spared", seed);
		near_to(shadow.transfers, plain.transfers, .003, "transfers", seed);
	}
}

/* The share of stores that a shadow spares in 256 laps of equal bursts; TX: drained before each. */
static double same_entries(struct engine *e, enum direction dir, uint32_t burst)
{
	struct ring_conf c = {
		.dir = dir,
		.ring_size = N,
		.burst = burst,
		.policy = {.free_list = FREE_LIFO, .tx_header = TX_HEADER_NONE, .clean = 1}};
	double accesses[2];

	for (unsigned i = 0; i < 2; i++) {
		struct sample s;

		c.variant = variant_named(i ? "shadow-avail" : "baseline");
		must_run(e, &c, 256 * N, SIMD_SCALAR, &s);
		accesses[i] = (double)engine_counts(e)[AGENT_DRIVER].accesses;
	}
	return (accesses[0] - accesses[1]) / (256 * N);
}

/*
 * Equal bursts, lifo: each gives the heads back in reverse. Drained, the next burst takes them all,
 * so a slot sees each head again after a lap if that is an even number of bursts. Kept full, a burst
 * refills its own slots: the middle of an odd one stays. One by one nothing is reversed.
 */
Test(model_bursts, lifo_keeps_entries_if_a_lap_is_an_even_number_of_drained_bursts)
{
	static const struct {
		uint32_t burst;
		double tx;
	} rows[] = {{1, 1},  {2, 1},  {16, 1}, {29, 0},	 {31, 0}, {32, 1},
		    {33, 0}, {35, 0}, {64, 1}, {128, 1}, {256, 0}};
	freed_by(close_engine) struct engine *e = lockstep();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint32_t b = rows[i].burst;
		const double rx = b & 1 ? 1. / b : 0;
		const double in_rx = same_entries(e, DIR_RX, b), in_tx = same_entries(e, DIR_TX, b);

		cr_expect(fabs(in_rx - rx) < .002, "burst %u: rx %f, want %f", b, in_rx, rx);
		cr_expect(fabs(in_tx - rows[i].tx) < .002, "burst %u: tx %f, want %f", b, in_tx,
			  rows[i].tx);
	}
}

Test(model_bursts, fifo_spares_shadow_avail_every_store)
{
	freed_by(close_engine) struct engine *e = lockstep();
	const struct count plain = run(e, 1, "baseline", FREE_FIFO, 16);
	const struct count shadow = run(e, 1, "shadow-avail", FREE_FIFO, 16);

	/* the bursts that cross the end of the sample are not the same number of entries */
	near_to(plain.accesses - shadow.accesses, plain.buffers, .005, "stores spared", 1);
}

/* Polls of the device that found something. */
static double polls(struct engine *e, uint64_t seed)
{
	const struct ring_conf c = CONF(variant_named("baseline"), DIR_TX, N, BURST,
					.burst_least = 1, .burst_seed = seed);
	struct sample s;

	must_run(e, &c, 16 * N, SIMD_SCALAR, &s);
	return (double)(s.drv.polls + s.dev.polls);
}

Test(model_bursts, another_seed_draws_other_bursts_and_the_same_seed_the_same)
{
	struct engine *const engines[] = {lockstep(), test_engine(&engine_one_core, N, 0, NULL)};

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		const double a = polls(engines[i], 1), b = polls(engines[i], 2);

		cr_expect_neq(a, b, "%f bursts", a);
		cr_expect_eq(a, polls(engines[i], 1), "%f bursts", a);
		engine_close(engines[i]);
	}
}

/* The side that has packets to give, by hand: its first laps fit the ring, so that no burst is cut. */
Test(model_bursts, each_burst_lies_in_its_bounds_and_each_length_comes)
{
	static const struct {
		uint32_t least, most;
	} rows[] = {{1, 1}, {1, 4}, {3, 5}, {8, 8}};

	for (unsigned k = 0; k < 4 * ARRAY_SIZE(rows); k++) {
		struct ring_conf c =
			CONF(variant_named("baseline"), directions[k & 1], N, rows[k / 4].most,
			     .burst_least = rows[k / 4].least, .burst_seed = k, .generic = k & 2);
		uint64_t seen = 0, wanted = 0;

		HAND(h, &c, SIMD_SCALAR);
		for (unsigned i = 0; i < 200; i++) {
			const uint64_t before = c.dir == DIR_TX ? h.d->posted : h.v->taken;

			hand_drv(&h, 1);
			hand_dev(&h, 1);
			seen |= 1ull << ((c.dir == DIR_TX ? h.d->posted : h.v->taken) - before);
		}
		for (uint32_t n = c.burst_least; n <= c.burst; n++)
			wanted |= 1ull << n;
		cr_expect_eq(seen, wanted, "%s: %lx, want %lx", where(&c, SIMD_SCALAR).text, seen,
			     wanted);
	}
}
