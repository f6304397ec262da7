/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perfctr.c - hardware counters of one side: what to count, and one group of events that does.
 */
#include "host/perfctr.h"

#include "host/hypervisor.h"
#include "host/sysfile.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEVICES "/sys/bus/event_source/devices/"

/* ---- the kernel ---- */

static int linux_open(void *self, const struct perf_event_attr *attr, pid_t tid, int cpu, int group,
		      unsigned long flags)
{
	long fd = syscall(SYS_perf_event_open, attr, tid, cpu, group, flags);

	(void)self;
	return fd < 0 ? -errno : (int)fd;
}

static int linux_ioctl(void *self, int fd, unsigned long request, unsigned long arg)
{
	(void)self;
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

static ssize_t linux_read(void *self, int fd, void *buf, size_t size)
{
	ssize_t n = read(fd, buf, size);

	(void)self;
	return n < 0 ? -errno : n;
}

static void linux_close(void *self, int fd)
{
	(void)self;
	close(fd);
}

const struct perf_kernel perf_kernel_linux = {
	.open = linux_open,
	.ioctl = linux_ioctl,
	.read = linux_read,
	.close = linux_close,
	.root = "",
};

/* ---- what to count ---- */

const char *event_state_name(enum event_state s)
{
	static const char *const names[] = {
		[EVENT_EXACT] = "exact",
		[EVENT_UPPER_BOUND] = "upper bound",
		[EVENT_AS_ASKED] = "as asked",
		[EVENT_UNAVAILABLE] = "unavailable",
		[EVENT_IMPLAUSIBLE] = "implausible",
	};

	return (unsigned)s < ARRAY_SIZE(names) ? names[s] : "unknown";
}

/* ROOT/sys/bus/event_source/devices/PMU/FILE; false: not there. */
static bool read_device(const char *root, const char *pmu, const char *file, char *buf, size_t size)
{
	char path[300];

	snprintf(path, sizeof(path), "%.150s" DEVICES "%.60s/%s", root, pmu, file);
	return sysfile_read(path, buf, size);
}

/* The type of a PMU by name; -1: the kernel has none. Raw codes go to the core's own PMU. */
static long pmu_type(const char *root, const char *pmu)
{
	char line[32], *end;
	long type;

	if (!*pmu || !strcmp(pmu, "cpu"))
		return PERF_TYPE_RAW;
	if (!read_device(root, pmu, "type", line, sizeof(line)))
		return -1;
	type = strtol(line, &end, 10);
	return end == line || *end || type < 0 || type > INT32_MAX ? -1 : type;
}

/*
 * What goes above the event of PERF_TYPE_HARDWARE. A hybrid CPU has a PMU for each kind of core,
 * and without its type here the kernel asks the one of the large cores. 0 elsewhere.
 */
static uint64_t extended_type(const char *root, int cpu)
{
	static const char *const kinds[] = {"cpu_core", "cpu_atom"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char cpus[512];
		long type = pmu_type(root, kinds[i]);

		if (type > 0 && read_device(root, kinds[i], "cpus", cpus, sizeof(cpus)) &&
		    sysfile_list_has(cpus, cpu))
			return (uint64_t)type << PERF_PMU_TYPE_SHIFT;
	}
	return 0;
}

static void from_table(const struct pmu_row *row, const char *root, struct perfctr_event *e)
{
	long type = pmu_type(root, row->pmu);

	snprintf(e->event, sizeof(e->event), "%s", row->event);
	snprintf(e->why, sizeof(e->why), "%s", row->note);
	snprintf(e->source, sizeof(e->source), "%s", row->source);
	if (row->quality == PMU_UNAVAILABLE)
		return;
	if (type < 0) {
		snprintf(e->why, sizeof(e->why), "the kernel shows no PMU %s", row->pmu);
		return;
	}
	e->state = row->quality == PMU_EXACT ? EVENT_EXACT : EVENT_UPPER_BOUND;
	e->code = (struct event_code){
		.type = (uint32_t)type, .config = row->config, .config1 = row->config1};
}

/* There is no row: the CPU is none that the table knows. */
static void not_in_table(enum uarch u, const struct cpu_id *id, struct perfctr_event *e)
{
	char cpu[64] = "this CPU";

	if (u != UARCH_UNKNOWN)
		snprintf(cpu, sizeof(cpu), "%s", uarch_name(u));
	else if (id->vendor[0])
		snprintf(cpu, sizeof(cpu), "%s family %u model %u", id->vendor, id->family,
			 id->model);
	else if (id->implementer)
		snprintf(cpu, sizeof(cpu), "implementer 0x%x part 0x%x", id->implementer, id->part);
	snprintf(e->why, sizeof(e->why), "no event is known for %s; --events takes raw codes", cpu);
}

/* Of the kernel's own choice for any CPU that has a PMU. */
static void generic(enum counter c, const char *root, int cpu, struct perfctr_event *e)
{
	e->state = EVENT_EXACT;
	e->code.type = PERF_TYPE_HARDWARE;
	e->code.config =
		c == COUNTER_CYCLES ? PERF_COUNT_HW_CPU_CYCLES : PERF_COUNT_HW_INSTRUCTIONS;
	e->code.config |= extended_type(root, cpu);
}

void perfctr_list_make(const struct perfctr_conf *conf, int cpu, struct perfctr_list *out)
{
	const char *root = conf->kernel->root;
	struct cpu_id id;

	memset(out, 0, sizeof(*out));
	memset(&id, 0, sizeof(id));
	out->uarch = uarch_of_cpu(root, cpu, &id);
	for (unsigned c = 0; c < COUNTERS; c++) {
		struct perfctr_event *e = &out->events[out->n++];
		const struct pmu_row *row = pmu_table_find(out->uarch, (enum counter)c);

		*e = (struct perfctr_event){.counter = (int)c,
					    .state = EVENT_UNAVAILABLE,
					    .per_handoff = NAN,
					    .alone = NAN};
		snprintf(e->name, sizeof(e->name), "%s", counter_name((enum counter)c));
		if (c == COUNTER_CYCLES || c == COUNTER_INSTRUCTIONS)
			generic((enum counter)c, root, cpu, e);
		else if (row)
			from_table(row, root, e);
		else
			not_in_table(out->uarch, &id, e);
	}
	for (unsigned i = 0; i < conf->nuser; i++) {
		struct perfctr_event *e = &out->events[out->n++];

		*e = (struct perfctr_event){.counter = -1,
					    .code = conf->user[i].code,
					    .state = EVENT_AS_ASKED,
					    .per_handoff = NAN,
					    .alone = NAN};
		snprintf(e->name, sizeof(e->name), "%s", conf->user[i].name);
	}
}

/* ---- one group ---- */

struct perfctr {
	const struct perf_kernel *kernel;
	unsigned n;	    /* events of the list, open or not */
	int leader;	    /* -1: nothing is open */
	int fd[EVENTS_MAX]; /* -1: not open */
	uint64_t id[EVENTS_MAX];
	unsigned nopen, nhardware;	 /* open: all, and those that need a counter of the CPU */
	bool started;			 /* without an error: what is read then is of this run */
	uint64_t enabled_ns, running_ns; /* of the group, up to this start */
};

/* What the kernel counts by itself. */
static bool is_software(const struct event_code *code)
{
	return code->type == PERF_TYPE_SOFTWARE;
}

static int open_event(const struct perf_kernel *k, const struct event_code *code, int group,
		      bool user_only)
{
	struct perf_event_attr attr = {
		.type = code->type,
		.size = sizeof(attr),
		.config = code->config,
		.config1 = code->config1,
		.config2 = code->config2,
		.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_TOTAL_TIME_ENABLED |
			       PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = group < 0, /* the others follow their leader */
		.exclude_kernel = user_only,
		.exclude_hv = true,
	};

	return k->open(k->self, &attr, 0, -1, group, PERF_FLAG_FD_CLOEXEC);
}

static bool not_allowed(int code)
{
	return code == -EACCES || code == -EPERM;
}

/*
 * A switch, a migration, the handling of a fault happen in the kernel: counted in user space only
 * they are 0. So software events are asked for everywhere, and in user space where that is all
 * that is allowed.
 */
static int open_software(const struct perf_kernel *k, int group, struct perfctr_event *e)
{
	int fd = open_event(k, &e->code, group, false);

	if (!not_allowed(fd))
		return fd;
	fd = open_event(k, &e->code, group, true);
	if (fd >= 0)
		snprintf(e->why, sizeof(e->why),
			 "in user space only: the kernel allows no more (perf_event_paranoid)");
	return fd;
}

/* What opening an event gave: 0, or -errno. */
struct attempt {
	int grouped, alone; /* alone: tried only where a group can be at fault */
};

static struct attempt open_hardware(struct perfctr *p, const struct perfctr_event *e, int *fd)
{
	const struct perf_kernel *k = p->kernel;
	int single;

	*fd = open_event(k, &e->code, p->leader, true);
	if (*fd != -EINVAL || p->leader < 0)
		return (struct attempt){*fd < 0 ? *fd : 0, *fd < 0 ? *fd : 0};
	single = open_event(k, &e->code, -1, true);
	if (single < 0)
		return (struct attempt){*fd, single};
	k->close(k->self, single);
	return (struct attempt){*fd, 0};
}

/* Open one event into the group. */
static struct attempt add_event(struct perfctr *p, struct perfctr_event *e, unsigned i)
{
	const struct perf_kernel *k = p->kernel;
	struct attempt a = {0, 0};
	int fd;

	if (is_software(&e->code)) {
		fd = open_software(k, p->leader, e);
		a.grouped = a.alone = fd < 0 ? fd : 0;
	} else {
		a = open_hardware(p, e, &fd);
	}
	if (fd < 0)
		return a;
	a.grouped = a.alone =
		k->ioctl(k->self, fd, PERF_EVENT_IOC_ID, (unsigned long)(uintptr_t)&p->id[i]);
	if (a.grouped) {
		k->close(k->self, fd);
		return a;
	}
	p->fd[i] = fd;
	p->nopen++;
	p->nhardware += !is_software(&e->code);
	if (p->leader < 0)
		p->leader = fd;
	return a;
}

/* ---- why not, and what to do ---- */

static void why_no_pmu(const struct perfctr *p, struct perfctr_event *e)
{
	char hypervisor[32];
	bool vm;

	hypervisor_name(hypervisor, sizeof(hypervisor));
	vm = hypervisor[0] && strcmp(hypervisor, "none") != 0;
	/* where another event counts there is a PMU */
	if (vm && !p->nhardware && !is_software(&e->code))
		snprintf(e->why, sizeof(e->why),
			 "this virtual machine has no PMU: give it one (QEMU: -cpu host,pmu=on; "
			 "clouds: a metal instance)");
	else
		snprintf(e->why, sizeof(e->why), "this CPU or kernel does not count this event");
}

/* The level up to which the kernel lets anybody count own threads in user space. */
#define PARANOID_LEVEL 2

static void why_not_allowed(const char *root, struct perfctr_event *e)
{
	char path[300], level[16];

	snprintf(path, sizeof(path), "%.200s/proc/sys/kernel/perf_event_paranoid", root);
	if (!sysfile_read(path, level, sizeof(level)))
		snprintf(level, sizeof(level), "not visible");
	else if (strtol(level, NULL, 10) <= PARANOID_LEVEL) {
		snprintf(
			e->why, sizeof(e->why),
			"not allowed, though perf_event_paranoid is %s: a filter (of a container?) "
			"forbids perf_event_open; let it through, or CAP_PERFMON",
			level);
		return;
	}
	snprintf(e->why, sizeof(e->why),
		 "not allowed: perf_event_paranoid is %s (3 and 4 are distributions' own levels): "
		 "sysctl kernel.perf_event_paranoid=%d or CAP_PERFMON",
		 level, PARANOID_LEVEL);
}

static void why_not_open(const struct perfctr *p, struct attempt a, struct perfctr_event *e)
{
	if (!a.alone) {
		snprintf(e->why, sizeof(e->why), "%u event%s together here; " PERFCTR_FEWER,
			 p->nhardware, p->nhardware == 1 ? " fits" : "s fit");
		return;
	}
	switch (-a.alone) {
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
		why_no_pmu(p, e);
		return;
	case EACCES:
	case EPERM:
		why_not_allowed(p->kernel->root, e);
		return;
	case ENOSYS:
		snprintf(e->why, sizeof(e->why),
			 "no perf_event_open: a kernel without perf, or a seccomp filter");
		return;
	case EMFILE:
	case ENFILE:
		snprintf(e->why, sizeof(e->why), "too many open files: raise ulimit -n");
		return;
	case EINVAL:
		snprintf(e->why, sizeof(e->why), "the kernel does not take this code");
		return;
	case EBUSY:
		snprintf(e->why, sizeof(e->why),
			 "the PMU is busy: something else holds it for itself");
		return;
	default:
		snprintf(e->why, sizeof(e->why), "perf_event_open: %s", strerror(-a.alone));
	}
}

/* ---- open, start, stop ---- */

int perfctr_open(struct perfctr **out, const struct perf_kernel *kernel, struct perfctr_list *list,
		 struct vrb_err *err)
{
	struct attempt tried[EVENTS_MAX] = {0};
	struct perfctr *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (!p)
		return vrb_fail(err, ENOMEM, "no memory for the counters");
	p->kernel = kernel;
	p->n = list->n;
	p->leader = -1;
	for (unsigned i = 0; i < EVENTS_MAX; i++)
		p->fd[i] = -1;
	/* Hardware first: a group that a software event leads may not take hardware events. */
	for (int software = 0; software < 2; software++) {
		for (unsigned i = 0; i < list->n; i++) {
			struct perfctr_event *e = &list->events[i];

			if (e->state != EVENT_UNAVAILABLE && is_software(&e->code) == software)
				tried[i] = add_event(p, e, i);
		}
	}
	/* Afterwards, when it is known what fits: equal reasons are told in equal words. */
	for (unsigned i = 0; i < list->n; i++) {
		if (!tried[i].grouped)
			continue;
		list->events[i].state = EVENT_UNAVAILABLE;
		why_not_open(p, tried[i], &list->events[i]);
	}
	*out = p;
	return 0;
}

void perfctr_close(struct perfctr *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < EVENTS_MAX; i++) {
		if (p->fd[i] >= 0 && p->fd[i] != p->leader)
			p->kernel->close(p->kernel->self, p->fd[i]);
	}
	if (p->leader >= 0) /* last: without it the others would become events of their own */
		p->kernel->close(p->kernel->self, p->leader);
	free(p);
}

