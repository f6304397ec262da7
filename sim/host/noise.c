/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * noise.c - what else happened while a sample ran.
 *
 * Descriptors stay open and are read from their beginning with pread() into buffers on the
 * stack: a reading allocates nothing and opens nothing.
 *
 * Steal time. The column of /proc/stat is there in every kernel, exported by the hypervisor
 * or not. It counts as visible if the hypervisor promises it (hypervisor_shows_steal()), if
 * it is not zero for any CPU since boot, or on bare metal, where nothing can be stolen.
 * Otherwise a zero means nothing and is told as "not visible".
 */
#include "host/noise.h"

#include "host/hypervisor.h"
#include "vrb.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct noise {
	int stat_fd;  /* /proc/stat; -1: cannot be opened */
	int sched_fd; /* /proc/thread-self/sched; -1: this kernel has none */
	int cpus[2];  /* -1: none, or the same as the other */
	bool steal_visible;
	bool migrations_visible;
	int64_t tick_ns;
};

/* The unit of /proc/stat, 10 ms on Linux. */
static int64_t tick_ns(void)
{
	long hz = sysconf(_SC_CLK_TCK);

	return 1000000000 / (hz > 0 ? hz : 100);
}

/*
 * The 8th number of "cpuN user nice system idle iowait irq softirq steal ..."; -1 if there
 * are fewer. @cpu: out; -1 for the line of the sum.
 */
static int64_t parse_steal(const char *line, int *cpu)
{
	const char *number = line + strlen("cpu"), *at = strchr(number, ' ');
	int64_t value = -1;

	*cpu = at == number ? -1 : (int)strtol(number, NULL, 10);
	for (int i = 0; i < 8; i++) {
		char *end = NULL;

		if (!at)
			return -1;
		value = strtoll(at, &end, 10);
		if (end == at)
			return -1;
		at = end;
	}
	return value;
}

struct steal {
	int64_t both; /* ticks of the CPUs we watch */
	int64_t all;  /* ticks of the whole machine */
	int found;    /* how many of the CPUs we watch have a line */
	int missing;  /* how many have not */
};

static void steal_line(const struct noise *n, const char *line, struct steal *s)
{
	int cpu;
	int64_t ticks = parse_steal(line, &cpu);

	if (ticks < 0)
		return;
	if (cpu < 0) {
		s->all = ticks;
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(n->cpus); i++)
		if (cpu == n->cpus[i]) {
			s->both += ticks;
			s->found++;
			s->missing--;
		}
}

/* The cpu lines come first and may be many: read on until both are found. */
static struct steal read_steal(const struct noise *n)
{
	struct steal s = {.missing = (n->cpus[0] >= 0) + (n->cpus[1] >= 0)};
	char buf[4096];
	size_t held = 0;
	off_t at = 0;

	while (n->stat_fd >= 0 && s.missing) {
		ssize_t got = pread(n->stat_fd, buf + held, sizeof(buf) - 1 - held, at);
		char *line = buf, *end;

		if (got <= 0)
			break;
		at += got;
		held += (size_t)got;
		buf[held] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			if (strncmp(line, "cpu", 3))
				return s;
			steal_line(n, line, &s);
			line = end + 1;
		}
		held -= (size_t)(line - buf);
		if (held == sizeof(buf) - 1)
			break;
		memmove(buf, line, held);
	}
	return s;
}

/* se.nr_migrations of /proc/thread-self/sched, one of its first lines; -1: not shown. */
static int64_t read_migrations(const struct noise *n)
{
	char buf[2048];
	const char *at;
	ssize_t got;

	if (n->sched_fd < 0)
		return -1;
	got = pread(n->sched_fd, buf, sizeof(buf) - 1, 0);
	if (got <= 0)
		return -1;
	buf[got] = '\0';
	at = strstr(buf, "nr_migrations");
	at = at ? strchr(at, ':') : NULL;
	return at ? strtoll(at + 1, NULL, 10) : -1;
}

int noise_open(struct noise **out, int drv_cpu, int dev_cpu, struct vrb_err *err)
{
	struct noise *n = calloc(1, sizeof(*n));
	struct noise_thread warm;
	struct steal s;

	*out = NULL;
	if (!n)
		return vrb_fail(err, ENOMEM, "no memory to watch the noise");
	n->cpus[0] = drv_cpu;
	n->cpus[1] = dev_cpu == drv_cpu ? -1 : dev_cpu;
	n->tick_ns = tick_ns();
	n->stat_fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	n->sched_fd = open("/proc/thread-self/sched", O_RDONLY | O_CLOEXEC);

	s = read_steal(n);
	n->steal_visible = s.found && !s.missing && (s.all > 0 || hypervisor_shows_steal());
	n->migrations_visible = read_migrations(n) >= 0;
	/* Once for nothing: its own page faults are not those of a sample. */
	noise_thread(n, &warm);
	*out = n;
	return 0;
}

