/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch.c - one launch: fork, open the engine, run the rounds.
 */
#include "engine/launch.h"

#include "engine/clock.h"
#include "engine/internal.h"
#include "engine/model.h"
#include "engine/schedule.h"
#include "host/core_size.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Buffers of one pilot sample, and the least of a real one. */
#define PILOT_BUFFERS 4000
#define LEAST_BUFFERS 1024

/* The least of one at set times, however low the rate: to have a rate at all. */
#define LEAST_DUE 64

/* A child that was asked to stop and has not, for this long, hangs. */
#define GRACE_S 3
/* For so long a launch may be stopped (SIGSTOP) while its session is not. */
#define STOPPED_S 30

/* The counts of each sample, where the engine has them, stand behind the samples. */
static size_t samples_size(const struct launch_conf *c)
{
	return sizeof(struct launch_report) + (size_t)c->rounds * c->ncells * sizeof(struct sample);
}

static size_t counts_size(const struct launch_conf *c)
{
	return c->ops->counts ? (size_t)c->rounds * c->ncells * AGENTS * sizeof(struct coh_counts)
			      : 0;
}

/* And behind these what buffers took, by cell and class. */
static size_t latencies_size(const struct launch_conf *c)
{
	return c->engine.latency ? (size_t)c->ncells * CLASS_COUNT * sizeof(struct latencies) : 0;
}

/* And then those of each queue pair, if there are several. */
static size_t queues_size(const struct launch_conf *c)
{
	return c->ops->queues && c->engine.queues > 1
		       ? (size_t)c->rounds * c->ncells * c->engine.queues *
				 sizeof(struct queue_counts)
		       : 0;
}

static size_t report_size(const struct launch_conf *c)
{
	return samples_size(c) + counts_size(c) + latencies_size(c) + queues_size(c);
}

static struct latencies *latencies_at(const struct launch_report *r, const struct launch_conf *c,
				      uint32_t cell, enum place_class place)
{
	uint8_t *first = (uint8_t *)(uintptr_t)r + samples_size(c) + counts_size(c);

	return (struct latencies *)(void *)first + (size_t)cell * CLASS_COUNT + place;
}

const struct latencies *launch_latencies(const struct launch_report *report,
					 const struct launch_conf *conf, uint32_t cell,
					 enum place_class place)
{
	const struct latencies *l;

	if (!conf->engine.latency)
		return NULL;
	l = latencies_at(report, conf, cell, place);
	return l->samples ? l : NULL;
}

/* What an earlier launch left. Only what was written is touched: there is much more room. */
static void clear_latencies(struct launch_report *r, const struct launch_conf *c)
{
	for (uint32_t i = 0; c->engine.latency && i < c->ncells * CLASS_COUNT; i++) {
		struct latencies *l =
			latencies_at(r, c, i / CLASS_COUNT, (enum place_class)(i % CLASS_COUNT));

		if (l->samples)
			memset(l, 0, sizeof(*l));
	}
}

/* A sample whose times are good goes into those of its cell and class. */
static void keep_latencies(const struct engine *e, const struct launch_conf *c,
			   const struct launch_report *r, uint32_t cell, const struct sample *s)
{
	const struct account *a = engine_latencies(e);
	struct latencies *l;

	if (!a || s->flags & SAMPLE_DROPPED)
		return;
	l = latencies_at(r, c, cell, s->place);
	hist_merge(&l->hist, a->hist);
	l->backwards += a->backwards;
	l->samples++;
}

static struct coh_counts *counts_at(const struct launch_report *r, const struct launch_conf *c,
				    uint32_t i)
{
	uint8_t *first = (uint8_t *)(uintptr_t)r + samples_size(c);

	return (struct coh_counts *)(void *)first + (size_t)i * AGENTS;
}

const struct coh_counts *launch_counts(const struct launch_report *report,
				       const struct launch_conf *conf, uint32_t i)
{
	return conf->ops->counts ? counts_at(report, conf, i) : NULL;
}

static struct queue_counts *queues_at(const struct launch_report *r, const struct launch_conf *c,
				      uint32_t i)
{
	uint8_t *first =
		(uint8_t *)(uintptr_t)r + samples_size(c) + counts_size(c) + latencies_size(c);

	return (struct queue_counts *)(void *)first + (size_t)i * c->engine.queues;
}

const struct queue_counts *launch_queues(const struct launch_report *report,
					 const struct launch_conf *conf, uint32_t i)
{
	return queues_size(conf) ? queues_at(report, conf, i) : NULL;
}

