/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_variants.c - the registry: names, how they join, and what is refused with which reason.
 */
#include "ring_fixture.h"

/* The first is baseline, and the only one; by default each is legal. */
Test(variants, every_row_says_what_it_is_by_a_name_of_its_own)
{
	cr_assert_str_eq(variants_get(0)->name, "baseline");
	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);

		cr_assert_neq(v->name[0], '\0', "row %u", i);
		cr_assert_neq(v->differs[0], '\0', "%s", v->name);
		cr_assert_neq(v->clause[0], '\0', "%s", v->name);
		cr_assert_neq(v->hypothesis[0], '\0', "%s", v->name);
		cr_assert_not_null(v->drv[SIMD_SCALAR], "%s", v->name);
		cr_assert_eq(v->kind == KIND_BASELINE, i == 0, "%s", v->name);
		for (unsigned k = 0; k < i; k++)
			cr_assert_str_neq(v->name, variants_get(k)->name);
		for (unsigned dir = 0; dir < DIRECTIONS; dir++)
			cr_assert_eq(variants_legal(v, (enum direction)dir,
						    &(struct ring_policy){0}, NULL),
				     0, "%s", v->name);
	}
}

/* A copy has the machine code of baseline, at an address of its own. */
static void expect_copy(const char *name)
{
	const struct variant *base = variants_get(0), *control = variant_named(name);

	cr_assert_eq(control->ring, base->ring);
	cr_assert_arr_eq(&control->opts, &base->opts, sizeof(base->opts));
	for (int k = 0; k < 8; k++) {
		const struct loops_wanted want = {
			.dir = (enum direction)(k & 1), .payload = k & 2, .generic = k & 4};
		struct side_loops a = variants_loops(base, &(struct ring_policy){0}, &want);
		struct side_loops b = variants_loops(control, &(struct ring_policy){0}, &want);

		cr_assert_neq(a.drv, b.drv, "%d", k);
		cr_assert_neq(a.dev, b.dev, "%d", k);
		/* the same machine code, but for the distance to what lies outside of it */
		cr_assert_eq((uintptr_t)a.drv % 64, (uintptr_t)b.drv % 64, "%d", k);
		cr_assert_arr_eq((const char *)(uintptr_t)a.drv, (const char *)(uintptr_t)b.drv, 32,
				 "%d", k);
	}
}

/* The generic loops, and so the model, read a row's options, the specialised ones those of their file. */
Test(variants, a_row_and_its_loops_have_the_same_options)
{
	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);

		for (unsigned k = 0; variants_is_virtqueue(v) && k < SIMD_KINDS; k++) {
			const struct ring_opts *o = v->drv[k] ? &v->drv[k]->opts : &v->opts;

			cr_expect(
				o->avail == v->opts.avail && o->used == v->opts.used &&
					o->order == v->opts.order && o->vec == v->opts.vec,
				"%s, %s: the row in variants.def has (%d, %d, %d, %d), OPT of its file "
				"(%d, %d, %d, %d)",
				v->name, simd_name((enum simd)k), v->opts.avail, v->opts.used,
				v->opts.order, v->opts.vec, o->avail, o->used, o->order, o->vec);
		}
	}
}

Test(variants, copies_are_compiled_like_baseline_but_apart)
{
	static const char *const copies[] = {NULL_CONTROL, "null-control-2", "null-control-3",
					     "null-control-4"};
	const struct loops_wanted want = {.dir = DIR_RX};
	drv_loop_fn *seen[ARRAY_SIZE(copies)];

	for (unsigned i = 0; i < ARRAY_SIZE(copies); i++) {
		const struct variant *v = variant_named(copies[i]);

		cr_assert_eq(variants_copy(i), v, "%s", copies[i]);
		cr_assert_eq(v->kind, i < NULL_ROWS ? KIND_CONTROL : KIND_COPY, "%s", copies[i]);
		expect_copy(copies[i]);
		seen[i] = variants_loops(v, &(struct ring_policy){0}, &want).drv;
		for (unsigned k = 0; k < i; k++)
			cr_assert_neq(seen[k], seen[i], "%s", copies[i]);
	}
}

/* One of all the policies that decide which loops run, by number. */
#define POLICIES                                                                    \
	(FREE_LIST_KINDS * PUBLISH_KINDS * TX_HEADER_KINDS * HEADER_WRITE_KINDS *   \
	 USED_READ_KINDS * AVAIL_STORE_KINDS * DEVICE_AVAIL_KINDS * PUBLISH_KINDS * \
	 DEVICE_ORDER_KINDS * 2)

