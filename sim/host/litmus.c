/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * litmus.c - scripts of loads and stores between two CPUs, timed.
 *
 * What the times mean is decided in litmus_judge.c, without a clock.
 */
#include "host/litmus.h"

#include "host/flush.h"
#include "host/pingpong.h"
#include "relax.h"
#include "stats/stats.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/*
 * Five lines from one to the next: odd, so that they spread over all sets of a first-level
 * cache and a hit is one there; not a neighbour, nor in the same 128-byte pair; 20 pages in
 * all, few enough for any first-level TLB.
 */
#define STRIDE 320

/* A hit takes so little that one way round would mostly time the clock. Changes no state. */
#define HIT_PASSES 16

/* How often a meeting looks before it lets others run: the peer may be off its CPU. */
#define LOOKS_PER_YIELD 10000

#define AHEAD_STRIDE 4 /* lines from one that is read to the next: two pairs */

#define STREAM_NUMBERS 4000u
#define STREAM_CYCLES  16u /* computing between two of them: as little as loops over rings have */

#define REST_NS	    20000000 /* between ping-pongs when nothing else is to do */
#define PROGRESS_MS 250

const char *litmus_no_flush(void)
{
	return HAVE_FLUSH ? NULL : "no instruction here that flushes a line out of all caches";
}

/* One line of the field. The pointer stays as it is; stores go beside it. */
struct spot {
	struct spot *volatile next;
	volatile uint64_t written;
};

/* Rounds of one class, as they were measured. */
struct kept {
	unsigned n;
	double ns[LITMUS_SCRIPTS][LITMUS_ROUNDS_MAX];
	double group_ns[LITMUS_GROUPS][2][LITMUS_ROUNDS_MAX];
	double stream_ns[LITMUS_STREAMS][LITMUS_ROUNDS_MAX];
	double handoff[LITMUS_ROUNDS_MAX];
};

struct keep {
	struct kept by[CLASS_COUNT];
	unsigned dropped;
	uint64_t began, told; /* ns */
	enum place_class now;
};

enum what { DO_ROUND, DO_LOOK, DO_END };

/* What both threads see. What they wait on has a block of its own. */
struct shared {
	struct pingpong ball;
	_Alignas(ISOLATE) uint32_t arrived; /* at meetings, both sides, since the start */
	_Alignas(ISOLATE) enum what what;   /* the owner, between meetings */
	bool failed;			    /* either side has no CPU; read after a meeting */
	bool moved[2];			    /* by side, of the round at hand, before a meeting */
	double ns[LITMUS_SCRIPTS];	    /* the side with the last step, before a meeting */
	double group_ns[LITMUS_GROUPS][2];  /* the same */
	double stream_ns[LITMUS_STREAMS];   /* the owner */
	_Alignas(ISOLATE) struct spot *order[LITMUS_LINES]; /* constant, as what follows */
	struct spot *row[LITMUS_LINES]; /* the same of neighbouring lines, ascending */
	const struct litmus_conf *conf;
	struct keep *keep; /* the owner's */
};

struct side {
	_Alignas(ISOLATE) struct shared *shared;
	bool owner;
	int cpu;
	int rc;
	struct vrb_err err;
	uint32_t meetings; /* so far */
};

/*
 * Both sides are done with what came before it when either goes on. Spinning, so that what
 * follows starts with a warm core; on one CPU, or with a peer off its CPU, by turns.
 */
static void meet(struct side *s)
{
	uint32_t *arrived = &s->shared->arrived;
	uint32_t both = 2 * ++s->meetings;

	/* Release and acquire: the lines' words go from side to side here. */
	__atomic_fetch_add(arrived, 1, __ATOMIC_ACQ_REL);
	for (uint32_t looks = 1; (int32_t)(__atomic_load_n(arrived, __ATOMIC_ACQUIRE) - both) < 0;
	     looks++) {
		cpu_relax();
		if (looks % LOOKS_PER_YIELD == 0)
			sched_yield();
	}
}

