/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency.c - the same loops, buffer by buffer, with a look at the clock where one is sent and
 * where it comes back.
 */
#include "engine/latency.h"

#include "engine/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Until then both sides have left the barrier and stand in their loops. */
#define START_AFTER_NS 50000

/* The first ones of a sample meet cold caches and branches: 1 in 16, at most so many. */
#define LEAD_MOST 256

/* A side returns after so many turns: some ten ms, and more than the buffers of most samples. */
#define STAY (1u << 19)

/* A side that sends looks at the clock after each turn; one that waits need not. */
static const struct turn one_look = {.bursts = 1, .looks = 1};
static const struct turn one_burst = {.bursts = 1, .looks = 1u << 16};
static const struct turn all_bursts = {.bursts = STAY, .looks = 1u << 16};

int latency_open(struct latency **out, struct vrb_err *err)
{
	*out = aligned_alloc(ISOLATE, sizeof(**out));
	if (!*out)
		return vrb_fail(err, ENOMEM, "no memory for a histogram");
	memset(*out, 0, sizeof(**out));
	return 0;
}

void latency_close(struct latency *l)
{
	free(l);
}

void latency_prepare(struct latency *l, const struct job *job)
{
	const uint64_t lead = job->buffers / 16;

	memset(l, 0, sizeof(*l));
	l->pace = job->pace;
	l->rate = job->rate;
	l->first = job_first(job);
	l->n = job->buffers;
	l->account.hist = &l->hist;
	l->account.lead = lead < LEAD_MOST ? lead : LEAD_MOST;
}

void latency_start(struct latency *l)
{
	if (l->pace != PACE_OPEN)
		return;
	l->start_ns = now_ns() + START_AFTER_NS;
	schedule_begin(&l->drv, l->start_ns, l->rate, l->n);
	schedule_begin(&l->dev, l->start_ns, l->rate, l->n);
}

uint64_t latency_elapsed(const struct latency *l, uint64_t took)
{
	return l->pace == PACE_OPEN ? schedule_elapsed(&l->drv, l->account.last_ns) : took;
}

/* ---- TX: the driver sends, and takes back ---- */

static enum side_status tx_closed(const struct job *job, struct drv *d, struct latency *l)
{
	for (unsigned i = 0; i < STAY; i++) {
		enum side_status status;

		if (d->posted == d->reaped) {
			d->post_target = d->posted + 1;
			l->drv_sent_ns = now_ns();
		}
		status = job->loops.drv(d, one_burst); /* sends; then waits and takes back */
		if (d->reaped - l->first != l->account.done)
			account_one(&l->account, l->drv_sent_ns, now_ns());
		if (status != SIDE_IDLE || !d->polling.looks_left)
			return status;
	}
	return SIDE_IDLE;
}

static enum side_status tx_open(const struct job *job, struct drv *d, struct latency *l)
{
	for (unsigned i = 0; i < STAY; i++) {
		/* one reading: it ends the time of what the last turn took back */
		const uint64_t now = now_ns();
		enum side_status status;

		account_due(&l->account, &l->drv, d->reaped - l->first, now);
		d->post_target = l->first + schedule_due(&l->drv, now);
		status = job->loops.drv(d, one_look);
		if (status != SIDE_IDLE) {
			account_due(&l->account, &l->drv, d->reaped - l->first, now_ns());
			return status;
		}
	}
	return SIDE_IDLE;
}

/* ---- RX: the device sends ---- */

/*
 * Account for what has come back, once the device has told when it sent that. Returns false if it has
 * not yet, for long: it was preempted right behind that buffer, or has given up.
 */
