/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_vec.inc.h - the generic loops with the vector path of VEC_ISA, whose kernels (vec_kernels.h) the
 * including file has included: those of generic_split.c and generic_packed.c, which call these kernels.
 * Compiled natively and for the coherence model.
 *
 * Result: const struct generic_loops generic_split_ISA_loops and generic_packed_ISA_loops, or
 * generic_..._ISA_model_loops. A device is the same with all paths.
 */
#include "ring/loops.h"
#include "ring/vec_called.h"

#define VEC_PASTE2(a, b) a##_##b
#define VEC_PASTE(a, b)	 VEC_PASTE2(a, b)

static uint64_t call_post(struct vring_desc *desc, const uint64_t *from, uint64_t *cookie,
			  uint64_t n, uint32_t len, uint32_t step, uint16_t flags)
{
	return vec_post(desc, from, cookie, n, len, step, flags);
}

static uint32_t call_reap(const struct vring_used_elem *elem, const uint64_t *cookie, uint64_t *to,
			  uint64_t n, uint32_t len, uint32_t step)
{
	return vec_reap(elem, cookie, to, n, len, step);
}

static uint64_t call_post_packed(struct vring_packed_desc *desc, const uint64_t *from,
				 uint64_t *cookie, uint64_t n, uint64_t rest, uint64_t step)
{
	return vec_post_packed(desc, from, cookie, n, rest, step);
}

static uint64_t call_post_chains(struct vring_packed_desc *desc, const uint64_t *from,
				 uint64_t *cookie, uint64_t n, uint64_t head, uint64_t head_rest,
				 uint64_t rest, uint64_t step)
{
	return vec_post_chains(desc, from, cookie, n, head, head_rest, rest, step);
}

static uint32_t call_reap_packed(const struct vring_packed_desc *desc, const uint64_t *cookie,
				 uint64_t *to, uint64_t n, bool seen, uint64_t rest, uint64_t step)
{
	return vec_reap_packed(desc, cookie, to, n, seen, rest, step);
}

static const struct vec_kernels kernels = {
	.post = call_post,
	.reap = call_reap,
	.post_packed = call_post_packed,
	.post_chains = call_post_chains,
	.reap_packed = call_reap_packed,
};

#define LOOPS_WITH(ring)                                                                \
	extern const struct generic_loops LOOPS(ring), LOOPS(VEC_PASTE(ring, VEC_ISA)); \
	static enum side_status ring##_rx_drv(struct drv *d, struct turn t)             \
	{                                                                               \
		d->kernels = &kernels;                                                  \
		return LOOPS(ring).drv[DIR_RX](d, t);                                   \
	}                                                                               \
	static enum side_status ring##_tx_drv(struct drv *d, struct turn t)             \
	{                                                                               \
		d->kernels = &kernels;                                                  \
		return LOOPS(ring).drv[DIR_TX](d, t);                                   \
	}                                                                               \
	const struct generic_loops LOOPS(VEC_PASTE(ring, VEC_ISA)) = {                  \
		.drv = {[DIR_RX] = ring##_rx_drv, [DIR_TX] = ring##_tx_drv},            \
	};
LOOPS_WITH(generic_split)
LOOPS_WITH(generic_packed)
