/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_perf.h - a kernel that counts what a test says, and notes what it was asked.
 *
 * It answers as Linux does: times go on over a reset, a group is read from its leader in an
 * order of its own, what does not fit is refused with EINVAL.
 */
#ifndef TEST_FAKE_PERF_H
#define TEST_FAKE_PERF_H

#include "host/perfctr.h"

#define FAKE_EVENTS 16
#define FAKE_OPENS  64

/* What the kernel says of one event, found by type and config. */
struct fake_event {
	uint32_t type;
	uint64_t config;
	int refuse;	   /* errno of each open; 0: it opens */
	int refuse_kernel; /* errno unless exclude_kernel */
	int refuse_group;  /* errno unless it is opened alone */
	uint64_t counts;   /* in each run */
};

struct fake_open {
	struct perf_event_attr attr;
	pid_t tid;
	int cpu, group, ret;
	unsigned long flags;
	bool closed;
	uint64_t id, value;
};

struct fake_perf {
	struct perf_kernel kernel; /* for what is tested; .root: a test's own, or "" */

	/* the script */
	struct fake_event events[FAKE_EVENTS];
	unsigned nevents;
	int refuse_all;			 /* errno of each open */
	unsigned group_max;		 /* hardware events that fit; 0: any number */
	unsigned files_max;		 /* descriptors at a time; 0: any number */
	uint64_t enabled_ns, running_ns; /* of each run */
	int refuse_read;		 /* errno */
	unsigned long refuse_request;	 /* this ioctl fails */
	int short_by, nr_off;		 /* bytes that a read lacks; what nr is off by */
	bool strange_ids;		 /* a read gives ids of nobody */

	/* the record */
	struct fake_open opens[FAKE_OPENS];
	unsigned nopens, reads, errors; /* errors: of the caller, such as a second close */
	bool enabled;
	uint64_t total_enabled_ns, total_running_ns;
};

/** fake_perf_init - opens everything, counts nothing, runs all the time. */
void fake_perf_init(struct fake_perf *f);

/** fake_perf_event - an event that counts @counts a run; to be changed further. */
struct fake_event *fake_perf_event(struct fake_perf *f, uint32_t type, uint64_t config,
				   uint64_t counts);

/** fake_perf_left - descriptors that are open. */
unsigned fake_perf_left(const struct fake_perf *f);

/** fake_perf_opened - the last open of this event that succeeded and is not closed; or NULL. */
const struct fake_open *fake_perf_opened(const struct fake_perf *f, uint32_t type, uint64_t config);

#endif
