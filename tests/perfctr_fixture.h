/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perfctr_fixture.h - a machine made up, a kernel that answers as a test wants, and lists of events.
 */
#ifndef TEST_PERFCTR_FIXTURE_H
#define TEST_PERFCTR_FIXTURE_H

#include "fake_perf.h"
#include "spawned.h"

/* ---- a machine made up ---- */

static inline void put_file(const char *path, const char *text)
{
	temp_dir_put(folder, path, text);
}

static inline void put_x86(const char *vendor, unsigned family, unsigned model)
{
	char text[400];
	size_t n = 0;

	for (int cpu = 0; cpu < 2; cpu++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %u\n"
				      "model\t\t: %u\nmodel name\t: any\nstepping\t: 2\n\n",
				      cpu, vendor, family, model);
	put_file("proc/cpuinfo", text);
}

static inline void put_pmu(const char *pmu, const char *file, const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "sys/bus/event_source/devices/%s/%s", pmu, file);
	put_file(path, text);
	snprintf(path, sizeof(path), "sys/devices/%s/%s", pmu, file);
	put_file(path, text);
}

/* CPU 0 is a large core, CPU 1 a small one. */
static inline void put_hybrid(unsigned model)
{
	put_x86("GenuineIntel", 6, model);
	put_pmu("cpu_core", "type", "4\n");
	put_pmu("cpu_core", "cpus", "0\n");
	put_pmu("cpu_atom", "type", "10\n");
	put_pmu("cpu_atom", "cpus", "1,4-7\n");
}

static struct fake_perf fake;

static inline void start_fake(void)
{
	make_folder();
	fake_perf_init(&fake);
	fake.kernel.root = folder;
}

/*
 * An assertion that fails behind the body fails nothing (findings/criterion-after.sh). A signal fails the runner, though
 * it names no test: the line here does.
 */
static inline void end_fake(void)
{
	const unsigned left = fake_perf_left(&fake);

	drop_folder();
	if (!left && !fake.errors)
		return;
	fprintf(stderr,
		"%s::%s: %u descriptors were left open, %u calls that a kernel would not get\n",
		criterion_current_test->category, criterion_current_test->name, left, fake.errors);
	abort();
}

static inline void make_list(int cpu, struct perfctr_list *out)
{
	const struct perfctr_conf conf = {.kernel = &fake.kernel};

	perfctr_list_make(&conf, cpu, out);
}

/* ---- lists by hand ---- */

#define RAW(n) PERF_TYPE_RAW, (n)
#define SOFT   PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK

static inline struct perfctr_event *add(struct perfctr_list *l, int counter, uint32_t type,
					uint64_t config)
{
	struct perfctr_event *e = &l->events[l->n++];

	*e = (struct perfctr_event){.counter = counter,
				    .code = {.type = type, .config = config},
				    .state = counter < 0 ? EVENT_AS_ASKED : EVENT_EXACT,
				    .per_handoff = NAN,
				    .alone = NAN};
	snprintf(e->name, sizeof(e->name), "event-%u", l->n);
	return e;
}

/* Four raw events 1 .. 4 that count 100, 200, ... a run. */
static inline void add_four(struct perfctr_list *l)
{
	for (unsigned i = 1; i <= 4; i++) {
		add(l, COUNTER_XFER_IN_RD, RAW(i));
		fake_perf_event(&fake, RAW(i), 100 * i);
	}
}

static inline struct perfctr *open_list(struct perfctr_list *l)
{
	struct perfctr *p;
	struct vrb_err err;

	cr_assert_eq(perfctr_open(&p, &fake.kernel, l, &err), 0);
	cr_assert(p);
	return p;
}

/* What a run of the group counts. */
static inline struct counter_values run_once(struct perfctr *p)
{
	struct counter_values v;

	perfctr_start(p);
	perfctr_stop(p, &v);
	return v;
}

static inline void close_perfctr(struct perfctr **p)
{
	perfctr_close(*p);
}

/* The same for the block: four events, a list of a CPU, a group that is open, what it counts. */
#define FOUR(l)                      \
	struct perfctr_list l = {0}; \
	add_four(&(l))
#define LISTED(l, cpu)         \
	struct perfctr_list l; \
	make_list(cpu, &(l))
#define OPENED(p, l)  freed_by(close_perfctr) struct perfctr *p = open_list(&(l))
#define COUNTED(v, p) struct counter_values v = run_once(p)

#endif
