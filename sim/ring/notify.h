/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notify.h - notifications and their suppression, of either side, split and packed.
 *
 * A side that wants to sleep asks to be notified ("arms"), and the other one decides after each
 * publication whether it must notify. Both store first and load then:
 *
 *   who sleeps                          who publishes
 *     store: notify me from here on       store: the index, or flags of a descriptor
 *     full fence [C] or [D]               full fence [C] or [D]
 *     load: is there anything new?        load: does it want to be notified?
 *
 * One of the two loads sees the other side's store. Without either fence a core may load before its own
 * store is visible: then both loads see what was there before, nothing is sent, and the sleeper sleeps
 * for good. [C] is the pair for kicks, [D] that for calls. That the publication itself is in order is a
 * matter of [A] and [B] (access.h).
 *
 *   flags      split: a flag of the ring that the side writes says that it wants none; packed: the flags
 *              of its event suppression structure do. Virtio 1.4, 2.7.7, 2.7.10 and 2.8.10
 *   event-idx  split: notify me when entry used_event, or avail_event, has been written
 *   desc       packed: when the descriptor at this offset, of this lap, has been
 *
 * How a side decides is counted, and so are the reads and writes of these fields and the fences. Whether
 * it sleeps, and how a notification reaches the other side, is the engine's affair.
 */
#ifndef VRB_NOTIFY_H
#define VRB_NOTIFY_H

#include "ring/access.h"
#include "ring/side.h"

/* An event suppression structure as one word: the offset in its low half. */
typedef uint32_t __attribute__((may_alias)) event_word;

/* One value says it in either ring and of either side. */
#define NO_NOTIFY VRING_PACKED_EVENT_FLAG_DISABLE
_Static_assert(NO_NOTIFY == VRING_USED_F_NO_NOTIFY, "split: the device's");
_Static_assert(NO_NOTIFY == VRING_AVAIL_F_NO_INTERRUPT, "split: the driver's");

#define EVENT_WRAP  (1u << VRING_PACKED_EVENT_F_WRAP_CTR)
#define EVENT_FLAGS 3u /* what is reserved means nothing */

/*
 * Has the entry at position @event been written among the @moved <= span / 2 ones that end before
 * @now? Positions are below @span, and go round. Source: vring_need_event() of <linux/virtio_ring.h>,
 * which is this for a span of 65536.
 */
ALWAYS_INLINE bool notify_passed(uint32_t event, uint32_t now, uint32_t moved, uint32_t span)
{
	uint32_t ago = now - event - 1;

	if (now <= event)
		ago += span;
	return ago < moved;
}

/* The position that an offset and wrap counter name; as many as the span or more: none. */
ALWAYS_INLINE uint32_t event_position(uint32_t off_wrap, uint32_t size)
{
	const uint32_t off = off_wrap & (EVENT_WRAP - 1);

	if (off >= size)
		return UINT32_MAX;
	return off_wrap & EVENT_WRAP ? off : off + size;
}

ALWAYS_INLINE uint16_t event_off_wrap(uint32_t at, uint32_t size)
{
	return (uint16_t)(at < size ? at | EVENT_WRAP : at - size);
}

/* ---- who publishes ---- */

/* Packed: flags or descriptor. Returns false where the structure is not what it may be: @seen. */
ALWAYS_INLINE bool packed_wants(const struct notify *n, uint32_t now, uint32_t moved, bool *wanted,
				uint32_t *seen)
{
	const uint32_t word = shm_load_rlx((const event_word *)(const void *)n->peer_event);
	const uint32_t flags = word >> 16 & EVENT_FLAGS;
	uint32_t event;

	*seen = word;
	*wanted = flags == VRING_PACKED_EVENT_FLAG_ENABLE;
	if (flags <= VRING_PACKED_EVENT_FLAG_DISABLE)
		return true;
	event = event_position(word, n->span / 2);
	*wanted = notify_passed(event, now, moved, n->span);
	return n->sends == NOTIFY_DESC && flags == VRING_PACKED_EVENT_FLAG_DESC && event < n->span;
}

/*
 * The side has published up to position @now, @buffer in all: must the other one be notified? Called
 * once a burst, right after it was published, or late: after the poll that follows. By then the stores
 * of the publication have mostly left the core, and the fence need not wait for them. @last: it publishes no more, so nothing is held back. If the other side asks in a way
 * that the protocol does not allow, @fail says so. Either ends the turn.
 */
