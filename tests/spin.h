/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spin.h - a bound of the CPU time of a test, so that a loop without an end is a test that fails and says why.
 *
 * CPU time, since a busy machine makes no difference to it. An emulator does, and a build without optimization.
 */
#ifndef TEST_SPIN_H
#define TEST_SPIN_H

/* Seconds of a processor that runs code of -O. Tests of suites that are bounded take at most 2 of them. */
#define SPIN_S 20

/* So many seconds are given for one where it is not so: by qemu-user one of 1 s has taken 20. */
#define SPIN_SLOW 10

/**
 * spin_factor - how many seconds are given for one: 1 or SPIN_SLOW.
 * @emulator: what runs programs of this machine (EMULATOR: tests/arm/exec.c), or NULL.
 * @cflags: those of the build.
 */
unsigned spin_factor(const char *emulator, const char *cflags);

/**
 * spin_bound - let this process take so many seconds of CPU time, times spin_factor(). After them it says so on
 * standard error, where Criterion names no signal, and ends by SIGXCPU.
 */
void spin_bound(unsigned seconds);

/** may_not_spin - .init of suites in which shared memory decides when a loop ends: SPIN_S for each test. */
void may_not_spin(void);

#endif
