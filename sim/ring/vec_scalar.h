/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_scalar.h - the vectorized path's blocks in plain C: what is left of it without vector
 * instructions (--simd scalar), and the reference for those that have them.
 */
#ifndef VRB_VEC_SCALAR_H
#define VRB_VEC_SCALAR_H

#include "ring/access.h"
#include "ring/packed_used.h"
#include "ring/side.h"

#define VEC_STEP 8

ALWAYS_INLINE uint64_t vec_post(struct vring_desc *desc, const uint64_t *from, uint64_t *cookie,
				uint64_t n, uint32_t len, uint32_t step, uint16_t flags)
{
	uint64_t sum = 0;

	for (uint32_t j = 0; j < n; j++) {
		cookie[j] = from[j];
		sum += from[j];
		shm_put(&desc[j], ((struct vring_desc){
					  .addr = from[j], .len = len + j * step, .flags = flags}));
	}
	return sum;
}

ALWAYS_INLINE void vec_move(uint64_t *to, const uint64_t *from, uint64_t n)
{
	for (uint64_t j = 0; j < n; j++)
		to[j] = from[j];
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, const uint64_t *cookie,
				uint64_t *to, uint64_t n, uint32_t len, uint32_t step)
{
	for (uint32_t i = 0; i < n; i += VEC_STEP) {
		uint32_t wrong = 0;

		for (uint32_t j = i; j < i + VEC_STEP; j++)
			wrong |= shm_get(&elem[j].len) ^ (len + j * step);
		if (UNLIKELY(wrong))
			return i;
		vec_move(to + i, cookie + i, VEC_STEP);
	}
	return (uint32_t)n;
}

ALWAYS_INLINE uint64_t vec_post_packed(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t rest, uint64_t step)
{
	uint64_t sum = 0;

	for (uint32_t j = 0; j < n; j++) {
		cookie[j] = from[j];
		sum += from[j];
		shm_put(&desc[j].addr, from[j]);
		shm_put((packed_word *)&desc[j].len, rest);
		rest += step;
	}
	return sum;
}

ALWAYS_INLINE uint64_t vec_post_chains(struct vring_packed_desc *desc, const uint64_t *from,
				       uint64_t *cookie, uint64_t n, uint64_t head,
				       uint64_t head_rest, uint64_t rest, uint64_t step)
{
	uint64_t sum = 0;

	for (uint32_t j = 0; j < n; j++) {
		cookie[j] = from[j];
		sum += from[j];
		shm_put(&desc[0].addr, head);
		shm_put((packed_word *)&desc[0].len, head_rest);
		shm_put(&desc[1].addr, from[j]);
		shm_put((packed_word *)&desc[1].len, rest);
		head_rest += packed_rest(0, 2, 0);
		rest += step;
		desc += 2;
	}
	return sum;
}

ALWAYS_INLINE uint32_t vec_reap_packed(const struct vring_packed_desc *desc, const uint64_t *cookie,
				       uint64_t *to, uint64_t n, bool seen, uint64_t rest,
				       uint64_t step)
{
	for (uint32_t i = 0; i < n; i += 4) {
		uint64_t wrong = 0;

		if (!seen && !packed_four_used(desc, 1, (uint32_t)(rest >> 48)))
			return i;
		for (uint32_t j = 0; j < 4; j++)
			wrong |= shm_get((const packed_word *)&desc[j].len) ^ (rest + j * step);
		if (UNLIKELY(wrong))
			return i;
		vec_move(to, cookie, 4);
		rest += 4 * step;
		desc += 4;
		cookie += 4;
		to += 4;
	}
	return (uint32_t)n;
}

#endif
