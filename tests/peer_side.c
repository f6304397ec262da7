/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_side.c - a ring of a front-end as its driver sees it.
 */
#include "peer_side.h"

#define UNTOLD 0x5a5a5a5au /* a used element that was not written */

static uint32_t end_of(const struct layout *l, unsigned region)
{
	return region + 1 < l->n ? l->region[region + 1].at : BYTES;
}

static unsigned region_of(const struct layout *l, uint32_t at)
{
	unsigned i = 0;

	while (at >= end_of(l, i))
		i++;
	return i;
}

static uint64_t guest_of(const struct layout *l, uint32_t at)
{
	return GUEST + at + region_of(l, at) * l->gap;
}

static unsigned char *byte_at(const struct front *f, const struct layout *l, uint32_t at)
{
	const unsigned i = region_of(l, at);

	return f->memory + l->region[i].file + (at - l->region[i].at);
}

/* Is there memory of the guest between these bytes that is not the driver's? */
static bool is_torn(const struct layout *l, uint32_t at, uint32_t len)
{
	return len && guest_of(l, at + len - 1) != guest_of(l, at) + len - 1;
}

void layout_tell(struct front *f, const struct layout *l)
{
	struct vhost_message m = MESSAGE(SET_MEM_TABLE, 8 + 32 * l->n, .memory = {l->n, 0, {{0}}});

	for (unsigned i = 0; i < l->n; i++) {
		const uint32_t at = l->region[i].at;

		/* the last one first: a table is in any order */
		m.payload.memory.region[l->n - 1 - i] = (struct peer_region){
			guest_of(l, at), end_of(l, i) - at, USER + at, l->region[i].file};
	}
	must(front_tell, f, &m, l->n);
}

/* ---- a ring, as its driver sees it ---- */

/* Before a turn: what the device leaves as it is can be told from what it writes. */
static void forget_used(struct side *s)
{
	if (!s->packed)
		memset(s->used->ring, 0x5a, s->size * sizeof(*s->used->ring));
}

struct side side_of(struct front *f, const struct layout *l, unsigned queue, const char *burst)
{
	unsigned char *const at = f->memory + (queue == RX ? 0 : SECOND);

	struct side s = {
		.f = f,
		.layout = l,
		.base = queue == RX ? 0 : SECOND,
		.size = f->ring,
		.receives = queue == RX,
		.packed = f->device.features >> VIRTIO_F_RING_PACKED & 1,
		.one_used = queue == TX && f->device.features & ORDER,
		.q = &f->device.queue[queue],
		.desc = (void *)at,
		.avail = (void *)(at + AVAIL),
		.used = (void *)(at + USED),
		.ring = (void *)at,
	};

	snprintf(s.name, sizeof(s.name), "%s %u%s%s, %u regions%s, %s",
		 s.packed ? "packed" : "split", s.size,
		 f->device.features & ORDER ? " in order" : "", s.receives ? " RX" : " TX", l->n,
		 l->gap ? " apart" : "", burst);
	if (!s.packed)
		s.position = s.avail->idx;
	forget_used(&s);
	return s;
}

struct sent *side_sent(struct side *s, uint32_t number)
{
	return &s->sent[number % ARRAY_SIZE(s->sent)];
}

/* Most are their slots; in each second lap some are not. Not of in-order rings. */
static uint16_t id_of(const struct side *s)
{
	const unsigned slot = s->position % s->size, odd = s->position / s->size % 2;

	if (!odd || s->f->device.features & ORDER)
		return (uint16_t)slot;
	if (s->packed)
		return (uint16_t)(slot % 3 ? slot : slot + 1000);
	return (uint16_t)(slot % 16 == 4 ? slot + 1 : slot % 16 == 5 ? slot - 1 : slot);
}

static void put_packed(struct side *s, uint64_t guest, uint32_t len, unsigned flags, uint16_t id)
{
	const unsigned odd = s->position / s->size % 2;

	s->ring[s->position++ % s->size] = (struct vring_packed_desc){
		guest, len, id, (uint16_t)(flags | (odd ? PEER_USED : PEER_AVAIL))};
}

