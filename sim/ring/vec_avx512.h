/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_avx512.h - the kernels of vec_kernels.h with AVX-512 (F, DQ, VL): four descriptors, or
 * eight used elements, a register: a whole line.
 */
#ifndef VRB_VEC_AVX512_H
#define VRB_VEC_AVX512_H

#include "ring/access.h"
#include "ring/side.h"

#include <immintrin.h>

#define VEC_STEP 8

ALWAYS_INLINE void vec_post(struct vring_desc *desc, struct pkt *const *from, struct pkt **cookie,
			    uint32_t blocks, uint32_t seq, uint32_t base, bool fixed,
			    uint16_t flags, struct fold *fold)
{
	const __m512i order = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
	const __m512i first_four = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
	const __m512i last_four = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
	const uint64_t len = base + (fixed ? 0 : seq & SEQ_LEN_MASK), step = fixed ? 0 : 1;
	const uint64_t m = (uint64_t)blocks * VEC_STEP;
	const __m512i eight = _mm512_set1_epi64((int64_t)(8 * step));
	__m512i meta = _mm512_set1_epi64((int64_t)((uint64_t)flags << 32 | len));
	__m512i v1 = _mm512_setzero_si512(), v2 = v1;
	struct pkt *const *const end = from + m;

	if (!fixed)
		meta = _mm512_add_epi64(meta, order);
	do {
		__m512i at = _mm512_loadu_si512(from);
		__m512i addr = _mm512_i64gather_epi64(at, NULL, 1); /* addr is at offset 0 */

		_mm512_storeu_si512(cookie, at);
		shm_put_vec(__m512i_u, desc, _mm512_permutex2var_epi64(addr, first_four, meta));
		shm_put_vec(__m512i_u, desc + 4, _mm512_permutex2var_epi64(addr, last_four, meta));
		v1 = _mm512_add_epi64(v1, addr);
		v2 = _mm512_add_epi64(v2, v1);
		meta = _mm512_add_epi64(meta, eight);
		from += VEC_STEP;
		cookie += VEC_STEP;
		desc += VEC_STEP;
	} while (from != end);
	/* eight interleaved folds: word j of m weighs m - j = 8 (m/8 - j/8) - j % 8 */
	v2 = _mm512_sub_epi64(_mm512_slli_epi64(v2, 3), _mm512_mullo_epi64(v1, order));
	fold_block(fold, (uint64_t)_mm512_reduce_add_epi64(v1) + (run_sum(len, step, m) << 32),
		   (uint64_t)_mm512_reduce_add_epi64(v2) + (run_weighted(len, step, m) << 32), m);
}

/* Eight used elements: note the lengths in their packets, move the packets' pointers. */
ALWAYS_INLINE void vec_take_eight(__m512i seen, struct pkt *const *cookie, struct pkt **to)
{
	__m256i len = _mm512_cvtepi64_epi32(_mm512_srli_epi64(seen, 32));
	__m128i half = _mm256_castsi256_si128(len);

	_mm512_storeu_si512(to, _mm512_loadu_si512(cookie));
	cookie[0]->len = (uint32_t)_mm_extract_epi32(half, 0);
	cookie[1]->len = (uint32_t)_mm_extract_epi32(half, 1);
	cookie[2]->len = (uint32_t)_mm_extract_epi32(half, 2);
	cookie[3]->len = (uint32_t)_mm_extract_epi32(half, 3);
	half = _mm256_extracti128_si256(len, 1);
	cookie[4]->len = (uint32_t)_mm_extract_epi32(half, 0);
	cookie[5]->len = (uint32_t)_mm_extract_epi32(half, 1);
	cookie[6]->len = (uint32_t)_mm_extract_epi32(half, 2);
	cookie[7]->len = (uint32_t)_mm_extract_epi32(half, 3);
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, struct pkt *const *cookie,
				struct pkt **to, uint32_t blocks, uint32_t seq, uint32_t base,
				bool fixed, uint32_t first_id, struct fold *fold)
{
	const __m512i order = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
	const uint64_t step = fixed ? 0 : 1, len = base + (fixed ? 0 : seq & SEQ_LEN_MASK);
	const __m512i lengths = _mm512_set1_epi64((int64_t)0xffffffff00000000ull);
	const __m512i eight = _mm512_set1_epi64((int64_t)(8 * step << 32));
	__m512i want = _mm512_set1_epi64((int64_t)(len << 32));
	struct pkt *const *const from = cookie, *const *const end = from + blocks * VEC_STEP;
	uint32_t done;

	if (!fixed)
		want = _mm512_add_epi64(want, _mm512_slli_epi64(order, 32));
	do {
		__m512i seen = shm_get_vec(__m512i_u, elem);

		if (UNLIKELY(_mm512_test_epi64_mask(_mm512_xor_si512(seen, want), lengths)))
			break;
		want = _mm512_add_epi64(want, eight);
		vec_take_eight(seen, cookie, to);
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
	for (uint32_t j = 0; j < blocks * VEC_STEP; j += VEC_STEP)
		_mm512_storeu_si512(to + j, _mm512_loadu_si512(from + j));
}

#endif
