/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perfctr_selftest.c - does an event count what it should? Lines that are known to move, and the
 * same work where none does.
 */
#include "host/perfctr.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The peer is late, or gone, or on the same CPU: as in pingpong.c. */
#define PATIENCE_NS    1000000000
#define TRIES_PER_LOOK 1024

/* What an event may be off by, how much more an upper bound may count, and what is nothing. */
#define LEAST_SHARE  0.5
#define MOST_SHARE   1.5
#define BOUND_FACTOR 2
#define NOTHING	     0.1

/*
 * Wait until the other side has handed over. Returns 0, -EINTR or -ETIME. @since: of all hand-offs, first 0: when
 * the peer was late for the first time.
 */
static int wait_for(struct perfctr_words *w, uint32_t turn, const uint32_t *stop, uint64_t *since)
{
	for (uint32_t tries = 1;; tries++) {
		/*
		 * Acquire, with the release in hand_over(): this side's store to data comes after
		 * the other's. Without it the two stores could pass each other, and data would
		 * not be the other side's when it is written here.
		 */
		if (__atomic_load_n(&w->turn, __ATOMIC_ACQUIRE) == turn)
			return 0;
		if (LIKELY(tries % TRIES_PER_LOOK))
			continue;
		/* Relaxed: a flag alone, seen a little later at worst. */
		if (stop && __atomic_load_n(stop, __ATOMIC_RELAXED))
			return -EINTR;
		if (!*since)
			*since = now_ns();
		else if (now_ns() - *since > PATIENCE_NS)
			return -ETIME;
	}
}

static void hand_over(struct perfctr_words *w, uint32_t turn)
{
	/* Relaxed: a store as such, of which the line is what counts; turn orders it. */
	__atomic_store_n(&w->data, turn, __ATOMIC_RELAXED);
	/* Release, with the acquire in wait_for(). */
	__atomic_store_n(&w->turn, turn, __ATOMIC_RELEASE);
}

int perfctr_pair(struct perfctr_words *w, bool first, uint32_t trips, const uint32_t *stop)
{
	uint64_t since = 0;

	for (uint32_t i = 0; i < trips; i++) {
		uint32_t mine = 2 * i + !first;
		int ret = wait_for(w, mine, stop, &since);

		if (ret)
			return ret;
		hand_over(w, mine + 1);
	}
	/* the last hand-off of the other side is received, too */
	return first ? wait_for(w, 2 * trips, stop, &since) : 0;
}

void perfctr_alone(struct perfctr_words *w, uint32_t trips)
{
	uint64_t since = 0;

	for (uint32_t i = 0; i < trips; i++) {
		/* what was stored is there at once: it is this thread's own */
		wait_for(w, i, NULL, &since);
		hand_over(w, i + 1);
	}
}

/* ---- verdicts ---- */

/* What a received hand-off should count: least to most. */
struct expected {
	double least, most;
};

static struct expected expected_of(const struct perfctr_event *e)
{
	static const struct expected by_counter[COUNTERS] = {
		[COUNTER_XFER_IN_RD] = {1, 1},
		[COUNTER_XFER_IN_RFO] = {1, 1},
		[COUNTER_XFER_IN_ANY] = {2, 2},
		[COUNTER_INVAL_IN] = {1, 2},
	};
	struct expected x = by_counter[e->counter];

	if (e->state == EVENT_UPPER_BOUND)
		x.most *= BOUND_FACTOR;
	return x;
}

/* What was said of the event before stays, behind it. */
static void say(struct perfctr_event *e, const char *text)
{
	char note[sizeof(e->why)];

	memcpy(note, e->why, sizeof(note));
	snprintf(e->why, sizeof(e->why), "%.120s%s%.120s", text, note[0] ? "; " : "", note);
}

static void judge_transfers(struct perfctr_event *e)
{
	const struct expected x = expected_of(e);
	char band[32], text[120];

	if (e->per_handoff >= LEAST_SHARE * x.least && e->per_handoff <= MOST_SHARE * x.most &&
	    e->alone < NOTHING)
		return;
	if (x.least < x.most)
		snprintf(band, sizeof(band), "%.0f to %.0f", x.least, x.most);
	else
		snprintf(band, sizeof(band), "about %.0f", x.least);
	snprintf(text, sizeof(text),
		 "%.2f a hand-off, %.2f on one core: it should be %s and about 0", e->per_handoff,
		 e->alone, band);
	e->state = EVENT_IMPLAUSIBLE;
	say(e, text);
}

