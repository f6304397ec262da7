/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * noise.h - what else happened while a sample ran.
 *
 * Read before the start and after the stop of a sample, never in between.
 */
#ifndef VRB_NOISE_H
#define VRB_NOISE_H

#include "cell.h"
#include "vrb.h"

/* A thread's own counters at one moment (getrusage(RUSAGE_THREAD), /proc, getcpu). */
struct noise_thread {
	uint64_t vol_switches, invol_switches;
	uint64_t minor_faults, major_faults;
	uint64_t migrations;
	int cpu;
};

struct noise; /* open descriptors of one thread's /proc files */

/**
 * noise_open - open what one thread needs to look at itself and at two CPUs.
 * @drv_cpu, @dev_cpu: whose steal time noise_steal_ns() adds up.
 * To be called on the thread that will call noise_thread(). Returns 0 or -errno; a counter
 * that this machine does not show is no error, see noise_invisible().
 */
int noise_open(struct noise **out, int drv_cpu, int dev_cpu, struct vrb_err *err);
void noise_close(struct noise *n);

/** noise_thread - the calling thread's counters now. */
void noise_thread(struct noise *n, struct noise_thread *out);

/** noise_steal_ns - steal time of both CPUs in ns since boot; -1: not visible here. */
int64_t noise_steal_ns(struct noise *n);

/** noise_delta - what happened between two moments, into a side's account. */
void noise_delta(const struct noise_thread *before, const struct noise_thread *after,
		 struct side_counts *out);

/**
 * noise_flags - which of enum sample_flag the counts of a finished sample raise.
 *
 * steal: any (the smallest step is a tick of 10 ms); switched: any involuntary switch; migrated:
 * another CPU at the end, or a migration counted; faulted: any fault; class moved: c2c_before_ns
 * and c2c_after_ns of different classes; stalled: a side was off its CPU for 20 ms; part counted:
 * its counters ran for less than they were enabled; core shared: a look at either core says so, unless the
 * sides share one themselves (class smt).
 */
uint32_t noise_flags(const struct sample *s);

/**
 * noise_invisible - names what cannot be seen on this machine, comma-separated.
 * @buf: out. E.g. "steal time, migrations". Empty: all is visible.
 */
void noise_invisible(const struct noise *n, char *buf, size_t size);

/** noise_flag_name - "steal", "switched", ... for one flag bit. */
const char *noise_flag_name(enum sample_flag flag);

#endif
