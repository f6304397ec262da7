/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch_packed.c - what a poll of a packed ring finds. Virtio 1.4, 2.8.
 *
 * There is no index, but each descriptor keeps the AVAIL bit of the lap in which the driver wrote it, and a device that returns it leaves
 * that as it is. So the ring shows how far the driver is, modulo two laps: up to there are the bits of this lap, behind it those
 * of the one before. One whom the driver has passed by more than a ring, and less than two, sees the bits of this lap where
 * they cannot be.
 *
 * What was returned before it was seen has lost its length and its chain: id and place are left.
 */
#include "recording/watch_ring.h"

static const struct vring_packed_desc *desc_at(const struct watch *w, uint32_t position)
{
	return &w->packed[position % w->conf.size];
}

/* The wrap counter there. */
static bool wrap_at(const struct watch *w, uint32_t position)
{
	return position % w->modulus < w->conf.size;
}

/* Was it made available in the lap of this position? It may have been returned since. */
static bool is_written(const struct watch *w, uint32_t position)
{
	return (desc_at(w, position)->flags >> VRING_PACKED_DESC_F_AVAIL & 1) ==
	       wrap_at(w, position);
}

static bool is_used(const struct watch *w, uint32_t position)
{
	return is_written(w, position) && (desc_at(w, position)->flags >> VRING_PACKED_DESC_F_USED &
					   1) == wrap_at(w, position);
}

static int fetch_ring(const struct watch *w)
{
	return watch_fetch(w, w->conf.desc, w->packed, w->conf.size * sizeof(*w->packed));
}

/*
 * What was returned, @from .. @to - 1. Descriptors that a chain or a batch has skipped look available: what is returned lies behind
 * them. Returns where it ends.
 */
static uint32_t take_used(struct watch *w, uint32_t from, uint32_t to)
{
	uint32_t n = watch_distance(w, from, to), end;
	bool skipped = false;

	if (n > w->conf.size) { /* the driver was there again: nothing is left of these */
		n = w->conf.size;
		from = to + w->modulus - n;
	}
	end = from;
	w->nback = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (!is_used(w, from + i)) {
			skipped |= is_written(w, from + i);
			continue;
		}
		w->back[w->nback++] = desc_at(w, from + i)->id;
		/* the rest of a chain; or the first one of a batch, which becomes visible last: so this is no proof */
		if (skipped && w->longest == 1 && !w->conf.in_order)
			w->notes.unsure = w->guessed;
		end = from + i + 1;
	}
	return end % w->modulus;
}

static int begin_packed(struct watch *w)
{
	const uint32_t size = w->conf.size;
	const int ret = fetch_ring(w);
	uint32_t at, end;

	if (ret)
		return ret;
	at = end = is_written(w, 0) ? 0 : size; /* the lap of slot 0 */
	while (end < at + size && is_written(w, end))
		end++;
	w->seen = end % w->modulus;
	w->used_seen = take_used(w, w->seen + w->modulus - size, w->seen);
	for (at = w->used_seen; at % w->modulus != w->seen; at++) {
		const struct vring_packed_desc *d = desc_at(w, at);

		if (!(d->flags & VRING_DESC_F_NEXT) && d->id < size)
			w->was[d->id] = true;
	}
	return 0;
}

/*
 * The buffer @at, of up to @left descriptors that are available and not returned. Returns how many it takes; 0: its end is not
 * there yet.
 */
static uint32_t take_chain(const struct watch *w, uint32_t at, uint32_t left, struct rec_seen *b)
{
	*b = (struct rec_seen){0};
	for (uint32_t i = 0; i < left && !is_used(w, at + i); i++) {
		const struct vring_packed_desc *d = desc_at(w, at + i);

		b->bytes += d->len < 0xffffff ? d->len : 0xffffff;
		b->bytes = b->bytes < 0xffffff ? b->bytes : 0xffffff;
		b->descs++;
		b->writes |= d->flags & VRING_DESC_F_WRITE;
		b->reads |= !(d->flags & VRING_DESC_F_WRITE);
		b->head = d->id;
		if (d->flags & VRING_DESC_F_INDIRECT && !i) {
			b->indirect = true;
			b->descs = d->len / 16 ? d->len / 16 : 1;
		}
		if (!(d->flags & VRING_DESC_F_NEXT))
			return i + 1;
	}
	return 0;
}

