/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * placement.h - which two CPUs the sides run on, and what the topology claims of them.
 *
 * A claim only: in a virtual machine the topology may be an invention and may change while
 * we run, so every sample carries a measured class as well (engine/cell.h).
 */
#ifndef VRB_PLACEMENT_H
#define VRB_PLACEMENT_H

#include "vrb.h"

#include <stdbool.h>

/* How close two CPUs are, nearest first. */
enum relation {
	REL_SMT,     /* two threads of one core */
	REL_LLC,     /* two cores that share a last-level cache */
	REL_PACKAGE, /* one package, no shared cache */
	REL_NUMA,    /* different packages or nodes */
	REL_COUNT,
	REL_ANY = -1,
};

/* "smt", "llc", "package", "numa". */
const char *relation_name(enum relation rel);

/* The driver's CPU, the device's CPU, and what the topology says of the two. */
struct cpu_pair {
	int drv, dev; /* operating-system numbers */
	enum relation claimed;
};

struct placement; /* the loaded topology */

/**
 * placement_open - load the topology of this machine.
 * Returns 0, -ENOMEM, -EIO (hwloc cannot read it). Takes about 20 ms.
 */
int placement_open(struct placement **out, struct vrb_err *err);
void placement_close(struct placement *p);

/** placement_cpus - how many CPUs this process may run on. */
int placement_cpus(const struct placement *p);

/**
 * placement_pick - choose a pair by relation.
 * @want: a relation, or REL_ANY: the first there is of llc, package, numa, smt.
 *
 * Returns 0; -ENOENT: no such pair (the line names the relations there are, or, with one
 * CPU only, the way out: --engine one-core).
 */
int placement_pick(const struct placement *p, enum relation want, struct cpu_pair *out,
		   struct vrb_err *err);

/**
 * placement_pair - take a pair named by number.
 * @option: how the user wrote it ("--cpus"), for the message.
 *
 * Returns 0; -EINVAL: the same CPU twice, one that is offline or does not exist, or one
 * outside this process's affinity mask. Each has its own line with the legal CPUs.
 */
int placement_pair(const struct placement *p, const char *option, int drv, int dev,
		   struct cpu_pair *out, struct vrb_err *err);

/**
 * placement_next - one more pair with the relation of the first of @n, of CPUs that none of them has.
 * Returns false if there is none.
 */
bool placement_next(const struct placement *p, const struct cpu_pair *taken, unsigned n,
		    struct cpu_pair *out);

/** placement_crowded - do any two of @n pairs share a CPU? */
bool placement_crowded(const struct cpu_pair *pairs, unsigned n);

/** placement_relations - a bit (1 << REL_x) for each relation that some allowed pair has. */
unsigned placement_relations(const struct placement *p);

/**
 * placement_pin - bind the calling thread to one CPU. Returns 0; -EINVAL: the CPU is offline, or outside
 * the cpuset, maybe only since a moment ago; or another -errno.
 */
int placement_pin(int cpu, struct vrb_err *err);

/**
 * placement_is_pinned - is it bound to that CPU, and to no other? A CPU that goes offline, a cpuset that
 * shrinks and taskset change that behind its back.
 */
bool placement_is_pinned(int cpu);

/**
 * placement_stay - bind the calling thread to its CPU again if it is on another one: for a loop that waits, since it
 * costs no system call while all is well. Two that were left one CPU would wait for each other, a time slice a turn.
 * @moved: set if it was on another one, else left as it was.
 * As placement_pin().
 */
int placement_stay(int cpu, bool *moved, struct vrb_err *err);

#endif