int launch_open(struct launch_report **out, const struct launch_conf *c, struct vrb_err *err)
{
	void *at = mmap(NULL, report_size(c), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return vrb_fail(err, ENOMEM, "no memory for %u rounds of %u cells", c->rounds,
				c->ncells);
	*out = at;
	return c->ops->build == BUILD_NATIVE ? clock_goes(err) : 0;
}

void launch_close(struct launch_report *report, const struct launch_conf *c)
{
	munmap(report, report_size(c));
}

void launch_order(uint32_t ncells, uint64_t seed, uint32_t launch, uint32_t round, uint32_t *order)
{
	uint32_t rows = stats_williams_rows(ncells);
	uint32_t labels[ncells], row[rows];
	struct rng mixed = {seed}, rng = {rng_next(&mixed) ^ launch};

	for (uint32_t i = 0; i < ncells; i++)
		labels[i] = i;
	for (uint32_t i = 0; i < rows; i++)
		row[i] = i;
	stats_shuffle(&rng, labels, ncells);
	stats_shuffle(&rng, row, rows);
	stats_williams_row(ncells, row[round % rows], order);
	for (uint32_t i = 0; i < ncells; i++)
		order[i] = labels[order[i]];
}

uint32_t launch_page_set(uint32_t sets, uint64_t seed, uint32_t launch, uint32_t round)
{
	struct rng mixed = {seed}, rng = {rng_next(&mixed) ^ launch ^ (uint64_t)round / sets << 32};
	uint32_t order[PAGE_SETS_MAX];

	for (uint32_t i = 0; i < sets; i++)
		order[i] = i;
	stats_shuffle(&rng, order, sets);
	return order[round % sets];
}

/*
 * How many buffers make a sample of sample_ms, for each group, from one sample of each cell.
 *
 * The cells of a group are compared, so they share one number: the geometric mean over them,
 * and none more than twice as long. At set times it is those that are due in that time.
 */
static void size_samples(const struct launch_conf *c, const struct sample *samples,
			 uint64_t *buffers)
{
	for (uint32_t first = 0, i; first < c->ncells; first = i) {
		const struct cell *cell = &c->cells[first];
		double logs = 0, worst = 0, n;

		if (cell->pace == PACE_OPEN) {
			n = (double)cell->rate * c->sample_ms / 1e3;
			buffers[first] = (uint64_t)fmax(n, LEAST_DUE);
			i = first + 1;
			continue;
		}
		for (i = first; i < c->ncells && c->cells[i].group == cell->group; i++) {
			logs += log(sample_ns(&samples[i]));
			worst = fmax(worst, sample_ns(&samples[i]));
		}
		n = c->sample_ms * 1e6 / exp(logs / (i - first));
		n = fmin(n, 2 * c->sample_ms * 1e6 / worst);
		for (uint32_t k = first; k < i; k++)
			buffers[k] = (uint64_t)fmax(n, LEAST_BUFFERS) / 64 * 64;
	}
}

/* By cell: its last sample, how many buffers its next one takes; and the order of a round. */
struct tables {
	struct sample *last;
	uint64_t *buffers;
	uint32_t *order;
};

/* A short sample of each cell, to size the first round by. */
static int pilot(struct engine *e, const struct launch_conf *c, struct launch_report *r,
		 struct sample *samples)
{
	engine_counting(e, false);
	for (uint32_t i = 0; i < c->ncells; i++) {
		struct ring_conf ring = c->rings[i];
		int ret;

		if (c->cells[i].pace == PACE_OPEN)
			continue; /* it is known how long one takes */
		engine_pace(e, c->cells[i].pace, 0);
		ring.policy.fault = FAULT_NONE;
		ret = engine_sample(e, &ring, PILOT_BUFFERS, &samples[i], &r->err);
		if (ret)
			return ret;
	}
	return 0;
}

/* Is the share of the time limit that ends with this launch used up? */
static bool time_is_up(const struct engine *e, const struct launch_conf *c, uint32_t launch)
{
	if (!c->time_limit_ns)
		return false;
	return now_ns() - e->epoch_ns > c->time_limit_ns / c->launches * (launch + 1);
}

/*
 * All rounds of one launch, in the child; whole ones only, and one at least. Returns 0 or what
 * ended it.
 */
static int run_rounds(struct engine *e, const struct launch_conf *c, struct launch_report *r,
		      uint32_t launch, const struct tables *t)
{
	const bool sized = !c->buffers && !c->ops->counts; /* by time */
	uint32_t set = 0;
	int ret = 0;

	for (uint32_t i = 0; i < c->ncells; i++)
		t->buffers[i] = c->buffers ? c->buffers : model_buffers(&c->rings[i]);
	if (sized) {
		ret = pilot(e, c, r, t->last);
		if (ret)
			return ret;
		size_samples(c, t->last, t->buffers);
	}
	for (uint32_t round = 0; round < c->rounds; round++) {
		if (round && time_is_up(e, c, launch))
			break;
		launch_order(c->ncells, c->seed, launch, round, t->order);
		if (c->engine.relocate)
			set = launch_page_set(c->engine.page_sets, c->seed, launch, round);
		engine_page_set(e, set);
		for (uint32_t i = 0; i < c->ncells; i++) {
			const uint32_t at = t->order[i];
			struct sample *s = &r->samples[r->nsamples];

			if (c->step)
				c->step(c->step_arg,
					((uint64_t)launch * c->rounds + round) * c->ncells + i,
					&c->cells[at]);
			engine_counting(e, !c->count_null_row || c->cells[at].role == ROLE_NULL);
			engine_pace(e, c->cells[at].pace, c->cells[at].rate);
			ret = engine_sample(e, &c->rings[at], t->buffers[at], s, &r->err);
			if (ret)
				return ret;
			keep_latencies(e, c, r, at, s);
			s->cell = c->cells[at].id;
			s->launch = launch;
			s->round = round;
			s->position = i;
			s->page_set = c->engine.relocate ? set + 1 : 0;
			t->last[at] = *s;
			if (c->ops->counts)
				memcpy(counts_at(r, c, r->nsamples), engine_counts(e),
				       AGENTS * sizeof(struct coh_counts));
			if (queues_size(c))
				memcpy(queues_at(r, c, r->nsamples), engine_queues(e),
				       c->engine.queues * sizeof(struct queue_counts));
			r->nsamples++;
		}
		/* the CPUs may have moved: a round is sized by the one before */
		if (sized)
			size_samples(c, t->last, t->buffers);
	}
	return 0;
}

/* The same, with memory for as many cells as there are. */
static int run_launch(struct engine *e, const struct launch_conf *c, struct launch_report *r,
		      uint32_t launch)
{
	const struct tables t = {.last = calloc(c->ncells, sizeof(*t.last)),
				 .buffers = calloc(c->ncells, sizeof(*t.buffers)),
				 .order = calloc(c->ncells, sizeof(*t.order))};
	int ret;

	if (t.last && t.buffers && t.order)
		ret = run_rounds(e, c, r, launch, &t);
	else
		ret = vrb_fail(&r->err, ENOMEM, "no memory for %u cells", c->ncells);
	free(t.last);
	free(t.buffers);
	free(t.order);
	return ret;
}

static int child(const struct launch_conf *c, struct launch_report *r, uint32_t launch,
		 uint64_t epoch_ns, int last_words)
{
	struct engine_conf conf = c->engine;
	struct engine *e;
	int ret;

	conf.stop = &r->stop;
	memcpy(conf.reorder, r->reorder, sizeof(conf.reorder));
	conf.last_words = last_words;
	ret = engine_open(&e, c->ops, &conf, &r->err);
	if (ret)
		return ret;
	e->epoch_ns = epoch_ns;
	r->arena = *engine_arena(e);
	engine_invisible(e, r->invisible, sizeof(r->invisible));
	memcpy(r->counted, engine_counted(e), sizeof(r->counted));
	ret = c->hold ? c->hold(c->hold_arg, engine_tids(e), &r->stop, &r->err) : 0;
	if (!ret)
		ret = run_launch(e, c, r, launch);
	r->restarts = engine_restarts(e, &r->ended);
	if (engine_control(e))
		r->control = *engine_control(e);
	engine_close(e);
	return ret;
}

/* Has a child ended? If not: @stopped: in and out, whether it is, by SIGSTOP or the like. */
static bool has_ended(pid_t pid, int *status, bool *stopped)
{
	while (waitpid(pid, status, WNOHANG | WUNTRACED | WCONTINUED) == pid) {
		if (!WIFSTOPPED(*status) && !WIFCONTINUED(*status))
			return true;
		*stopped = WIFSTOPPED(*status);
	}
	return false;
}

/* How a launch came to its end. */
enum launch_end { ENDED, KILLED_BY_USER, KILLED_STOPPED };

/*
 * Sleep until the child has ended. Ctrl-C asks it to stop; if it does not within GRACE, or on
 * a second Ctrl-C, it is killed, and so is one that is stopped for STOPPED: the samples so far are
 * safe in the report.
 */
static enum launch_end wait_child(pid_t pid, struct launch_report *r, int *status)
{
	const struct timespec grace = {.tv_sec = GRACE_S}, most = {.tv_sec = STOPPED_S};
	const struct timespec moment = {.tv_nsec = 100000000};
	bool stopped = false;
	sigset_t signals;

	signals_ending(&signals);
	sigaddset(&signals, SIGCHLD);
	while (!has_ended(pid, status, &stopped)) {
		siginfo_t info;
		int signal = r->stop   ? sigtimedwait(&signals, &info, &grace)
			     : stopped ? sigtimedwait(&signals, &info, &most)
				       : sigwaitinfo(&signals, &info);

		if (signal == SIGCHLD || (signal < 0 && errno == EINTR))
			continue;
		if (signal < 0 && !r->stop) {
			/* All of a terminal's job may have been stopped, and have just gone on. */
			nanosleep(&moment, NULL);
			if (has_ended(pid, status, &stopped))
				return ENDED;
			if (!stopped)
				continue;
		}
		if (r->stop || signal < 0) {
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
			return r->stop ? KILLED_BY_USER : KILLED_STOPPED;
		}
		__atomic_store_n(&r->stop, 1, __ATOMIC_RELAXED);
	}
	return ENDED;
}

/*
 * What is left of a launch says something, or nothing, and ends: who has the other end of the pipe.
 * Returns then.
 */
static void hear(int fd, char *said, size_t size)
{
	struct pollfd at = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && poll(&at, 1, GRACE_S * 1000) > 0) {
		n = read(fd, said + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	said[len] = '\0';
	close(fd);
}

/*
 * How large the cores' buffers are, by which a launch sees whether its cores are shared: the largest so far, as a neighbour
 * halves what is seen. Not of threads of one core, which share it by themselves, nor of several pairs, which may.
 */
static void look_at_cores(struct launch_report *r, const struct launch_conf *c)
{
	uint32_t now[2];

	if (!c->ops->pinned || c->engine.queues > 1 || c->engine.pair.claimed == REL_SMT ||
	    c->engine.pair.drv == c->engine.pair.dev)
		return;
	core_size_reorder(&c->engine.pair, now);
	for (unsigned i = 0; i < ARRAY_SIZE(now); i++)
		r->reorder[i] = r->reorder[i] > now[i] ? r->reorder[i] : now[i];
}

int launch_run(struct launch_report *r, const struct launch_conf *c, uint32_t launch,
	       uint64_t epoch_ns, struct vrb_err *err)
{
	const pid_t session = getpid();
	char said[400];
	int words[2], status;
	enum launch_end end;
	pid_t pid;

	if (pipe2(words, O_CLOEXEC))
		return vrb_fail(err, errno, "cannot start a launch: %s", strerror(errno));
	r->nsamples = r->restarts = 0;
	r->error = -ECHILD;
	r->finish_error = 0;
	clear_latencies(r, c);
	look_at_cores(r, c);
	fflush(NULL); /* or the child's copy of a buffer would be written too */
	pid = fork();
	if (pid < 0) {
		vrb_fail(err, errno, "cannot start a launch: %s", strerror(errno));
		close(words[0]);
		close(words[1]);
		return -EAGAIN;
	}
	if (!pid) {
		/* a launch must not outlive its session, which may have ended before it asked for that */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != session)
			_exit(1);
		r->error = child(c, r, launch, epoch_ns, words[1]);
		if (c->finish)
			r->finish_error = c->finish(c->finish_arg, &r->finish_err);
		_exit(0); /* not exit(): the parent's files and handlers are not ours */
	}

	close(words[1]);
	end = wait_child(pid, r, &status);
	hear(words[0], said, sizeof(said));
	if (end == KILLED_BY_USER)
		return r->error = -EINTR;
	if (end == KILLED_STOPPED)
		return vrb_fail(err, ECHILD,
				"launch %u was stopped by a signal for %d s, so it was ended",
				launch, STOPPED_S);
	if (WIFSIGNALED(status))
		return vrb_fail(err, ECHILD, "launch %u was ended by signal %d (%s)%s%s", launch,
				WTERMSIG(status), strsignal(WTERMSIG(status)), *said ? ": " : "",
				said);
	if (r->error && err)
		*err = r->err;
	/* who asked for the end is heard, even if the launch had just come to it by itself */
	if (r->stop && !r->error)
		r->error = -EINTR;
	return r->error;
}
