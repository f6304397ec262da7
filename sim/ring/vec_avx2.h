/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_avx2.h - the kernels of vec_kernels.h with AVX2: two descriptors, or four used
 * elements, a register.
 */
#ifndef VRB_VEC_AVX2_H
#define VRB_VEC_AVX2_H

#include "ring/access.h"
#include "ring/side.h"

#include <immintrin.h>

#define VEC_STEP 8

/* The sum of the lanes. */
ALWAYS_INLINE uint64_t vec_sum(__m256i v)
{
	__m128i half = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

	return (uint64_t)_mm_cvtsi128_si64(half) + (uint64_t)_mm_extract_epi64(half, 1);
}

/* Four addresses, in the order 0, 2 | 1, 3: unpacking then gives two whole descriptors. */
ALWAYS_INLINE __m256i vec_addresses(struct pkt *const *from)
{
	__m128i even = _mm_loadl_epi64((const __m128i_u *)&from[0]->addr);
	__m128i odd = _mm_loadl_epi64((const __m128i_u *)&from[1]->addr);

	even = _mm_insert_epi64(even, (int64_t)from[2]->addr, 1);
	odd = _mm_insert_epi64(odd, (int64_t)from[3]->addr, 1);
	return _mm256_inserti128_si256(_mm256_castsi128_si256(even), odd, 1);
}

/* Post four packets with the lengths and flags of meta; returns their addresses. */
ALWAYS_INLINE __m256i vec_post_four(struct vring_desc *desc, struct pkt *const *from,
				    struct pkt **cookie, __m256i meta)
{
	__m256i addr = vec_addresses(from);

	_mm256_storeu_si256((__m256i_u *)cookie, _mm256_loadu_si256((const __m256i_u *)from));
	shm_put_vec(__m256i_u, desc, _mm256_unpacklo_epi64(addr, meta));
	shm_put_vec(__m256i_u, desc + 2, _mm256_unpackhi_epi64(addr, meta));
	return addr;
}

ALWAYS_INLINE void vec_post(struct vring_desc *desc, struct pkt *const *from, struct pkt **cookie,
			    uint32_t blocks, uint32_t seq, uint32_t base, bool fixed,
			    uint16_t flags, struct fold *fold)
{
	const uint64_t len = base + (fixed ? 0 : seq & SEQ_LEN_MASK), step = fixed ? 0 : 1;
	const uint64_t m = (uint64_t)blocks * VEC_STEP;
	const __m256i four = _mm256_set1_epi64x((int64_t)(4 * step));
	__m256i meta = _mm256_set1_epi64x((int64_t)((uint64_t)flags << 32 | len));
	__m256i v1 = _mm256_setzero_si256(), v2 = v1, first;
	struct pkt *const *const end = from + m;

	if (!fixed)
		meta = _mm256_add_epi64(meta, _mm256_set_epi64x(3, 1, 2, 0));
	do {
		v1 = _mm256_add_epi64(v1, vec_post_four(desc, from, cookie, meta));
		v2 = _mm256_add_epi64(v2, v1);
		meta = _mm256_add_epi64(meta, four);
		v1 = _mm256_add_epi64(v1, vec_post_four(desc + 4, from + 4, cookie + 4, meta));
		v2 = _mm256_add_epi64(v2, v1);
		meta = _mm256_add_epi64(meta, four);
		from += VEC_STEP;
		cookie += VEC_STEP;
		desc += VEC_STEP;
	} while (from != end);
	/*
	 * Four interleaved folds: word j of m weighs m - j = 4 (m/4 - j/4) - j % 4. What is to
	 * be taken off is, of lanes 0, 2 | 1, 3, twice the second of each half, and the upper
	 * half once: first = 2 * second + upper.
	 */
	first = _mm256_slli_epi64(_mm256_and_si256(v1, _mm256_set_epi64x(-1, 0, -1, 0)), 1);
	first = _mm256_add_epi64(first, _mm256_and_si256(v1, _mm256_set_epi64x(-1, -1, 0, 0)));
	fold_block(fold, vec_sum(v1) + (run_sum(len, step, m) << 32),
		   vec_sum(_mm256_sub_epi64(_mm256_slli_epi64(v2, 2), first)) +
			   (run_weighted(len, step, m) << 32),
		   m);
}

/* Four used elements: note the lengths in their packets, move the packets' pointers. */
ALWAYS_INLINE void vec_take_four(__m256i seen, struct pkt *const *cookie, struct pkt **to)
{
	__m128i low = _mm256_castsi256_si128(seen);
	__m128i high = _mm256_extracti128_si256(seen, 1);

	_mm256_storeu_si256((__m256i_u *)to, _mm256_loadu_si256((const __m256i_u *)cookie));
	cookie[0]->len = (uint32_t)_mm_extract_epi32(low, 1);
	cookie[1]->len = (uint32_t)_mm_extract_epi32(low, 3);
	cookie[2]->len = (uint32_t)_mm_extract_epi32(high, 1);
	cookie[3]->len = (uint32_t)_mm_extract_epi32(high, 3);
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, struct pkt *const *cookie,
				struct pkt **to, uint32_t blocks, uint32_t seq, uint32_t base,
				bool fixed, uint32_t first_id, struct fold *fold)
{
	const uint64_t step = fixed ? 0 : 1, len = base + (fixed ? 0 : seq & SEQ_LEN_MASK);
	const __m256i lengths = _mm256_set1_epi64x((int64_t)0xffffffff00000000ull);
	const __m256i four = _mm256_set1_epi64x((int64_t)(4 * step << 32));
	__m256i want = _mm256_set1_epi64x((int64_t)(len << 32));
	struct pkt *const *const from = cookie, *const *const end = from + blocks * VEC_STEP;
	uint32_t done;

	if (!fixed)
		want = _mm256_add_epi64(want,
					_mm256_set_epi64x(3ll << 32, 2ll << 32, 1ll << 32, 0));
	do {
		__m256i s0 = shm_get_vec(__m256i_u, elem);
		__m256i s1 = shm_get_vec(__m256i_u, elem + 4);
		__m256i next = _mm256_add_epi64(want, four);
		__m256i wrong =
			_mm256_or_si256(_mm256_xor_si256(s0, want), _mm256_xor_si256(s1, next));

		if (UNLIKELY(!_mm256_testz_si256(wrong, lengths)))
			break;
		want = _mm256_add_epi64(next, four);
		vec_take_four(s0, cookie, to);
		vec_take_four(s1, cookie + 4, to + 4);
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
	for (uint32_t j = 0; j < blocks * VEC_STEP; j += 4)
		_mm256_storeu_si256((__m256i_u *)(to + j),
				    _mm256_loadu_si256((const __m256i_u *)(from + j)));
}

#endif
