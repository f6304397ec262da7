/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_variants.c - the registry: names, how they join, and what is refused with which reason.
 */
#include "ring_fixture.h"

Test(variants, names_are_unique)
{
	for (unsigned i = 0; i < variants_count(); i++) {
		for (unsigned k = 0; k < i; k++)
			cr_assert_str_neq(variants_get(i)->name, variants_get(k)->name);
	}
}

Test(variants, every_row_says_what_it_is)
{
	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);

		cr_assert_neq(v->name[0], '\0', "row %u", i);
		cr_assert_neq(v->differs[0], '\0', "%s", v->name);
		cr_assert_neq(v->clause[0], '\0', "%s", v->name);
		cr_assert_neq(v->hypothesis[0], '\0', "%s", v->name);
		cr_assert_not_null(v->loops[BUILD_NATIVE][SIMD_SCALAR], "%s", v->name);
	}
}

Test(variants, the_first_is_baseline_and_the_only_one)
{
	cr_assert_str_eq(variants_get(0)->name, "baseline");
	for (unsigned i = 0; i < variants_count(); i++)
		cr_assert_eq(variants_get(i)->kind == KIND_BASELINE, i == 0, "%s",
			     variants_get(i)->name);
}

Test(variants, control_is_compiled_like_baseline_but_apart)
{
	const struct variant *base = variants_get(0), *control = variant_named(NULL_CONTROL);

	cr_assert_eq(control->kind, KIND_CONTROL);
	cr_assert_eq(control->ring, base->ring);
	cr_assert_arr_eq(control->opts, base->opts, sizeof(*base->opts));
	cr_assert_neq(control->loops[BUILD_NATIVE][SIMD_SCALAR],
		      base->loops[BUILD_NATIVE][SIMD_SCALAR]);
	cr_assert_neq(control->loops[BUILD_NATIVE][SIMD_SCALAR]->drv_rx[0][0][0],
		      base->loops[BUILD_NATIVE][SIMD_SCALAR]->drv_rx[0][0][0]);
}

Test(variants, every_legal_policy_has_loops)
{
	for (unsigned i = 0; i < variants_count(); i++) {
		for (unsigned k = 0; k < 256; k++) {
			struct ring_policy p = {.free_list = k & 1 ? FREE_LIFO : FREE_FIFO,
						.publish = k & 2 ? PUBLISH_BUFFER : PUBLISH_BURST,
						.tx_header =
							k & 4 ? TX_HEADER_NONE : TX_HEADER_CHAINED,
						.device_order = k & 8 ? ORDER_EARLY : ORDER_IN,
						.fault = k & 16 ? FAULT_LOSE : FAULT_NONE};
			const struct variant *v = variants_get(i);

			if (variants_legal(v, &p, NULL))
				continue;
			for (int simd = 0; simd < SIMD_KINDS; simd++) {
				struct side_loops l = variants_loops(
					v, k & 32 ? DIR_TX : DIR_RX, &p, k & 64, (enum simd)simd,
					k & 128 ? BUILD_MODEL : BUILD_NATIVE);

				cr_assert_not_null(l.drv, "%s, policy %u", v->name, k);
				cr_assert_not_null(l.dev, "%s, policy %u", v->name, k);
			}
		}
	}
}

/* ---- looking names up ---- */

Test(variants, find_takes_every_name_but_the_control)
{
	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i), *found = NULL;
		struct vrb_err err = {""};

		if (v->kind == KIND_CONTROL) {
			cr_assert_eq(variants_find(v->name, &found, &err), -EINVAL);
			continue;
		}
		cr_assert_eq(variants_find(v->name, &found, &err), 0, "%s: %s", v->name, err.msg);
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
		struct vrb_err err = {""};

		cr_assert_eq(variants_find(pairs[i][0], &v, &err), 0, "%s: %s", pairs[i][0],
			     err.msg);
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
	{"in-order+", -ENOENT, {"baseline"}},
	{"+in-order", -ENOENT, {"baseline"}},
	{"shadow-avail+fixed-layout", -EINVAL, {"shadow-avail+fixed-layout", "void"}},
	{"vectorized+shadow-avail", -EINVAL, {"void"}},
	{"in-order+shadow-avail+fixed-layout", -EINVAL, {"void"}},
	{"in-order+in-order", -EINVAL, {"in-order", "twice"}},
	{"shadow-avail+in-order+shadow-avail", -EINVAL, {"shadow-avail", "twice"}},
	{"baseline+in-order", -EINVAL, {"baseline"}},
	{"spsc+in-order", -EINVAL, {"spsc", "yardstick"}},
	{"in-order+null", -EINVAL, {"null", "yardstick"}},
	{NULL_CONTROL, -EINVAL, {"control"}},
};

