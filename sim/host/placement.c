/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * placement.c - which two CPUs the sides run on, and what the topology claims of them.
 */
#include "host/placement.h"

#include <errno.h>
#include <hwloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a CPU belongs to; an object that the topology does not show is NULL. */
struct cpu {
	int number;
	hwloc_obj_t core, llc, package;
	hwloc_const_nodeset_t nodes; /* of the topology */
};

struct placement {
	hwloc_topology_t topo;
	hwloc_cpuset_t allowed; /* online and in our affinity mask */
	struct cpu *cpus;	/* of allowed, by number */
	int ncpus;
};

static const char *const relation_names[] = {
	[REL_SMT] = "smt",
	[REL_LLC] = "llc",
	[REL_PACKAGE] = "package",
	[REL_NUMA] = "numa",
};

_Static_assert(ARRAY_SIZE(relation_names) == REL_COUNT, "a name for each relation");

const char *relation_name(enum relation rel)
{
	return (unsigned)rel < REL_COUNT ? relation_names[rel] : "any";
}

static void cpu_describe(struct placement *p, struct cpu *c, int number)
{
	hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(p->topo, (unsigned)number);

	*c = (struct cpu){.number = number};
	if (!pu)
		return;
	c->nodes = pu->nodeset;
	for (hwloc_obj_t o = pu->parent; o; o = o->parent) {
		if (o->type == HWLOC_OBJ_CORE)
			c->core = o;
		else if (o->type == HWLOC_OBJ_PACKAGE)
			c->package = o;
		else if (hwloc_obj_type_is_dcache(o->type))
			c->llc = o; /* the outermost wins */
	}
}

static enum relation relation_of(const struct cpu *a, const struct cpu *b)
{
	if (a->core && a->core == b->core)
		return REL_SMT;
	if (a->llc && a->llc == b->llc)
		return REL_LLC;
	/* No package shown, as in some virtual machines: the machine is the package. */
	if (a->package != b->package)
		return REL_NUMA;
	if (a->nodes && b->nodes && !hwloc_bitmap_intersects(a->nodes, b->nodes))
		return REL_NUMA;
	return REL_PACKAGE;
}

static int topology_load(hwloc_topology_t *topo)
{
	if (hwloc_topology_init(topo) < 0)
		return -1;
	/* CPUs outside our cpuset stay in, so that "outside" and "offline" can be told apart. */
	if (hwloc_topology_set_flags(*topo, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) < 0 ||
	    hwloc_topology_load(*topo) < 0) {
		hwloc_topology_destroy(*topo);
		return -1;
	}
	return 0;
}

int placement_open(struct placement **out, struct vrb_err *err)
{
	struct placement *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (!p)
		return vrb_fail(err, ENOMEM, "no memory for the topology");
	if (topology_load(&p->topo) < 0) {
		int code = errno;

		free(p);
		return vrb_fail(err, EIO, "hwloc cannot read the topology of this machine: %s",
				strerror(code));
	}
	p->allowed = hwloc_bitmap_alloc();
	if (!p->allowed) {
		placement_close(p);
		return vrb_fail(err, ENOMEM, "no memory for the topology");
	}
	if (hwloc_get_cpubind(p->topo, p->allowed, HWLOC_CPUBIND_THREAD) < 0)
		hwloc_bitmap_copy(p->allowed, hwloc_topology_get_allowed_cpuset(p->topo));
	hwloc_bitmap_and(p->allowed, p->allowed, hwloc_topology_get_topology_cpuset(p->topo));

	p->cpus = calloc((size_t)hwloc_bitmap_weight(p->allowed) + 1, sizeof(*p->cpus));
	if (!p->cpus) {
		placement_close(p);
		return vrb_fail(err, ENOMEM, "no memory for the topology");
	}
	for (int number = hwloc_bitmap_first(p->allowed); number >= 0;
	     number = hwloc_bitmap_next(p->allowed, number))
		cpu_describe(p, &p->cpus[p->ncpus++], number);
	*out = p;
	return 0;
}

void placement_close(struct placement *p)
{
	if (!p)
		return;
	hwloc_topology_destroy(p->topo);
	hwloc_bitmap_free(p->allowed);
	free(p->cpus);
	free(p);
}

int placement_cpus(const struct placement *p)
{
	return p->ncpus;
}

static bool has(const struct cpu_pair *pairs, unsigned n, int cpu)
{
	for (unsigned i = 0; i < n; i++)
		if (pairs[i].drv == cpu || pairs[i].dev == cpu)
			return true;
	return false;
}

bool placement_crowded(const struct cpu_pair *pairs, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (has(pairs, i, pairs[i].drv) || has(pairs, i, pairs[i].dev))
			return true;
	return false;
}

/* The pair with the lowest numbers, so that the same machine gives the same choice. */
static bool find_pair(const struct placement *p, enum relation want, const struct cpu_pair *taken,
		      unsigned n, struct cpu_pair *out)
{
	for (int i = 0; i < p->ncpus; i++)
		for (int j = i + 1; j < p->ncpus; j++)
			if (relation_of(&p->cpus[i], &p->cpus[j]) == want &&
			    !has(taken, n, p->cpus[i].number) &&
			    !has(taken, n, p->cpus[j].number)) {
				out->drv = p->cpus[i].number;
				out->dev = p->cpus[j].number;
				out->claimed = want;
				return true;
			}
	return false;
}