/* As PERF_FORMAT_GROUP | ID | TOTAL_TIME_ENABLED | TOTAL_TIME_RUNNING lays it out. */
struct group_read {
	uint64_t nr, enabled, running;
	struct {
		uint64_t value, id;
	} event[EVENTS_MAX];
};

/* Is it what was asked for, whole? */
static bool read_group(const struct perfctr *p, struct group_read *r)
{
	const struct perf_kernel *k = p->kernel;
	ssize_t n = k->read(k->self, p->leader, r, sizeof(*r));

	return n >= 0 && r->nr == p->nopen &&
	       (size_t)n == offsetof(struct group_read, event) + p->nopen * sizeof(r->event[0]);
}

static bool switch_group(const struct perfctr *p, unsigned long request)
{
	const struct perf_kernel *k = p->kernel;

	return !k->ioctl(k->self, p->leader, request, PERF_IOC_FLAG_GROUP);
}

void perfctr_start(struct perfctr *p)
{
	struct group_read r = {0};

	p->started = false;
	/* The values can be set to zero, the two times cannot: they are read, and subtracted. */
	if (p->leader < 0 || !switch_group(p, PERF_EVENT_IOC_RESET) || !read_group(p, &r))
		return;
	p->enabled_ns = r.enabled;
	p->running_ns = r.running;
	p->started = switch_group(p, PERF_EVENT_IOC_ENABLE);
}