/*
 * One that was returned before it was seen: a descriptor, or the first of more that are not to be told from others. While no
 * chain was seen it is taken for a descriptor, and counted as a guess.
 */
static bool take_gone(struct watch *w, uint32_t at, uint32_t left, struct rec_seen *b)
{
	const struct vring_packed_desc *d = desc_at(w, at);
	const bool writes = d->flags & VRING_DESC_F_WRITE;

	*b = (struct rec_seen){.head = d->id,
			       .descs = 1,
			       .bytes = writes ? d->len : 0,
			       .reads = !writes,
			       .writes = writes};
	/* of a device that is not in order it may be the id of another one, which is out */
	if (d->id < w->conf.size && w->out[d->id])
		return false;
	if (left == 1 || is_used(w, at + 1))
		return true;
	if (w->longest != 1 || w->conf.in_order)
		return false;
	w->guessed++;
	return true;
}

/* Which are out when the next one that is not seen yet is looked at. */
static void begin_out(struct watch *w)
{
	for (uint32_t i = 0; i < w->conf.size; i++)
		w->out[i] = w->held[i] || w->was[i];
	for (uint32_t at = w->used_seen; at % w->modulus != w->seen; at++) {
		const uint16_t id = desc_at(w, at)->id;

		if (is_used(w, at) && id < w->conf.size)
			w->out[id] = false;
	}
}

/* Buffers in @n descriptors from w->seen on. Returns how many descriptors are theirs; sets @lost if it cannot be told. */
static uint32_t take_fresh(struct watch *w, uint32_t n, bool *lost)
{
	uint32_t done = 0;

	w->nfresh = 0;
	if (n)
		begin_out(w);
	while (done < n) {
		struct rec_seen *b = &w->fresh[w->nfresh];
		const bool gone = is_used(w, w->seen + done);
		uint32_t descs = 1;

		if (gone)
			*lost |= !take_gone(w, w->seen + done, n - done, b);
		else
			descs = take_chain(w, w->seen + done, n - done, b);
		*lost |= descs && b->head >= w->conf.size; /* legal, and no place of a recording */
		if (!descs || *lost)
			break;
		w->out[b->head] = !gone;
		if (descs > 1 && w->longest == 1)
			w->notes.unsure = w->guessed;
		w->longest = descs > w->longest ? descs : w->longest;
		w->nfresh++;
		done += descs;
	}
	return done;
}

/* Whom the other side asks to be notified, of those that did something. */
static int count_asked(struct watch *w)
{
	const struct {
		uint64_t part;
		bool did;
		uint64_t *asked;
	} sides[] = {{w->conf.used, w->nfresh, &w->notes.kicks_asked},
		     {w->conf.avail, w->nback, &w->notes.calls_asked}};
	struct vring_packed_desc_event event;
	int ret = 0;

	for_each (side, sides, ARRAY_SIZE(sides)) {
		if (!w->conf.events || !side->did || ret)
			continue;
		ret = watch_fetch(w, side->part, &event, sizeof(event));
		*side->asked += (event.flags & 3) != VRING_PACKED_EVENT_FLAG_DISABLE;
	}
	return ret;
}

static int look_packed(struct watch *w, struct look *l)
{
	const uint32_t size = w->conf.size;
	uint32_t n = 0;
	int ret = fetch_ring(w);

	if (ret)
		return ret;
	while (n < size && is_written(w, w->seen + n))
		n++;
	l->lost |= n < size && is_written(w, w->seen + size - 1);
	l->moved = n;
	if (l->lost)
		return 0;
	l->moved = n = take_fresh(w, n, &l->lost);
	l->avail = (w->seen + n) % w->modulus;
	l->used = take_used(w, w->used_seen, l->avail);
	if (l->lost || !(w->nfresh || w->nback))
		return 0;
	ret = count_asked(w);
	/* Nothing of what was read may have been written meanwhile: the driver is at most a ring ahead of where it was seen. */
	if (!ret && n)
		ret = fetch_ring(w);
	if (!ret && n)
		l->lost = !is_written(w, w->seen);
	return ret;
}

const struct watch_ring watch_packed = {begin_packed, look_packed};
