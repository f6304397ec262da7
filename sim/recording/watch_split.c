/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch_split.c - what a poll of a split ring finds.
 */
#include "recording/watch_ring.h"

static int fetch_idx(const struct watch *w, uint64_t part, uint16_t *idx)
{
	return watch_fetch(w, part + 2, idx, sizeof(*idx));
}

/* Entries @from .. @from + @n - 1 of an array of the ring, in two parts where they cross its end. */
static int fetch_slots(const struct watch *w, uint64_t array, size_t width, uint32_t from,
		       uint32_t n, void *to)
{
	const uint32_t size = w->conf.size, slot = from & (size - 1);
	const uint32_t first = n < size - slot ? n : size - slot;
	int ret = watch_fetch(w, array + slot * width, to, first * width);

	if (!ret && n > first)
		ret = watch_fetch(w, array, (char *)to + first * width, (n - first) * width);
	return ret;
}

/*
 * The used index is read first: each buffer before the available one that is not used by it will be later. Which
 * these are is known of a device in order, and of another one a guess that each buffer made available later mends.
 */
static int begin_split(struct watch *w)
{
	uint16_t used, avail;
	int ret = fetch_idx(w, w->conf.used, &used);

	if (!ret)
		ret = fetch_idx(w, w->conf.avail, &avail);
	if (ret)
		return ret;
	w->used_seen = used;
	w->seen = avail;
	w->old = (uint16_t)(avail - used);
	if (w->old > w->conf.size) /* no ring can be so full */
		w->old = 0;
	ret = fetch_slots(w, w->conf.avail + 4, 2, used, w->old, w->heads);
	for (uint32_t i = 0; !ret && i < w->old; i++) {
		if (w->heads[i] < w->conf.size)
			w->was[w->heads[i]] = true;
	}
	return ret;
}

/* The chain of a head, as its descriptors are now. A table lies in memory that is not looked at. */
static struct rec_seen chain_of(const struct watch *w, uint16_t head)
{
	const uint32_t size = w->conf.size;
	struct rec_seen b = {.head = head};
	uint32_t at = head;

	while (at < size && b.descs < size) {
		const struct vring_desc *d = &w->descs[at];

		b.bytes += d->len < 0xffffff ? d->len : 0xffffff;
		b.bytes = b.bytes < 0xffffff ? b.bytes : 0xffffff;
		b.descs++;
		if (d->flags & VRING_DESC_F_INDIRECT) {
			b.indirect = true;
			b.link = 0; /* the table may follow descriptors of the ring */
			b.descs += d->len / 16 ? d->len / 16 - 1 : 0;
			break;
		}
		b.writes |= d->flags & VRING_DESC_F_WRITE;
		b.reads |= !(d->flags & VRING_DESC_F_WRITE);
		if (!(d->flags & VRING_DESC_F_NEXT))
			break;
		at = d->next;
		if (b.descs == 1 && at < size)
			b.link = (uint16_t)at;
	}
	/* what is in a table is not known: most are for the device to read */
	b.reads |= b.indirect;
	return b;
}

/* What is new, copied. Returns whether all of it is legal. */
static bool take(struct watch *w, uint32_t n, uint32_t nused)
{
	for (uint32_t i = 0; i < n; i++) {
		if (w->heads[i] >= w->conf.size)
			return false;
		w->fresh[i] = chain_of(w, w->heads[i]);
	}
	for (uint32_t i = 0; i < nused; i++)
		w->back[i] = w->elems[i].id;
	w->nfresh = n;
	w->nback = nused;
	return true;
}

static int look_split(struct watch *w, struct look *l)
{
	const uint32_t size = w->conf.size;
	const uint16_t seen = (uint16_t)w->seen, used_seen = (uint16_t)w->used_seen;
	uint16_t avail, used, avail_then, used_then;
	uint32_t n;
	/* used after avail: a head that is there again was returned before */
	int ret = fetch_idx(w, w->conf.avail, &avail);

	if (!ret)
		ret = fetch_idx(w, w->conf.used, &used);
	if (ret)
		return ret;
	l->moved = n = (uint16_t)(avail - seen);
	l->lost |= n > size || (uint16_t)(used - used_seen) > size;
	/* no element beyond what is available */
	if (!l->lost && (int16_t)(used - avail) > 0)
		used = (int16_t)(used_seen - avail) > 0 ? used_seen : avail;
	l->lost |= (uint16_t)(used - used_seen) > size;
	l->avail = avail;
	l->used = used;
	if (l->lost || (!n && used == used_seen))
		return 0;
	ret = fetch_slots(w, w->conf.avail + 4, 2, seen, n, w->heads);
	if (!ret)
		ret = fetch_slots(w, w->conf.used + 4, 8, used_seen, (uint16_t)(used - used_seen),
				  w->elems);
	if (!ret && n)
		ret = watch_fetch(w, w->conf.desc, w->descs, size * sizeof(*w->descs));
	if (!ret)
		ret = fetch_idx(w, w->conf.avail, &avail_then);
	if (!ret)
		ret = fetch_idx(w, w->conf.used, &used_then);
	if (ret)
		return ret;
	/*
	 * The driver may write entry seen + size once seen was returned, and before it
	 * publishes it: by what is published up to half a ring is believed.
	 */
	l->lost = n && (uint16_t)(avail_then - seen) > size / 2 &&
		  ((uint16_t)(avail_then - seen) > size || (int16_t)(used_then - seen) > 0);
	/* an element is written only after its slot's buffer was made available again */
	l->lost |= (uint16_t)(used_then - used_seen) > size;
	l->lost |= !take(w, n, (uint16_t)(used - used_seen));
	return 0;
}

const struct watch_ring watch_split = {begin_split, look_split};
