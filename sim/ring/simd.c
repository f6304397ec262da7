/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * simd.c - which vector paths and which hints of the ring family lab this CPU has.
 */
#include "ring/variants.h"

#include <errno.h>
#include <stdio.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

bool simd_has(enum simd simd)
{
	switch (simd) {
	case SIMD_SCALAR:
		return true;
#if defined(__x86_64__)
	case SIMD_SSE:
		return __builtin_cpu_supports("sse4.2");
	case SIMD_AVX2:
		return __builtin_cpu_supports("avx2");
	case SIMD_AVX512:
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
	case SIMD_NEON:
		return true;
#endif
	default:
		return false;
	}
}

bool hint_has(enum lab_hint hint)
{
#if defined(__x86_64__)
	uint32_t a, b, c = 0, d;

	/* CPUID, Intel SDM 2A: 80000001h ecx bit 8 PREFETCHW; 07h ecx bit 25 CLDEMOTE */
	if (hint == LAB_PREFETCHW)
		return __get_cpuid(0x80000001, &a, &b, &c, &d) && c >> 8 & 1;
	if (hint == LAB_DEMOTE)
		return __get_cpuid_count(7, 0, &a, &b, &c, &d) && c >> 25 & 1;
	return true;
#else
	return hint != LAB_DEMOTE; /* access.h */
#endif
}

const char *hint_lacking(const struct variant *v)
{
	const struct lab_field *f = &lab_fields[offsetof(struct lab_point, out_hint)];

	if (v->lab && !hint_has((enum lab_hint)v->lab->out_hint))
		return f->values[v->lab->out_hint];
	if (v->lab && !hint_has((enum lab_hint)v->lab->back_hint))
		return f->values[v->lab->back_hint];
	return NULL;
}

int simd_pick(enum simd want, enum simd *out, struct vrb_err *err)
{
	char have[64] = "";
	size_t used = 0;

	if (want != SIMD_AUTO) {
		if (simd_has(want)) {
			*out = want;
			return 0;
		}
		for (int i = 0; i < SIMD_KINDS; i++) {
			if (simd_has((enum simd)i))
				used += (size_t)snprintf(have + used, sizeof(have) - used, " %s",
							 simd_name((enum simd)i));
		}
		return vrb_fail(err, ENOTSUP, "--simd %s: this CPU lacks it; it has:%s",
				simd_name(want), have);
	}
	*out = SIMD_SCALAR;
	for (int i = 0; i < SIMD_KINDS; i++) {
		if (simd_has((enum simd)i))
			*out = (enum simd)i;
	}
	return 0;
}
