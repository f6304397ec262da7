/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perfctr.h - hardware counters of one side: cache lines that come in, and lines taken away.
 *
 * One perf_event_open() group a side (pid 0: the calling thread, cpu -1, user space only),
 * switched on and off around the measured region, never inside it. Figures are never scaled: a
 * group that the kernel did not run all the time says so, and one that never ran has no figures.
 */
#ifndef VRB_PERFCTR_H
#define VRB_PERFCTR_H

#include "cell.h"
#include "host/event_spec.h"
#include "host/pmu_table.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <sys/types.h>

/* The kernel, as we ask it; a test has one of its own. Calls return -errno. */
struct perf_kernel {
	int (*open)(void *self, const struct perf_event_attr *attr, pid_t tid, int cpu, int group,
		    unsigned long flags);
	int (*ioctl)(void *self, int fd, unsigned long request, unsigned long arg);
	ssize_t (*read)(void *self, int fd, void *buf, size_t size);
	void (*close)(void *self, int fd);
	const char *root; /* where /proc and /sys are: "" on this machine */
	void *self;
};

extern const struct perf_kernel perf_kernel_linux;

/* What helps where events do not fit; the watchdog takes a counter that no group gets then. */
#define PERFCTR_FEWER "fewer --events, or the NMI watchdog holds one: sysctl kernel.nmi_watchdog=0"

/* What became of an event. */
enum event_state {
	EVENT_EXACT,
	EVENT_UPPER_BOUND,
	EVENT_AS_ASKED,	   /* the user's own: we do not know what it means */
	EVENT_UNAVAILABLE, /* why: see there */
	EVENT_IMPLAUSIBLE, /* it failed the self-test: both figures stand in why */
};

/* "exact", "upper bound", "as asked", "unavailable", "implausible". */
const char *event_state_name(enum event_state s);

/* One event of one side: plain data, it crosses from a launch to the session. */
struct perfctr_event {
	char name[EVENT_NAME]; /* counter_name(), or as the user typed it */
	int counter;	       /* enum counter; -1: the user's */
	struct event_code code;
	char event[96]; /* the vendor's name, "" for the user's */
	enum event_state state;
	char why[256];	  /* unavailable, implausible: why, and what to do; else a note, or "" */
	char source[160]; /* of the code */
	double per_handoff,
		alone; /* self-test: a hand-off, and the same on one core; NAN: not run */
};

/* What a side counts. events[i] is what counter_values.value[i] belongs to. */
struct perfctr_list {
	enum uarch uarch;
	unsigned n;
	struct perfctr_event events[EVENTS_MAX];
};

/* What is asked for. */
struct perfctr_conf {
	bool require; /* what this CPU can count must be counted, or the engine does not open */
	struct event_spec user[EVENTS_USER_MAX];
	unsigned nuser;
	const struct perf_kernel *kernel;
};

_Static_assert(COUNTERS + EVENTS_USER_MAX <= EVENTS_MAX, "room for all that can be asked for");

/**
 * perfctr_list_make - what a side on CPU @cpu is to count: COUNTERS, then the user's. Opens
 * nothing; what the microarchitecture does not have is unavailable already.
 */
void perfctr_list_make(const struct perfctr_conf *conf, int cpu, struct perfctr_list *out);

struct perfctr;

/**
 * perfctr_open - open the group for the calling thread, which must be pinned.
 * @list: in and out; what cannot be opened becomes unavailable, with the reason and what to do:
 * no PMU (ENOENT, EOPNOTSUPP, ENODEV), not allowed (EACCES, EPERM: the level of
 * perf_event_paranoid), no such system call (ENOSYS), too many open files (EMFILE), a group
 * larger than the PMU (EINVAL that goes away when the event is alone), a code that the kernel
 * does not take (EINVAL that stays), busy (EBUSY).
 *
 * Returns 0, also if nothing could be opened; -ENOMEM.
 */
int perfctr_open(struct perfctr **out, const struct perf_kernel *kernel, struct perfctr_list *list,
		 struct vrb_err *err);

/**
 * perfctr_start - zero and enable; four calls of the kernel. On the thread that opened it, as is
 * perfctr_stop().
 */
void perfctr_start(struct perfctr *p);

/**
 * perfctr_stop - disable and read.
 * @out: all of it, since perfctr_start(); EVENT_NOT_COUNTED where an event is not open, and
 * everywhere if the group never ran or the kernel refused to start, stop or read it.
 */
void perfctr_stop(struct perfctr *p, struct counter_values *out);

/** perfctr_close - NULL is fine. */
void perfctr_close(struct perfctr *p);

/* ---- the self-test ---- */

/*
 * Two words on lines of their own. Each hand-off reads `turn`, which the other side has written
 * (one line comes in by a read), writes `data`, which the other has written too (one by a
 * store), and then writes `turn` (an upgrade, or nothing where the read took ownership).
 */
struct perfctr_words {
	_Alignas(256) uint32_t turn;
	_Alignas(256) uint32_t data;
};

#define PERFCTR_TRIPS 4000

/**
 * perfctr_pair - run it against the other side, which runs it at the same time.
 * @first: true on one side. @stop: not 0: give up; may be NULL.
 * Each side receives @trips hand-offs. Returns 0; -EINTR: stopped; -ETIME: it was not done 1 s
 * after the peer was late for the first time.
 */
int perfctr_pair(struct perfctr_words *w, bool first, uint32_t trips, const uint32_t *stop);

/** perfctr_alone - the same work by one thread for both sides: nothing comes in. */
void perfctr_alone(struct perfctr_words *w, uint32_t trips);

/**
 * perfctr_judge - does each event count what it should?
 * @pair, @alone: what was counted over @trips received hand-offs of each kind.
 *
 * Of a hand-off: xfer_in_rd and xfer_in_rfo about 1, xfer_in_any about 2, inval_in 1 to 2 (an
 * upper bound may count twice as much); alone about 0; cycles and instructions above 0 in both.
 * What fails is implausible, and so is all that counts nothing beside cycles of 0: a PMU that is
 * there by name only. A user's event is implausible if it counted nothing in both, else it has its
 * two figures and no verdict. Where the group did not run all the time, or nothing could be read,
 * nothing is judged: no figures, and why says so.
 * The two CPUs must not be two threads of one core: no line moves between these.
 */
void perfctr_judge(struct perfctr_list *list, const struct counter_values *pair,
		   const struct counter_values *alone, uint32_t trips);

/**
 * perfctr_required - is all there that this CPU can count, and that the user asked for?
 * @side: "driver" or "device", for the line.
 *
 * After perfctr_judge(): what could not be tested is not there, either. What the table says that
 * this microarchitecture cannot count is not asked for. Of a CPU that the table does not know,
 * the user's events, cycles and instructions suffice; without a user's event nothing does.
 *
 * Returns 0; -ENODEV with a line that names --counters=require, the counter and why.
 */
int perfctr_required(const struct perfctr_list *list, const char *side, struct vrb_err *err);

#endif
