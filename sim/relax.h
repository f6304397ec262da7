/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * relax.h - what a side does natively that is no access to the ring: pause, work, read memory
 * of its own, ask for a line.
 */
#ifndef VRB_RELAX_H
#define VRB_RELAX_H

#include "vrb.h"

/*
 * cpu_relax - tell the core that this is a spin loop.
 *
 * Not free: about 40 cycles on Intel since Skylake, 27 ns measured on one Zen guest. So it is
 * a policy (--poll pause) and never part of a loop by default.
 */
static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/*
 * cpu_fence_loads - no load behind it begins, guessed or not, before those ahead of it have their values.
 *
 * Source: Intel's manual, LFENCE; AMD's, the same where the system has made it serialize (Linux does); Arm's DSB, for loads, and
 * ISB.
 */
static inline void cpu_fence_loads(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_lfence();
#elif defined(__aarch64__)
	__asm__ volatile("dsb nshld\n isb" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/*
 * cpu_kept - the value, of which the compiler knows nothing more: a constant that a loop needs stays in a
 * register, or on the stack, and is not loaded anew each time.
 */
static inline uint64_t cpu_kept(uint64_t value)
{
	__asm__("" : "+r"(value));
	return value;
}

/* cpu_keep - the value is computed, whatever the compiler could do without it. */
static inline void cpu_keep(uint64_t value)
{
	__asm__ volatile("" : : "r"(value));
}

/* The next link of a chain that no compiler and no core can shorten. */
static inline uint64_t cpu_step(uint64_t chain, uint64_t with)
{
	__asm__ volatile("" : "+r"(chain));
	return chain ^ with;
}

/*
 * cpu_work - compute for about @cycles cycles.
 *
 * A chain of exclusive-ors, each of which needs the one before: one cycle a step on any core, and
 * none that it could skip, as recent ones do with additions of constants. Four a turn, so that the
 * loop's own jump, which some cores take every other cycle only, hides behind them. Counted, not
 * timed: to look at a clock costs more than a packet, and that of a guest may step by 10 ns.
 */
static inline void cpu_work(uint64_t cycles)
{
	uint64_t chain = 0;

	for (; cycles >= 4; cycles -= 4) {
		chain = cpu_step(chain, cycles);
		chain = cpu_step(chain, cycles);
		chain = cpu_step(chain, cycles);
		chain = cpu_step(chain, cycles);
	}
	for (; cycles; cycles--)
		chain = cpu_step(chain, cycles);
	cpu_keep(chain);
}

/*
 * cpu_prefetchw - ask for the line of a byte, to write it. By the instruction's name: the builtin is a prefetch to read
 * without -mprfchw. A CPU that lacks it takes it for a nop.
 */
static inline void cpu_prefetchw(const uint8_t *at)
{
#if defined(__x86_64__)
	__asm__ volatile("prefetchw %0" : : "m"(*at));
#else
	__builtin_prefetch(at, 1);
#endif
}

/* cpu_walk - read one word of each line of @bytes bytes, a multiple of the line. */
static inline void cpu_walk(const uint8_t *memory, size_t bytes)
{
	for (const uint8_t *end = memory + bytes; memory != end; memory += CACHE_LINE)
		(void)*(const volatile uint64_t *)(const void *)memory;
}

#endif