static bool rx_closed_back(struct latency *l, uint64_t done)
{
	uint64_t looks = one_burst.looks;

	if (!l->drv_got_ns)
		l->drv_got_ns = now_ns();
	/*
	 * [told] acquire. Pairs with [told] release in rx_closed_dev(): without it the driver could
	 * take the time of an earlier buffer.
	 */
	while (__atomic_load_n(&l->told, __ATOMIC_ACQUIRE) < done) {
		if (!--looks)
			return false;
	}
	account_one(&l->account, __atomic_load_n(&l->told_ns, __ATOMIC_RELAXED), /* by told */
		    l->drv_got_ns);
	l->drv_got_ns = 0;
	l->account.done = done; /* one more, or a buffer was returned twice: that is found later */
	/*
	 * [back] release. Pairs with [back] acquire in rx_closed_dev(): without it the device could
	 * overwrite the time before it was read.
	 */
	__atomic_store_n(&l->back, done, __ATOMIC_RELEASE);
	return true;
}

static enum side_status rx_drv(const struct job *job, struct drv *d, struct latency *l)
{
	for (unsigned i = 0; i < STAY; i++) {
		const enum side_status status = job->loops.drv(d, one_burst);
		const uint64_t done = d->reaped - l->first;

		if (status == SIDE_BROKEN)
			return status;
		if (done != l->account.done) {
			if (l->pace == PACE_OPEN)
				account_due(&l->account, &l->drv, done, now_ns());
			else if (!rx_closed_back(l, done))
				return SIDE_IDLE;
		}
		if (status != SIDE_IDLE || !d->polling.looks_left)
			return status;
	}
	return SIDE_IDLE;
}

/* Wait until the driver has all that was sent. Returns false if that takes long. */
static bool all_back(const struct latency *l, uint64_t sent)
{
	for (uint64_t i = 0; i < one_burst.looks; i++) {
		/* [back] acquire. Pairs with [back] release in rx_closed_back(). */
		if (__atomic_load_n(&l->back, __ATOMIC_ACQUIRE) == sent)
			return true;
	}
	return false;
}

static enum side_status rx_closed_dev(const struct job *job, struct dev *v, struct latency *l)
{
	for (unsigned i = 0; i < STAY && v->taken != l->first + l->n; i++) {
		if (l->dev_sent == v->taken - l->first) {
			if (!all_back(l, l->dev_sent))
				return SIDE_IDLE;
			v->take_target = l->first + ++l->dev_sent;
			l->dev_sent_ns = now_ns();
		}
		if (job->loops.dev(v, one_burst) == SIDE_BROKEN)
			return SIDE_BROKEN;
		if (v->taken != v->take_target)
			return SIDE_IDLE; /* nothing is posted */
		__atomic_store_n(&l->told_ns, l->dev_sent_ns, __ATOMIC_RELAXED);
		/* [told] release. Orders the time before its number; pairs with the acquire in rx_closed_back(). */
		__atomic_store_n(&l->told, l->dev_sent, __ATOMIC_RELEASE);
	}
	return v->taken == l->first + l->n ? SIDE_DONE : SIDE_IDLE;
}

static enum side_status rx_open_dev(const struct job *job, struct dev *v, struct latency *l)
{
	for (unsigned i = 0; i < STAY && v->taken != l->first + l->n; i++) {
		v->take_target = l->first + schedule_due(&l->dev, now_ns());
		if (v->taken == v->take_target)
			continue;
		if (job->loops.dev(v, one_look) == SIDE_BROKEN)
			return SIDE_BROKEN;
	}
	return v->taken == l->first + l->n ? SIDE_DONE : SIDE_IDLE;
}

enum side_status latency_drv(const struct job *job, struct drv *d, struct latency *l)
{
	if (job->ring.dir == DIR_RX)
		return rx_drv(job, d, l);
	return l->pace == PACE_OPEN ? tx_open(job, d, l) : tx_closed(job, d, l);
}

enum side_status latency_dev(const struct job *job, struct dev *v, struct latency *l)
{
	if (job->ring.dir == DIR_TX)
		return job->loops.dev(v, all_bursts);
	return l->pace == PACE_OPEN ? rx_open_dev(job, v, l) : rx_closed_dev(job, v, l);
}
