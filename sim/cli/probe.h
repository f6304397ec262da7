/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probe.h - what `vringbench probe` measures of a machine. See cmd_probe.c for how it is told.
 */
#ifndef VRB_PROBE_H
#define VRB_PROBE_H

#include "cell.h"
#include "coherence/latency.h"
#include "host/core_size.h"
#include "host/litmus.h"
#include "host/machine.h"
#include "host/placement.h"
#include "vrb.h"

#include <jansson.h>

#define PROBE_REPEATS 20

/* Hand-offs between two CPUs, one way, in the order they were measured. */
struct probe_handoff {
	double ns[PROBE_REPEATS];
	unsigned n; /* of PROBE_REPEATS, those that ended */
	double median, min, max;
	enum place_class place; /* of the median */
	unsigned class_changes; /* neighbours of different classes */
};

/**
 * probe_handoff - PROBE_REPEATS ping-pongs of PINGPONG_TRIPS trips, 20 ms apart.
 *
 * Two threads of its own, pinned to the pair. Apart, because what a virtual machine's CPUs
 * are to each other changes with time. Returns 0; -EAGAIN: no thread; -ETIMEDOUT: the sides
 * did not meet; errors of placement_pin().
 */
int probe_handoff(const struct cpu_pair *pair, struct probe_handoff *out, struct vrb_err *err);

/* Clocks and costs, in ns; NAN where this architecture has no such thing. */
struct probe_timers {
	double clock_resolution; /* clock_getres(CLOCK_MONOTONIC) claims */
	double clock_step;	 /* the smallest step seen */
	double clock_cost;	 /* of one clock_gettime() */
	double tsc_step_ticks;	 /* the median step of the CPU's counter between two reads */
	double tsc_step;
	double tsc_cost;
	double pause_cost; /* of one cpu_relax() */
};

/** probe_timers - on the calling thread; about 30 ms. Never fails. */
void probe_timers(struct probe_timers *out);

/**
 * probe_pmu - can this process count CPU cycles?
 * @why: out; the reason if it cannot, one line.
 * Source: perf_event_open(2).
 */
bool probe_pmu(char *why, size_t size);

/**
 * probe_litmus - the litmus scripts between two CPUs.
 * @calibrate_classes: 0: 15 rounds of one class, at most 1 s; else 30 rounds of each of so
 * many classes, at most 24 s, with words on stderr.
 * Errors: those of litmus_run().
 */
int probe_litmus(const struct cpu_pair *pair, unsigned calibrate_classes, struct litmus *out,
		 struct vrb_err *err);

/** probe_litmus_print - the section of the table. @none: why there are none; "": there are. */
void probe_litmus_print(const struct litmus *l, const struct vrb_err *none);

/** probe_litmus_json - the same as an object; a new reference. */
json_t *probe_litmus_json(const struct litmus *l, const struct vrb_err *none);

/**
 * probe_calibrated - a machine for the model: a place for each class seen, nearest first.
 *
 * What was not measured is filled in, and source says with what: a kind without a script by
 * the dirty transfer of its sort; hit, and a store buffer or window whose size times did not
 * show, by the preset of the same core, or assumed; one of mesi, mesif and moesi by the maker.
 */
void probe_calibrated(const struct litmus *l, const struct core_size *size,
		      const struct machine *host, struct latency_machine *out);

#endif
