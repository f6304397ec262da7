/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rest.c - how a side that has a thread of its own is notified, and sleeps until it is.
 */
#include "engine/rest.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* So often one that sleeps looks whether the other side gave up. */
#define SLEEP_MS 10
#define SLEEP_NS (SLEEP_MS * 1000000ull)

/* So many polls between two looks at the clock, or bursts: less than a us, or some. */
#define BUSY_LOOKS 32

int rest_open(struct rest rests[2], struct vrb_err *err)
{
	for (unsigned i = 0; i < 2; i++) {
		rests[i].fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (rests[i].fd < 0)
			return vrb_fail(err, errno, "no eventfd to notify a side: %s",
					strerror(errno));
	}
	return 0;
}

void rest_close(struct rest rests[2])
{
	for (unsigned i = 0; i < 2; i++) {
		if (rests[i].fd >= 0)
			close(rests[i].fd);
	}
}

/* Wait for a notification and take it. */
static bool rung(const struct rest *r, int ms)
{
	struct pollfd at = {.fd = r->fd, .events = POLLIN};
	uint64_t times;

	return poll(&at, 1, ms) > 0 && read(r->fd, &times, sizeof(times)) == sizeof(times);
}

void rest_begin(struct rest rests[2], const struct ring_private *sides)
{
	rests[true].notify = sides->drv->notify;
	rests[false].notify = sides->dev->notify;
	rests[true].published = &sides->drv->posted;
	rests[false].published = &sides->dev->returned;
	for (unsigned i = 0; i < 2; i++) {
		rests[i].peer = rests[!i].notify;
		rests[i].progress = rests[i].since_ns = 0;
		rung(&rests[i], 0);
	}
}

struct turn rest_turn(const struct notify *n, struct turn turn)
{
	if ((n->sleeps && n->busy_ns) || n->hold_ns)
		turn.looks = BUSY_LOOKS;
	if (n->hold_ns)
		turn.bursts = BUSY_LOOKS;
	return turn;
}

bool rest_ring(struct rest *r, const struct rest *other)
{
	const uint64_t one = 1;

	if (r->notify->hold_ns)
		notify_clock(r->notify, *r->published, now_ns());
	if (!r->notify->rings)
		return false;
	r->notify->rings = false;
	/* it fails only where 2^64 - 2 have come already: then the other side is woken, too */
	return write(other->fd, &one, sizeof(one)) == sizeof(one) || errno == EAGAIN;
}

bool rest_polls(struct rest *r, uint64_t progress)
{
	const uint64_t now = r->notify->sleeps ? now_ns() : 0;

	if (progress != r->progress || !r->since_ns) {
		r->progress = progress;
		r->since_ns = now;
	}
	r->notify->may_sleep |= r->notify->sleeps && now - r->since_ns >= r->notify->busy_ns;
	return r->notify->sleeps || r->notify->hold_ns;
}

bool rest_wait(struct rest *r)
{
	const uint64_t from = now_ns();
	uint64_t took;
	bool came;

	__atomic_store_n(&r->notify->asleep, 1, __ATOMIC_RELAXED);
	came = rung(r, SLEEP_MS);
	took = now_ns() - from;
	/* what is longer was no sleep: this thread was stopped, or waited for its CPU */
	r->notify->counts.asleep_ns += took < SLEEP_NS ? took : SLEEP_NS;
	if (!came)
		return false;
	__atomic_store_n(&r->notify->asleep, 0, __ATOMIC_RELAXED);
	r->notify->woken = true;
	return true;
}

bool rest_peer_sleeps(const struct rest *r)
{
	return __atomic_load_n(&r->peer->asleep, __ATOMIC_RELAXED);
}