/* @b in its descriptors, or in those of a table. */
static void put_buffer(struct side *s, const struct sent *b, uint64_t guest, unsigned writes)
{
	const uint32_t table = s->base + TABLE + 32 * (s->posted % AREAS);
	const uint64_t rest = guest_of(s->layout, b->at + b->cut);
	const uint16_t other = (uint16_t)((b->id + s->size / 2) % s->size);

	const uint16_t more = b->cut < b->len ? NEXT : 0, way = (uint16_t)writes;
	void *at = byte_at(s->f, s->layout, table);

	if (s->packed && b->indirect) {
		memcpy(at,
		       (struct vring_packed_desc[]){{guest, b->cut, 0, way},
						    {rest, b->len - b->cut, 0, way}},
		       32);
		put_packed(s, guest_of(s->layout, table), 32, INDIR, b->id);
	} else if (s->packed) {
		put_packed(s, guest, b->cut, way | more, b->id);
		if (more)
			put_packed(s, rest, b->len - b->cut, way, b->id);
	} else if (b->indirect) {
		memcpy(at,
		       (struct vring_desc[]){{guest, b->cut, way | more, 1},
					     {rest, b->len - b->cut, way, 0}},
		       32);
		s->desc[b->id] = (struct vring_desc){guest_of(s->layout, table), 32, INDIR, 0};
	} else {
		s->desc[b->id] = (struct vring_desc){guest, b->cut, way | more, other};
		if (more)
			s->desc[other] = (struct vring_desc){rest, b->len - b->cut, way, 0};
	}
}

void side_post(struct side *s, char kind, uint32_t frame)
{
	struct sent *b = side_sent(s, s->posted);
	const uint32_t len = kind == 'z'   ? 0
			     : kind != 's' ? HEADER + frame
			     : s->receives ? HEADER + frame - 1
					   : HEADER;
	const uint32_t at = s->base + DATA + AREA - 40 + AREA * (s->posted % AREAS);
	const uint32_t cut = kind == 'c' || kind == 'i' ? len / 2 : len;
	const bool writes = s->receives != (kind == 'w');
	const uint16_t slot = (uint16_t)(s->position % s->size);

	*b = (struct sent){.at = at,
			   .len = len,
			   .cut = cut,
			   .id = id_of(s),
			   .slot = slot,
			   .lap = s->position / s->size + 1,
			   .indirect = kind == 'i'};
	if (kind == 'w')
		b->error = CHAIN_DIRECTION;
	else if (kind == 'o' || is_torn(s->layout, at, cut) ||
		 is_torn(s->layout, at + cut, len - cut))
		b->error = CHAIN_OUTSIDE;
	for (uint32_t i = 0; i <= len; i++)
		*byte_at(s->f, s->layout, at + i) =
			s->receives || i >= len ? GUARD : (unsigned char)((s->posted + i) % 200);
	put_buffer(s, b, kind == 'o' ? GUEST - BYTES : guest_of(s->layout, at), writes ? WRITE : 0);
	if (!s->packed) {
		s->avail->ring[slot] = b->id;
		s->position++;
	}
	s->posted++;
}

void side_publish(struct side *s)
{
	if (!s->packed)
		s->avail->idx = (uint16_t)s->position;
}

/* ---- what must come of it ---- */

void side_want(struct side *s, uint32_t frame, enum chain_error error)
{
	const struct sent *b = side_sent(s, s->taken++);
	struct queue_stats *w = &s->want;

	w->buffers++;
	w->errors[error]++;
	if (s->seen_lap[b->slot] && s->seen_lap[b->slot] == b->lap - 1) {
		w->compared++;
		w->same += s->seen_id[b->slot] == b->id;
	}
	s->seen_lap[b->slot] = b->lap;
	s->seen_id[b->slot] = b->id;
	if (error)
		return;
	w->packets++;
	w->bytes += frame;
	w->shape[b->cut < b->len]++;
	w->indirect += b->indirect;
}

