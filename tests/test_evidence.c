/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_evidence.c - the folds that prove the work, and that every deliberate mistake of the
 * device is seen.
 */
#include "ring_fixture.h"

#include "stats/stats.h"

/* ---- folds ---- */

static bool same(const struct fold *a, const struct fold *b)
{
	return a->s1 == b->s1 && a->s2 == b->s2;
}

Test(fold, is_linear)
{
	struct fold a = {0, 0}, b = {0, 0}, both = {0, 0};
	struct rng rng = {3};

	for (unsigned i = 0; i < 1000; i++) {
		uint64_t x = rng_next(&rng), y = rng_next(&rng);

		fold_word(&a, x);
		fold_word(&b, y);
		fold_word(&both, fold_taken(x, y));
		cr_assert_eq(both.s1, FOLD_OFFERED * a.s1 + b.s1, "after %u", i);
		cr_assert_eq(both.s2, FOLD_OFFERED * a.s2 + b.s2, "after %u", i);
	}
}

Test(fold, changes_when_two_words_change_places)
{
	struct rng rng = {4};
	uint64_t words[64];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = rng_next(&rng);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (size_t j = i + 1; j < ARRAY_SIZE(words); j++) {
			struct fold straight = {0, 0}, swapped = {0, 0};

			for (size_t k = 0; k < ARRAY_SIZE(words); k++) {
				fold_word(&straight, words[k]);
				fold_word(&swapped, words[k == i ? j : k == j ? i : k]);
			}
			cr_assert_eq(straight.s1, swapped.s1, "%zu, %zu", i, j);
			cr_assert_neq(straight.s2, swapped.s2, "%zu, %zu", i, j);
		}
	}
}

Test(fold, locate_finds_the_word_that_differs)
{
	static const uint64_t lengths[] = {1, 2, 3, 100, 70000};
	struct rng rng = {5};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (unsigned k = 0; k < 20; k++) {
			const uint64_t n = lengths[i], at = rng_next(&rng) % n;
			/* odd: no other position gives the same sums modulo 2^64 */
			const uint64_t delta = rng_next(&rng) | 1;
			struct fold a = {0, 0}, b = {0, 0};
			uint64_t index = n, seen = 0;

			for (uint64_t j = 0; j < n; j++) {
				uint64_t word = rng_next(&rng);

				fold_word(&a, word);
				fold_word(&b, word + (j == at ? delta : 0));
			}
			cr_assert(fold_locate(&a, &b, n, &index, &seen));
			cr_assert_eq(index, at, "of %lu: %lu", n, index);
			cr_assert_eq(seen, delta);
		}
	}
}

Test(fold, locate_names_none_if_more_than_one_differs)
{
	struct fold a = {0, 0}, swapped = {0, 0}, two = {0, 0};
	uint64_t index, delta;

	for (uint64_t i = 0; i < 10; i++) {
		fold_word(&a, i);
		fold_word(&swapped, i == 3 ? 4 : i == 4 ? 3 : i);
		/* + 5 and - 4 far apart: no weight from 1 to 10 explains the sums */
		fold_word(&two, i + (i == 0 ? 5 : 0) - (i == 9 ? 4 : 0));
	}
	cr_assert_not(fold_locate(&a, &swapped, 10, &index, &delta));
	cr_assert_not(fold_locate(&a, &two, 10, &index, &delta));
}

Test(fold, sequence_lengths_are_never_0_and_differ_from_lap_to_lap)
{
	for (uint32_t n = RING_SIZE_MIN; n <= RING_SIZE_MAX; n *= 2) {
		for (uint64_t seq = 65536 - 3; seq < 65536 + 3; seq++) {
			cr_assert_neq(seq_len(seq), 0);
			cr_assert_leq(seq_len(seq), SEQ_LEN_MASK + 1);
			cr_assert_neq(seq_len(seq), seq_len(seq + n), "ring %u", n);
		}
	}
}

