/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * setup.c - the state from which a run starts.
 */
#include "ring/setup.h"

#include "ring/lab_channel.h"
#include "ring/loop_policy.h"
#include "ring/spsc.h"
#include "workloads/between.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header's descriptor of a fixed layout; one that lies in the packet is told for each. */
static struct vring_desc fixed_header(const struct drv *d, const struct ring_conf *c, uint32_t head,
				      uint16_t next)
{
	const uint32_t at = place_is_slot(ring_header_place(c)) ? head * TX_HDR_STRIDE : 0;

	return (struct vring_desc){.addr = d->vq.hdr_addr + at,
				   .len = NET_HDR_LEN,
				   .flags = VRING_DESC_F_NEXT,
				   .next = next};
}

/* What fixed-layout writes once: heads into every avail entry, flags, the headers' chains. */
static void setup_fixed(struct drv *d, const struct ring_conf *c)
{
	const uint32_t n = d->mask + 1, mid = n / 2;
	const bool chained = ring_header_chained(c);

	for (uint32_t i = 0; i < n; i++) {
		d->split.avail->ring[i] = (uint16_t)(chained ? (i & (mid - 1)) + mid : i);
		d->split.desc[i].flags = c->dir == DIR_TX ? 0 : VRING_DESC_F_WRITE;
	}
	for (uint32_t i = 0; chained && i < mid; i++)
		d->split.desc[i + mid] = fixed_header(d, c, i + mid, (uint16_t)i);
	for (uint32_t i = 0; ring_header_indirect(c) && i < n; i++) {
		d->split.desc[i] = (struct vring_desc){.addr = d->vq.table_addr + i * TABLE_BYTES,
						       .len = TABLE_BYTES,
						       .flags = VRING_DESC_F_INDIRECT};
		d->split.table[i * TABLE_LEN] = fixed_header(d, c, i, 1);
	}
}

/* The pool, full. A header in front of its packet is not what it must be: the first use writes it. */
static void setup_pool(const struct ring_conf *c, const struct ring_layout *l, uint8_t *mem,
		       struct ring_private *m)
{
	const bool headers =
		c->dir == DIR_TX && ring_header_place(c) != HDR_NONE && !ring_header_beside(c);
	/* what a descriptor's address is that carries the data: the packet's, or its header's */
	const bool header_first = c->dir == DIR_RX || ring_header_place(c) == HDR_ANY_LAYOUT;
	const uint64_t lead = header_first && !ring_merges(c) ? NET_HDR_LEN : 0;

	for (uint32_t i = 0; i < l->nbufs; i++) {
		uint64_t packet = l->buffers + i * l->buf_stride + l->headroom;

		m->stack[i] = packet - lead;
		if (headers)
			memset(mem + packet - NET_HDR_LEN, 0, NET_HDR_LEN);
	}
	m->drv->top = m->stack + l->nbufs;
}

size_t ring_own(const struct ring_conf *c)
{
	return (size_t)c->policy.pressure * 1024;
}

static uint32_t pauses_of(enum poll poll)
{
	static const uint32_t most[] = {
		[POLL_SPIN] = 0, [POLL_PAUSE] = 1, [POLL_BACKOFF] = POLL_BACKOFF_MOST};

	return most[poll];
}

static struct pieces pieces_of(const struct ring_conf *c)
{
	const uint32_t count = ring_pieces(c);

	return (struct pieces){.inverse = ((UINT64_C(1) << 32) + count - 1) / count,
			       .count = count,
			       .size = c->policy.rx_buffer,
			       .last = NET_HDR_LEN + c->payload -
				       (count - 1) * c->policy.rx_buffer};
}

static struct app app_of(const struct ring_conf *c, uint32_t cycles, const uint8_t *own)
{
	return (struct app){.memory = own,
			    .walked = ring_own(c),
			    .cycles = cycles,
			    .busy = cycles || ring_own(c) || c->burst_least};
}

/* The bursts of a side: it draws them if it has packets to give. */
static struct burst_draw draw_of(const struct ring_conf *c, bool gives)
{
	struct rng seed = {c->burst_seed};

	if (!c->burst_least || !gives)
		return (struct burst_draw){0};
	return (struct burst_draw){.state = rng_next(&seed) | 1,
				   .least = c->burst_least,
				   .span = c->burst - c->burst_least + 1};
}

static enum reap reap_of(const struct ring_conf *c)
{
	const enum used_read read = variants_used_read(c->variant, c->dir, &c->policy);

