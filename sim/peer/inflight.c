/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inflight.c - the steps of the protocol, in its order. Nobody looks while this device lives; whoever comes after a
 * kill sees stores in the order of the program, so all that has to be kept from reordering them is the compiler.
 */
#include "peer/inflight.h"

#include "peer/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define WRAP	0x8000u

#define THEN() __atomic_signal_fence(__ATOMIC_SEQ_CST)

uint64_t inflight_bytes(bool packed, uint32_t size)
{
	const uint64_t bytes = packed ? offsetof(union inflight_region, packed.entry) +
						size * sizeof(struct inflight_packed)
				      : offsetof(union inflight_region, split.entry) +
						size * sizeof(struct inflight_split);

	return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

void inflight_end(struct inflight *f)
{
	free(f->again);
	free(f->batch);
	f->again = NULL;
	f->batch = NULL;
	f->left = f->given = 0;
}

static uint8_t *held_flag(const struct inflight *f, uint16_t entry)
{
	return f->packed ? &f->at->packed.entry[entry].inflight
			 : &f->at->split.entry[entry].inflight;
}

static uint64_t counter_of(const struct inflight *f, uint16_t entry)
{
	return f->packed ? READ_ONCE(f->at->packed.entry[entry].counter)
			 : READ_ONCE(f->at->split.entry[entry].counter);
}

typedef uint64_t __attribute__((may_alias)) used_word;

static struct inflight_used get_used(const struct inflight *f)
{
	const uint64_t word = READ_ONCE(*(const used_word *)(const void *)&f->at->packed.used);
	struct inflight_used used;

	memcpy(&used, &word, sizeof(used));
	return used;
}

static void put_used(struct inflight *f, struct inflight_used used)
{
	uint64_t word;

	memcpy(&word, &used, sizeof(word));
	THEN();
	WRITE_ONCE(*(used_word *)(void *)&f->at->packed.used, word);
	THEN();
}

static void prepare(struct inflight *f, uint16_t done)
{
	if (f->packed) {
		for (uint32_t i = 0; i < f->size; i++)
			f->at->packed.entry[i].next = (uint16_t)(i + 1);
		put_used(f, (struct inflight_used){.idx = done & (WRAP - 1),
						   .old_idx = done & (WRAP - 1),
						   .wrap = done >= WRAP,
						   .old_wrap = done >= WRAP});
	} else {
		f->at->split.used_idx = done;
	}
	f->at->split.desc_num = f->size;
	THEN();
	WRITE_ONCE(f->at->split.version, VERSION);
}

/* The last batch may have been published, and its entries still be marked. */
static bool finish_split(struct inflight *f, uint16_t used)
{
	uint16_t n = (uint16_t)(used - READ_ONCE(f->at->split.used_idx));
	uint16_t entry = READ_ONCE(f->at->split.last_batch_head);

	if (n > f->size)
		return false;
	for (; n; n--) {
		if (entry >= f->size)
			return false;
		WRITE_ONCE(f->at->split.entry[entry].inflight, 0);
		entry = READ_ONCE(f->at->split.entry[entry].next);
	}
	THEN();
	WRITE_ONCE(f->at->split.used_idx, used);
	return true;
}

/*
 * The same; or it was not published, and then it never was returned. The wrap counters are compared, too: a batch may be
 * a whole ring. @done: out.
 */
static bool finish_packed(struct inflight *f, const struct vring_packed_desc *ring, uint16_t *done)
{
	union inflight_region *r = f->at;
	struct inflight_used used = get_used(f);
	uint16_t entry, flags, free_head;

	if (used.idx >= f->size || used.old_idx >= f->size)
		return false;
	flags = READ_ONCE(ring[used.old_idx].flags);
	if ((used.idx != used.old_idx || used.wrap != used.old_wrap) &&
	    (!!(flags & 1u << VRING_PACKED_DESC_F_AVAIL) != used.old_wrap ||
	     !!(flags & 1u << VRING_PACKED_DESC_F_USED) == used.old_wrap)) {
		free_head = READ_ONCE(r->packed.free_head);
		WRITE_ONCE(r->packed.old_free_head, free_head);
		used.old_idx = used.idx;
		used.old_wrap = used.wrap;
	} else {
		free_head = READ_ONCE(r->packed.old_free_head);
		WRITE_ONCE(r->packed.free_head, free_head);
		used.idx = used.old_idx;
		used.wrap = used.old_wrap;
	}
	put_used(f, used);
	*done = (uint16_t)(used.idx | (used.wrap ? WRAP : 0));
	entry = free_head;
	for (uint32_t n = 0; entry < f->size && n <= f->size; n++) {
		WRITE_ONCE(r->packed.entry[entry].inflight, 0);
		entry = READ_ONCE(r->packed.entry[entry].next);
	}
	return entry == f->size; /* where a list ends */
}

/*
 * The descriptors of a chain that is held, which must be as many as it says and end where it says: the position
 * behind all of them follows from it. 0: they are not.
 */
static uint32_t chain_length(const struct inflight *f, uint16_t head)
{
	const struct inflight_packed *entry = f->at->packed.entry;
	uint16_t at = head;

	for (uint32_t n = 1; n <= f->size && at < f->size; n++) {
		if (!(READ_ONCE(entry[at].flags) & VRING_DESC_F_NEXT))
			return n == READ_ONCE(entry[head].num) && at == READ_ONCE(entry[head].last)
				       ? n
				       : 0;
		at = READ_ONCE(entry[at].next);
	}
	return 0;
}

static int by_counter(const void *a, const void *b)
{
	const struct inflight_again *x = a, *y = b;

	return x->counter < y->counter ? -1 : x->counter > y->counter;
}

static bool recover(struct inflight *f, const struct vring_packed_desc *ring, uint16_t *done,
		    uint32_t *held)
{
	if (!(f->packed ? finish_packed(f, ring, done) : finish_split(f, *done)))
		return false;
	for (uint32_t i = 0; i < f->size; i++) {
		uint32_t length = 1;

		if (!READ_ONCE(*held_flag(f, (uint16_t)i)))
			continue;
		if (f->packed)
			length = chain_length(f, (uint16_t)i);
		if (!length || *held + length > f->size)
			return false;
		f->again[f->n++] = (struct inflight_again){counter_of(f, (uint16_t)i), (uint16_t)i};
		*held += length;
	}
	qsort(f->again, f->n, sizeof(*f->again), by_counter);
	f->counter = f->n ? f->again[f->n - 1].counter + 1 : 0;
	return true;
}

int inflight_begin(struct inflight *f, const struct vring_packed_desc *ring, uint16_t size,
		   uint16_t *done, uint32_t *held, struct vrb_err *err)
{
	uint16_t version, n;

	*held = 0;
	inflight_end(f);
	f->packed = ring;
	f->size = size;
	f->n = 0;
	f->counter = 0;
	if (inflight_bytes(ring, size) > f->bytes)
		return vrb_fail(
			err, EINVAL,
			"inflight region: %llu bytes for a ring of %u; legal: at least %llu",
			(unsigned long long)f->bytes, size,
			(unsigned long long)inflight_bytes(ring, size));
	f->again = calloc(size, sizeof(*f->again));
	f->batch = calloc(size, sizeof(*f->batch));
	if (!f->again || !f->batch)
		return vrb_fail(err, ENOMEM, "inflight region: out of memory");
	version = READ_ONCE(f->at->split.version);
	n = READ_ONCE(f->at->split.desc_num);
	if (!version) {
		prepare(f, *done);
		return 0;
	}
	if (version != VERSION || n != size)
		return vrb_fail(err, EINVAL,
				"inflight region: version %u, %u descriptors; legal: %d, %u, or "
				"zeroes",
				version, n, VERSION, size);
	if (!recover(f, ring, done, held))
		return vrb_fail(err, EINVAL, "inflight region: it contradicts itself or the ring");
	f->left = f->n;
	return 0;
}

void inflight_take(struct inflight *f, uint16_t head)
{
	WRITE_ONCE(f->at->split.entry[head].counter, f->counter++);
	THEN();
	WRITE_ONCE(f->at->split.entry[head].inflight, 1);
	THEN();
}

bool inflight_take_desc(struct inflight *f, const struct vring_packed_desc *d, bool last)
{
	union inflight_region *r = f->at;
	const uint16_t first = READ_ONCE(r->packed.old_free_head);
	const uint16_t at = READ_ONCE(r->packed.free_head);
	struct inflight_packed *head, *e;
	uint16_t next;

	if (first >= f->size || at >= f->size)
		return false;
	head = &r->packed.entry[first];
	e = &r->packed.entry[at];
	f->first = first;
	if (at == first) {
		WRITE_ONCE(head->num, 0);
		WRITE_ONCE(head->counter, f->counter++);
		THEN();
		WRITE_ONCE(head->inflight, 1);
		THEN();
	}
	if (last)
		WRITE_ONCE(head->last, at);
	WRITE_ONCE(head->num, (uint16_t)(READ_ONCE(head->num) + 1));
	WRITE_ONCE(e->addr, d->addr);
	WRITE_ONCE(e->len, d->len);
	WRITE_ONCE(e->flags, d->flags);
	WRITE_ONCE(e->id, d->id);
	THEN();
	next = READ_ONCE(e->next);
	WRITE_ONCE(r->packed.free_head, next);
	THEN();
	if (last)
		WRITE_ONCE(r->packed.old_free_head, next);
	return true;
}

bool inflight_desc(const struct inflight *f, uint16_t at, struct vring_packed_desc *d,
		   uint16_t *next)
{
	const struct inflight_packed *e;

	if (at >= f->size)
		return false;
	e = &f->at->packed.entry[at];
	*d = (struct vring_packed_desc){READ_ONCE(e->addr), READ_ONCE(e->len), READ_ONCE(e->id),
					READ_ONCE(e->flags)};
	*next = READ_ONCE(e->next);
	return true;
}

bool inflight_return(struct inflight *f, uint16_t entry)
{
	union inflight_region *r = f->at;

	if (entry >= f->size || f->given >= f->size)
		return false;
	if (f->packed) {
		const uint16_t last = READ_ONCE(r->packed.entry[entry].last);

		if (last >= f->size)
			return false;
		WRITE_ONCE(r->packed.entry[last].next, READ_ONCE(r->packed.free_head));
		THEN();
		WRITE_ONCE(r->packed.free_head, entry);
	} else {
		WRITE_ONCE(r->split.entry[entry].next, READ_ONCE(r->split.last_batch_head));
		THEN();
		WRITE_ONCE(r->split.last_batch_head, entry);
	}
	f->batch[f->given++] = entry;
	return true;
}

void inflight_publish(struct inflight *f, uint16_t done, bool published)
{
	union inflight_region *r = f->at;
	struct inflight_used used = {0};

	THEN();
	if (f->packed) {
		used = get_used(f);
		used.idx = done & (WRAP - 1);
		used.wrap = done >= WRAP;
	}
	if (!published) {
		if (f->packed)
			put_used(f, used);
		return;
	}
	for (; f->given; f->given--)
		WRITE_ONCE(*held_flag(f, f->batch[f->given - 1]), 0);
	THEN();
	if (f->packed) {
		WRITE_ONCE(r->packed.old_free_head, READ_ONCE(r->packed.free_head));
		used.old_idx = used.idx;
		used.old_wrap = used.wrap;
		put_used(f, used);
	} else {
		WRITE_ONCE(r->split.used_idx, done);
	}
	THEN();
}
