/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * process.c - the two sides of native.c as two processes: the caller is the driver, the device a child of
 * it.
 *
 * They share what they shared as threads: the ring's memory, and a memfd with the engine, its barriers and
 * what each side keeps, of which each writes its own part. Each has a thread that sleeps until the other
 * side's process ends; it then says so in a word that whoever waits looks at.
 */
#include "engine/native.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the kernel sends a device when its driver ends. */
#define DRIVER_ENDED SIGUSR1

/* So long may a device go on after that. */
#define GRACE_S 2

/* A number that one of the sides took with it is a bound. */
struct figure {
	const char *bound;
	uint64_t n;
};

static struct figure exactly(uint64_t n)
{
	return (struct figure){"", n};
}

static struct figure at_least(uint64_t a, uint64_t b)
{
	return (struct figure){"at least ", a > b ? a : b};
}

/* The index of a split ring, in full; @known: what it was at some time before. */
static struct figure published(const __virtio16 *idx, uint64_t known)
{
	const uint16_t now = __atomic_load_n(idx, __ATOMIC_ACQUIRE);

	return exactly(known + (uint16_t)(now - (uint16_t)known));
}

/*
 * What was delivered, of the ring since it was set up. The side that lives knows its own counters; those
 * of the other are as old as its last turn, but of a split ring, whose indices say what it published.
 */
static void delivered(const struct engine *e, bool driver_lives, char *buf, size_t size)
{
	const struct drv *d = e->sides.drv;
	const struct dev *v = e->sides.dev;
	const uint64_t start = e->job.ring.start_idx;
	const bool split = e->job.ring.variant->ring == RING_SPLIT;
	struct figure posted, returned, verified;

	if (driver_lives) {
		posted = exactly(d->posted);
		verified = exactly(d->reaped);
		returned = split ? published(&d->split.used->idx, d->reaped)
				 : at_least(d->reaped, v->returned);
	} else {
		posted = split ? published(&v->split.avail->idx, v->taken)
			       : at_least(d->posted, v->taken);
		verified = at_least(d->reaped, start);
		returned = exactly(v->returned);
	}
	snprintf(buf, size, "posted %s%llu, returned %s%llu, verified %s%llu, outstanding %s%llu",
		 posted.bound, (unsigned long long)(posted.n - start), returned.bound,
		 (unsigned long long)(returned.n - start), verified.bound,
		 (unsigned long long)(verified.n - start), driver_lives ? "" : "about ",
		 (unsigned long long)(posted.n - verified.n));
}

/* What is said of a device that ended in a sample. Returns -EBADMSG. */
static int device_ended(const struct engine *e, struct vrb_err *err)
{
	const struct native *n = e->self;
	char where[160], what[200], how[64];

	engine_describe(e, where, sizeof(where));
	delivered(e, true, what, sizeof(what));
	if (WIFSIGNALED(n->dev_status))
		snprintf(how, sizeof(how), "was ended by signal %d (%s)", WTERMSIG(n->dev_status),
			 strsignal(WTERMSIG(n->dev_status)));
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(n->dev_status));
	return vrb_fail(err, EBADMSG, "%s: the device's process %s: %s", where, how, what);
}

/*
 * Sleep until the device's process has ended. It stays a zombie until this thread has been joined: who kills it
 * meanwhile kills nobody else of that number.
 */
static void *watch_device(void *arg)
{
	struct engine *e = arg;
	struct native *n = e->self;
	siginfo_t how = {0};

	while (waitid(P_PID, (id_t)n->dev_pid, &how, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	n->dev_status = how.si_code == CLD_EXITED ? W_EXITCODE(how.si_status, 0) : how.si_status;
	__atomic_store_n(&n->trouble.died, 1, __ATOMIC_RELEASE);
	gate_wake(&n->done);
	return NULL;
}

/* Sleep until the driver's has; then see to it that the device's own ends, too. */
static void *watch_driver(void *arg)
{
	const struct timespec grace = {.tv_sec = GRACE_S};
	struct engine *e = arg;
	struct native *n = e->self;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, DRIVER_ENDED);
	while (getppid() == n->drv_pid) /* anybody may send it */
		sigwaitinfo(&signals, NULL);
	__atomic_store_n(&n->trouble.died, 1, __ATOMIC_RELEASE);
	gate_wake(&n->asked);
	gate_wake(&n->told);
	nanosleep(&grace, NULL);
	_exit(1);
}

/* What a device knows whose driver was killed in a sample, for who started the driver. */
static void last_words(const struct engine *e)
{
	const struct native *n = e->self;
	char where[160], what[200], words[sizeof(struct vrb_err)];

	if (!e->conf.last_words || !n->dev_ret) /* it was in no sample */
		return;
	engine_describe(e, where, sizeof(where));
	delivered(e, false, what, sizeof(what));
	snprintf(words, sizeof(words), "%s: the driver's process ended: %s", where, what);
	if (write(e->conf.last_words, words, strlen(words)) < 0)
		return; /* nobody listens */
}

/* The child. */
static void run_device(struct engine *e)
{
	const struct native *n = e->self;
	pthread_t watcher;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, DRIVER_ENDED);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	prctl(PR_SET_PDEATHSIG, DRIVER_ENDED);
	/* it may have ended before; that, the watcher sees first of all */
	if (pthread_create(&watcher, NULL, watch_driver, e))
		_exit(1);
	native_device(e);
	if (__atomic_load_n(&n->trouble.died, __ATOMIC_ACQUIRE))
		last_words(e);
	_exit(0); /* not exit(): the driver's files and handlers are not ours */
}

