/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notify_hooks.h - the hooks of loops with notifications: what notify.h is asked about which position.
 * They read at run time whether there are any. Specialised loops include no_notify.h instead.
 *
 * Uses the positions of the ring that was included before: drv_posted_at, drv_waits_at, and, if its
 * device was, too, dev_returned_at, dev_waits_at and dev_waits_behind.
 */
#ifndef VRB_NOTIFY_HOOKS_H
#define VRB_NOTIFY_HOOKS_H

#include "ring/notify.h"

/*
 * The driver may have published something: it decides now, or late, in drv_settle(), which each loop calls
 * after it has polled. It leaves when all is back that it waits for: there is nothing to decide then.
 */
ALWAYS_INLINE void drv_tell(struct drv *d)
{
	if (!d->notify->late)
		notify_tell(d->notify, drv_posted_at(d), &d->fail, d->posted, true);
}

ALWAYS_INLINE void drv_settle(struct drv *d)
{
	if (d->notify->late)
		notify_tell(d->notify, drv_posted_at(d), &d->fail, d->posted, true);
}

/* It has taken buffers back. */
ALWAYS_INLINE void drv_found(struct drv *d, bool tx, const struct ring_opts o,
			     const struct loop_policy p)
{
	notify_found(d->notify, drv_waits_at(d, tx, o, p));
}

/* How far ahead of the next used buffer it asks to be called: by 3/4 of what is outstanding, or not. */
ALWAYS_INLINE uint32_t drv_ahead(const struct drv *d, bool tx, const struct loop_policy p)
{
	const uint32_t left = (uint32_t)(d->posted - d->reaped);

	if (!d->notify->delays)
		return 0;
	return left * 3 / 4 * (d->notify->packed ? chain_len(tx, p) : 1);
}

/* There was nothing that it could do. */
ALWAYS_INLINE enum notify_next drv_empty(struct drv *d, bool tx, const struct ring_opts o,
					 const struct loop_policy p)
{
	return notify_empty(d->notify, drv_waits_at(d, tx, o, p), drv_ahead(d, tx, p));
}

/* Its turn goes on as far as @turn is concerned: is there nothing that the engine must see to? */
ALWAYS_INLINE bool drv_goes_on(const struct drv *d, bool turn)
{
	return turn && !d->notify->rings;
}

ALWAYS_INLINE enum side_status drv_ended(const struct drv *d, enum side_status status)
{
	return d->fail.kind ? SIDE_BROKEN : status;
}

#ifdef VRB_VQ_DEV_H

/* The same of the device. */
ALWAYS_INLINE void dev_decide(struct dev *v)
{
	notify_tell(v->notify, dev_returned_at(v), &v->fail, v->returned,
		    v->taken == v->take_target);
}

ALWAYS_INLINE void dev_tell(struct dev *v)
{
	if (!v->notify->late)
		dev_decide(v);
}

ALWAYS_INLINE void dev_settle(struct dev *v)
{
	if (v->notify->late)
		dev_decide(v);
}

ALWAYS_INLINE void dev_found(struct dev *v)
{
	notify_found(v->notify, dev_waits_at(v));
}

/* A packet of several buffers, or what a recorded device returned together, may be there in part: it waits for more than that. */
ALWAYS_INLINE enum notify_next dev_empty(struct dev *v, const struct loop_policy p)
{
	const uint32_t at = p.merge || p.replay ? dev_waits_behind(v, p) : dev_waits_at(v);

	if (notify_waits(v->notify, dev_returned_at(v), &v->fail, v->returned))
		return NEXT_WAIT;
	return notify_empty(v->notify, at, 0);
}

ALWAYS_INLINE bool dev_goes_on(const struct dev *v, bool turn)
{
	return turn && !v->notify->rings;
}

ALWAYS_INLINE enum side_status dev_ended(const struct dev *v, enum side_status status)
{
	return v->fail.kind ? SIDE_BROKEN : status;
}

#endif

#endif
