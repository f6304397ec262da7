/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan_place.c - the part of a plan that depends on this machine.
 */
#include "plan/options.h"
#include "plan/ranges.h"
#include "plan/request.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define CPUS_MAX 4096 /* that are tried */

/* ringtest names one CPU a side; --cpus names both. Brings them together. */
static int join_affinities(struct request *r)
{
	if (r->guest < 0 && r->host < 0)
		return 0;
	if (r->cpus)
		return vrb_fail(r->err, EINVAL,
				"--cpus %.40s and %s are mutually exclusive: give --cpus "
				"DRIVER,DEVICE or affinities",
				r->cpus, r->guest >= 0 ? "--guest-affinity" : "--host-affinity");
	r->cpus_drv = r->guest;
	r->cpus_dev = r->host;
	return 0;
}

/* How the CPUs were named. */
static const char *cpus_option(const struct request *r)
{
	return r->cpus	      ? "--cpus"
	       : r->guest < 0 ? "--host-affinity"
	       : r->host < 0  ? "--guest-affinity"
			      : "--guest-affinity, --host-affinity";
}

static bool by_number(const struct request *r)
{
	return r->cpus || r->guest >= 0 || r->host >= 0;
}

/* One affinity alone: the other side gets the CPU that pairs with it, or the first that may. */
static void choose_other(const struct request *r, const struct placement *place, int *drv, int *dev)
{
	const int named = r->guest < 0 ? r->host : r->guest;
	int *other = r->guest < 0 ? drv : dev;
	struct cpu_pair pair;

	if (!placement_pick(place, REL_ANY, &pair, NULL) &&
	    (pair.drv == named || pair.dev == named)) {
		*other = pair.drv == named ? pair.dev : pair.drv;
		return;
	}
	for (*other = 0; *other < CPUS_MAX; ++*other) {
		if (!placement_pair(place, "", *drv, *dev, &pair, NULL))
			return;
	}
	*other = named == 0; /* is refused, in words of the one that was named */
}

/*
 * The CPUs of each queue pair: as listed; else more that are so related; and when there are no more, the
 * same again.
 */
static int place_queues(struct request *r, const struct placement *place)
{
	const uint32_t queues = policy_queues(&r->plan->policy);
	struct cpu_pair *pairs = r->plan->pairs;
	unsigned n = 1;
	int rc = 0;

	if (r->ncpus > 2 && r->ncpus != 2 * queues)
		return vrb_fail(
			r->err, EINVAL,
			"--cpus '%.60s': not two CPU numbers; legal: DRIVER,DEVICE as in 0,1%s",
			r->cpus, queues > 1 ? ", or both of each queue pair" : "");
	pairs[0] = r->plan->pair;
	for (; !rc && 2 * n < r->ncpus; n++)
		rc = placement_pair(place, "--cpus", r->cpu_list[2 * n], r->cpu_list[2 * n + 1],
				    &pairs[n], r->err);
	while (!by_number(r) && n < QUEUES_MAX && placement_next(place, pairs, n, &pairs[n]))
		n++;
	for (unsigned i = n; i < QUEUES_MAX; i++)
		pairs[i] = pairs[i % n];
	return rc;
}

static int place_native(struct request *r)
{
	const char *option = cpus_option(r);
	struct placement *place;
	int rc = placement_open(&place, r->err);

	if (rc)
		return rc;
	if (!r->cpus && (r->guest < 0) != (r->host < 0))
		choose_other(r, place, &r->cpus_drv, &r->cpus_dev);
	if (by_number(r))
		rc = placement_pair(place, option, r->cpus_drv, r->cpus_dev, &r->plan->pair,
				    r->err);
	else
		rc = placement_pick(place, r->relation, &r->plan->pair, r->err);
	if (!rc)
		rc = place_queues(r, place);
	placement_close(place);
	r->plan->pair_by_number = by_number(r);
	return rc;
}

/* One-core and the model: one thread, no pair of CPUs. */
static int place_one_thread(const struct request *r)
{
	const char *engine = engine_name(r->plan->engine);

	if (r->pair)
		return vrb_fail(r->err, EINVAL,
				"--pair %s: --engine %s runs both sides on one thread; legal: with "
				"--engine native",
				r->pair, engine);
	if (by_number(r))
		return vrb_fail(r->err, EINVAL,
				"%s%s%s: --engine %s runs both sides on one thread; legal: with "
				"--engine native",
				cpus_option(r), r->cpus ? " " : "", r->cpus ? r->cpus : "", engine);
	if (r->mem_node &&
	    (strcmp(r->mem_node, "driver") == 0 || strcmp(r->mem_node, "device") == 0))
		return vrb_fail(r->err, EINVAL,
				"--mem-node %s: --engine %s pins no side; legal: a node's number",
				r->mem_node, engine);
	return 0;
}

static int place_node(struct request *r)
{
	uint64_t node;
	int rc;

	if (!r->mem_node)
		return 0;
	if (strcmp(r->mem_node, "driver") == 0) {
		r->plan->mem_node = memory_node_of_cpu(r->plan->pair.drv);
	} else if (strcmp(r->mem_node, "device") == 0) {
		r->plan->mem_node = memory_node_of_cpu(r->plan->pair.dev);
	} else {
		if (*r->mem_node < '0' || *r->mem_node > '9')
			return vrb_fail(r->err, EINVAL,
					"--mem-node '%.60s': neither driver, device nor a node's "
					"number; legal: driver, device, 0, 1 ...",
					r->mem_node);
		rc = ranges_u64("--mem-node", r->mem_node, 0, INT_MAX, &node, r->err);
		if (rc)
			return rc;
		r->plan->mem_node = (int)node;
	}
	return memory_check_node("--mem-node", r->plan->mem_node, r->err);
}

/* Reported before anything runs. Whether there are enough of them shows when the ring is mapped. */
static int check_pages(const struct request *r)
{
	if (r->plan->pages != PAGE_HUGE)
		return 0;
	if (memory_huge_size() == 0)
		return vrb_fail(r->err, ENOSYS,
				"--pages huge: this kernel has no huge pages; legal here: 4k, thp");
	if (memory_huge_free() == 0)
		return vrb_fail(r->err, ENOSPC,
				"--pages huge: 0 huge pages of %zu KiB are free (sysctl "
				"vm.nr_hugepages=N reserves N); legal here: 4k, thp",
				memory_huge_size() / 1024);
	return 0;
}

int request_place(struct request *r)
{
	struct plan *p = r->plan;
	int rc = join_affinities(r);

	if (!rc && r->pair && by_number(r))
		rc = vrb_fail(
			r->err, EINVAL,
			"--pair %s and %s are mutually exclusive: a pair is chosen by relation or "
			"by number",
			r->pair, cpus_option(r));
	/*
	 * What the model counts must not depend on what this CPU has; but a prediction has the
	 * computing of this CPU in it, and is compared with what other engines measured.
	 */
	if (p->engine == ENGINE_MODEL && r->simd_want == SIMD_AUTO && !r->command->predicts)
		r->simd_want = SIMD_SCALAR;
	if (!rc)
		rc = simd_pick(r->simd_want, &p->simd, r->err);
	if (!rc)
		rc = check_pages(r);
	if (!rc)
		rc = engine_is_two_cpus(p->engine) ? place_native(r) : place_one_thread(r);
	if (!rc)
		rc = place_node(r);
	return rc;
}
