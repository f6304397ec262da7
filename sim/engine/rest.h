/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rest.h - how a side that has a thread of its own is notified, and sleeps until it is: an eventfd, as
 * KVM has it for kicks and calls.
 */
#ifndef VRB_REST_H
#define VRB_REST_H

#include "ring/setup.h"

/* Of one side. Its own thread alone uses it, but for fd. */
struct rest {
	_Alignas(ISOLATE) int fd; /* of which it is notified; -1: not open */
	struct notify *notify;
	const struct notify *peer;
	const uint64_t *published;   /* buffers in all, by this side */
	uint64_t progress, since_ns; /* of a busy poll: where it last got on, and when */
};

/** rest_open - of the device, of the driver. Returns 0 or -errno with the line. */
int rest_open(struct rest rests[2], struct vrb_err *err);
void rest_close(struct rest rests[2]);

/** rest_begin - a sample begins: of the device, of the driver. What was sent in another is forgotten. */
void rest_begin(struct rest rests[2], const struct ring_private *sides);

/** rest_turn - a turn no longer than @turn, after which a side for which time counts looks at its clock. */
struct turn rest_turn(const struct notify *n, struct turn turn);

/**
 * rest_ring - a turn is over: send the notification that it left; see whether one that is held back is due.
 * Returns if there was one to send.
 */
bool rest_ring(struct rest *r, const struct rest *other);

/**
 * rest_polls - an idle side that will sleep: has it polled long enough?
 * @progress: changes when it gets on. Returns false if it never sleeps, nor holds back what others wait for.
 */
bool rest_polls(struct rest *r, uint64_t progress);

/**
 * rest_wait - sleep until a notification comes, for some ms at most. One that came while the side was
 * awake ends it at once. Returns if there was one; if not, the side counts as asleep still.
 */
bool rest_wait(struct rest *r);

/** rest_peer_sleeps - does the other side sleep, too? */
bool rest_peer_sleeps(const struct rest *r);

#endif
