/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_scalar.h - the vectorized path's blocks in plain C: what is left of it without vector
 * instructions (--simd scalar), and the reference for those that have them.
 */
#ifndef VRB_VEC_SCALAR_H
#define VRB_VEC_SCALAR_H

#include "ring/access.h"
#include "ring/side.h"

#define VEC_STEP 8

ALWAYS_INLINE void vec_post(struct vring_desc *desc, struct pkt *const *from, struct pkt **cookie,
			    uint32_t blocks, uint32_t seq, uint32_t base, bool fixed,
			    uint16_t flags, struct fold *fold)
{
	if (!fixed)
		base += seq & SEQ_LEN_MASK;
	for (uint32_t j = 0; j < blocks * VEC_STEP; j++) {
		struct pkt *pkt = from[j];
		uint32_t len = fixed ? base : base + j;

		cookie[j] = pkt;
		shm_put(&desc[j],
			((struct vring_desc){.addr = pkt->addr, .len = len, .flags = flags}));
		fold_word(fold, fold_offered(pkt->addr, len));
	}
}

ALWAYS_INLINE uint32_t vec_reap(const struct vring_used_elem *elem, struct pkt *const *cookie,
				struct pkt **to, uint32_t blocks, uint32_t seq, uint32_t base,
				bool fixed, uint32_t first_id, struct fold *fold)
{
	if (!fixed)
		base += seq & SEQ_LEN_MASK;
	for (uint32_t b = 0; b < blocks; b++) {
		uint32_t len[VEC_STEP];
		uint32_t wrong = 0;

		for (uint32_t i = 0; i < VEC_STEP; i++) {
			uint32_t j = b * VEC_STEP + i;

			len[i] = shm_get(&elem[j].len);
			wrong |= len[i] ^ (fixed ? base : base + j);
		}
		if (UNLIKELY(wrong))
			return b;
		for (uint32_t i = 0; i < VEC_STEP; i++) {
			uint32_t j = b * VEC_STEP + i;

			cookie[j]->len = len[i];
			to[j] = cookie[j];
			fold_word(fold, fold_returned(first_id + j, len[i]));
		}
	}
	return blocks;
}

ALWAYS_INLINE void vec_move(struct pkt **to, struct pkt *const *from, uint32_t blocks)
{
	for (uint32_t j = 0; j < blocks * VEC_STEP; j++)
		to[j] = from[j];
}

#endif