/* ---- steps ---- */

static void chase(const struct shared *sh, unsigned passes)
{
	const struct spot *at = sh->order[0];

	for (unsigned i = 0; i < passes * LITMUS_LINES; i++)
		at = at->next;
	__asm__ volatile("" ::"r"(at));
}

static void store_all(struct spot *const *lines)
{
	for (unsigned i = 0; i < LITMUS_LINES; i++) {
		lines[i]->written = i;
		full_fence();
	}
}

static void flush_all(const struct shared *sh)
{
	for (unsigned i = 0; i < LITMUS_LINES; i++)
		flush_line(sh->order[i]);
	full_fence();
}

static void step(const struct shared *sh, char what, unsigned passes)
{
	switch (what) {
	case 'R':
	case 'r':
		chase(sh, passes);
		break;
	case 'W':
	case 'w':
		store_all(sh->order);
		break;
	default:
		flush_all(sh);
		break;
	}
}

static bool is_owners(char what)
{
	return what == 'W' || what == 'R' || what == 'F';
}

/* One side takes a step that is not timed. */
static void prepare(struct side *s, char what)
{
	meet(s);
	if (is_owners(what) == s->owner)
		step(s->shared, what, 1);
}

/* ---- groups ---- */

static void one_group(enum litmus_group g, struct spot *const *lines, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		switch (g) {
		case LITMUS_STORES:
		case LITMUS_UPGRADES:
			lines[i]->written = i;
			break;
		case LITMUS_READ_AND_STORE:
			if (i)
				lines[i]->written = i;
			else
				sum = lines[i]->written;
			break;
		case LITMUS_BRANCHES:
			if (UNLIKELY(lines[i]->written >= LITMUS_LINES))
				return; /* never: no line holds as much */
			break;
		default:
			sum += lines[i]->written;
			break;
		}
	}
	__asm__ volatile("" ::"r"(sum));
	full_fence();
}

/*
 * What a reader of words in ascending order takes beside their line. The line after it is not of its pair, and nobody
 * reads it: the owner's store to it is a hit, unless the reader's core has asked for it.
 */
static void run_ahead(struct side *s, bool all_words)
{
	struct shared *sh = s->shared;
	uint64_t began, sum = 0;

	meet(s);
	if (s->owner)
		store_all(sh->row);
	meet(s);
	for (unsigned i = 1; !s->owner && i < LITMUS_LINES; i += AHEAD_STRIDE) {
		const volatile uint64_t *words =
			(const volatile uint64_t *)(const void *)sh->row[i];

		for (unsigned w = 0; w < (all_words ? CACHE_LINE / sizeof(*words) : 1); w++)
			sum += words[w];
	}
	__asm__ volatile("" ::"r"(sum));
	meet(s);
	if (!s->owner)
		return;
	full_fence();
	began = now_ns();
	for (unsigned i = 2; i < LITMUS_LINES; i += AHEAD_STRIDE) {
		sh->row[i]->written = i;
		full_fence();
	}
	sh->group_ns[LITMUS_AHEAD][all_words] =
		(double)(now_ns() - began) * AHEAD_STRIDE / LITMUS_LINES;
}

static void run_group(struct side *s, enum litmus_group g, bool many)
{
	struct shared *sh = s->shared;
	struct spot *const *lines = g == LITMUS_ASCENDING ? sh->row : sh->order;
	const unsigned n = many ? LITMUS_MANY : 1, groups = LITMUS_LINES / n;
	const bool upgrade = g == LITMUS_UPGRADES; /* the owner's; all others are the peer's */
	uint64_t began;

	if (upgrade) {
		prepare(s, 'F');
		prepare(s, 'R');
		prepare(s, 'r');
	} else {
		meet(s);
		if (s->owner)
			store_all(lines);
	}
	meet(s);
	if (s->owner != upgrade)
		return;
	full_fence();
	began = now_ns();
	for (unsigned i = 0; i < LITMUS_LINES; i += n)
		one_group(g, lines + i, n);
	sh->group_ns[g][many] = (double)(now_ns() - began) / groups;
}

