/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notify_side.h - what each side of a virtqueue keeps for notifications: a driver's to the device are
 * kicks, a device's to the driver are calls.
 *
 * Each side both asks for notifications of the other one and sends its own, and does so by the same
 * code: notify.h. A direction that is off is one in which nobody asks and nobody sends.
 */
#ifndef VRB_NOTIFY_SIDE_H
#define VRB_NOTIFY_SIDE_H

#include "ring/policy.h"

struct notify {
	/* Set up before a run, constant while a loop runs. */
	_Alignas(ISOLATE) uint16_t *own_flags,
		*own_event; /* where this side asks; packed: of one structure */
	const uint16_t *peer_flags, *peer_event; /* where the other side does */
	/*
	 * Positions of either side are below it and go round: 65536 with indices; packed: two laps,
	 * the first with a wrap counter of 1.
	 */
	uint32_t span;
	bool packed;
	enum notify_mode asks, sends;
	bool late;	  /* decides after its next poll, not right after it published */
	bool rearms;	  /* asks again after each burst, not only before it sleeps */
	bool delays;	  /* asks for a notification when 3/4 of what is outstanding is done */
	bool sleeps;	  /* while there is nothing to do */
	uint32_t busy_ns; /* after so long an empty time; 0: at the first empty poll */
	/*
	 * Coalescing: whether to send is decided only once so many buffers were published, or so long
	 * after the first of them; 0: each time; 0: when there is nothing more.
	 */
	uint32_t hold, hold_ns;

	/* Written by the engine. */
	uint32_t asleep; /* natively read by the other side, so atomic */
	bool rung;	 /* a notification has come; natively an eventfd knows */

	/* Between two turns also written by the engine. */
	bool may_sleep; /* the empty time was long enough */
	bool woken;	/* and found nothing yet */
	bool due;	/* what is held back was held for hold_ns */

	/* Of the engine's clock: the buffers published when it last saw a decision, and when that was. */
	uint64_t held_from, held_since;

	/* Written by the loop. */
	bool rings; /* a notification is to be sent: the engine sends it, and takes this back */
	bool armed, enabled; /* asks; of flags: as they were stored last */
	uint32_t armed_at;   /* the position that it waited at when it asked */
	uint32_t told;	     /* published up to here when it last decided whether to send */
	uint64_t decided;    /* the same in buffers */
	struct notify_counts counts;
};

/* Was something published, @buffer in all, of which it is not decided yet whether the other side is notified? */
ALWAYS_INLINE bool notify_holds(const struct notify *n, uint64_t buffer)
{
	return n->hold && n->decided != buffer;
}

/* What a side does after an empty poll. */
enum notify_next {
	NEXT_WAIT,   /* as one that only polls */
	NEXT_POLL,   /* polls at once: it has just asked */
	NEXT_ENGINE, /* its turn is over: there is something to send, or to report */
	NEXT_SLEEP,
};

#endif
