/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_neon.h - the kernels of vec_kernels.h with NEON, which each 64-bit Arm CPU has: a descriptor,
 * or two used elements, a register. Little-endian, as the ring is.
 */
#ifndef VRB_VEC_NEON_H
#define VRB_VEC_NEON_H

#include "ring/access.h"
#include "ring/packed_used.h"
#include "ring/side.h"

#include <arm_neon.h>

#define VEC_STEP 8

/* In memory: at any address, over any type. */
typedef uint64x2_t neon_mem __attribute__((may_alias, aligned(8)));

ALWAYS_INLINE uint64x2_t vec_pair(uint64_t low, uint64_t high)
{
	return vcombine_u64(vcreate_u64(low), vcreate_u64(high));
}

ALWAYS_INLINE uint64_t vec_post(struct vring_desc *desc, const uint64_t *from, uint64_t *cookie,
				uint64_t n, uint32_t len, uint32_t step, uint16_t flags)
{
	const uint64_t *const end = from + n;
	const uint64_t first = (uint64_t)flags << 32 | len;
	const uint64x2_t two = vdupq_n_u64(2 * (uint64_t)step);
	uint64x2_t meta = vec_pair(first, first + step);
	uint64x2_t sum = vdupq_n_u64(0);

	do {
		uint64x2_t addr = vld1q_u64(from);

		vst1q_u64(cookie, addr);
		shm_put_vec(neon_mem, desc, vzip1q_u64(addr, meta));
		shm_put_vec(neon_mem, desc + 1, vzip2q_u64(addr, meta));
		sum = vaddq_u64(sum, addr);
		meta = vaddq_u64(meta, two);
		from += 2;
		cookie += 2;
		desc += 2;
	} while (from != end);
	return vaddvq_u64(sum);
}

ALWAYS_INLINE void vec_move(uint64_t *to, const uint64_t *from, uint64_t n)
{
	for (uint64_t j = 0; j < n; j += 2)
		vst1q_u64(to + j, vld1q_u64(from + j));
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, const uint64_t *cookie,
				uint64_t *to, uint64_t n, uint32_t len, uint32_t step)
{
	const uint64_t *const from = cookie, *const end = cookie + n;
	const uint64_t first = (uint64_t)len << 32;
	const uint64x2_t two = vdupq_n_u64((uint64_t)step << 33);
	uint64x2_t want = vec_pair(first, first + ((uint64_t)step << 32));

	do {
		uint64x2_t wrong = vdupq_n_u64(0);

		for (uint32_t j = 0; j < VEC_STEP; j += 2) {
			wrong = vorrq_u64(wrong, veorq_u64(shm_get_vec(neon_mem, elem + j), want));
			want = vaddq_u64(want, two);
		}
		/* the upper halves are the lengths */
		if (UNLIKELY(vget_lane_u64(vreinterpret_u64_u32(vshrn_n_u64(wrong, 32)), 0)))
			break;
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
	const uint64_t *const end = from + n;
	const uint64x2_t two = vdupq_n_u64(2 * step);
	uint64x2_t meta = vec_pair(rest, rest + step);
	uint64x2_t sum = vdupq_n_u64(0);

	do {
		uint64x2_t addr = vld1q_u64(from);

		vst1q_u64(cookie, addr);
		shm_put_vec(neon_mem, desc, vzip1q_u64(addr, meta));
		shm_put_vec(neon_mem, desc + 1, vzip2q_u64(addr, meta));
		sum = vaddq_u64(sum, addr);
		meta = vaddq_u64(meta, two);
		from += 2;
		cookie += 2;
		desc += 2;
	} while (from != end);
	return vaddvq_u64(sum);
}

ALWAYS_INLINE uint64_t vec_post_chains(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t head,
				       uint64_t head_rest, uint64_t rest, uint64_t step)
{
	const uint64_t *const end = from + n;
	const uint64x2_t two = vdupq_n_u64(2 * step), by = vec_pair(0, packed_rest(0, 2, 0));
	uint64x2_t meta = vec_pair(rest, rest + step), header = vec_pair(head, head_rest);
	uint64x2_t sum = vdupq_n_u64(0);

	do {
		uint64x2_t addr = vld1q_u64(from);

		vst1q_u64(cookie, addr);
		shm_put_vec(neon_mem, desc, header);
		shm_put_vec(neon_mem, desc + 1, vzip1q_u64(addr, meta));
		header = vaddq_u64(header, by);
		shm_put_vec(neon_mem, desc + 2, header);
		shm_put_vec(neon_mem, desc + 3, vzip2q_u64(addr, meta));
		header = vaddq_u64(header, by);
		sum = vaddq_u64(sum, addr);
		meta = vaddq_u64(meta, two);
		from += 2;
		cookie += 2;
		desc += 4;
	} while (from != end);
	return vaddvq_u64(sum);
}

ALWAYS_INLINE uint32_t vec_reap_packed(const struct vring_packed_desc *desc, const uint64_t *cookie,
				       uint64_t *to, uint64_t n, bool seen, uint64_t rest,
				       uint64_t step)
{
	const uint64_t *const from = cookie, *const end = cookie + n;
	const uint64x2_t two = vdupq_n_u64(2 * step);
	uint64x2_t want = vec_pair(rest, rest + step);

	while (cookie != end) {
		uint64x2_t wrong = vdupq_n_u64(0);

		if (!seen && UNLIKELY(!packed_four_used(desc, 1, (uint32_t)(rest >> 48))))
			break;
		for (uint32_t j = 0; j < 4; j += 2) {
			uint64x2_t rests = vzip2q_u64(shm_get_vec(neon_mem, desc + j),
						      shm_get_vec(neon_mem, desc + j + 1));

			wrong = vorrq_u64(wrong, veorq_u64(rests, want));
			want = vaddq_u64(want, two);
		}
		if (UNLIKELY(vmaxvq_u32(vreinterpretq_u32_u64(wrong))))
			break;
		for (uint32_t j = 0; j < 4; j += 2)
			vst1q_u64(to + j, vld1q_u64(cookie + j));
		desc += 4;
		cookie += 4;
		to += 4;
	}
	return (uint32_t)(cookie - from);
}

#endif