static unsigned digit(unsigned *k, unsigned base)
{
	unsigned d = *k % base;

	*k /= base;
	return d;
}

static struct ring_policy policy_number(unsigned k)
{
	struct ring_policy p = {0};

	p.free_list = (enum free_list)digit(&k, FREE_LIST_KINDS);
	p.publish = (enum publish)digit(&k, PUBLISH_KINDS);
	p.tx_header = (enum tx_header)digit(&k, TX_HEADER_KINDS);
	p.header_write = (enum header_write)digit(&k, HEADER_WRITE_KINDS);
	p.used_read = (enum used_read)digit(&k, USED_READ_KINDS);
	p.avail_store = (enum avail_store)digit(&k, AVAIL_STORE_KINDS);
	p.device_avail = (enum device_avail)digit(&k, DEVICE_AVAIL_KINDS);
	p.device_publish = (enum publish)digit(&k, PUBLISH_KINDS);
	p.device_order = (enum device_order)digit(&k, DEVICE_ORDER_KINDS);
	p.fault = digit(&k, 2) ? FAULT_LOSE : FAULT_NONE;
	return p;
}

Test(variants, every_legal_policy_has_loops)
{
	unsigned legal = 0;

	FOR_EACH_VARIANT (v) {
		for (unsigned k = 0; k < 2 * POLICIES; k++) {
			const struct ring_policy p = policy_number(k / 2);
			const enum direction dir = (enum direction)(k % 2);

			if (variants_legal(v, dir, &p, NULL))
				continue;
			legal++;
			for (int path = 0; path < 4 * SIMD_KINDS; path++) {
				struct side_loops l = variants_loops(
					v, &p,
					&(struct loops_wanted){.dir = dir,
							       .payload = path & 1,
							       .simd = (enum simd)(path / 4),
							       .build = path & 2 ? BUILD_MODEL
										 : BUILD_NATIVE});

				cr_assert_not_null(l.drv, "%s, policy %u", v->name, k);
				cr_assert_not_null(l.dev, "%s, policy %u", v->name, k);
			}
		}
	}
	cr_assert_gt(legal, 1000);
}

/* ---- looking names up ---- */

Test(variants, find_takes_every_name_but_the_control)
{
	FOR_EACH_VARIANT (v) {
		const struct variant *found = NULL;

		if (v->kind == KIND_CONTROL) {
			refusal_of(v->name, -EINVAL, variants_find, v->name, &found);
			continue;
		}
		must(variants_find, v->name, &found);
		cr_assert_eq(found, v, "%s", v->name);
	}
}

Test(variants, find_takes_parts_in_any_order)
{
	static const char *const pairs[][2] = {
		{"in-order+shadow-avail", "shadow-avail+in-order"},
		{"in-order+fixed-layout", "fixed-layout+in-order"},
		{"in-order+vectorized", "vectorized+in-order"},
		{"vectorized+fixed-layout", "vectorized"},
		{"fixed-layout+vectorized", "vectorized"},
		{"in-order+fixed-layout+vectorized", "vectorized+in-order"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct variant *v = NULL;

		must(variants_find, pairs[i][0], &v);
		cr_assert_str_eq(v->name, pairs[i][1]);
	}
}

/* What is refused, and words that the line must hold. */
static const struct {
	const char *name;
	int ret;
	const char *words[4];
} refused[] = {
	{"shadow-avial",
	 -ENOENT,
	 {"shadow-avial", "baseline", "spsc", "did you mean shadow-avail?"}},
	{"", -ENOENT, {"--variant", "baseline"}},
	{"Baseline", -ENOENT, {"did you mean baseline?"}},
	{"in-order+shadow", -ENOENT, {"shadow", "shadow-avail"}},
	{"in-order+", -EINVAL, {"--variant in-order+", "no name"}},
	{"+in-order", -EINVAL, {"--variant +in-order", "no name"}},
	{"shadow-avail+fixed-layout", -EINVAL, {"shadow-avail+fixed-layout", "void"}},
	{"vectorized+shadow-avail", -EINVAL, {"void"}},
	{"in-order+shadow-avail+fixed-layout", -EINVAL, {"void"}},
	{"in-order+in-order", -EINVAL, {"in-order", "twice"}},
	{"shadow-avail+in-order+shadow-avail", -EINVAL, {"shadow-avail", "twice"}},
	{"baseline+in-order", -EINVAL, {"baseline"}},
	{"spsc+in-order", -EINVAL, {"spsc", "reference"}},
	{"in-order+null", -EINVAL, {"null", "reference"}},
	{NULL_CONTROL, -EINVAL, {"control"}},
};

Test(variants, find_refuses_with_the_reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct variant *v = NULL;
		const char *said = refusal_of(refused[i].name, refused[i].ret, variants_find,
					      refused[i].name, &v);

		cr_assert_null(v, "%s", refused[i].name);
		for (size_t k = 0; k < ARRAY_SIZE(refused[i].words) && refused[i].words[k]; k++)
			expect_in(said, refused[i].words[k]);
	}
}