	if (read == USED_READ_IDX_ONLY)
		return REAP_RUN;
	return read == USED_READ_LEN ? REAP_LENS : REAP_IDS;
}

/* What the loops are to know of the policy; what a variant has no use for is 0. */
static struct loop_policy loop_policy_of(const struct ring_conf *c)
{
	const struct ring_policy *p = &c->policy;
	const bool lists = c->variant->opts.order == FREE_LIST && variants_is_virtqueue(c->variant);

	return (struct loop_policy){
		.free_list = lists ? p->free_list : FREE_FIFO,
		.publish = p->publish,
		.avail_store = p->avail_store,
		.header = ring_header_place(c),
		.device_order = p->device_order,
		.device_avail =
			c->variant->ring == RING_SPLIT ? p->device_avail : AVAIL_READ_ENTRIES,
		.device_publish = p->device_publish,
		.fault = p->fault != FAULT_NONE,
		.foreign = c->foreign,
		.replay = p->replay != NULL,
		.payload = c->payload > 0,
		.merge = ring_merges(c),
	};
}

/* Bytes that an RX buffer is larger than its packet; modulo 2^32: a mergeable one is smaller. */
static uint32_t rx_room_of(const struct ring_conf *c)
{
	if (ring_merges(c))
		return c->policy.rx_buffer - (NET_HDR_LEN + c->payload);
	return c->dir == DIR_TX ? 0 : c->policy.rx_room;
}

static void setup_driver(const struct ring_conf *c, const struct ring_layout *l, uint8_t *mem,
			 struct ring_private *m)
{
	const uint32_t n = c->ring_size;
	struct drv *d = m->drv;

	memset(d, 0, sizeof(*d));
	d->mem = mem;
	d->notify = memset(&m->notify[0], 0, sizeof(*m->notify));
	d->opts = c->variant->opts;
	d->policy = loop_policy_of(c);
	d->cookie = m->cookie;
	d->mask = n - 1;
	d->burst = ring_burst(c, c->burst);
	d->limit = ring_capacity(c);
	d->clean = d->limit / 2 < 32 ? (d->limit / 2 ? d->limit / 2 : 1) : 32;
	if (c->policy.clean) /* with a header chained fewer fit than the ring has entries */
		d->clean = c->policy.clean < d->limit ? c->policy.clean : d->limit;
	/* a ring too small to miss 32 buffers is rearmed in smaller blocks, down to one by one */
	d->rearm = 32;
	while (d->rearm > 1 && d->rearm > d->limit / 2)
		d->rearm /= 2;
	d->payload = c->payload;
	d->rx_room = rx_room_of(c);
	d->pauses = pauses_of(c->policy.poll);
	d->fences = c->policy.poll_fence & FENCE_DRIVER;
	d->pieces = pieces_of(c);
	d->app = app_of(c, c->policy.work_driver, m->drv_own);
	d->draw = draw_of(c, c->dir == DIR_TX);
	d->burst = burst_next(&d->draw, d->burst, &d->pieces, d->policy);

	d->posted = d->reaped = c->start_idx;
	d->app_seen = c->start_idx;
	d->offered = d->returned = (struct fold){0, 0};

	setup_pool(c, l, mem, m);
	memset(m->cookie, 0, n * sizeof(*m->cookie));
}

static void setup_device(const struct ring_conf *c, const struct ring_layout *l, uint8_t *mem,
			 struct ring_private *m)
{
	struct dev *v = m->dev;

	memset(v, 0, sizeof(*v));
	v->mem = mem;
	v->notify = memset(&m->notify[1], 0, sizeof(*m->notify));
	v->mem_size = l->size;
	v->held = m->held;
	v->mask = c->ring_size - 1;
	v->burst = ring_burst(c, c->burst);
	v->payload = c->payload;
	v->rx_room = rx_room_of(c);
	v->opts = c->variant->opts;
	v->policy = loop_policy_of(c);
	v->early_below = (uint64_t)(c->policy.early_share * 0x1p63);
	v->fault = c->policy.fault;
	v->fault_at = UINT64_MAX;
	v->pauses = pauses_of(c->policy.poll);
	v->fences = c->policy.poll_fence & FENCE_DEVICE;
	v->pieces = pieces_of(c);
	v->app = app_of(c, c->policy.work_device, m->dev_own);
	v->draw = draw_of(c, c->dir == DIR_RX);
	v->burst = burst_next(&v->draw, v->burst, &v->pieces, v->policy);
	v->taken = v->returned = c->start_idx;
	v->app_seen = c->start_idx;
	v->early_draw = c->policy.early_seed ? c->policy.early_seed : 0x9e3779b97f4a7c15ull;
}

