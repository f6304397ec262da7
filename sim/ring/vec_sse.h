/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_sse.h - the kernels of vec_kernels.h with SSE4.2: a descriptor, or two used elements,
 * a register.
 */
#ifndef VRB_VEC_SSE_H
#define VRB_VEC_SSE_H

#include "ring/access.h"
#include "ring/packed_used.h"
#include "ring/side.h"

#include <immintrin.h>

#define VEC_STEP 8

ALWAYS_INLINE uint64_t vec_post(struct vring_desc *desc, const uint64_t *from, uint64_t *cookie,
				uint64_t n, uint32_t len, uint32_t step, uint16_t flags)
{
	const __m128i two = _mm_set1_epi64x(2 * (int64_t)step);
	const uint64_t *const end = from + n;
	const int64_t first = (int64_t)((uint64_t)flags << 32 | len);
	__m128i meta = _mm_set_epi64x(first + step, first);
	__m128i sum = _mm_setzero_si128();

	do {
		__m128i addr = _mm_loadu_si128((const __m128i_u *)from);

		_mm_storeu_si128((__m128i_u *)cookie, addr);
		shm_put_vec(__m128i_u, desc, _mm_unpacklo_epi64(addr, meta));
		shm_put_vec(__m128i_u, desc + 1, _mm_unpackhi_epi64(addr, meta));
		sum = _mm_add_epi64(sum, addr);
		meta = _mm_add_epi64(meta, two);
		from += 2;
		cookie += 2;
		desc += 2;
	} while (from != end);
	return (uint64_t)_mm_cvtsi128_si64(sum) + (uint64_t)_mm_extract_epi64(sum, 1);
}

ALWAYS_INLINE void vec_move(uint64_t *to, const uint64_t *from, uint64_t n)
{
	for (uint64_t j = 0; j < n; j += 2)
		_mm_storeu_si128((__m128i_u *)(to + j),
				 _mm_loadu_si128((const __m128i_u *)(from + j)));
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, const uint64_t *cookie,
				uint64_t *to, uint64_t n, uint32_t len, uint32_t step)
{
	const __m128i lengths = _mm_set1_epi64x((int64_t)0xffffffff00000000ull);
	const __m128i two = _mm_set1_epi64x((int64_t)step << 33);
	const uint64_t *const from = cookie, *const end = cookie + n;
	const int64_t first = (int64_t)((uint64_t)len << 32);
	__m128i want = _mm_set_epi64x(first + ((int64_t)step << 32), first);

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
	const __m128i two = _mm_set1_epi64x(2 * (int64_t)step);
	const uint64_t *const end = from + n;
	__m128i meta = _mm_set_epi64x((int64_t)(rest + step), (int64_t)rest);
	__m128i sum = _mm_setzero_si128();

	do {
		__m128i addr = _mm_loadu_si128((const __m128i_u *)from);

		_mm_storeu_si128((__m128i_u *)cookie, addr);
		shm_put_vec(__m128i_u, desc, _mm_unpacklo_epi64(addr, meta));
		shm_put_vec(__m128i_u, desc + 1, _mm_unpackhi_epi64(addr, meta));
		sum = _mm_add_epi64(sum, addr);
		meta = _mm_add_epi64(meta, two);
		from += 2;
		cookie += 2;
		desc += 2;
	} while (from != end);
	return (uint64_t)_mm_cvtsi128_si64(sum) + (uint64_t)_mm_extract_epi64(sum, 1);
}

ALWAYS_INLINE uint64_t vec_post_chains(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t head,
				       uint64_t head_rest, uint64_t rest, uint64_t step)
{
	const __m128i two = _mm_set1_epi64x(2 * (int64_t)step);
	const __m128i by = _mm_set_epi64x((int64_t)packed_rest(0, 2, 0), 0);
	const uint64_t *const end = from + n;
	__m128i meta = _mm_set_epi64x((int64_t)(rest + step), (int64_t)rest);
	__m128i header = _mm_set_epi64x((int64_t)head_rest, (int64_t)head);
	__m128i sum = _mm_setzero_si128();

	do {
		__m128i addr = _mm_loadu_si128((const __m128i_u *)from);

		_mm_storeu_si128((__m128i_u *)cookie, addr);
		shm_put_vec(__m128i_u, desc, header);
		shm_put_vec(__m128i_u, desc + 1, _mm_unpacklo_epi64(addr, meta));
		header = _mm_add_epi64(header, by);
		shm_put_vec(__m128i_u, desc + 2, header);
		shm_put_vec(__m128i_u, desc + 3, _mm_unpackhi_epi64(addr, meta));
		header = _mm_add_epi64(header, by);
		sum = _mm_add_epi64(sum, addr);
		meta = _mm_add_epi64(meta, two);
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
	const __m128i two = _mm_set1_epi64x(2 * (int64_t)step);
	const uint64_t *const from = cookie, *const end = cookie + n;
	__m128i want = _mm_set_epi64x((int64_t)(rest + step), (int64_t)rest);

	while (cookie != end) {
		__m128i w23 = _mm_add_epi64(want, two), d01, d23, wrong;

		if (!seen && UNLIKELY(!packed_four_used(desc, 1, (uint32_t)(rest >> 48))))
			break;
		d01 = _mm_unpackhi_epi64(shm_get_vec(__m128i_u, desc),
					 shm_get_vec(__m128i_u, desc + 1));
		d23 = _mm_unpackhi_epi64(shm_get_vec(__m128i_u, desc + 2),
					 shm_get_vec(__m128i_u, desc + 3));
		wrong = _mm_or_si128(_mm_xor_si128(d01, want), _mm_xor_si128(d23, w23));
		if (UNLIKELY(!_mm_testz_si128(wrong, wrong)))
			break;
		want = _mm_add_epi64(w23, two);
		for (uint32_t j = 0; j < 4; j += 2)
			_mm_storeu_si128((__m128i_u *)(to + j),
					 _mm_loadu_si128((const __m128i_u *)(cookie + j)));
		desc += 4;
		cookie += 4;
		to += 4;
	}
	return (uint32_t)(cookie - from);
}

#endif
