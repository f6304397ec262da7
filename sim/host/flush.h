/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flush.h - a line out of all caches, and a fence that waits until it has gone.
 */
#ifndef VRB_FLUSH_H
#define VRB_FLUSH_H

#include "vrb.h"

#if defined(__x86_64__) || defined(__SSE2__)
#define HAVE_FLUSH 1
static inline void flush_line(const void *at)
{
	__builtin_ia32_clflush(at);
}

/* mfence itself, not what a compiler makes of a fence: a measured time must not depend on that. */
static inline void full_fence(void)
{
	__asm__ volatile("mfence" ::: "memory");
}
#elif defined(__aarch64__)
#define HAVE_FLUSH 1
/* Clean and invalidate to the point of coherency; Linux lets programs do it. */
static inline void flush_line(const void *at)
{
	__asm__ volatile("dc civac, %0" ::"r"(at) : "memory");
}

static inline void full_fence(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}
#else
#define HAVE_FLUSH 0
static inline void flush_line(const void *at)
{
	(void)at;
}

static inline void full_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#endif

#endif