/* Run n buffers, all posted and all reaped, and give both of the driver's folds, of generic loops
 * or of specialised ones. */
static void folds_of(const char *name, enum direction dir, enum simd simd, uint64_t n, bool generic,
		     struct fold *offered, struct fold *returned)
{
	struct ring_conf c = CONF(variant_named(name), dir, 256, 29, .start_idx = 65500,
				  .generic = generic, .policy = {.tx_header = TX_HEADER_NONE});

	HAND(h, &c, simd);
	h.d->post_target = h.d->reap_target = h.v->take_target = c.start_idx + n;
	while (h.d->reaped != h.d->reap_target) {
		cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN, "%s", where(&c, simd).text);
		cr_assert_neq(hand_dev(&h, 1), SIDE_BROKEN, "%s", where(&c, simd).text);
	}
	*offered = h.d->offered;
	*returned = h.d->returned;
}

Test(fold, vector_paths_fold_as_the_scalar_path_does)
{
	static const char *const names[] = {"vectorized", "vectorized+in-order"};
	const uint64_t n = 32 * 500;

	for (unsigned k = 0; k < 4 * ARRAY_SIZE(names); k++) {
		const char *name = names[k >> 2];
		const struct variant *v = variant_named(name);
		const enum direction dir = directions[k & 1];
		const bool generic = k & 2;
		struct fold offered, returned, other, fixed;

		folds_of("fixed-layout", dir, SIMD_SCALAR, n, generic, &other, &fixed);
		folds_of(name, dir, SIMD_SCALAR, n, generic, &offered, &returned);
		/* blocks take packets of the pool in another order, but ids and lengths agree */
		cr_assert(same(&returned, &fixed), "%s %s", name, direction_name(dir));
		cr_assert_neq(offered.s1, 0);
		cr_assert_eq(returned.s2 != 0, generic);
		FOR_EACH_PATH (simd, v) {
			struct fold o, r;

			folds_of(name, dir, simd, n, generic, &o, &r);
			cr_assert(same(&o, &offered), "%s %s %s: offered", name,
				  direction_name(dir), simd_name(simd));
			cr_assert(same(&r, &returned), "%s %s %s: returned", name,
				  direction_name(dir), simd_name(simd));
		}
	}
}

/* ---- deliberate mistakes ---- */

static void must_be_caught(struct engine *e, const struct ring_conf *c, uint64_t buffers,
			   enum simd simd)
{
	struct where at = where(c, simd);
	struct sample s;
	const char *said;
	char name[64];

	e->conf.simd = simd;
	snprintf(name, sizeof(name), "%s %s", c->variant->name, direction_name(c->dir));
	said = refusal_of(at.text, -EBADMSG, engine_sample, e, c, buffers, &s);
	expect_begins(said, name);
	expect_in(said, "buffer", "expected", "seen");
	expect_not_in(said, "not caught");
}

/* Every variant, direction and payload with each kind of mistake, here and there in a sample. */
Test(fault, a_lost_corrupted_or_duplicated_buffer_is_caught)
{
	static const uint64_t places[] = {0, 1, 31, 100, 255, 256, 998, 999};
	static const uint32_t bursts[] = {1, 32};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 64, NULL);
	unsigned ran[FAULT_KINDS] = {0};

	FOR_EACH_CASE (v, k, 16 * ARRAY_SIZE(places) * FAULT_KINDS) {
		const unsigned fault = k / (16 * ARRAY_SIZE(places));
		struct ring_conf c = CONF(
			v, directions[k & 1], 256, bursts[k >> 2 & 1], .payload = k & 2 ? 64 : 0,
			.policy = {.fault = (enum fault)fault, .fault_at = places[(k >> 4) % 8]});

		c.policy.tx_header = k & 8 ? TX_HEADER_NONE : TX_HEADER_CHAINED;
		if (fault == FAULT_NONE || variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		FOR_EACH_PATH (simd, c.variant) {
			must_be_caught(e, &c, 1000, simd);
			ran[fault]++;
		}
	}
	for (unsigned fault = FAULT_NONE + 1; fault < FAULT_KINDS; fault++)
		cr_assert_gt(ran[fault], 1000, "%s", fault_name((enum fault)fault));
}