/* ---- what any virtqueue has ---- */

static void setup_vq(const struct ring_conf *c, const struct ring_layout *l,
		     const struct ring_private *m)
{
	const uint32_t n = c->ring_size;

	m->drv->vq = (struct vq_drv){
		.hdr_addr = l->headers,
		.table_addr = l->tables,
		.state = m->state,
		/* a split ring's list is of descriptors, a packed one's of ids */
		.fit = ring_header_chained(c) && c->variant->ring == RING_SPLIT ? n / 2 : n,
		.lead = ring_header_place(c) == HDR_ANY_LAYOUT ? NET_HDR_LEN : 0,
		.header_write = header_write_of(&c->policy),
		.visible = c->start_idx,
		.batch_end = c->start_idx,
		.batch_n = 1,
		.free_tail = &m->state[n - 1],
	};
	/* the free list starts as 0, 1, ... n - 1; state[n] is the head of a fifo */
	for (uint32_t i = 0; i < n; i++)
		m->state[i] = (struct desc_state){.next = i + 1};
	m->state[n] = (struct desc_state){.next = 0};
	m->dev->vq = (struct vq_dev){
		.hdr_len = ring_header_place(c) != HDR_NONE ? NET_HDR_LEN : 0,
		.lead = m->drv->vq.lead,
		.table_max = n,
		.addr_max = l->size - ring_longest_len(c),
	};
}

/* ---- what is a split virtqueue's own ---- */

static void setup_split(const struct ring_conf *c, const struct ring_layout *l, uint8_t *mem,
			struct ring_private *m)
{
	const uint32_t n = c->ring_size;
	const bool chained = ring_header_chained(c);
	const bool fixed = c->variant->opts.avail == AVAIL_FIXED;
	struct split_drv *d = &m->drv->split;

	setup_vq(c, l, m);
	*d = (struct split_drv){
		.desc = (struct vring_desc *)(void *)(mem + l->desc),
		.avail = (struct vring_avail *)(void *)(mem + l->avail),
		.used = (struct vring_used *)(void *)(mem + l->used),
		.table = (struct vring_desc *)(void *)(mem + l->tables),
		.shadow = m->shadow,
		.slot_mask = (chained ? n / 2 : n) - 1,
		.reap = reap_of(c),
	};
	m->dev->split = (struct split_dev){
		.desc = d->desc,
		.avail = d->avail,
		.used = d->used,
		.plain = desc_rest(m->dev->rx_room, VRING_DESC_F_WRITE, 0),
		.slot_mask = d->slot_mask,
		/* where the driver's ring_order_head() has it */
		.head_shift = chained && !fixed ? 1 : 0,
		.head_base = chained && fixed ? n / 2 : 0,
	};
	d->avail->idx = c->start_idx;
	d->used->idx = c->start_idx;
	/* no head has this value: the first lap stores every entry */
	memset(m->shadow, 0xff, n * sizeof(*m->shadow));
	if (fixed)
		setup_fixed(m->drv, c);
}

/* ---- what is a packed virtqueue's own ---- */

/*
 * The ring as it is after start_idx descriptors went through it: those before the place where it goes
 * on were used in this lap, the others in the lap before. Both wrap counters are 1 in the first lap.
 */
static void setup_packed(const struct ring_conf *c, const struct ring_layout *l, uint8_t *mem,
			 struct ring_private *m)
{
	struct vring_packed_desc *desc = (struct vring_packed_desc *)(void *)(mem + l->desc);
	const uint32_t n = c->ring_size, slot = c->start_idx % n;
	const bool wrap = c->start_idx / n % 2 == 0;
	const struct packed_at avail = packed_at(slot, wrap ? PACKED_AVAIL : PACKED_USED);
	const struct packed_at used = packed_at(slot, wrap ? PACKED_BOTH : 0);

	setup_vq(c, l, m);
	for (uint32_t i = 0; i < n; i++)
		desc[i].flags = (uint16_t)(i < slot ? used.bits : used.bits ^ PACKED_BOTH);
	m->drv->packed = (struct packed_drv){
		.desc = desc,
		.table = (struct vring_packed_desc *)(void *)(mem + l->tables),
		.size = n,
		.post = avail,
		.seen = used,
		.reap = used,
	};
	m->dev->packed = (struct packed_dev){.desc = desc, .size = n, .take = avail, .back = used};
}

/* ---- two plain queues ---- */