/* ---- streams ---- */

static void publish_numbers(volatile uint64_t *number, volatile uint64_t *other)
{
	for (uint64_t i = 1; i <= STREAM_NUMBERS; i++) {
		if (other) /* relaxed: the peer may read a later one */
			__atomic_store_n(other, i, __ATOMIC_RELAXED);
		/* pairs with the peer's load: else the other line might be written after it */
		__atomic_store_n(number, i, __ATOMIC_RELEASE);
		cpu_work(STREAM_CYCLES);
	}
}

static void watch_numbers(const volatile uint64_t *number, const volatile uint64_t *other)
{
	uint64_t seen = 0, sum = 0;

	for (uint32_t looks = 1; seen != STREAM_NUMBERS; looks++) {
		const uint64_t now = __atomic_load_n(number, __ATOMIC_ACQUIRE);

		if (now != seen) {
			seen = now;
			sum += other ? __atomic_load_n(other, __ATOMIC_RELAXED) : 0;
		}
		if (looks % LOOKS_PER_YIELD == 0)
			sched_yield();
	}
	__asm__ volatile("" ::"r"(sum));
}

static void run_stream(struct side *s, enum litmus_stream stream)
{
	struct shared *sh = s->shared;
	volatile uint64_t *number = &sh->order[0]->written;
	volatile uint64_t *other = stream == LITMUS_TWO_LINES ? &sh->order[1]->written : NULL;

	meet(s);
	if (s->owner)
		*number = 0;
	meet(s);
	if (s->owner) {
		const uint64_t began = now_ns();

		publish_numbers(number, other);
		sh->stream_ns[stream] = (double)(now_ns() - began) / STREAM_NUMBERS;
	} else {
		watch_numbers(number, other);
	}
}

static void run_script(struct side *s, enum litmus_script script)
{
	const char *at = litmus_steps(script);
	unsigned passes = script == LITMUS_HIT ? HIT_PASSES : 1;

	for (; *at; at++) {
		uint64_t began, ended;

		if (*at == ' ')
			continue;
		meet(s);
		if (is_owners(*at) != s->owner)
			continue;
		began = now_ns();
		step(s->shared, *at, passes);
		ended = now_ns();
		if (!at[1])
			s->shared->ns[script] = (double)(ended - began) / (passes * LITMUS_LINES);
	}
}

static bool group_runs(enum litmus_group g)
{
	return HAVE_FLUSH || g != LITMUS_UPGRADES;
}

static void run_scripts(struct side *s)
{
	for (unsigned i = 0; i < LITMUS_SCRIPTS; i++) {
		if (HAVE_FLUSH || litmus_steps((enum litmus_script)i)[0] != 'F')
			run_script(s, (enum litmus_script)i);
	}
	for (unsigned g = 0; g < LITMUS_GROUPS; g++) {
		for (unsigned many = 0; many < 2 && group_runs((enum litmus_group)g); many++)
			if (g == LITMUS_AHEAD)
				run_ahead(s, many);
			else
				run_group(s, (enum litmus_group)g, many);
	}
	for (unsigned i = 0; i < LITMUS_STREAMS; i++)
		run_stream(s, (enum litmus_stream)i);
	meet(s);
}

/* ---- rounds ---- */

static double hand_off(struct side *s)
{
	if (s->owner)
		pingpong_reset(&s->shared->ball.turn);
	meet(s);
	return pingpong_run(&s->shared->ball.turn, s->owner, PINGPONG_TRIPS, NULL);
}