Test(fault, is_caught_in_small_rings_and_across_the_wrap)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 8, 64, NULL);

	FOR_EACH_CASE (v, k, 4 * FAULT_KINDS) {
		struct ring_conf c = {.variant = v,
				      .dir = directions[k & 1],
				      .burst = 2,
				      .payload = k & 2 ? 64 : 0,
				      .start_idx = 65533,
				      .policy = {.fault = (enum fault)(k >> 2), .fault_at = 500}};

		if (c.policy.fault == FAULT_NONE ||
		    variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		for (c.ring_size = 2; c.ring_size <= 8; c.ring_size *= 2)
			must_be_caught(e, &c, 1000, SIMD_SCALAR);
	}
}

Test(fault, is_caught_with_a_device_that_returns_early)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 64, NULL);

	FOR_EACH_CASE (v, k, 16 * FAULT_KINDS) {
		struct ring_conf c = CONF(v, directions[k & 1], 256, 32, .payload = k & 2 ? 64 : 0,
					  .policy = {.fault = (enum fault)(k >> 4),
						     .fault_at = 300 + (k >> 2 & 3),
						     .device_order = ORDER_EARLY,
						     .early_share = 0.5});

		if (c.policy.fault != FAULT_NONE &&
		    !variants_legal(c.variant, c.dir, &c.policy, NULL))
			must_be_caught(e, &c, 1000, SIMD_SCALAR);
	}
}

/* Only some lose a buffer here: without any progress the engine waits a second for it. */
Test(timed_fault, is_caught_by_two_threads)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 64, NULL);

	for (unsigned i = 0; i < variants_count(); i++) {
		for (unsigned k = 0; k < 4; k++) {
			struct ring_conf c =
				CONF(variants_get(i), directions[k & 1], 256, 32,
				     .payload = k & 2 ? 64 : 0,
				     .policy = {.fault = FAULT_CORRUPT, .fault_at = 2000});
			struct ring_conf good = c;
			struct sample s;

			if (variants_legal(c.variant, c.dir, &c.policy, NULL))
				continue;
			must_be_caught(e, &c, 5000, SIMD_SCALAR);
			c.policy.fault = k == (i & 3) && i < 4 ? FAULT_LOSE : FAULT_DUPLICATE;
			must_be_caught(e, &c, 5000, SIMD_SCALAR);
			/* and the engine is as good as before */
			good.policy.fault = FAULT_NONE;
			must_run(e, &good, 1000, SIMD_SCALAR, &s);
		}
	}
}

Test(fault, names_the_buffer)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 64, NULL);

	FOR_EACH_CASE (v, k, 4) {
		struct ring_conf c = CONF(v, directions[k & 1], 256, 32, .payload = k & 2 ? 64 : 0,
					  .start_idx = 65533,
					  .policy = {.fault = FAULT_CORRUPT, .fault_at = 123});
		struct sample s;

		/* a device that returns another id instead is found later or by the sums */
		if (variants_legal(c.variant, c.dir, &c.policy, NULL) || (k & 1 && !c.payload))
			continue;
		expect_in(refusal(-EBADMSG, engine_sample, e, &c, 1000, &s), "buffer 123:");
	}
}

Test(fault, beyond_the_sample_is_refused)
{
	static const uint64_t places[] = {1000, 1001, 1255, 1256, 1000000};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 64, NULL);

	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(places)) {
		struct ring_conf c =
			CONF(v, directions[k & 1], 256, 32,
			     .policy = {.fault = FAULT_LOSE, .fault_at = places[k >> 1]});
		struct sample s;

		if (!variants_legal(c.variant, c.dir, &c.policy, NULL))
			expect_in(refusal(-EINVAL, engine_sample, e, &c, 1000, &s), "1000");
	}
}
