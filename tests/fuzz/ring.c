/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring.c - a ring whose shared memory the input rewrites while the two sides take turns.
 */
#include "ring.h"

#include "fuzz.h"
#include "ring/setup.h"

#include <stdlib.h>
#include <string.h>

/* Rings are small, so that inputs reach the wrap. */
#define RING_MOST 64
#define STEPS	  400

struct rig {
	struct ring_conf conf;
	struct ring_layout layout;
	struct ring_span spans[RING_PARTS];
	struct ring_private sides;
	struct side_loops loops;
	uint8_t *mem; /* of its own in the heap: AddressSanitizer watches both ends */
	uint64_t now; /* ns */
};

/* ---- what is run ---- */

/* One of the variants that have such a ring. */
static const struct variant *variant_of(enum ring_kind ring, unsigned pick)
{
	const struct variant *of[64];
	unsigned n = 0;

	for (unsigned i = 0; i < variants_count() && n < ARRAY_SIZE(of); i++)
		if (variants_get(i)->ring == ring)
			of[n++] = variants_get(i);
	return of[pick % n];
}

/* A legal ring of what the input says. Returns false: there is none of it. */
static bool choose(const struct fuzz_rings *rings, struct fuzz_bytes *in, struct ring_conf *c,
		   enum simd *simd)
{
	static const uint32_t sizes[] = {2, 4, 8, 16, 32, RING_MOST, 3, 7, 63, 33};
	static const uint32_t payloads[] = {0, 1, 8, 61, 64, 200};
	const unsigned v = (unsigned)fuzz_take(in, 1), dir = (unsigned)fuzz_take(in, 1);
	const unsigned size = (unsigned)fuzz_take(in, 1), burst = (unsigned)fuzz_take(in, 1);
	struct ring_policy *p = &c->policy;
	struct vrb_err err = {""};

	memset(c, 0, sizeof(*c));
	c->variant = variant_of(rings->ring, v);
	c->dir = dir & 1 || rings->indirect ? DIR_TX : DIR_RX;
	/* only a packed ring may have any size */
	c->ring_size = sizes[size % (rings->ring == RING_PACKED ? ARRAY_SIZE(sizes) : 6)];
	c->burst = 1 + burst % c->ring_size;
	c->payload = payloads[fuzz_take(in, 1) % ARRAY_SIZE(payloads)];
	c->start_idx = (uint16_t)fuzz_take(in, 2);
	c->generic = dir & 2;
	*simd = (enum simd)(dir >> 2 & 7);
	p->tx_header = rings->indirect ? TX_HEADER_INDIRECT
				       : (enum tx_header)(fuzz_take(in, 1) % TX_HEADER_KINDS);
	p->header_write = (enum header_write)(fuzz_take(in, 1) % HEADER_WRITE_KINDS);
	p->free_list = (enum free_list)(fuzz_take(in, 1) % FREE_LIST_KINDS);
	p->publish = (enum publish)(fuzz_take(in, 1) % PUBLISH_KINDS);
	p->device_publish = (enum publish)(fuzz_take(in, 1) % PUBLISH_KINDS);
	p->used_read = (enum used_read)(fuzz_take(in, 1) % USED_READ_KINDS);
	p->device_avail = (enum device_avail)(fuzz_take(in, 1) % DEVICE_AVAIL_KINDS);
	p->device_order = (enum device_order)(fuzz_take(in, 1) % DEVICE_ORDER_KINDS);
	if (p->device_order != ORDER_IN) {
		p->early_share = 0.5;
		p->early_seed = 1;
	}
	if (c->dir == DIR_RX && c->payload > 60)
		p->rx_buffer = fuzz_take(in, 1) % 4 == 1 ? 48 : 0;
	if (c->dir == DIR_RX && !p->rx_buffer)
		p->rx_room = fuzz_take(in, 1) % 4 == 1 ? 100 : 0;
	p->avail_store = fuzz_take(in, 1) % 8 == 1 ? STORE_BURST : STORE_EACH;
	p->poll_fence = (enum poll_fence)(fuzz_take(in, 1) % POLL_FENCES);
	p->notify = (enum notify_mode)(fuzz_take(in, 1) % NOTIFY_MODES);
	if (p->notify != NOTIFY_OFF) {
		p->notify_way = (enum notify_way)(fuzz_take(in, 1) % NOTIFY_WAYS);
		p->notify_arm = (enum notify_arm)(fuzz_take(in, 1) % (2 * ARM_KINDS));
		p->notify_late = p->notify_arm >= ARM_KINDS;
		p->notify_arm %= ARM_KINDS;
		p->sleep = (enum sleepers)(fuzz_take(in, 1) % SLEEPERS);
		p->busy_poll = p->sleep ? (uint32_t)fuzz_take(in, 1) % 4 : 0;
		p->coalesce = policy_calls(p) ? (uint32_t)fuzz_take(in, 1) % (2 * c->ring_size) : 0;
		p->coalesce_ns = p->coalesce ? (uint32_t)fuzz_take(in, 1) % 4 : 0;
	}
	c->align = (enum ring_align)(fuzz_take(in, 1) % ALIGN_KINDS);
	if (variants_legal(c->variant, c->dir, p, &err) || ring_capacity(c) < ring_pieces(c))
		return false;
	if (*simd >= SIMD_KINDS || !simd_has(*simd) || !c->variant->drv[*simd])
		*simd = SIMD_SCALAR;
	return true;
}

