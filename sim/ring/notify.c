/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notify.c - where notifications begin, and what is said of one that is missing.
 */
#include "ring/notify.h"

#include "ring/setup.h"

#include <stdio.h>
#include <string.h>

/* Where a side asks to be notified. */
struct asking {
	uint16_t *flags, *event;
};

static struct asking driver_asks(const struct ring_conf *c, const struct ring_layout *l,
				 uint8_t *mem)
{
	struct vring_packed_desc_event *packed = (void *)(mem + l->avail);
	struct vring_avail *split = (void *)(mem + l->avail);

	if (c->variant->ring == RING_PACKED)
		return (struct asking){&packed->flags, &packed->off_wrap};
	return (struct asking){&split->flags, &split->ring[c->ring_size]};
}

static struct asking device_asks(const struct ring_conf *c, const struct ring_layout *l,
				 uint8_t *mem)
{
	struct vring_packed_desc_event *packed = (void *)(mem + l->used);
	struct vring_used *split = (void *)(mem + l->used);

	if (c->variant->ring == RING_PACKED)
		return (struct asking){&packed->flags, &packed->off_wrap};
	return (struct asking){&split->flags, (uint16_t *)(void *)&split->ring[c->ring_size]};
}

/* @told: the position that the side has published up to. Nobody asks for anything yet. */
static void setup_side(const struct ring_conf *c, struct notify *n, const struct asking *own,
		       const struct asking *peer, uint32_t told, bool asks, bool sends)
{
	const struct ring_policy *p = &c->policy;
	const bool packed = c->variant->ring == RING_PACKED;

	*n = (struct notify){
		.own_flags = own->flags,
		.own_event = own->event,
		.peer_flags = peer->flags,
		.peer_event = peer->event,
		.span = packed ? 2 * c->ring_size : UINT16_MAX + 1,
		.packed = packed,
		.asks = asks ? p->notify : NOTIFY_OFF,
		.sends = sends ? p->notify : NOTIFY_OFF,
		.late = p->notify_late,
		.rearms = p->notify_arm == ARM_POLL,
		.busy_ns = p->busy_poll,
		.told = told,
		.decided = c->start_idx,
	};
	if (p->notify == NOTIFY_EVENT_IDX) /* passed already; flags mean nothing and are 0 */
		*own->event = (uint16_t)(c->start_idx - 1);
	else
		*own->flags = NO_NOTIFY;
}

void notify_setup(const struct ring_conf *c, uint8_t *mem, struct ring_private *m)
{
	const struct ring_policy *p = &c->policy;
	const bool packed = c->variant->ring == RING_PACKED;
	const uint32_t start =
		packed ? packed_position(&m->drv->packed.post, c->ring_size) : c->start_idx;
	struct ring_layout l;

	ring_layout(c, &l);

	const struct asking drv = driver_asks(c, &l, mem), dev = device_asks(c, &l, mem);

	setup_side(c, m->drv->notify, &drv, &dev, start, policy_calls(p), policy_kicks(p));
	setup_side(c, m->dev->notify, &dev, &drv, start, policy_kicks(p), policy_calls(p));
	m->dev->notify->hold = p->coalesce;
	m->dev->notify->hold_ns = p->coalesce_ns;
	m->drv->notify->delays = p->notify_arm == ARM_DELAYED;
	m->drv->notify->sleeps = p->sleep & SLEEP_DRIVER;
	m->dev->notify->sleeps = p->sleep & SLEEP_DEVICE;
	m->drv->notify->may_sleep = m->drv->notify->sleeps && !p->busy_poll;
	m->dev->notify->may_sleep = m->dev->notify->sleeps && !p->busy_poll;
}

void notify_clock(struct notify *n, uint64_t published, uint64_t now_ns)
{
	const bool holds = notify_holds(n, published);

	if (!holds || n->held_from != n->decided) {
		n->held_from = n->decided;
		n->held_since = now_ns;
	}
	n->due = n->hold_ns && holds && now_ns - n->held_since >= n->hold_ns;
}

const char *notify_text(const struct ring_conf *c, const struct ring_private *m, char *buf,
			size_t size)
{
	const uint32_t drv = __atomic_load_n(&m->drv->notify->asleep, __ATOMIC_RELAXED);
	const uint32_t dev = __atomic_load_n(&m->dev->notify->asleep, __ATOMIC_RELAXED);
	const char *who = drv && dev ? "both sides sleep"
			  : drv	     ? "the driver sleeps"
			  : dev	     ? "the device sleeps"
				     : "nobody sleeps";
	uint8_t *mem = m->drv->mem;
	struct ring_layout l;

	ring_layout(c, &l);

	const struct asking d = driver_asks(c, &l, mem), v = device_asks(c, &l, mem);

	if (c->variant->ring == RING_PACKED)
		snprintf(
			buf, size,
			"; %s; the driver's event suppression: off_wrap %#x, flags %u, the device's: "
			"off_wrap %#x, flags %u",
			who, *d.event, *d.flags, *v.event, *v.flags);
	else
		snprintf(buf, size,
			 "; %s; avail: flags %u, idx %u, used_event %u; used: flags %u, idx %u, "
			 "avail_event %u",
			 who, *d.flags, m->drv->split.avail->idx, *d.event, *v.flags,
			 m->drv->split.used->idx, *v.event);
	return buf;
}
