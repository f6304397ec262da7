/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_kernels.h - the kernels of the vectorized paths, in plain C unless the including
 * file chose an instruction set by including vec_sse.h, vec_avx2.h, vec_avx512.h or vec_neon.h first.
 * They are part of the loops that are compiled for it. Generic loops, which are compiled once, call those that
 * touch the ring: vec_called.h.
 *
 * A new instruction set is a header with these functions (and VEC_STEP), files with its flags
 * (vectorized_*.c, packed_vectorized_*.c, generic_vec_*.c), and a row in simd.c:
 *
 *   uint64_t vec_post(desc, from, cookie, n, len, step, flags)
 *     Post the n buffers from[] in consecutive descriptors, remember them in cookie[].
 *     Packet j has length len + j * step. The descriptor is written whole: flags, and next = 0, are
 *     what they were before. Returns the sum of the addresses.
 *
 *   uint32_t vec_reap(elem, cookie, to, n, len, step)
 *     Take n buffers back: check that used element j has the length above, copy cookie[j]
 *     to to[j]. Returns how many come before the first VEC_STEP of which one has a wrong length; of these
 *     nothing is taken.
 *
 *   void vec_move(to, from, n)
 *     Copy n buffers' addresses.
 *
 * and for a packed ring, four descriptors, a line, a step, with struct packed_at's words (packed_side.h):
 *
 *   uint64_t vec_post_packed(desc, from, cookie, n, rest, step)
 *     Post the n buffers from[] in consecutive descriptors, remember them in cookie[]. Beside
 *     its address descriptor j has rest + j * step. None of them is the first of a burst, whose flags
 *     the device may look at meanwhile. Returns the sum of the addresses.
 *
 *   uint64_t vec_post_chains(desc, from, cookie, n, head, head_rest, rest, step)
 *     Post the n buffers from[], an even number, each behind a descriptor of its header, remember them in
 *     cookie[]. A header lies at head, and beside that descriptor 2j has head_rest + j * packed_rest(0, 2, 0);
 *     beside its address descriptor 2j + 1 has rest + j * step. None of them is the first of a burst. Returns
 *     the sum of the addresses.
 *
 *   uint32_t vec_reap_packed(desc, cookie, to, n, seen, rest, step)
 *     Take up to n buffers back: check that descriptor j has the flags of rest (seen: that was
 *     done), then that beside its address it has rest + j * step; copy cookie[j] to to[j]. Returns how
 *     many come before the first four that are not so; of these nothing is taken.
 *
 * n is a multiple of VEC_STEP, of a packed ring of 4, and not 0 but for vec_move(); step of a split ring 0 or 1.
 * Nothing here may cross the ring's end; so no length may wrap either, since ring sizes divide SEQ_LEN_MASK + 1 and slots are numbers modulo the ring size.
 */
#ifndef VRB_VEC_KERNELS_H
#define VRB_VEC_KERNELS_H

#ifndef VEC_STEP
#include "ring/vec_scalar.h"
#endif

/* The kernel of that name: part of the loops; generic ones may call another one: vec_called.h. */
#ifndef VEC
#define VEC(d, name, ...) vec_##name(__VA_ARGS__)
#endif

#endif