/* What comes next, after the class of the last look and how much there is of each. */
static enum what decide(struct keep *k, const struct litmus_conf *conf)
{
	uint64_t now = now_ns();
	unsigned elapsed_ms = (unsigned)((now - k->began) / 1000000);
	unsigned done = 0;

	for (unsigned c = 0; c < CLASS_COUNT; c++)
		done += k->by[c].n >= conf->rounds;
	if (done >= conf->classes || elapsed_ms >= conf->limit_ms)
		return DO_END;
	if (conf->progress && now - k->told >= PROGRESS_MS * 1000000ull) {
		conf->progress(conf->arg, elapsed_ms, k->now);
		k->told = now;
	}
	return k->by[k->now].n >= conf->rounds ? DO_LOOK : DO_ROUND;
}

static void keep_round(struct keep *k, const struct shared *sh, double before, double after)
{
	enum place_class place = place_class_of(before);
	struct kept *to = &k->by[place];

	k->now = place_class_of(after);
	if (sh->what != DO_ROUND)
		return;
	if (place == CLASS_NONE || place != k->now || sh->moved[0] || sh->moved[1] ||
	    to->n == LITMUS_ROUNDS_MAX) {
		k->dropped++;
		return;
	}
	for (unsigned i = 0; i < LITMUS_SCRIPTS; i++)
		to->ns[i][to->n] = sh->ns[i];
	for (unsigned i = 0; i < LITMUS_GROUPS * 2; i++)
		to->group_ns[i / 2][i % 2][to->n] = sh->group_ns[i / 2][i % 2];
	for (unsigned i = 0; i < LITMUS_STREAMS; i++)
		to->stream_ns[i][to->n] = sh->stream_ns[i];
	to->handoff[to->n++] = (before + after) / 2;
}

/* Before each round: a CPU may have been offline for a while, or be gone for good. */
static void bind_side(struct side *s)
{
	s->rc = placement_pin(s->cpu, &s->err);
	if (s->rc) /* relaxed: the meeting orders it */
		__atomic_store_n(&s->shared->failed, true, __ATOMIC_RELAXED);
}

static void *side_main(void *arg)
{
	const struct timespec rest = {.tv_nsec = REST_NS};
	struct side *s = arg;
	struct shared *sh = s->shared;

	placement_pin(s->cpu, NULL);
	chase(sh, 1);
	for (;;) {
		double before, after;
		bool moved = false;

		bind_side(s);
		if (s->owner)
			sh->what = decide(sh->keep, sh->conf);
		meet(s);
		if (__atomic_load_n(&sh->failed, __ATOMIC_RELAXED) || sh->what == DO_END)
			return NULL;
		before = hand_off(s);
		if (sh->what == DO_ROUND)
			run_scripts(s);
		else
			nanosleep(&rest, NULL);
		after = hand_off(s);
		(void)placement_stay(s->cpu, &moved, NULL); /* if it is gone, bind_side() says so */
		sh->moved[s->owner] = moved;
		meet(s); /* nobody decides while the other still asks what to do */
		if (s->owner)
			keep_round(sh->keep, sh, before, after);
	}
}

/* ---- before and after the threads ---- */

/* All lines in one cycle of pointers, in an order that no prefetcher follows. */
static void lay_out(struct shared *sh, char *field)
{
	struct rng rng = {.state = 1};
	uint32_t at[LITMUS_LINES];

	for (uint32_t i = 0; i < LITMUS_LINES; i++)
		at[i] = i;
	stats_shuffle(&rng, at, LITMUS_LINES);
	for (unsigned i = 0; i < LITMUS_LINES; i++) {
		sh->order[i] = (struct spot *)(field + (size_t)at[i] * STRIDE);
		sh->row[i] = (struct spot *)(field + (size_t)LITMUS_LINES * STRIDE +
					     (size_t)i * CACHE_LINE);
	}
	for (unsigned i = 0; i < LITMUS_LINES; i++)
		sh->order[i]->next = sh->order[(i + 1) % LITMUS_LINES];
}

