/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_avx2.h - the kernels of vec_kernels.h with AVX2: two descriptors, or four used
 * elements, a register.
 */
#ifndef VRB_VEC_AVX2_H
#define VRB_VEC_AVX2_H

#include "ring/access.h"
#include "ring/packed_used.h"
#include "ring/side.h"

#include <immintrin.h>

#define VEC_STEP 8

/* Post four packets with what meta has beside the addresses; returns these. */
ALWAYS_INLINE __m256i vec_post_four(void *descs, const uint64_t *from, uint64_t *cookie,
				    __m256i meta)
{
	__m256i addr = _mm256_loadu_si256((const __m256i_u *)from), split;
	__m256i_u *pairs = descs;

	_mm256_storeu_si256((__m256i_u *)cookie, addr);
	/* the order 0, 2 | 1, 3: unpacking then gives two whole descriptors a register */
	split = _mm256_permute4x64_epi64(addr, _MM_SHUFFLE(3, 1, 2, 0));
	shm_put_vec(__m256i_u, pairs, _mm256_unpacklo_epi64(split, meta));
	shm_put_vec(__m256i_u, pairs + 1, _mm256_unpackhi_epi64(split, meta));
	return addr;
}

ALWAYS_INLINE uint64_t vec_total(__m256i sum)
{
	__m128i half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));

	return (uint64_t)_mm_cvtsi128_si64(half) + (uint64_t)_mm_extract_epi64(half, 1);
}

ALWAYS_INLINE uint64_t vec_post(struct vring_desc *desc, const uint64_t *from, uint64_t *cookie,
				uint64_t n, uint32_t len, uint32_t step, uint16_t flags)
{
	const __m256i four = _mm256_set1_epi64x(4 * (int64_t)step);
	const int64_t first = (int64_t)((uint64_t)flags << 32 | len), by = step;
	__m256i meta = _mm256_set_epi64x(first + 3 * by, first + by, first + 2 * by, first);
	__m256i sum = _mm256_setzero_si256();
	uint64_t i = 0;

	do {
		sum = _mm256_add_epi64(sum, vec_post_four(desc + i, from + i, cookie + i, meta));
		meta = _mm256_add_epi64(meta, four);
		i += VEC_STEP / 2;
		sum = _mm256_add_epi64(sum, vec_post_four(desc + i, from + i, cookie + i, meta));
		meta = _mm256_add_epi64(meta, four);
		i += VEC_STEP / 2;
	} while (i != n);
	return vec_total(sum);
}

ALWAYS_INLINE void vec_move(uint64_t *to, const uint64_t *from, uint64_t n)
{
	for (uint64_t j = 0; j < n; j += 4)
		_mm256_storeu_si256((__m256i_u *)(to + j),
				    _mm256_loadu_si256((const __m256i_u *)(from + j)));
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, const uint64_t *cookie,
				uint64_t *to, uint64_t n, uint32_t len, uint32_t step)
{
	const __m256i lengths = _mm256_set1_epi64x((int64_t)0xffffffff00000000ull);
	const __m256i four = _mm256_set1_epi64x((int64_t)step << 34);
	const int64_t first = (int64_t)((uint64_t)len << 32), by = (int64_t)step << 32;
	__m256i want = _mm256_set_epi64x(first + 3 * by, first + 2 * by, first + by, first);
	uint64_t i = 0;

	do {
		__m256i s0 = shm_get_vec(__m256i_u, elem + i);
		__m256i s1 = shm_get_vec(__m256i_u, elem + i + 4);
		__m256i next = _mm256_add_epi64(want, four);
		__m256i wrong =
			_mm256_or_si256(_mm256_xor_si256(s0, want), _mm256_xor_si256(s1, next));

		if (UNLIKELY(!_mm256_testz_si256(wrong, lengths)))
			break;
		want = _mm256_add_epi64(next, four);
		vec_move(to + i, cookie + i, VEC_STEP);
	} while ((i += VEC_STEP) != n);
	return (uint32_t)i;
}

