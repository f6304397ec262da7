/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_kernels.h - the kernels of the vectorized paths, in plain C unless the including
 * file chose an instruction set by including vec_sse.h, vec_avx2.h, vec_avx512.h or vec_neon.h first.
 *
 * A new instruction set is a header with these functions (and VEC_STEP), a file with its
 * flags, and a row in simd.c:
 *
 *   uint64_t vec_post(desc, from, cookie, blocks, len, step, flags)
 *     Post the 8 * blocks buffers from[] in consecutive descriptors, remember them in cookie[].
 *     Packet j has length len + j * step. The descriptor is written whole: flags, and next = 0, are
 *     what they were before. Returns the sum of the addresses.
 *
 *   uint32_t vec_reap(elem, cookie, to, blocks, len, step)
 *     Take 8 * blocks buffers back: check that used element j has the length above, copy cookie[j]
 *     to to[j]. Returns the number of blocks before the first that has a wrong length; of that one
 *     nothing is taken.
 *
 *   void vec_move(to, from, blocks)
 *     Copy 8 * blocks buffers' addresses.
 *
 * and for a packed ring, four descriptors, a line, a step, with struct packed_at's words (packed_side.h):
 *
 *   uint64_t vec_post_packed(desc, from, cookie, fours, rest, step)
 *     Post the 4 * fours buffers from[] in consecutive descriptors, remember them in cookie[]. Beside
 *     its address descriptor j has rest + j * step. None of them is the first of a burst, whose flags
 *     the device may look at meanwhile. Returns the sum of the addresses.
 *
 *   uint32_t vec_reap_packed(desc, cookie, to, fours, seen, rest, step)
 *     Take up to 4 * fours buffers back: check that descriptor j has the flags of rest (seen: that was
 *     done), then that beside its address it has rest + j * step; copy cookie[j] to to[j]. Returns the
 *     number of fours before the first that is not so; of that one nothing is taken.
 *
 * blocks and fours are at least 1, step of a split ring 0 or 1. Nothing here may cross the ring's end; so no length may wrap
 * either, since ring sizes divide SEQ_LEN_MASK + 1 and slots are numbers modulo the ring size.
 */
#ifndef VRB_VEC_KERNELS_H
#define VRB_VEC_KERNELS_H

#ifndef VEC_STEP
#include "ring/vec_scalar.h"
#endif

#endif