Test(variants, unknown_name_lists_every_variant_and_yardstick)
{
	const struct variant *v;
	const char *said = refusal(-ENOENT, variants_find, "xyzzy", &v);

	FOR_EACH_VARIANT (row) {
		if (row->kind != KIND_COMBINATION && row->kind != KIND_CONTROL &&
		    row->kind != KIND_COPY)
			expect_in(said, row->name);
	}
}

Test(variants, find_survives_a_very_long_name)
{
	char name[5000];
	const struct variant *v;

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	refusal(-ENOENT, variants_find, name, &v);
	memcpy(name, "in-order+", 9);
	refusal(-ENOENT, variants_find, name, &v);
	memcpy(name + sizeof(name) - 10, "+in-order", 9);
	refusal(-ENOENT, variants_find, name, &v);
}

/* ---- what may run under which policy ---- */

Test(variants, a_policy_needs_what_a_variant_may_not_have)
{
	static const struct {
		struct ring_policy policy;
		const char *named;
	} cases[] = {
		{{.device_order = ORDER_EARLY, .early_share = 0.1}, "--device-order early"},
		{{.publish = PUBLISH_BUFFER}, "--publish buffer"},
		{{.device_avail = AVAIL_READ_NONE}, "--device-avail in-order"},
		{{.avail_store = STORE_BURST}, "--avail-store burst"},
	};

	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(cases)) {
		const bool has[] = {v->opts.order == FREE_LIST, v->opts.vec == VEC_NONE,
				    v->opts.order == RING_ORDER && v->ring != RING_PACKED,
				    v->ring != RING_PACKED};
		struct vrb_err err = {""};
		const int ret = variants_legal(v, directions[k & 1], &cases[k / 2].policy, &err);

		cr_assert_eq(ret, has[k / 2] ? 0 : -EINVAL, "%s: %s", v->name, err.msg);
		if (ret)
			expect_in(err.msg, v->name, cases[k / 2].named);
	}
}

