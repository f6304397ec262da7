/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spy.c - what the loops tell the coherence model they touch, and marks in what they touch.
 *
 * For scripts/check-verbs: linked with all objects of vringbench, none of them changed, and
 * `ld --wrap` puts these functions before those of the same name. On the model engine each
 * access that is told goes to the file VERBS_LOG names. On the one-core engine, under a tool
 * that prints every access of the process, stores to `marks` say in between whose turn it is.
 *
 * So that the two can be compared byte by byte, one-core takes turns as lockstep does: a burst
 * or an empty look each. The warm-up is short, because such a tool is slow.
 */
#include "engine/internal.h"
#include "engine/launch.h"
#include "ring/regions.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MARK_CELL, MARK_DRIVER, MARK_DEVICE, MARK_NONE, MARKS };

void __real_ring_setup(const struct ring_conf *c, uint8_t *mem, struct ring_private *m);
void __wrap_ring_setup(const struct ring_conf *c, uint8_t *mem, struct ring_private *m);
void __real_arena_close(struct arena *a);
void __wrap_arena_close(struct arena *a);
int __real_launch_run(struct launch_report *report, const struct launch_conf *conf, uint32_t launch,
		      uint64_t epoch_ns, struct vrb_err *err);
int __wrap_launch_run(struct launch_report *report, const struct launch_conf *conf, uint32_t launch,
		      uint64_t epoch_ns, struct vrb_err *err);
void __real_phase_drv(struct engine *e, enum phase phase);
void __wrap_phase_drv(struct engine *e, enum phase phase);
void __real_coh_load(struct coh_agent *a, const volatile void *p, void *value, size_t size,
		     enum coh_verb verb);
void __wrap_coh_load(struct coh_agent *a, const volatile void *p, void *value, size_t size,
		     enum coh_verb verb);
void __real_coh_store(struct coh_agent *a, volatile void *p, const void *value, size_t size,
		      enum coh_verb verb);
void __wrap_coh_store(struct coh_agent *a, volatile void *p, const void *value, size_t size,
		      enum coh_verb verb);
struct side_loops __real_variants_loops(const struct variant *v, const struct ring_policy *p,
					const struct loops_wanted *want);
struct side_loops __wrap_variants_loops(const struct variant *v, const struct ring_policy *p,
					const struct loops_wanted *want);

/* The functions above are given nothing of ours: this cannot be but global. */
static volatile uint8_t marks[MARKS];
static struct side_loops real;
static bool chosen;  /* real is this cell's */
static bool generic; /* and is generic */
static const uint8_t *base;
static struct ring_map map;
static bool mapped; /* the log has this cell's map */
static FILE *out;

static void open_log(void)
{
	const char *path = getenv("VERBS_LOG");

	if (out)
		return;
	out = path ? fopen(path, "w") : NULL;
	if (!out) {
		perror("spy: cannot write what VERBS_LOG names");
		abort();
	}
	fprintf(out, "marks %p %p %p %p\n", (const void *)&marks[MARK_CELL],
		(const void *)&marks[MARK_DRIVER], (const void *)&marks[MARK_DEVICE],
		(const void *)&marks[MARK_NONE]);
}

/* A cell begins. */
void __wrap_ring_setup(const struct ring_conf *c, uint8_t *mem, struct ring_private *m)
{
	open_log();
	marks[MARK_CELL] = 1;
	base = mem;
	ring_map_make(&map, c);
	mapped = false;
	chosen = false; /* they were, right before this */
	fprintf(out, "cell %p %zu %s %s burst %u payload %u\n", (const void *)base, map.layout.size,
		c->variant->name, direction_name(c->dir), c->burst, c->payload);
	__real_ring_setup(c, mem, m);
}

/* Where each region lies: too many steps to take under a slow tool. */
static void log_map(void)
{
	size_t from = 0;

	for (size_t at = 1; at <= map.layout.size; at++) {
		const unsigned region = ring_region_at(&map, from);

		if (at < map.layout.size && ring_region_at(&map, at) == region)
			continue;
		fprintf(out, "region %zu %zu %s\n", from, at, ring_region_name(region));
		from = at;
	}
	mapped = true;
}

/* A launch ends with _exit(), which writes no buffers out. */
void __wrap_arena_close(struct arena *a)
{
	if (out)
		fflush(out);
	__real_arena_close(a);
}

/* What comes after the launch, the statistics above all, is not of interest. */
int __wrap_launch_run(struct launch_report *report, const struct launch_conf *conf, uint32_t launch,
		      uint64_t epoch_ns, struct vrb_err *err)
{
	int ret = __real_launch_run(report, conf, launch, epoch_ns, err);

	if (ret)
		fprintf(stderr, "spy: the launch failed: %s\n", err->msg);
	_exit(ret ? 1 : 0);
}

/* No laps of generic loops: the model has none. */
void __wrap_phase_drv(struct engine *e, enum phase phase)
{
	e->job.proof = 0;
	e->job.full &= generic; /* it takes all loops for the same: those below */
	if (phase == PHASE_WARM)
		/* of whole packets, whatever number of buffers these have */
		e->job.warm = 2 * (uint64_t)e->job.ring.ring_size * ring_pieces(&e->job.ring);
	__real_phase_drv(e, phase);
}

static enum side_status drv(struct drv *d, struct turn turn)
{
	enum side_status status;

	turn.bursts = 1;
	marks[MARK_DRIVER] = 1;
	status = real.drv(d, turn);
	marks[MARK_NONE] = 1;
	return status;
}

static enum side_status dev(struct dev *v, struct turn turn)
{
	enum side_status status;

	turn.bursts = 1;
	marks[MARK_DEVICE] = 1;
	status = real.dev(v, turn);
	marks[MARK_NONE] = 1;
	return status;
}

struct side_loops __wrap_variants_loops(const struct variant *v, const struct ring_policy *p,
					const struct loops_wanted *want)
{
	const struct side_loops loops = __real_variants_loops(v, p, want);

	if (!chosen) /* the others are those of laps that are left out */
		real = loops;
	chosen = true;
	generic = loops.drv == real.drv;
	return (struct side_loops){.drv = drv, .dev = dev};
}

static void log_access(const struct coh_agent *a, char what, const volatile void *p, size_t size)
{
	if (!mapped)
		log_map();
	fprintf(out, "%s %c %td %zu\n", a->id ? "device" : "driver", what,
		(const volatile uint8_t *)p - base, size);
}

void __wrap_coh_load(struct coh_agent *a, const volatile void *p, void *value, size_t size,
		     enum coh_verb verb)
{
	log_access(a, 'r', p, size);
	__real_coh_load(a, p, value, size, verb);
}

void __wrap_coh_store(struct coh_agent *a, volatile void *p, const void *value, size_t size,
		      enum coh_verb verb)
{
	log_access(a, 'w', p, size);
	__real_coh_store(a, p, value, size, verb);
}