ALWAYS_INLINE void notify_tell(struct notify *n, uint32_t now, struct failure *fail,
			       uint64_t buffer, bool last)
{
	const uint64_t buffers = buffer - n->decided;
	uint32_t moved = now - n->told, seen = 0;
	bool wanted, ok = true;

	if (buffers < n->hold && !n->due && !last)
		return;
	if (now < n->told)
		moved += n->span;
	n->told = now;
	n->decided = buffer;
	n->due = false;
	/* so many were held that positions went round: what is asked for lies at most a ring back */
	if (moved > n->span / 2 || buffers >= n->span / 2)
		moved = n->span / 2;
	if (n->sends == NOTIFY_OFF || !moved)
		return;
	/*
	 * [C] [D] full fence. Orders the publication before the load of what the other side asks for.
	 * Pairs with the fence of notify_arm(). Without it a side falls asleep that nobody wakes: it
	 * looked for a publication that was not visible yet, and we for a question that was.
	 */
	shm_fence_full();
	n->counts.fences++;
	n->counts.reads++;
	switch (n->sends) {
	case NOTIFY_EVENT_IDX:
		/* relaxed: any value is legal, and the fence orders it */
		wanted = notify_passed(shm_load_rlx(n->peer_event), now, moved, n->span);
		break;
	case NOTIFY_FLAGS:
		if (!n->packed) {
			wanted = !(shm_load_rlx(n->peer_flags) & NO_NOTIFY);
			break;
		}
		/* fallthrough */
	default:
		ok = packed_wants(n, now, moved, &wanted, &seen);
		break;
	}
	if (UNLIKELY(!ok))
		side_fail(fail, FAIL_EVENT, buffer, n->span / 2, seen);
	n->counts.sent += wanted;
	n->counts.suppressed += !wanted;
	n->rings |= wanted || !ok;
}

/*
 * Nothing more can be published just now: may what is held back wait on? If not, it is decided now; else
 * the side goes on polling, since nobody else knows of it. The arguments are those of notify_tell().
 */
ALWAYS_INLINE bool notify_waits(struct notify *n, uint32_t now, struct failure *fail,
				uint64_t buffer)
{
	if (!notify_holds(n, buffer))
		return false;
	if (n->hold_ns && !n->due)
		return true;
	notify_tell(n, now, fail, buffer, true);
	return false;
}

/* ---- who may sleep ---- */

ALWAYS_INLINE void notify_flags(struct notify *n, uint16_t flags)
{
	/*
	 * release. A descriptor is asked for by an offset that is there. Pairs with an acquire of devices
	 * and drivers that read the flags before the offset, as DPDK's vhost does. Two of our own sides do
	 * not need it: whoever reads an older offset came before the fence of notify_arm(), so the poll
	 * after that finds what it published.
	 */
	shm_store_rel(n->own_flags, flags);
	n->counts.writes++;
	n->enabled = flags != NO_NOTIFY;
}

/*
 * Ask for a notification of what comes at position @at, or @ahead of it. The caller polls once more
 * after this, and may sleep if there still is nothing.
 */
ALWAYS_INLINE void notify_arm(struct notify *n, uint32_t at, uint32_t ahead)
{
	uint32_t event = at + ahead;
	const uint64_t writes = n->counts.writes;

	if (n->asks == NOTIFY_OFF)
		return;
	if (event >= n->span)
		event -= n->span;
	/* relaxed: which of two values the other side sees is settled by the fence */
	if (n->asks == NOTIFY_EVENT_IDX || n->asks == NOTIFY_DESC) {
		shm_store_rlx(n->own_event, n->asks == NOTIFY_DESC
						    ? event_off_wrap(event, n->span / 2)
						    : (uint16_t)event);
		n->counts.writes++;
	}
	if (n->asks != NOTIFY_EVENT_IDX && !n->enabled)
		notify_flags(n, n->asks == NOTIFY_DESC ? VRING_PACKED_EVENT_FLAG_DESC
						       : VRING_PACKED_EVENT_FLAG_ENABLE);
	n->armed = true;
	n->armed_at = at;
	if (n->counts.writes == writes)
		return;
	/*
	 * [C] [D] full fence. Orders the stores above before the poll that comes next. Pairs with the
	 * fence of notify_tell(). Without it that poll may be made before the other side can see that
	 * it is to notify.
	 */
	shm_fence_full();
	n->counts.fences++;
}

/* A burst was found and taken; the side waits at position @at now. It polls: nobody need notify it. */
ALWAYS_INLINE void notify_found(struct notify *n, uint32_t at)
{
	n->woken = false;
	n->may_sleep = n->sleeps && !n->busy_ns;
	if (n->rearms) {
		notify_arm(n, at, 0);
		return;
	}
	/* an event index that was passed asks for nothing more, for nearly a lap of all indices */
	if (n->armed && n->asks != NOTIFY_EVENT_IDX)
		notify_flags(n, NO_NOTIFY);
	n->armed = false;
}

/* Nothing was there at position @at. */
ALWAYS_INLINE enum notify_next notify_empty(struct notify *n, uint32_t at, uint32_t ahead)
{
	if (n->rings)
		return NEXT_ENGINE;
	n->counts.spurious += n->woken;
	n->woken = false;
	if (!n->may_sleep)
		return NEXT_WAIT;
	if (n->armed && (n->asks == NOTIFY_FLAGS || n->armed_at == at)) {
		n->counts.sleeps++;
		return NEXT_SLEEP;
	}
	notify_arm(n, at, ahead);
	return NEXT_POLL;
}

#endif