/* What each may read of the used ring, and what it reads if nobody asks: "rx; tx". */
Test(variants, used_reads_that_are_legal)
{
	static const struct {
		const char *variant;
		bool rx[USED_READ_KINDS], tx[USED_READ_KINDS]; /* own, id+len, len, idx-only */
		enum used_read rx_own, tx_own;
	} cases[] = {
		{"baseline", {1, 1, 0, 0}, {1, 1, 0, 0}, USED_READ_ID_LEN, USED_READ_ID_LEN},
		{"shadow-avail", {1, 1, 0, 0}, {1, 1, 0, 0}, USED_READ_ID_LEN, USED_READ_ID_LEN},
		{"fixed-layout", {1, 1, 1, 0}, {1, 1, 1, 1}, USED_READ_LEN, USED_READ_IDX_ONLY},
		{"vectorized", {1, 0, 1, 0}, {1, 1, 1, 1}, USED_READ_LEN, USED_READ_IDX_ONLY},
		{"in-order", {1, 1, 0, 0}, {1, 1, 0, 1}, USED_READ_ID_LEN, USED_READ_ID_LEN},
		{"vectorized+in-order",
		 {1, 1, 0, 0},
		 {1, 1, 0, 1},
		 USED_READ_ID_LEN,
		 USED_READ_ID_LEN},
		{"spsc", {1, 1, 1, 1}, {1, 1, 1, 1}, USED_READ_OWN, USED_READ_OWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant *v = variant_named(cases[i].variant);
		struct ring_policy p = {0};

		cr_assert_eq(variants_used_read(v, DIR_RX, &p), cases[i].rx_own, "%s", v->name);
		cr_assert_eq(variants_used_read(v, DIR_TX, &p), cases[i].tx_own, "%s", v->name);
		for (enum used_read read = 0; read < USED_READ_KINDS; read++) {
			const char *name = used_read_name(read);
			struct vrb_err err = {""};

			p.used_read = read;
			cr_assert_eq(variants_legal(v, DIR_RX, &p, &err) == 0, cases[i].rx[read],
				     "%s rx %s: %s", v->name, name, err.msg);
			cr_assert_eq(variants_legal(v, DIR_TX, &p, &err) == 0, cases[i].tx[read],
				     "%s tx %s: %s", v->name, name, err.msg);
			if (cases[i].rx[read] && cases[i].tx[read])
				continue;
			expect_in(err.msg, "--used-read", "legal with it: ");
		}
	}
}

Test(variants, headers_lie_where_the_layout_has_them)
{
	static const struct {
		enum tx_header header;
		bool legal[HEADER_WRITE_KINDS]; /* own, shared, per-slot, in-buffer, if-changed */
		enum header_write own;
	} cases[] = {
		{TX_HEADER_CHAINED, {1, 1, 1, 1, 1}, HEADER_SHARED},
		{TX_HEADER_INDIRECT, {1, 1, 1, 1, 1}, HEADER_SHARED},
		{TX_HEADER_ANY_LAYOUT, {1, 0, 0, 1, 1}, HEADER_IN_BUFFER},
		{TX_HEADER_NONE, {1, 0, 0, 0, 0}, HEADER_OWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ring_policy p = {.tx_header = cases[i].header};

		cr_assert_eq(header_write_of(&p), cases[i].own, "%s", tx_header_name(p.tx_header));
		for (enum header_write w = 0; w < HEADER_WRITE_KINDS; w++) {
			struct vrb_err err = {""};

			p.header_write = w;
			cr_assert_eq(policy_legal(&p, &err) == 0, cases[i].legal[w], "%s %s: %s",
				     tx_header_name(p.tx_header), header_write_name(p.header_write),
				     err.msg);
			if (!cases[i].legal[w])
				expect_in(err.msg, "--header-write");
		}
	}
}

Test(variants, faults_are_of_a_plain_device)
{
	static const struct ring_policy refused_ones[] = {
		{.fault = FAULT_LOSE, .device_order = ORDER_EARLY},
		{.fault = FAULT_CORRUPT, .device_publish = PUBLISH_BUFFER},
		{.fault = FAULT_DUPLICATE, .device_avail = AVAIL_READ_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused_ones); i++)
		expect_in(refusal(-EINVAL, policy_legal, &refused_ones[i]), "--inject");
}

Test(variants, null_cannot_be_made_to_fail)
{
	for (enum fault fault = FAULT_LOSE; fault < FAULT_KINDS; fault++) {
		const struct ring_policy p = {.fault = fault};

		FOR_EACH_VARIANT (v) {
			struct vrb_err err = {""};

			cr_assert_eq(variants_legal(v, DIR_TX, &p, &err),
				     v->ring == RING_NULL ? -EINVAL : 0, "%s: %s", v->name,
				     err.msg);
		}
	}
}

/* ---- vector paths ---- */

Test(simd, auto_is_the_widest_there_is)
{
	enum simd simd = SIMD_AUTO;

	cr_assert_eq(simd_pick(SIMD_AUTO, &simd, NULL), 0);
	cr_assert_lt(simd, SIMD_KINDS);
	cr_assert(simd_has(simd));
	for (int wider = (int)simd + 1; wider < SIMD_KINDS; wider++)
		cr_assert_not(simd_has((enum simd)wider), "%s", simd_name((enum simd)wider));
}

Test(simd, what_the_cpu_lacks_is_refused_with_what_it_has)
{
	for (enum simd i = 0; i < SIMD_KINDS; i++) {
		enum simd simd = SIMD_AUTO;
		struct vrb_err err = {""};
		int ret = simd_pick(i, &simd, &err);

		if (simd_has(i)) {
			cr_assert_eq(ret, 0, "%s", simd_name(i));
			cr_assert_eq(simd, i, "%s", simd_name(i));
		} else {
			cr_assert_eq(ret, -ENOTSUP, "%s", simd_name(i));
			expect_in(err.msg, "scalar");
		}
	}
}