static void expect_split(struct side *s, const uint32_t *len, unsigned n, uint32_t first)
{
	unsigned told = 0;

	for (unsigned i = 0; i < s->size; i++)
		told += s->used->ring[i].id != UNTOLD;
	side_eq(s, told, s->one_used && n ? 1 : n);
	for (unsigned i = 0; i < told; i++) {
		const struct sent *last = side_sent(s, first + (s->one_used ? n - 1 : i));
		const struct vring_used_elem *e = &s->used->ring[side_sent(s, first + i)->slot];

		side_eq(s, e->id, last->id);
		side_eq(s, e->len, len[i]);
	}
	side_eq(s, s->used->idx, (uint16_t)(s->position - (s->posted - s->taken)));
}

static unsigned marks_of(const struct side *s, unsigned slot)
{
	return s->ring[slot].flags & (PEER_AVAIL | PEER_USED);
}

static void expect_packed(struct side *s, const uint32_t *len, unsigned n, uint32_t first)
{
	for (unsigned i = 0; i < n; i++) {
		const struct sent *b = side_sent(s, first + i), *id = b;
		const struct vring_packed_desc *d = &s->ring[b->slot];
		const unsigned avail = b->lap % 2 ? PEER_AVAIL : PEER_USED;
		const unsigned used = b->lap % 2 ? PEER_AVAIL | PEER_USED : 0;

		if (s->one_used && i) {
			side_eq(s, marks_of(s, b->slot), avail);
			continue;
		}
		if (s->one_used)
			id = side_sent(s, first + n - 1);
		side_eq(s, marks_of(s, b->slot), used);
		side_eq(s, d->id, id->id);
		side_eq(s, d->len, len[i]);
		side_eq(s, d->flags & WRITE, len[i] ? WRITE : 0);
	}
	if (s->taken < s->posted) {
		const struct sent *next = side_sent(s, s->taken);

		side_eq(s, marks_of(s, next->slot), next->lap % 2 ? PEER_AVAIL : PEER_USED);
	}
}

void side_expect_returned(struct side *s, const uint32_t *len, unsigned n)
{
	struct queue_stats *w = &s->want;

	if (n) {
		w->batches++;
		w->longest = n > w->longest ? n : w->longest;
	}
	(s->packed ? expect_packed : expect_split)(s, len, n, s->taken - n);
	forget_used(s);
}

void side_expect_counts(const struct side *s)
{
	const struct queue_stats *have = &s->q->stats, *want = &s->want;

	side_eq(s, have->buffers, want->buffers);
	side_eq(s, have->batches, want->batches);
	side_eq(s, have->longest, want->longest);
	side_eq(s, have->packets, want->packets);
	side_eq(s, have->bytes, want->bytes);
	side_eq(s, have->dropped, want->dropped);
	side_eq(s, have->shape[0], want->shape[0]);
	side_eq(s, have->shape[1], want->shape[1]);
	side_eq(s, have->indirect, want->indirect);
	side_eq(s, have->compared, want->compared);
	side_eq(s, have->same, want->same);
	for (unsigned e = 0; e < CHAIN_ERRORS; e++)
		side_eq(s, have->errors[e], want->errors[e]);
	cr_assert_null(s->q->broken, "%s: %s", s->name, s->q->broken);
}

void side_expect_frame(const struct side *s, const struct sent *b, uint32_t frame, uint32_t number)
{
	for (uint32_t i = 0; i <= HEADER + frame; i++) {
		const unsigned want = i == HEADER + frame ? GUARD
				      : i >= HEADER	  ? (number + i) % 200
				      : i == 10		  ? 1
							  : 0;
		const unsigned char found = *byte_at(s->f, s->layout, b->at + i);

		cr_assert_eq(found, want, "%s, buffer %u: byte %u of %u: %u, not %u", s->name,
			     s->taken, i, HEADER + frame, found, want);
	}
}
