/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * settle.c - do the two sides agree, once a sample is over?
 */
#include "ring/setup.h"

#include <string.h>

/*
 * The number, in its low bits, of the buffer whose head is id: what it carries tells. Returns
 * false where it carries too little of it.
 */
static bool number_of(const struct ring_conf *c, const struct drv *d, uint32_t id, uint32_t *low,
		      uint32_t *bits)
{
	const struct desc_state *state = &d->vq.state[id];
	const enum header_place header = ring_header_place(c);
	const uint64_t lead = header == HDR_ANY_LAYOUT ? NET_HDR_LEN : 0;
	const struct vring_desc *data;

	*bits = UINT32_MAX;
	if (c->dir == DIR_TX && c->payload) {
		if (c->payload < 8)
			return false;
		memcpy(low, d->mem + state->cookie + lead, sizeof(*low));
		return true;
	}
	if (c->payload) {
		*low = state->tag;
		return true;
	}
	*bits = SEQ_LEN_MASK;
	if (c->dir == DIR_RX || c->variant->ring == RING_PACKED) {
		*low = state->tag - 1;
		return true;
	}
	/* the driver's own link: the device may have rewritten that of the descriptor */
	data = &d->split.desc[place_is_chained(header) ? state->next : id];
	if (place_is_indirect(header))
		data = &d->split.table[id * TABLE_LEN + 1];
	*low = data->len - 1;
	return true;
}

uint64_t ring_oldest(const struct ring_conf *c, const struct ring_private *m)
{
	const struct drv *d = m->drv;
	uint64_t oldest = d->posted;

	for (uint32_t id = 0; c->variant->opts.order == FREE_LIST && id <= d->mask; id++) {
		uint32_t low, bits;
		uint64_t age;

		if (!desc_is_out(&d->vq.state[id], id, c->dir == DIR_TX) ||
		    !number_of(c, d, id, &low, &bits))
			continue;
		/* those in the ring are the latest posted, so the low bits suffice */
		age = ((uint32_t)d->posted - low) & bits;
		/* what the buffer carries may have been rewritten, too */
		if (age <= d->posted - c->start_idx && d->posted - age < oldest)
			oldest = d->posted - age;
	}
	return (oldest == d->posted ? d->reaped : oldest) - c->start_idx;
}

/* What both sides have folded since they last agreed: the driver's as the device would have it. */
static struct fold folded_by_driver(const struct drv *d, bool full)
{
	if (!full)
		return (struct fold){.s1 = d->offered.s1};
	return (struct fold){FOLD_OFFERED * d->offered.s1 + d->returned.s1,
			     FOLD_OFFERED * d->offered.s2 + d->returned.s2};
}

static struct fold folded_by_device(const struct dev *v, bool full)
{
	if (!full)
		return (struct fold){.s1 = v->fold.s1};
	return (struct fold){v->fold.s1 + v->back.s1, v->fold.s2 + v->back.s2};
}

/* Have both sides seen as many buffers, and is none outstanding? */
static bool counts_agree(const struct ring_conf *c, const struct ring_private *m,
			 struct failure *fail)
{
	const struct drv *d = m->drv;
	const struct dev *v = m->dev;

	*fail = (struct failure){.kind = FAIL_NONE};
	if (d->posted == v->taken && d->reaped == v->returned && d->posted == d->reaped)
		return true;
	fail->kind = FAIL_COUNT;
	fail->buffer = d->reaped < v->returned ? d->reaped : v->returned;
	fail->expected = d->posted - c->start_idx;
	fail->seen = (d->reaped != d->posted ? d->reaped : v->returned) - c->start_idx;
	return false;
}

static void fold_anew(struct ring_private *m)
{
	m->settled = m->drv->posted;
	m->drv->offered = m->drv->returned = (struct fold){0, 0};
	m->dev->fold = m->dev->back = (struct fold){0, 0};
}

bool ring_settle(const struct ring_conf *c, struct ring_private *m, bool full, struct failure *fail)
{
	const struct drv *d = m->drv;
	const struct dev *v = m->dev;
	const struct fold driver = folded_by_driver(d, full), device = folded_by_device(v, full);
	uint64_t index, delta;

	if (!counts_agree(c, m, fail))
		return false;
	if (driver.s1 != device.s1 || driver.s2 != device.s2) {
		fail->kind = FAIL_FOLD;
		fail->expected = full ? device.s2 : device.s1;
		fail->seen = full ? driver.s2 : driver.s1;
		fail->buffer = m->settled;
		if (full && fold_locate(&device, &driver, d->posted - m->settled, &index, &delta)) {
			fail->buffer += index;
			fail->expected = 0;
			fail->seen = delta;
		}
		return false;
	}
	fold_anew(m);
	return true;
}

void ring_resume(struct ring_private *m)
{
	const uint64_t reaped = m->drv->reaped;
	struct dev *v = m->dev;
	/* [B] acquire: the driver reads the same elements; those from here on were not returned */
	const uint16_t idx = __atomic_load_n(&v->split.used->idx, __ATOMIC_ACQUIRE);

	v->taken = v->returned = reaped + (uint16_t)(idx - (uint16_t)reaped);
	v->app_seen = v->taken;
	v->polling = (struct polling){.moved = v->taken};
	v->fail = (struct failure){.kind = FAIL_NONE};
}

bool ring_settle_resumed(const struct ring_conf *c, struct ring_private *m, struct failure *fail)
{
	if (!counts_agree(c, m, fail))
		return false;
	fold_anew(m);
	return true;
}
