/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_called.h - the kernels of vec_kernels.h, those that touch the ring, for generic loops: called, of the instruction
 * set that struct drv says, or in plain C. Included by these before the ring's hooks.
 */
#ifndef VRB_VEC_CALLED_H
#define VRB_VEC_CALLED_H

#include "ring/side.h"

/* Those of an instruction set: generic_vec.inc.h. */
struct vec_kernels {
	uint64_t (*post)(struct vring_desc *desc, const uint64_t *from, uint64_t *cookie,
			 uint64_t n, uint32_t len, uint32_t step, uint16_t flags);
	uint32_t (*reap)(const struct vring_used_elem *elem, const uint64_t *cookie, uint64_t *to,
			 uint64_t n, uint32_t len, uint32_t step);
	uint64_t (*post_packed)(struct vring_packed_desc *desc, const uint64_t *from,
				uint64_t *cookie, uint64_t n, uint64_t rest, uint64_t step);
	uint64_t (*post_chains)(struct vring_packed_desc *desc, const uint64_t *from,
				uint64_t *cookie, uint64_t n, uint64_t head, uint64_t head_rest,
				uint64_t rest, uint64_t step);
	uint32_t (*reap_packed)(const struct vring_packed_desc *desc, const uint64_t *cookie,
				uint64_t *to, uint64_t n, bool seen, uint64_t rest, uint64_t step);
};

/* As that of vec_kernels.h, which is not defined then. */
#define VEC(d, name, ...) ((d)->kernels ? (d)->kernels->name(__VA_ARGS__) : vec_##name(__VA_ARGS__))

#endif
