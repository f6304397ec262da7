/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * no_notify.h - the hooks of loops in which nobody is notified: both sides poll, and nothing of this is
 * compiled into them. See notify_hooks.h.
 */
#ifndef VRB_NO_NOTIFY_H
#define VRB_NO_NOTIFY_H

#include "ring/side.h"

ALWAYS_INLINE void drv_tell(struct drv *d)
{
	(void)d;
}

ALWAYS_INLINE void drv_settle(struct drv *d)
{
	(void)d;
}

ALWAYS_INLINE void drv_found(struct drv *d, bool tx, const struct ring_opts o,
			     const struct loop_policy p)
{
	(void)d;
	(void)tx;
	(void)o;
	(void)p;
}

ALWAYS_INLINE enum notify_next drv_empty(struct drv *d, bool tx, const struct ring_opts o,
					 const struct loop_policy p)
{
	(void)d;
	(void)tx;
	(void)o;
	(void)p;
	return NEXT_WAIT;
}

ALWAYS_INLINE bool drv_goes_on(const struct drv *d, bool turn)
{
	(void)d;
	return turn;
}

ALWAYS_INLINE enum side_status drv_ended(const struct drv *d, enum side_status status)
{
	(void)d;
	return status;
}

ALWAYS_INLINE void dev_tell(struct dev *v)
{
	(void)v;
}

ALWAYS_INLINE void dev_settle(struct dev *v)
{
	(void)v;
}

ALWAYS_INLINE void dev_found(struct dev *v)
{
	(void)v;
}

ALWAYS_INLINE enum notify_next dev_empty(struct dev *v, const struct loop_policy p)
{
	(void)v;
	(void)p;
	return NEXT_WAIT;
}

ALWAYS_INLINE bool dev_goes_on(const struct dev *v, bool turn)
{
	(void)v;
	return turn;
}

ALWAYS_INLINE enum side_status dev_ended(const struct dev *v, enum side_status status)
{
	(void)v;
	return status;
}

#endif