/* Fork the device and wait until it is ready. */
static int start_device(struct engine *e, struct vrb_err *err)
{
	struct native *n = e->self;
	pid_t pid;
	int ret;

	n->asked.at = 0;
	n->done.at = DONE_OPENS;
	n->trouble.died = 0;
	n->dev_pid = 0;
	pid = fork();
	if (pid == 0)
		run_device(e);
	if (pid < 0) {
		ret = errno;
		return vrb_fail(err, ret, "cannot start the device's process: %s", strerror(ret));
	}
	n->dev_pid = pid; /* the driver's to write: the child has this memory, too */
	if (clock_getcpuclockid(pid, &n->dev_clock))
		n->dev_clock = CLOCK_MONOTONIC;
	ret = pthread_create(&n->thread, NULL, watch_device, e);
	if (ret)
		return vrb_fail(err, ret, "cannot watch the device's process: %s", strerror(ret));
	n->started = true;
	return native_meet_device(e, err);
}

static int process_open(struct engine *e, struct vrb_err *err)
{
	struct native *n = e->self;
	int ret = native_open(e, n, err);

	if (ret)
		return ret;
	n->drv_pid = getpid();
	if (clock_getcpuclockid(n->drv_pid, &n->drv_clock))
		n->drv_clock = CLOCK_MONOTONIC; /* then a peer always ran */
	return start_device(e, err);
}

/*
 * Does the ring itself say where a new device goes on? A packed one does not: a descriptor may have been
 * overwritten and not yet returned. Nor does one whose buffers return in another order, or that sends
 * notifications, of which the last may be missing. Counters test themselves when an engine is opened.
 */
static bool resumable(const struct engine *e)
{
	const struct ring_conf *c = &e->job.ring;

	return c->variant->ring == RING_SPLIT && !order_mixed(c->policy.device_order) &&
	       c->policy.notify == NOTIFY_OFF && c->policy.fault == FAULT_NONE &&
	       !c->policy.replay && !e->conf.counters;
}

/* A new device drains the ring. As native_resume(). */
static int restart(struct engine *e, struct vrb_err *err)
{
	struct native *n = e->self;
	int ret;

	pthread_join(n->thread, NULL);
	waitpid(n->dev_pid, NULL, 0);
	n->started = false;
	if (!e->restarts++ && err)
		e->ended = *err;
	ret = start_device(e, err);
	return ret ? ret : native_resume(e, err);
}

static int process_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	int ret = native_sample(e, out, err);

	while (ret == -EOWNERDEAD) {
		ret = device_ended(e, err);
		if (e->restarts == e->conf.restarts || !resumable(e))
			return ret;
		ret = restart(e, err);
		if (!ret)
			return -ERESTART;
	}
	return ret;
}

/* Wait until the device's process has ended; one that is stopped (SIGSTOP) would never, by itself. */
static void join_watcher(struct native *n)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	/* pthread_clockjoin_np() would do, but gcc 12's ThreadSanitizer does not know it: "thread leak" */
	for (int naps = 0; pthread_tryjoin_np(n->thread, NULL) == EBUSY; naps++) {
		if (naps == GRACE_S * 1000)
			kill(n->dev_pid, SIGKILL);
		nanosleep(&nap, NULL);
	}
	waitpid(n->dev_pid, NULL, 0);
}

static void process_close(struct engine *e)
{
	struct native *n = e->self;

	if (n->dev_pid > 0) {
		gate_set(&n->asked, ASKED_QUIT);
		if (n->started) {
			join_watcher(n);
		} else if (!n->trouble.died) {
			kill(n->dev_pid, SIGKILL);
			waitpid(n->dev_pid, NULL, 0);
		}
	}
	native_close(e->self);
}

const struct engine_ops engine_process = {
	.name = "process",
	.pinned = true,
	.shared = sizeof(struct native),
	.open = process_open,
	.sample = process_sample,
	.close = process_close,
	.control = native_control,
};