static void rig_open(struct rig *r, enum simd simd)
{
	const struct ring_conf *c = &r->conf;
	struct vrb_err err;

	ring_layout(c, &r->layout);
	ring_spans(c, r->spans);
	r->mem = aligned_alloc(4096, r->layout.size);
	if (!r->mem || ring_private_open(&r->sides, c->ring_size, c->burst, 0, NULL, &err))
		abort();
	memset(r->mem, 0, r->layout.size);
	ring_setup(c, r->mem, &r->sides);
	r->loops = variants_loops(c->variant, &c->policy,
				  &(struct loops_wanted){.dir = c->dir,
							 .payload = c->payload > 0,
							 .generic = c->generic,
							 .simd = simd});
	r->sides.drv->post_target = r->sides.drv->reap_target = UINT64_MAX;
	r->sides.dev->take_target = UINT64_MAX;
}

static void rig_close(struct rig *r)
{
	ring_private_close(&r->sides);
	free(r->mem);
}

/* ---- what the input does ---- */

/* Somewhere in a part of the ring that there is. */
static size_t place(const struct rig *r, struct fuzz_bytes *in, unsigned part, unsigned width)
{
	const size_t at = (size_t)fuzz_take(in, 2);
	struct ring_span s = r->spans[part % RING_PARTS];

	if (s.to - s.from < width || s.to < s.from)
		s = r->spans[RING_PART_DESC];
	return s.from + at % (s.to - s.from - width + 1) / width * width;
}

/* A value that decides something, or any. */
static uint64_t value_of(const struct rig *r, struct fuzz_bytes *in, unsigned how, uint64_t old)
{
	const uint64_t v = fuzz_take(in, 2);

	switch (how % 8) {
	case 0:
		return v;
	case 1:
		return old + v % 5 - 2;
	case 2:
		return old ^ UINT64_C(1) << v % 64;
	case 3:
		return r->conf.ring_size + v % 5 - 2;
	case 4:
		return r->layout.size + v % 5 - 2;
	case 5:
		return UINT64_MAX - v % 32;
	case 6:
		return old + r->conf.ring_size + v % 3 - 1;
	default:
		return v | fuzz_take(in, 6) << 16;
	}
}

static void store(struct rig *r, struct fuzz_bytes *in, unsigned op)
{
	static const unsigned widths[] = {2, 4, 8, 2};
	const unsigned width = widths[op >> 2 & 3], how = (unsigned)fuzz_take(in, 1);
	uint8_t *at = r->mem + place(r, in, how >> 4, width);
	uint64_t v = 0;

	memcpy(&v, at, width);
	v = value_of(r, in, how, v);
	memcpy(at, &v, width);
}

/* ---- what must hold ---- */

static void check(const struct rig *r)
{
	const struct drv *d = r->sides.drv;
	const struct dev *v = r->sides.dev;
	const uint64_t out = d->posted - d->reaped;

	fuzz_check(out <= ring_capacity(&r->conf), "more outstanding than fit");
	fuzz_check(d->top >= r->sides.stack, "the pool is below its start");
	fuzz_check((uint64_t)(d->top - r->sides.stack) + out == r->layout.nbufs,
		   "posted is not returned and outstanding");
	fuzz_check(v->returned - r->conf.start_idx <= v->taken - r->conf.start_idx,
		   "more returned than taken");
	fuzz_check(v->nheld <= HELD_MAX, "more held than can be");
}

/*
 * A side's turn is over. The engine's part: what it sends reaches the other side, time goes by. A side that
 * sleeps is woken for no reason when its next turn comes. Returns false: it is broken, and says why.
 */
static bool turn_over(struct rig *r, bool is_drv, enum side_status status)
{
	struct notify *drv = r->sides.drv->notify, *dev = r->sides.dev->notify;
	struct notify *own = is_drv ? drv : dev, *peer = is_drv ? dev : drv;
	const struct failure *f = is_drv ? &r->sides.drv->fail : &r->sides.dev->fail;

	fuzz_check(status != SIDE_BROKEN || f->kind != FAIL_NONE, "broken without a reason");
	fuzz_check(status != SIDE_BROKEN || *failure_text(f->kind), "a reason without words");
	fuzz_check(status != SIDE_SLEEPS || own->may_sleep, "sleeps, and may not");
	fuzz_check(status != SIDE_SLEEPS || !own->rings, "sleeps, and has something to send");
	peer->woken |= own->rings;
	own->rings = false;
	own->may_sleep |= own->sleeps && r->now % 4 >= own->busy_ns;
	notify_clock(dev, r->sides.dev->returned, r->now);
	return status != SIDE_BROKEN;
}

void fuzz_ring(const struct fuzz_rings *rings, const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = {data, data + size};
	struct rig r = {.mem = NULL};
	struct failure fail;
	bool whole = true;
	enum simd simd;

	if (!choose(rings, &in, &r.conf, &simd))
		return;
	rig_open(&r, simd);
	for (unsigned i = 0; i < STEPS && whole && in.at < in.end; i++) {
		const unsigned op = (unsigned)fuzz_take(&in, 1);
		const struct turn turn = {.bursts = 1 + (op >> 2) % 4, .looks = 1};

		r.now += op >> 4;
		if ((op & 3) == 0)
			whole = turn_over(&r, true, r.loops.drv(r.sides.drv, turn));
		else if ((op & 3) == 1)
			whole = turn_over(&r, false, r.loops.dev(r.sides.dev, turn));
		else
			store(&r, &in, op);
		if (whole)
			check(&r);
	}
	/* what is said of a broken or stalled ring reads nothing but what is private or checked */
	ring_oldest(&r.conf, &r.sides);
	ring_settle(&r.conf, &r.sides, r.conf.generic, &fail);
	rig_close(&r);
}
