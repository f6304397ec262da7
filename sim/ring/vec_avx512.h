/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_avx512.h - the kernels of vec_kernels.h with AVX-512 (F, DQ, VL): four descriptors, or
 * eight used elements, a register: a whole line.
 */
#ifndef VRB_VEC_AVX512_H
#define VRB_VEC_AVX512_H

#include "ring/access.h"
#include "ring/packed_used.h"
#include "ring/side.h"

#include <immintrin.h>

#define VEC_STEP 8

ALWAYS_INLINE uint64_t vec_post(struct vring_desc *desc, const uint64_t *from, uint64_t *cookie,
				uint64_t n, uint32_t len, uint32_t step, uint16_t flags)
{
	const __m512i order = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
	const __m512i first_four = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
	const __m512i last_four = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
	const __m512i eight = _mm512_set1_epi64(8 * (int64_t)step);
	const uint64_t *const end = from + n;
	__m512i meta = _mm512_set1_epi64((int64_t)((uint64_t)flags << 32 | len));
	__m512i sum = _mm512_setzero_si512();

	meta = _mm512_add_epi64(meta, _mm512_mullo_epi64(order, _mm512_set1_epi64(step)));
	do {
		__m512i addr = _mm512_loadu_si512(from);

		_mm512_storeu_si512(cookie, addr);
		shm_put_vec(__m512i_u, desc, _mm512_permutex2var_epi64(addr, first_four, meta));
		shm_put_vec(__m512i_u, desc + 4, _mm512_permutex2var_epi64(addr, last_four, meta));
		sum = _mm512_add_epi64(sum, addr);
		meta = _mm512_add_epi64(meta, eight);
		from += VEC_STEP;
		cookie += VEC_STEP;
		desc += VEC_STEP;
	} while (from != end);
	return (uint64_t)_mm512_reduce_add_epi64(sum);
}

ALWAYS_INLINE void vec_move(uint64_t *to, const uint64_t *from, uint64_t n)
{
	for (uint64_t j = 0; j < n; j += VEC_STEP)
		_mm512_storeu_si512(to + j, _mm512_loadu_si512(from + j));
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, const uint64_t *cookie,
				uint64_t *to, uint64_t n, uint32_t len, uint32_t step)
{
	const __m512i order = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
	const __m512i lengths = _mm512_set1_epi64((int64_t)0xffffffff00000000ull);
	const __m512i by = _mm512_set1_epi64((int64_t)step << 32);
	const __m512i eight = _mm512_slli_epi64(by, 3);
	const uint64_t *const from = cookie, *const end = cookie + n;
	__m512i want = _mm512_set1_epi64((int64_t)((uint64_t)len << 32));

	want = _mm512_add_epi64(want, _mm512_mullo_epi64(order, by));
	do {
		__m512i seen = shm_get_vec(__m512i_u, elem);

		if (UNLIKELY(_mm512_test_epi64_mask(_mm512_xor_si512(seen, want), lengths)))
			break;
		want = _mm512_add_epi64(want, eight);
		vec_move(to, cookie, VEC_STEP);
		elem += VEC_STEP;
		cookie += VEC_STEP;
		to += VEC_STEP;
	} while (cookie != end);
	return (uint32_t)(cookie - from);
}

ALWAYS_INLINE uint64_t vec_post_packed(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t rest, uint64_t step)
{
	/* an address, then what stands beside it */
	const __m512i order = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
	const __m512i four = _mm512_set1_epi64(4 * (int64_t)step);
	const uint64_t *const end = from + n;
	const int64_t first = (int64_t)rest, by = (int64_t)step;
	__m512i meta =
		_mm512_set_epi64(0, 0, 0, 0, first + 3 * by, first + 2 * by, first + by, first);
	__m256i sum = _mm256_setzero_si256();
	__m128i half;

	do {
		__m256i addr = _mm256_loadu_si256((const __m256i_u *)from);

		_mm256_storeu_si256((__m256i_u *)cookie, addr);
		shm_put_vec(__m512i_u, desc,
			    _mm512_permutex2var_epi64(_mm512_castsi256_si512(addr), order, meta));
		sum = _mm256_add_epi64(sum, addr);
		meta = _mm512_add_epi64(meta, four);
		from += 4;
		cookie += 4;
		desc += 4;
	} while (from != end);
	half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
	return (uint64_t)_mm_cvtsi128_si64(half) + (uint64_t)_mm_extract_epi64(half, 1);
}

ALWAYS_INLINE uint64_t vec_post_chains(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t head,
				       uint64_t head_rest, uint64_t rest, uint64_t step)
{
	/* a header's two words, a packet's two, twice: the addresses go into words 2 and 6 */
	const __mmask8 addresses = 0x44;
	const int64_t first = (int64_t)rest, by = (int64_t)step;
	const int64_t header = (int64_t)head_rest, id = (int64_t)packed_rest(0, 2, 0);
	const __m512i next = _mm512_set_epi64(2 * by, 0, 2 * id, 0, 2 * by, 0, 2 * id, 0);
	const uint64_t *const end = from + n;
	__m512i meta = _mm512_set_epi64(first + by, 0, header + id, (int64_t)head, first, 0, header,
					(int64_t)head);
	__m128i sum = _mm_setzero_si128();

	do {
		__m128i addr = _mm_loadu_si128((const __m128i_u *)from);

		_mm_storeu_si128((__m128i_u *)cookie, addr);
		shm_put_vec(
			__m512i_u, desc,
			_mm512_mask_expand_epi64(meta, addresses, _mm512_castsi128_si512(addr)));
		meta = _mm512_add_epi64(meta, next);
		sum = _mm_add_epi64(sum, addr);
		from += 2;
		cookie += 2;
		desc += 4;
	} while (from != end);
	return (uint64_t)_mm_cvtsi128_si64(sum) + (uint64_t)_mm_extract_epi64(sum, 1);
}

ALWAYS_INLINE uint32_t vec_reap_packed(const struct vring_packed_desc *desc, const uint64_t *cookie,
				       uint64_t *to, uint64_t n, bool seen, uint64_t rest,
				       uint64_t step)
{
	const __mmask8 rests = 0xaa; /* not the addresses */
	const __m512i four = _mm512_set1_epi64(4 * (int64_t)step);
	const uint64_t *const from = cookie, *const end = cookie + n;
	const int64_t first = (int64_t)rest, by = (int64_t)step;
	__m512i want =
		_mm512_set_epi64(first + 3 * by, 0, first + 2 * by, 0, first + by, 0, first, 0);

	while (cookie != end) {
		if (!seen && UNLIKELY(!packed_four_used(desc, 1, (uint32_t)(rest >> 48))))
			break;
		if (UNLIKELY(_mm512_mask_cmpneq_epi64_mask(rests, shm_get_vec(__m512i_u, desc),
							   want)))
			break;
		want = _mm512_add_epi64(want, four);
		_mm256_storeu_si256((__m256i_u *)to, _mm256_loadu_si256((const __m256i_u *)cookie));
		desc += 4;
		cookie += 4;
		to += 4;
	}
	return (uint32_t)(cookie - from);
}

#endif
