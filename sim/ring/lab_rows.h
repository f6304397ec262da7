/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_rows.h - the points of lab_points.def as rows of the registry: their loops, and what makes the rows.
 */
#ifndef VRB_LAB_ROWS_H
#define VRB_LAB_ROWS_H

#include "ring/lab_point.h"
#include "ring/loops.h"

/* Loops of a point, `drv` or `dev`, by instruction set. */
#if defined(__x86_64__)
#define LAB_VECTOR_PATHS(symbol, side) \
	[SIMD_AVX2] = &symbol##_avx2_##side##_loops, [SIMD_AVX512] = &symbol##_avx512_##side##_loops
#define LAB_VECTOR(symbol, ...)                                                           \
	LAB_COMPILED(symbol)                                                              \
	extern const struct drv_loops symbol##_avx2_drv_loops, symbol##_avx512_drv_loops; \
	extern const struct dev_loops symbol##_avx2_dev_loops, symbol##_avx512_dev_loops;
#elif defined(__aarch64__)
#define LAB_VECTOR_PATHS(symbol, side) [SIMD_NEON] = &symbol##_neon_##side##_loops
#define LAB_VECTOR(symbol, ...)                                \
	LAB_COMPILED(symbol)                                   \
	extern const struct drv_loops symbol##_neon_drv_loops; \
	extern const struct dev_loops symbol##_neon_dev_loops;
#else
#define LAB_VECTOR_PATHS(symbol, side)
#define LAB_VECTOR(symbol, ...) LAB_COMPILED(symbol)
#endif
#define LAB_SCALAR_PATH(symbol, side) [SIMD_SCALAR] = &symbol##_scalar_##side##_loops
#define LAB_POINT(symbol, ...)
#define LAB_COMPILED(symbol, ...)                                \
	extern const struct drv_loops symbol##_scalar_drv_loops; \
	extern const struct dev_loops symbol##_scalar_dev_loops;
#include "ring/lab_points.def"
#undef LAB_POINT
#undef LAB_COMPILED
#undef LAB_VECTOR

/* A point of lab goes in ring order; of the preset and the row that name the same one is made of the other. */
#define CHANNEL(...) __VA_ARGS__
#define LAB_ROW_OF(drv_paths, dev_paths, nm, src, kept, out, way, back, carry)    \
	{.name = nm,                                                              \
	 .kind = KIND_LAB,                                                        \
	 .ring = RING_LAB,                                                        \
	 .opts = {AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE},                  \
	 .differs = kept,                                                         \
	 .clause = src,                                                           \
	 .hypothesis = "the model: see docs/lab-rings.md",                        \
	 .drv = {drv_paths},                                                      \
	 .lab = &(const struct lab_point){CHANNEL out, way, CHANNEL back, carry}, \
	 .lab_dev = {dev_paths}},
#define LAB_POINT(symbol, ...) LAB_ROW_OF(NULL, NULL, __VA_ARGS__)
#define LAB_COMPILED(symbol, ...)                                                                \
	LAB_ROW_OF(CHANNEL(LAB_SCALAR_PATH(symbol, drv)), CHANNEL(LAB_SCALAR_PATH(symbol, dev)), \
		   __VA_ARGS__)
#define LAB_BOTH_PATHS(symbol, side) LAB_SCALAR_PATH(symbol, side), LAB_VECTOR_PATHS(symbol, side)
#define LAB_VECTOR(symbol, ...)                                                                \
	LAB_ROW_OF(CHANNEL(LAB_BOTH_PATHS(symbol, drv)), CHANNEL(LAB_BOTH_PATHS(symbol, dev)), \
		   __VA_ARGS__)

#endif