static bool is_work(const struct perfctr_event *e)
{
	return e->counter == COUNTER_CYCLES || e->counter == COUNTER_INSTRUCTIONS;
}

static bool is_open(const struct perfctr_event *e)
{
	return e->state != EVENT_UNAVAILABLE && isfinite(e->per_handoff);
}

static bool counts_nothing(const struct perfctr_event *e)
{
	return e->per_handoff <= 0 && e->alone <= 0;
}

/* Neither can be 0 after work; so one 0 is enough. */
static bool stands_still(const struct perfctr_event *e)
{
	return is_open(e) && is_work(e) && (e->per_handoff <= 0 || e->alone <= 0);
}

#define NOTHING_AT_ALL "events"

/* Is the PMU there by name only? What it did not count, cycles above all; NULL: it lives. */
static const char *dead_pmu(const struct perfctr_list *list)
{
	unsigned n = 0, silent = 0;

	for (unsigned i = 0; i < list->n; i++) {
		const struct perfctr_event *e = &list->events[i];

		if (e->counter == COUNTER_CYCLES && stands_still(e))
			return e->name;
		if (e->counter < 0 || !is_open(e))
			continue;
		n++;
		silent += counts_nothing(e);
	}
	return n && silent == n ? NOTHING_AT_ALL : NULL;
}

static void judge(struct perfctr_event *e, const char *dead)
{
	const char *what = dead && counts_nothing(e) ? dead : stands_still(e) ? e->name : NULL;

	if (what) {
		/* the same words for all, so that they can be told in one line */
		snprintf(e->why, sizeof(e->why),
			 "counted 0 %.48s while the thread ran: a PMU that is there by name only",
			 what);
		e->state = EVENT_IMPLAUSIBLE;
	} else if (e->counter < 0 && counts_nothing(e)) {
		/* QEMU 7.2's PMUv3 is one: it opens any raw code, and counts three */
		e->state = EVENT_IMPLAUSIBLE;
		say(e, "0 a hand-off and 0 on one core: PMUs open codes that they do not count");
	} else if (e->counter >= 0 && !is_work(e)) {
		judge_transfers(e);
	}
}

/* Why a run of the self-test shows nothing; NULL: it does. */
static const char *not_tested(const struct counter_values *v)
{
	if (!v->enabled_ns)
		return "not tested: the counters could not be read, or the other side was not "
		       "there";
	if (!v->running_ns)
		return "not tested: the group never ran; " PERFCTR_FEWER;
	if (v->running_ns < v->enabled_ns)
		return "not tested: the group ran for a part of the time: something else counts, "
		       "too";
	return NULL;
}

static void fill_figures(struct perfctr_event *e, uint64_t pair, uint64_t alone, uint32_t trips)
{
	if (pair == EVENT_NOT_COUNTED || alone == EVENT_NOT_COUNTED) {
		say(e, "not tested: the kernel gave no value");
		return;
	}
	e->per_handoff = (double)pair / trips;
	e->alone = (double)alone / trips;
}

void perfctr_judge(struct perfctr_list *list, const struct counter_values *pair,
		   const struct counter_values *alone, uint32_t trips)
{
	const char *why = not_tested(pair) ? not_tested(pair) : not_tested(alone), *dead;

	for (unsigned i = 0; i < list->n; i++) {
		struct perfctr_event *e = &list->events[i];

		e->per_handoff = e->alone = NAN;
		if (e->state == EVENT_UNAVAILABLE)
			continue;
		if (why)
			say(e, why);
		else
			fill_figures(e, pair->value[i], alone->value[i], trips);
	}
	dead = dead_pmu(list);
	for (unsigned i = 0; i < list->n; i++) {
		struct perfctr_event *e = &list->events[i];

		if (is_open(e) && e->code.type != PERF_TYPE_SOFTWARE)
			judge(e, dead);
	}
}
