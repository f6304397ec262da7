/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inflight.c - the steps of the protocol, in its order. Nobody looks while this device lives; whoever comes after a
 * kill sees stores in the order of the program, so all that has to be kept from reordering them is the compiler.
 */
#include "peer/inflight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define WRAP	0x8000u

#define GET(x)	  __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define PUT(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#define THEN()	  __atomic_signal_fence(__ATOMIC_SEQ_CST)

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
	return f->packed ? GET(f->at->packed.entry[entry].counter)
			 : GET(f->at->split.entry[entry].counter);
}

typedef uint64_t __attribute__((may_alias)) used_word;

static struct inflight_used get_used(const struct inflight *f)
{
	const uint64_t word = GET(*(const used_word *)(const void *)&f->at->packed.used);
	struct inflight_used used;

	memcpy(&used, &word, sizeof(used));
	return used;
}

static void put_used(struct inflight *f, struct inflight_used used)
{
	uint64_t word;

	memcpy(&word, &used, sizeof(word));
	THEN();
	PUT(*(used_word *)(void *)&f->at->packed.used, word);
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
	PUT(f->at->split.version, VERSION);
}

/* The last batch may have been published, and its entries still be marked. */
static bool finish_split(struct inflight *f, uint16_t used)
{
	uint16_t n = (uint16_t)(used - GET(f->at->split.used_idx));
	uint16_t entry = GET(f->at->split.last_batch_head);

	if (n > f->size)
		return false;
	for (; n; n--) {
		if (entry >= f->size)
			return false;
		PUT(f->at->split.entry[entry].inflight, 0);
		entry = GET(f->at->split.entry[entry].next);
	}
	THEN();
	PUT(f->at->split.used_idx, used);
	return true;
}

/*
 * The same; or it was not published, and then it never was returned. The wrap counters are compared, too: a batch may be
 * a whole ring.
 */
static bool finish_packed(struct inflight *f, const struct vring_packed_desc *ring)
{
	union inflight_region *r = f->at;
	struct inflight_used used = get_used(f);
	uint16_t entry, flags;

	if (used.idx >= f->size || used.old_idx >= f->size)
		return false;
	flags = GET(ring[used.old_idx].flags);
	if ((used.idx != used.old_idx || used.wrap != used.old_wrap) &&
	    (!!(flags & 1u << VRING_PACKED_DESC_F_AVAIL) != used.old_wrap ||
	     !!(flags & 1u << VRING_PACKED_DESC_F_USED) == used.old_wrap)) {
		PUT(r->packed.old_free_head, GET(r->packed.free_head));
		used.old_idx = used.idx;
		used.old_wrap = used.wrap;
	} else {
		PUT(r->packed.free_head, GET(r->packed.old_free_head));
		used.idx = used.old_idx;
		used.wrap = used.old_wrap;
	}
	put_used(f, used);
	entry = GET(r->packed.free_head);
	for (uint32_t n = 0; entry < f->size && n <= f->size; n++) {
		PUT(r->packed.entry[entry].inflight, 0);
		entry = GET(r->packed.entry[entry].next);
	}
	return entry == f->size; /* where a list ends */
}

static int by_counter(const void *a, const void *b)
{
	const struct inflight_again *x = a, *y = b;

	return x->counter < y->counter ? -1 : x->counter > y->counter;
}

static bool recover(struct inflight *f, const struct vring_packed_desc *ring, uint16_t *done,
		    uint32_t *held)
{
	union inflight_region *r = f->at;

	if (!(f->packed ? finish_packed(f, ring) : finish_split(f, *done)))
		return false;
	for (uint32_t i = 0; i < f->size; i++) {
		if (!GET(*held_flag(f, (uint16_t)i)))
			continue;
		f->again[f->n++] = (struct inflight_again){counter_of(f, (uint16_t)i), (uint16_t)i};
		*held += f->packed ? GET(r->packed.entry[i].num) : 1;
	}
	qsort(f->again, f->n, sizeof(*f->again), by_counter);
	f->counter = f->n ? f->again[f->n - 1].counter + 1 : 0;
	if (f->packed)
		*done = (uint16_t)(get_used(f).idx | (get_used(f).wrap ? WRAP : 0));
	return *held <= f->size;
}

int inflight_begin(struct inflight *f, const struct vring_packed_desc *ring, uint16_t size,
		   uint16_t *done, uint32_t *held, struct vrb_err *err)
{
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
	if (!GET(f->at->split.version)) {
		prepare(f, *done);
		return 0;
	}
	if (GET(f->at->split.version) != VERSION || GET(f->at->split.desc_num) != size)
		return vrb_fail(err, EINVAL,
				"inflight region: version %u, %u descriptors; legal: %d, %u, or "
				"zeroes",
				GET(f->at->split.version), GET(f->at->split.desc_num), VERSION,
				size);
	if (!recover(f, ring, done, held))
		return vrb_fail(err, EINVAL, "inflight region: it contradicts itself or the ring");
	f->left = f->n;
	return 0;
}

void inflight_take(struct inflight *f, uint16_t head)
{
	PUT(f->at->split.entry[head].counter, f->counter++);
	THEN();
	PUT(f->at->split.entry[head].inflight, 1);
	THEN();
}

bool inflight_take_desc(struct inflight *f, const struct vring_packed_desc *d, bool last)
{
	union inflight_region *r = f->at;
	const uint16_t first = GET(r->packed.old_free_head);
	const uint16_t at = GET(r->packed.free_head);
	struct inflight_packed *head, *e;

	if (first >= f->size || at >= f->size)
		return false;
	head = &r->packed.entry[first];
	e = &r->packed.entry[at];
	f->first = first;
	if (at == first) {
		PUT(head->num, 0);
		PUT(head->counter, f->counter++);
		THEN();
		PUT(head->inflight, 1);
		THEN();
	}
	if (last)
		PUT(head->last, at);
	PUT(head->num, (uint16_t)(GET(head->num) + 1));
	PUT(e->addr, d->addr);
	PUT(e->len, d->len);
	PUT(e->flags, d->flags);
	PUT(e->id, d->id);
	THEN();
	PUT(r->packed.free_head, GET(e->next));
	THEN();
	if (last)
		PUT(r->packed.old_free_head, GET(r->packed.free_head));
	return true;
}

bool inflight_desc(const struct inflight *f, uint16_t at, struct vring_packed_desc *d,
		   uint16_t *next)
{
	const struct inflight_packed *e = &f->at->packed.entry[at];

	if (at >= f->size)
		return false;
	*d = (struct vring_packed_desc){GET(e->addr), GET(e->len), GET(e->id), GET(e->flags)};
	*next = GET(e->next);
	return true;
}

bool inflight_return(struct inflight *f, uint16_t entry)
{
	union inflight_region *r = f->at;

	if (entry >= f->size || f->given >= f->size)
		return false;
	if (f->packed) {
		const uint16_t last = GET(r->packed.entry[entry].last);

		if (last >= f->size)
			return false;
		PUT(r->packed.entry[last].next, GET(r->packed.free_head));
		THEN();
		PUT(r->packed.free_head, entry);
	} else {
		PUT(r->split.entry[entry].next, GET(r->split.last_batch_head));
		THEN();
		PUT(r->split.last_batch_head, entry);
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
		PUT(*held_flag(f, f->batch[f->given - 1]), 0);
	THEN();
	if (f->packed) {
		PUT(r->packed.old_free_head, GET(r->packed.free_head));
		used.old_idx = used.idx;
		used.old_wrap = used.wrap;
		put_used(f, used);
	} else {
		PUT(r->split.used_idx, done);
	}
	THEN();
}
