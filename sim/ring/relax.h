/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * relax.h - what a side may do between two empty looks.
 */
#ifndef VRB_RELAX_H
#define VRB_RELAX_H

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

#endif