void perfctr_stop(struct perfctr *p, struct counter_values *out)
{
	struct group_read r = {0};

	*out = (struct counter_values){0};
	for (unsigned i = 0; i < EVENTS_MAX; i++)
		out->value[i] = EVENT_NOT_COUNTED;
	if (!p->started)
		return;
	p->started = false;
	if (!switch_group(p, PERF_EVENT_IOC_DISABLE) || !read_group(p, &r))
		return;
	out->enabled_ns = r.enabled - p->enabled_ns;
	out->running_ns = r.running - p->running_ns;
	if (!out->running_ns)
		return; /* it never ran: what it stands at is no count */
	for (unsigned i = 0; i < p->n; i++) {
		for (unsigned m = 0; p->fd[i] >= 0 && m < p->nopen; m++) {
			if (r.event[m].id == p->id[i])
				out->value[i] = r.event[m].value;
		}
	}
}

/* What this microarchitecture cannot count, by its table, is nobody's fault. */
static bool asked_in_vain(const struct perfctr_list *list, const struct perfctr_event *e)
{
	const struct pmu_row *row;

	if (e->counter < 0 || e->counter == COUNTER_CYCLES || e->counter == COUNTER_INSTRUCTIONS)
		return false;
	row = pmu_table_find(list->uarch, (enum counter)e->counter);
	if (row)
		return row->quality == PMU_UNAVAILABLE;
	for (unsigned i = 0; i < list->n; i++) {
		if (list->events[i].counter < 0)
			return true; /* the user's codes stand in for the table */
	}
	return false;
}

int perfctr_required(const struct perfctr_list *list, const char *side, struct vrb_err *err)
{
	for (unsigned i = 0; i < list->n; i++) {
		const struct perfctr_event *e = &list->events[i];

		if (asked_in_vain(list, e))
			continue;
		if (e->state == EVENT_UNAVAILABLE || e->state == EVENT_IMPLAUSIBLE)
			return vrb_fail(err, ENODEV, "--counters=require: %s of the %s is %s: %s",
					e->name, side, event_state_name(e->state), e->why);
		if (isnan(e->per_handoff))
			return vrb_fail(err, ENODEV, "--counters=require: %s of the %s was %s",
					e->name, side, e->why[0] ? e->why : "not tested");
	}
	return 0;
}