Test(variants, find_refuses_with_the_reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct variant *v = NULL;
		struct vrb_err err = {""};
		int ret = variants_find(refused[i].name, &v, &err);

		cr_assert_eq(ret, refused[i].ret, "%s: %d %s", refused[i].name, ret, err.msg);
		cr_assert_null(v, "%s", refused[i].name);
		cr_assert_null(strchr(err.msg, '\n'), "%s", err.msg);
		for (size_t k = 0; k < ARRAY_SIZE(refused[i].words) && refused[i].words[k]; k++)
			cr_assert_not_null(strstr(err.msg, refused[i].words[k]),
					   "%s: no '%s' in %s", refused[i].name,
					   refused[i].words[k], err.msg);
	}
}

Test(variants, unknown_name_lists_every_variant_and_yardstick)
{
	const struct variant *v;
	struct vrb_err err = {""};

	cr_assert_eq(variants_find("xyzzy", &v, &err), -ENOENT);
	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *row = variants_get(i);

		if (row->kind != KIND_COMBINATION && row->kind != KIND_CONTROL)
			cr_assert_not_null(strstr(err.msg, row->name), "no %s in %s", row->name,
					   err.msg);
	}
}

Test(variants, find_survives_a_very_long_name)
{
	char name[5000];
	const struct variant *v;
	struct vrb_err err = {""};

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	cr_assert_eq(variants_find(name, &v, &err), -ENOENT);
	memcpy(name, "in-order+", 9);
	cr_assert_eq(variants_find(name, &v, &err), -ENOENT);
	memcpy(name + sizeof(name) - 10, "+in-order", 9);
	cr_assert_eq(variants_find(name, &v, &err), -ENOENT);
}

/* ---- what may run under which policy ---- */

Test(variants, early_needs_a_free_list)
{
	const struct ring_policy p = {.device_order = ORDER_EARLY, .early_share = 0.1};

	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);
		const bool legal = v->opts->order == FREE_LIST;
		struct vrb_err err = {""};

		cr_assert_eq(variants_legal(v, &p, &err), legal ? 0 : -EINVAL, "%s: %s", v->name,
			     err.msg);
		if (legal)
			continue;
		cr_assert_not_null(strstr(err.msg, v->name), "%s", err.msg);
		cr_assert_not_null(strstr(err.msg, "--device-order early"), "%s", err.msg);
	}
}

Test(variants, publish_each_buffer_does_not_go_with_blocks)
{
	const struct ring_policy p = {.publish = PUBLISH_BUFFER};

	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);
		const bool legal = v->opts->vec == VEC_NONE;
		struct vrb_err err = {""};

		cr_assert_eq(variants_legal(v, &p, &err), legal ? 0 : -EINVAL, "%s: %s", v->name,
			     err.msg);
		if (!legal)
			cr_assert_not_null(strstr(err.msg, "--publish buffer"), "%s", err.msg);
	}
}

Test(variants, null_cannot_be_made_to_fail)
{
	for (int fault = FAULT_LOSE; fault < FAULT_KINDS; fault++) {
		const struct ring_policy p = {.fault = (enum fault)fault};

		for (unsigned i = 0; i < variants_count(); i++) {
			const struct variant *v = variants_get(i);
			struct vrb_err err = {""};

			cr_assert_eq(variants_legal(v, &p, &err),
				     v->ring == RING_NULL ? -EINVAL : 0, "%s: %s", v->name,
				     err.msg);
		}
	}
}

Test(variants, everything_is_legal_by_default)
{
	const struct ring_policy p = {0};

	for (unsigned i = 0; i < variants_count(); i++)
		cr_assert_eq(variants_legal(variants_get(i), &p, NULL), 0, "%s",
			     variants_get(i)->name);
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
	for (int i = 0; i < SIMD_KINDS; i++) {
		enum simd simd = SIMD_AUTO;
		struct vrb_err err = {""};
		int ret = simd_pick((enum simd)i, &simd, &err);

		if (simd_has((enum simd)i)) {
			cr_assert_eq(ret, 0, "%s", simd_name((enum simd)i));
			cr_assert_eq((int)simd, i, "%s", simd_name((enum simd)i));
		} else {
			cr_assert_eq(ret, -ENOTSUP, "%s", simd_name((enum simd)i));
			cr_assert_not_null(strstr(err.msg, "scalar"), "%s", err.msg);
		}
	}
}