bool placement_next(const struct placement *p, const struct cpu_pair *taken, unsigned n,
		    struct cpu_pair *out)
{
	return find_pair(p, taken->claimed, taken, n, out);
}

unsigned placement_relations(const struct placement *p)
{
	unsigned seen = 0;

	for (int i = 0; i < p->ncpus; i++)
		for (int j = i + 1; j < p->ncpus; j++) {
			seen |= 1U << relation_of(&p->cpus[i], &p->cpus[j]);
			if (seen == (1U << REL_COUNT) - 1)
				return seen;
		}
	return seen;
}

int placement_pick(const struct placement *p, enum relation want, struct cpu_pair *out,
		   struct vrb_err *err)
{
	/* Two cores that share a cache are the usual home of a driver and its device. */
	static const enum relation preferred[] = {REL_LLC, REL_PACKAGE, REL_NUMA, REL_SMT};
	char there[64] = "";
	unsigned seen;
	size_t used = 0;

	if (p->ncpus < 2)
		return vrb_fail(err, ENOENT,
				"the native engine needs two CPUs and this process may use %d: "
				"take --engine one-core",
				p->ncpus);
	if (want != REL_ANY) {
		if (find_pair(p, want, NULL, 0, out))
			return 0;
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(preferred); i++)
			if (find_pair(p, preferred[i], NULL, 0, out))
				return 0;
	}
	seen = placement_relations(p);
	for (int r = 0; r < REL_COUNT; r++)
		if (seen & (1U << r))
			used += (size_t)snprintf(there + used, sizeof(there) - used, "%s%s",
						 used ? ", " : "", relation_names[r]);
	return vrb_fail(err, ENOENT,
			"--pair %s: no two CPUs of this process are so related; there are: %s",
			relation_name(want), there);
}

/* Why a CPU cannot be taken, or NULL. */
static const char *cpu_objection(const struct placement *p, int cpu)
{
	if (cpu < 0 ||
	    !hwloc_bitmap_isset(hwloc_topology_get_complete_cpuset(p->topo), (unsigned)cpu))
		return "does not exist";
	if (!hwloc_bitmap_isset(hwloc_topology_get_topology_cpuset(p->topo), (unsigned)cpu))
		return "is offline";
	if (!hwloc_bitmap_isset(p->allowed, (unsigned)cpu))
		return "is outside this process's affinity mask";
	return NULL;
}

static const struct cpu *cpu_find(const struct placement *p, int number)
{
	for (int i = 0; i < p->ncpus; i++)
		if (p->cpus[i].number == number)
			return &p->cpus[i];
	return NULL;
}

int placement_pair(const struct placement *p, const char *option, int drv, int dev,
		   struct cpu_pair *out, struct vrb_err *err)
{
	const int both[] = {drv, dev};
	const char *way_out = p->ncpus < 2 ? "; --engine one-core needs only one" : "";
	char legal[256];

	hwloc_bitmap_list_snprintf(legal, sizeof(legal), p->allowed);
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		const char *objection = cpu_objection(p, both[i]);

		if (objection)
			return vrb_fail(err, EINVAL, "%s %d,%d: CPU %d %s (legal CPUs: %s%s)",
					option, drv, dev, both[i], objection, legal, way_out);
	}
	if (drv == dev)
		return vrb_fail(
			err, EINVAL,
			"%s %d,%d: the two sides need two different CPUs (legal CPUs: %s%s)",
			option, drv, dev, legal, way_out);
	out->drv = drv;
	out->dev = dev;
	out->claimed = relation_of(cpu_find(p, drv), cpu_find(p, dev));
	return 0;
}

int placement_pin(int cpu, struct vrb_err *err)
{
	cpu_set_t *set;
	size_t number = (size_t)cpu, size;
	int code = 0;

	if (cpu < 0)
		return vrb_fail(err, EINVAL, "cannot pin to CPU %d: no such number", cpu);
	set = CPU_ALLOC(number + 1);
	if (!set)
		return vrb_fail(err, ENOMEM, "no memory to pin to CPU %d", cpu);
	size = CPU_ALLOC_SIZE(number + 1);
	CPU_ZERO_S(size, set);
	CPU_SET_S(number, size, set);
	if (sched_setaffinity(0, size, set) < 0)
		code = errno;
	CPU_FREE(set);
	if (code)
		return vrb_fail(err, code, "cannot pin to CPU %d: %s", cpu,
				code == EINVAL ? "it is offline, or outside the cpuset"
					       : strerror(code));
	return 0;
}

/* As many CPUs as the kernel may have: it refuses a mask that is shorter than its own. */
#define CPUS_MOST 8192

bool placement_is_pinned(int cpu)
{
	cpu_set_t set[CPUS_MOST / CPU_SETSIZE] = {0};

	return cpu >= 0 && cpu < CPUS_MOST && !sched_getaffinity(0, sizeof(set), set) &&
	       CPU_COUNT_S(sizeof(set), set) == 1 && CPU_ISSET_S((size_t)cpu, sizeof(set), set);
}

int placement_stay(int cpu, bool *moved, struct vrb_err *err)
{
	if (sched_getcpu() == cpu)
		return 0;
	*moved = true;
	return placement_pin(cpu, err);
}
