/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_kernels.h - the kernels of the vectorized paths, in plain C unless the including
 * file chose an instruction set by including vec_sse.h, vec_avx2.h or vec_avx512.h first.
 *
 * A new instruction set is a header with these functions (and VEC_STEP), a file with its
 * flags, and a row in simd.c:
 *
 *   void vec_post(desc, from, cookie, blocks, seq, base, fixed, flags, fold)
 *     Post 8 * blocks packets from[] into consecutive descriptors, remember them in cookie[].
 *     Packet j has length base, or, if not `fixed`, base + (seq & SEQ_LEN_MASK) + j. The
 *     descriptor is written whole: flags, and next = 0, are what they were before.
 *
 *   uint32_t vec_reap(elem, cookie, to, blocks, seq, base, fixed, first_id, fold)
 *     Take 8 * blocks packets back: check that used element j has the length above, note it
 *     in the packet, move the packet's pointer from cookie[j] to to[j]. Returns the number of
 *     blocks before the first that has a wrong length; of that one nothing is taken.
 *
 *   void vec_move(to, from, blocks)
 *     Copy 8 * blocks packets' pointers.
 *
 * Both fold what the one-by-one path would fold; lengths and ids form a run, so only the
 * addresses need to be added up one by one. blocks is at least 1. Nothing here may cross
 * the ring's end; so no length may wrap either, since ring sizes divide SEQ_LEN_MASK + 1 and
 * slots are numbers modulo the ring size.
 */
#ifndef VRB_VEC_KERNELS_H
#define VRB_VEC_KERNELS_H

#ifndef VEC_STEP
#include "ring/vec_scalar.h"
#endif

#endif
