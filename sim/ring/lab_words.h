/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_words.h - LAB_LANES words of 64 bits at once, for lab_blocks.h: one, in plain C, unless the including
 * file says that its instruction set has more: 2 NEON, 4 AVX2, 8 AVX-512.
 *
 * Vectors of the compiler's own, so that one source does for all of them; arithmetic on them is that of
 * a word. Only what C has no word for is here.
 *
 *   lab_lanes                   words; in memory, at any word's address: lab_lanes_at, of 32 bits lab_halves_at
 *   LAB_WIDEN, LAB_NARROW       one into the other
 *   LAB_LANE                    one of them
 *   LAB_GET, LAB_PUT            what the protocol has handed to us; racy: where the other side may look
 *   lab_lanes_load, lab_halves_load, LAB_ACQUIRE
 *                               words that each say themselves whether they are there: loads, then one fence.
 *                               A vector load reads each aligned word of it at once, in no order: nobody
 *                               relies on one, for each word is looked at.
 */
#ifndef VRB_LAB_WORDS_H
#define VRB_LAB_WORDS_H

#include "ring/access.h"
#include "vrb.h"

#include <stdbool.h>

/* ThreadSanitizer knows no fences */
#if !defined(LAB_LANES) || defined(__SANITIZE_THREAD__)
#undef LAB_LANES
#define LAB_LANES 1
#endif

#if LAB_LANES == 1

typedef uint64_t lab_lanes;
typedef uint64_t __attribute__((may_alias)) lab_lanes_at;
typedef uint32_t __attribute__((may_alias)) lab_halves_at;
#define LAB_WIDEN(v)	       ((uint64_t)(v))
#define LAB_NARROW(v)	       ((uint32_t)(v))
#define LAB_LANE(v, i)	       (*((void)(i), &(v)))
#define LAB_GET(T, p)	       shm_get((const T *)(p))
#define LAB_PUT(T, p, v, racy) ((racy) ? shm_store_rlx((T *)(p), (v)) : shm_put((T *)(p), (v)))
#define LAB_ACQUIRE()	       ((void)0)

/* [A], [B] acquire: as in lab_ready() */
ALWAYS_INLINE lab_lanes lab_lanes_load(const uint8_t *at)
{
	return shm_load_acq((const lab_lanes_at *)at);
}

/* [A], [B] acquire: the same, of elements of 4 bytes */
ALWAYS_INLINE lab_lanes lab_halves_load(const uint8_t *at)
{
	return shm_load_acq((const lab_halves_at *)at);
}

ALWAYS_INLINE bool lab_any(lab_lanes v)
{
	return v != 0;
}

#else

typedef uint64_t __attribute__((vector_size(8 * LAB_LANES))) lab_lanes;
typedef uint32_t __attribute__((vector_size(4 * LAB_LANES))) lab_halves;
typedef lab_lanes __attribute__((aligned(8), may_alias)) lab_lanes_at;
typedef lab_halves __attribute__((aligned(4), may_alias)) lab_halves_at;
#define LAB_WIDEN(v)	       __builtin_convertvector((v), lab_lanes)
#define LAB_NARROW(v)	       __builtin_convertvector((v), lab_halves)
#define LAB_LANE(v, i)	       ((v)[i])
#define LAB_GET(T, p)	       shm_get_vec(T, p)
#define LAB_PUT(T, p, v, racy) ((void)(racy), shm_put_vec(T, p, v))
/* [A], [B] acquire: what was loaded below, as in lab_ready() */
#define LAB_ACQUIRE()	       __atomic_thread_fence(__ATOMIC_ACQUIRE)

ALWAYS_INLINE lab_lanes lab_lanes_load(const uint8_t *at)
{
	return *(const volatile lab_lanes_at *)at;
}

ALWAYS_INLINE lab_lanes lab_halves_load(const uint8_t *at)
{
	return LAB_WIDEN(*(const volatile lab_halves_at *)at);
}

#if LAB_LANES == 2
#include <arm_neon.h>
#else
#include <immintrin.h>
#endif

ALWAYS_INLINE bool lab_any(lab_lanes v)
{
#if LAB_LANES == 8
	return _mm512_test_epi64_mask((__m512i)v, (__m512i)v) != 0;
#elif LAB_LANES == 4
	return !_mm256_testz_si256((__m256i)v, (__m256i)v);
#else
	return vmaxvq_u32((uint32x4_t)v) != 0;
#endif
}

#endif

/* Lane i has first + i * step; a constant step is a constant vector. */
ALWAYS_INLINE lab_lanes lab_lanes_from(uint64_t first, uint64_t step)
{
	lab_lanes v = {0};

	for (unsigned i = 1; i < LAB_LANES; i++)
		LAB_LANE(v, i) = i * step;
	return v + first;
}

ALWAYS_INLINE uint64_t lab_lanes_sum(lab_lanes v)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < LAB_LANES; i++)
		sum += LAB_LANE(v, i);
	return sum;
}

#endif
