/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_sse.h - the kernels of vec_kernels.h with SSE4.2: a descriptor, or two used elements,
 * a register.
 */
#ifndef VRB_VEC_SSE_H
#define VRB_VEC_SSE_H

#include "ring/access.h"
#include "ring/side.h"

#include <immintrin.h>

#define VEC_STEP 8

ALWAYS_INLINE void vec_post(struct vring_desc *desc, struct pkt *const *from, struct pkt **cookie,
			    uint32_t blocks, uint32_t seq, uint32_t base, bool fixed,
			    uint16_t flags, struct fold *fold)
{
	const uint64_t len = base + (fixed ? 0 : seq & SEQ_LEN_MASK), step = fixed ? 0 : 1;
	const uint64_t m = (uint64_t)blocks * VEC_STEP;
	const __m128i two = _mm_set1_epi64x((int64_t)(2 * step));
	__m128i meta = _mm_set1_epi64x((int64_t)((uint64_t)flags << 32 | len));
	__m128i v1 = _mm_setzero_si128(), v2 = v1;
	struct pkt *const *const end = from + m;
	uint64_t odd, s2;

	if (!fixed)
		meta = _mm_add_epi64(meta, _mm_set_epi64x(1, 0));
	do {
		__m128i addr = _mm_loadl_epi64((const __m128i_u *)&from[0]->addr);

		addr = _mm_insert_epi64(addr, (int64_t)from[1]->addr, 1);
		_mm_storeu_si128((__m128i_u *)cookie, _mm_loadu_si128((const __m128i_u *)from));
		shm_put_vec(__m128i_u, desc, _mm_unpacklo_epi64(addr, meta));
		shm_put_vec(__m128i_u, desc + 1, _mm_unpackhi_epi64(addr, meta));
		v1 = _mm_add_epi64(v1, addr);
		v2 = _mm_add_epi64(v2, v1);
		meta = _mm_add_epi64(meta, two);
		from += 2;
		cookie += 2;
		desc += 2;
	} while (from != end);
	/* two interleaved folds: word j of m weighs m - j = 2 (m/2 - j/2) - j % 2 */
	odd = (uint64_t)_mm_extract_epi64(v1, 1);
	s2 = (uint64_t)_mm_cvtsi128_si64(v2) + (uint64_t)_mm_extract_epi64(v2, 1);
	fold_block(fold, (uint64_t)_mm_cvtsi128_si64(v1) + odd + (run_sum(len, step, m) << 32),
		   2 * s2 - odd + (run_weighted(len, step, m) << 32), m);
}

/* Two used elements: note the lengths in their packets, move the packets' pointers. */
ALWAYS_INLINE void vec_take_two(__m128i seen, struct pkt *const *cookie, struct pkt **to)
{
	_mm_storeu_si128((__m128i_u *)to, _mm_loadu_si128((const __m128i_u *)cookie));
	cookie[0]->len = (uint32_t)_mm_extract_epi32(seen, 1);
	cookie[1]->len = (uint32_t)_mm_extract_epi32(seen, 3);
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, struct pkt *const *cookie,
				struct pkt **to, uint32_t blocks, uint32_t seq, uint32_t base,
				bool fixed, uint32_t first_id, struct fold *fold)
{
	const uint64_t step = fixed ? 0 : 1, len = base + (fixed ? 0 : seq & SEQ_LEN_MASK);
	const __m128i lengths = _mm_set1_epi64x((int64_t)0xffffffff00000000ull);
	const __m128i two = _mm_set1_epi64x((int64_t)(2 * step << 32));
	__m128i want = _mm_set1_epi64x((int64_t)(len << 32));
	struct pkt *const *const from = cookie, *const *const end = from + blocks * VEC_STEP;
	uint32_t done;

	if (!fixed)
		want = _mm_add_epi64(want, _mm_set_epi64x(1ll << 32, 0));
	do {
		__m128i e01 = shm_get_vec(__m128i_u, elem);
		__m128i e23 = shm_get_vec(__m128i_u, elem + 2);
		__m128i e45 = shm_get_vec(__m128i_u, elem + 4);
		__m128i e67 = shm_get_vec(__m128i_u, elem + 6);
		__m128i w23 = _mm_add_epi64(want, two);
		__m128i w45 = _mm_add_epi64(w23, two);
		__m128i w67 = _mm_add_epi64(w45, two);
		__m128i wrong = _mm_or_si128(
			_mm_or_si128(_mm_xor_si128(e01, want), _mm_xor_si128(e23, w23)),
			_mm_or_si128(_mm_xor_si128(e45, w45), _mm_xor_si128(e67, w67)));

		if (UNLIKELY(!_mm_testz_si128(wrong, lengths)))
			break;
		want = _mm_add_epi64(w67, two);
		vec_take_two(e01, cookie, to);
		vec_take_two(e23, cookie + 2, to + 2);
		vec_take_two(e45, cookie + 4, to + 4);
		vec_take_two(e67, cookie + 6, to + 6);
		elem += VEC_STEP;
		cookie += VEC_STEP;
		to += VEC_STEP;
	} while (cookie != end);
	done = (uint32_t)(cookie - from);
	fold_run(fold, fold_returned(first_id, len), fold_returned(1, step), done);
	return done / VEC_STEP;
}

ALWAYS_INLINE void vec_move(struct pkt **to, struct pkt *const *from, uint32_t blocks)
{
	for (uint32_t j = 0; j < blocks * VEC_STEP; j += 2)
		_mm_storeu_si128((__m128i_u *)(to + j),
				 _mm_loadu_si128((const __m128i_u *)(from + j)));
}

#endif