ALWAYS_INLINE uint64_t vec_post_packed(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t rest, uint64_t step)
{
	const __m256i four = _mm256_set1_epi64x(4 * (int64_t)step);
	const uint64_t *const end = from + n;
	const int64_t first = (int64_t)rest, by = (int64_t)step;
	__m256i meta = _mm256_set_epi64x(first + 3 * by, first + by, first + 2 * by, first);
	__m256i sum = _mm256_setzero_si256();

	do {
		sum = _mm256_add_epi64(sum, vec_post_four(desc, from, cookie, meta));
		meta = _mm256_add_epi64(meta, four);
		from += 4;
		cookie += 4;
		desc += 4;
	} while (from != end);
	return vec_total(sum);
}

/* A packet whose address is lane `at` of addr, and its header: what else the two descriptors have is in meta. */
#define VEC_CHAIN(meta, addr, at) \
	_mm256_blend_epi32(meta, _mm256_permute4x64_epi64(addr, (at) << 4), 0x30)

ALWAYS_INLINE uint64_t vec_post_chains(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t head,
				       uint64_t head_rest, uint64_t rest, uint64_t step)
{
	const int64_t first = (int64_t)rest, by = (int64_t)step;
	const int64_t id = (int64_t)packed_rest(0, 2, 0);
	const __m256i next = _mm256_set_epi64x(by, 0, id, 0);
	const uint64_t *const end = from + n;
	__m256i meta = _mm256_set_epi64x(first, 0, (int64_t)head_rest, (int64_t)head);
	__m256i_u *pairs = (void *)desc;
	__m128i sum = _mm_setzero_si128();

	do {
		__m128i two = _mm_loadu_si128((const __m128i_u *)from);
		__m256i addr = _mm256_castsi128_si256(two);

		_mm_storeu_si128((__m128i_u *)cookie, two);
		shm_put_vec(__m256i_u, pairs, VEC_CHAIN(meta, addr, 0));
		meta = _mm256_add_epi64(meta, next);
		shm_put_vec(__m256i_u, pairs + 1, VEC_CHAIN(meta, addr, 1));
		meta = _mm256_add_epi64(meta, next);
		sum = _mm_add_epi64(sum, two);
		from += 2;
		cookie += 2;
		pairs += 2;
	} while (from != end);
	return (uint64_t)_mm_cvtsi128_si64(sum) + (uint64_t)_mm_extract_epi64(sum, 1);
}

ALWAYS_INLINE uint32_t vec_reap_packed(const struct vring_packed_desc *desc, const uint64_t *cookie,
				       uint64_t *to, uint64_t n, bool seen, uint64_t rest,
				       uint64_t step)
{
	/* of the addresses nothing is compared */
	const __m256i rests = _mm256_set_epi64x(-1, 0, -1, 0);
	const __m256i two = _mm256_set1_epi64x(2 * (int64_t)step);
	__m256i want = _mm256_add_epi64(_mm256_set1_epi64x((int64_t)rest),
					_mm256_set_epi64x((int64_t)step, 0, 0, 0));
	uint64_t i = 0;

	do {
		__m256i next = _mm256_add_epi64(want, two), d01, d23;

		if (!seen && UNLIKELY(!packed_four_used(desc + i, 1, (uint32_t)(rest >> 48))))
			break;
		d01 = _mm256_xor_si256(shm_get_vec(__m256i_u, desc + i), want);
		d23 = _mm256_xor_si256(shm_get_vec(__m256i_u, desc + i + 2), next);
		if (UNLIKELY(!_mm256_testz_si256(_mm256_or_si256(d01, d23), rests)))
			break;
		want = _mm256_add_epi64(next, two);
		vec_move(to + i, cookie + i, 4);
	} while ((i += 4) != n);
	return (uint32_t)i;
}

#endif