void noise_close(struct noise *n)
{
	if (!n)
		return;
	if (n->stat_fd >= 0)
		close(n->stat_fd);
	if (n->sched_fd >= 0)
		close(n->sched_fd);
	free(n);
}

void noise_thread(struct noise *n, struct noise_thread *out)
{
	struct rusage ru = {0};

	*out = (struct noise_thread){.cpu = sched_getcpu()};
	if (n->migrations_visible) {
		int64_t count = read_migrations(n);

		out->migrations = count > 0 ? (uint64_t)count : 0;
	}
	getrusage(RUSAGE_THREAD, &ru);
	out->vol_switches = (uint64_t)ru.ru_nvcsw;
	out->invol_switches = (uint64_t)ru.ru_nivcsw;
	out->minor_faults = (uint64_t)ru.ru_minflt;
	out->major_faults = (uint64_t)ru.ru_majflt;
}

int64_t noise_steal_ns(struct noise *n)
{
	struct steal s;

	if (!n->steal_visible)
		return -1;
	s = read_steal(n);
	return s.missing ? -1 : s.both * n->tick_ns;
}

void noise_delta(const struct noise_thread *before, const struct noise_thread *after,
		 struct side_counts *out)
{
	out->vol_switches = after->vol_switches - before->vol_switches;
	out->invol_switches = after->invol_switches - before->invol_switches;
	out->minor_faults = after->minor_faults - before->minor_faults;
	out->major_faults = after->major_faults - before->major_faults;
	out->migrations = after->migrations - before->migrations;
	out->cpu_before = before->cpu;
	out->cpu_after = after->cpu;
}

static uint32_t side_flags(const struct side_counts *c)
{
	uint32_t flags = 0;

	if (c->invol_switches)
		flags |= SAMPLE_SWITCHED;
	if (c->migrations || c->unbound || c->cpu_before != c->cpu_after)
		flags |= SAMPLE_MIGRATED;
	if (c->minor_faults || c->major_faults)
		flags |= SAMPLE_FAULTED;
	return flags;
}

/*
 * A side that was off its CPU for longer than any time slice while the sample ran: stopped, or
 * the whole machine was. Its time is not the variant's. One that sleeps until it is notified is off its
 * CPU by itself.
 */
#define OFF_CPU_NS 20000000u

static bool stood_still(const struct sample *s, const struct side_counts *c)
{
	return c->task_ns && s->elapsed_ns > c->task_ns + c->notify.asleep_ns + OFF_CPU_NS;
}

static bool part_counted(const struct counter_values *v)
{
	return v->running_ns < v->enabled_ns;
}

uint32_t noise_flags(const struct sample *s)
{
	uint32_t flags = side_flags(&s->drv) | side_flags(&s->dev);

	if (stood_still(s, &s->drv) || stood_still(s, &s->dev))
		flags |= SAMPLE_STALLED;
	if (part_counted(&s->drv.counters) || part_counted(&s->dev.counters))
		flags |= SAMPLE_PART_COUNTED;

	/* A tick of 10 ms is the smallest step there is: most of a sample. It may be older. */
	if (s->steal_ns > 0)
		flags |= SAMPLE_STEAL;
	if (place_class_of(s->c2c_before_ns) != place_class_of(s->c2c_after_ns))
		flags |= SAMPLE_CLASS_MOVED;
	/* where the sides share one core that is no news */
	if (s->place != CLASS_SMT && (side_core_shared(&s->drv) || side_core_shared(&s->dev)))
		flags |= SAMPLE_CORE_SHARED;
	return flags;
}

void noise_invisible(const struct noise *n, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", n->steal_visible ? "" : "steal time",
		 n->steal_visible || n->migrations_visible ? "" : ", ",
		 n->migrations_visible ? "" : "migrations (only the CPU at start and end is seen)");
}

const char *noise_flag_name(enum sample_flag flag)
{
	switch (flag) {
	case SAMPLE_STEAL:
		return "steal";
	case SAMPLE_SWITCHED:
		return "switched";
	case SAMPLE_MIGRATED:
		return "migrated";
	case SAMPLE_FAULTED:
		return "faulted";
	case SAMPLE_CLASS_MOVED:
		return "class-moved";
	case SAMPLE_STALLED:
		return "stalled";
	case SAMPLE_PART_COUNTED:
		return "part-counted";
	case SAMPLE_CROWDED:
		return "crowded";
	case SAMPLE_CORE_SHARED:
		return "core-shared";
	}
	return "unknown";
}