static void setup_spsc(const struct ring_conf *c, const struct ring_layout *l, uint8_t *mem,
		       struct ring_private *m)
{
	struct spsc_queue *to_dev = (struct spsc_queue *)(void *)(mem + l->to_dev);
	struct spsc_queue *to_drv = (struct spsc_queue *)(void *)(mem + l->to_drv);

	to_dev->head = to_drv->head = c->start_idx;
	m->drv->spsc = (struct spsc_side){to_dev, to_drv, c->start_idx};
	m->dev->spsc = (struct spsc_side){to_drv, to_dev, c->start_idx};
}

/* ---- the family lab ---- */

/* Of each element the tag of another lap: nothing is there. */
static void setup_tags(const struct lab_channel c, uint8_t *at, const struct ring_conf *r, bool out)
{
	const uint32_t n = r->ring_size, shift = (uint32_t)__builtin_ctz(n);

	for (uint64_t pos = r->start_idx; lab_is_flag(c.signal) && pos < r->start_idx + (uint64_t)n;
	     pos++) {
		const uint64_t word = lab_word_of(c, 0, 0, lab_tag(c, pos, shift, false) ^ 1, out);

		if (c.elem == LAB_4)
			*(lab_half *)(void *)(at + lab_offset(c, pos, n - 1)) = (uint32_t)word;
		else
			*(lab_word *)(void *)(at + lab_offset(c, pos, n - 1) +
					      (c.elem == LAB_8 ? 0 : 8)) = word;
	}
}

/* Where nothing was produced yet; a line with a count says 0 of what is before it. */
static void setup_index(const struct lab_channel c, uint8_t *at, uint16_t start)
{
	if (c.signal == LAB_OWN)
		*(lab_word *)(void *)at = start;
	else if (c.signal == LAB_BESIDE)
		*(lab_short *)(void *)(at + 2) = start;
}

static void setup_lab(const struct ring_conf *c, const struct ring_layout *l, uint8_t *mem,
		      struct ring_private *m)
{
	const struct lab_point p = *c->variant->lab;
	const struct lab_channel out = lab_out(p), back = lab_back(p);
	struct lab_side side = {.out = mem + l->to_dev,
				.back = mem + l->to_drv,
				.table = mem + l->desc,
				.shift = (uint32_t)__builtin_ctz(c->ring_size),
				.stream = m->stack[0],
				.stride = (uint32_t)l->buf_stride,
				.point = p,
				.seen = c->start_idx,
				.told = c->start_idx};
	/* a recorded driver may wait for the few buffers that it uses: nothing is held from it */
	const uint32_t most = m->drv->limit < 8 || c->policy.replay ? 1 : m->drv->limit / 4;

	setup_index(out, side.out, c->start_idx);
	setup_tags(out, side.out, c, true);
	if (!lab_in_place(p.way)) {
		setup_index(back, side.back, c->start_idx);
		setup_tags(back, side.back, c, false);
	}
	side.hold = lab_hold(out.publish) < most ? lab_hold(out.publish) : most;
	m->drv->lab = side;
	if (lab_hold(out.publish) > 1 && !c->policy.replay) { /* RX posts in blocks: lab_blocks() */
		m->drv->opts.vec = VEC_BLOCKS;
		m->drv->rearm = side.hold;
	}
	side.hold = lab_hold(back.publish) < most ? lab_hold(back.publish) : most;
	m->dev->lab = side;
}

void ring_setup(const struct ring_conf *c, uint8_t *mem, struct ring_private *m)
{
	struct ring_layout l;

	ring_layout(c, &l);
	m->settled = c->start_idx;
	/* the ring, tables and headers; buffers are written before they are read */
	memset(mem + l.clear, 0, l.buffers - l.clear);
	setup_driver(c, &l, mem, m);
	setup_device(c, &l, mem, m);
	for (uint32_t i = 0; i < c->ring_size; i++)
		header_write(mem + l.headers + (size_t)i * TX_HDR_STRIDE, 1);
	if (c->variant->ring == RING_LAB)
		setup_lab(c, &l, mem, m);
	else if (c->variant->ring == RING_SPSC)
		setup_spsc(c, &l, mem, m);
	else if (c->variant->ring == RING_PACKED)
		setup_packed(c, &l, mem, m);
	else /* the null ring has no use for it */
		setup_split(c, &l, mem, m);
	if (c->policy.notify != NOTIFY_OFF)
		notify_setup(c, mem, m);
	if (c->policy.replay)
		replay_setup(c, m);
}