static int run_threads(struct shared *sh, const struct cpu_pair *pair, struct vrb_err *err)
{
	struct side owner = {.shared = sh, .owner = true, .cpu = pair->drv};
	struct side peer = {.shared = sh, .owner = false, .cpu = pair->dev};
	pthread_t a, b;
	int rc = pthread_create(&a, NULL, side_main, &owner);

	if (!rc) {
		rc = pthread_create(&b, NULL, side_main, &peer);
		/* The first thread waits for a peer: play it, to end it at once. */
		if (rc) {
			__atomic_store_n(&sh->failed, true, __ATOMIC_RELAXED);
			meet(&peer);
		} else {
			pthread_join(b, NULL);
		}
		pthread_join(a, NULL);
	}
	if (rc)
		return vrb_fail(err, EAGAIN, "cannot start a thread: %s", strerror(rc));
	if (!owner.rc && !peer.rc)
		return 0;
	*err = owner.rc ? owner.err : peer.err;
	return owner.rc ? owner.rc : peer.rc;
}

/* Least, median, most; NAN of none. */
static void spread(const double *v, unsigned n, double out[3])
{
	out[0] = out[2] = (double)NAN;
	out[1] = stats_median(v, n);
	for (unsigned i = 0; i < n; i++) {
		out[0] = fmin(out[0], v[i]); /* pass over a NAN */
		out[2] = fmax(out[2], v[i]);
	}
}

static int sum_up(const struct keep *k, const struct cpu_pair *pair, struct litmus *out,
		  struct vrb_err *err)
{
	unsigned all = 0;

	memset(out, 0, sizeof(*out));
	out->dropped = k->dropped;
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		const struct kept *from = &k->by[c];
		struct litmus_class *to = &out->by[c];

		all += to->rounds = from->n;
		to->handoff_ns = stats_median(from->handoff, from->n);
		for (unsigned i = 0; i < LITMUS_SCRIPTS; i++) {
			bool ran = HAVE_FLUSH || litmus_steps((enum litmus_script)i)[0] != 'F';

			to->ns[i] = ran ? stats_median(from->ns[i], from->n) : (double)NAN;
		}
		for (unsigned i = 0; i < LITMUS_GROUPS * 2; i++) {
			const unsigned g = i / 2;

			to->group_ns[g][i % 2] =
				group_runs((enum litmus_group)g)
					? stats_median(from->group_ns[g][i % 2], from->n)
					: (double)NAN;
		}
		for (unsigned i = 0; i < LITMUS_STREAMS; i++)
			spread(from->stream_ns[i], from->n, to->stream_ns[i]);
	}
	if (all == 0)
		return vrb_fail(err, ETIMEDOUT,
				"CPUs %d and %d: no round of the litmus scripts within which their "
				"hand-off stayed in one class",
				pair->drv, pair->dev);
	return 0;
}

int litmus_run(const struct cpu_pair *pair, const struct litmus_conf *conf, struct litmus *out,
	       struct vrb_err *err)
{
	size_t bytes = (size_t)LITMUS_LINES * (STRIDE + CACHE_LINE);
	struct shared *sh = aligned_alloc(_Alignof(struct shared), sizeof(*sh));
	struct keep *keep = calloc(1, sizeof(*keep));
	char *field = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int rc;

	if (sh && keep && field != MAP_FAILED) {
		memset(sh, 0, sizeof(*sh));
		keep->began = keep->told = now_ns();
		sh->conf = conf;
		sh->keep = keep;
		lay_out(sh, field);
		rc = run_threads(sh, pair, err);
		if (!rc)
			rc = sum_up(keep, pair, out, err);
	} else {
		rc = vrb_fail(err, ENOMEM, "out of memory");
	}
	if (field != MAP_FAILED)
		munmap(field, bytes);
	free(keep);
	free(sh);
	return rc;
}
