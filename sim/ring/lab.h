/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab.h - the ring family lab: two channels that a struct lab_point describes; lab_channel.h has the elements.
 *
 * A file that compiles loops of one point defines LAB_POINT(side) as that point before.
 */
#ifndef VRB_LAB_H
#define VRB_LAB_H

#include "ring/access.h"
#include "ring/lab_blocks.h"
#include "ring/lab_channel.h"
#include "ring/side.h"
#include "workloads/payload.h"

#ifndef LAB_POINT
#define LAB_POINT(side) ((side)->point)
#endif

/* RX: what may be held is not even written before there is so much of it: rx_refill(). */
ALWAYS_INLINE enum vec_opt lab_blocks(const struct lab_point p)
{
	return lab_hold(p.out_publish) > 1 ? VEC_BLOCKS : VEC_NONE;
}

/* LAB_STREAM: where the packet at a position lies. */
ALWAYS_INLINE uint64_t lab_place(const struct lab_side *s, uint64_t pos, uint32_t mask)
{
	return s->stream + (uint64_t)((uint32_t)pos & mask) * s->stride;
}

/* Do packets lie in their elements, behind address and length? */
ALWAYS_INLINE bool lab_inline(const struct lab_point p, uint32_t payload)
{
	return p.carry == LAB_INLINE && payload <= LAB_ROOM;
}

/* ---- the driver ---- */

/* Does the driver remember which buffer comes back next? Else the element tells, or its position does. */
ALWAYS_INLINE bool lab_keeps(const struct lab_point p)
{
	if (p.carry == LAB_STREAM)
		return false;
	return p.way == LAB_BATCH || p.way == LAB_COUNTER ||
	       (p.way == LAB_RING && p.back_elem < LAB_8);
}

/* What is back, as drv_poll(). */
ALWAYS_INLINE uint32_t lab_back_there(struct drv *d, bool room, bool tx)
{
	struct lab_side *s = &d->lab;
	const struct lab_point point = LAB_POINT(s);
	const struct lab_channel c = lab_back(point);
	const bool taken = lab_in_place(point.way);
	uint8_t *channel = taken ? s->out : s->back;
	const uint64_t out = d->posted - d->reaped;
	const uint64_t want = tx && d->clean > d->burst ? d->clean : d->burst;
	const uint64_t most = want < out ? want : out;
	uint64_t word;

	/* TX: as in packed_drv_burst.h, where elements say themselves whose they are */
	if (room && lab_is_flag(lab_back(point).signal) && out < d->clean)
		return 0;
	if (point.way == LAB_BATCH) {
		while (s->seen - d->reaped < most && (tx || s->seen == d->reaped) &&
		       lab_ready(s, c, channel, s->seen, d->mask, true, true, &word)) {
			const uint8_t *at = channel + lab_offset(c, s->seen, d->mask);
			const uint32_t last = c.elem == LAB_8
						      ? (uint32_t)word
						      : (uint32_t)shm_get((const lab_word *)at);

			s->batch_len = lab_len(c, word);
			if (tx && UNLIKELY(s->batch_len)) {
				side_fail(&d->fail, FAIL_LENGTH, s->seen, 0, s->batch_len);
				return UINT32_MAX;
			}
			s->seen += 1 + ((last - (uint32_t)s->seen) & d->mask);
		}
		return (uint32_t)(s->seen - d->reaped);
	}
	if (!tx || !lab_is_flag(c.signal))
		return lab_poll(s, c, channel, d->reaped, d->mask, (uint32_t)most, false, taken,
				false);
	while (s->seen - d->reaped < most &&
	       lab_ready(s, c, channel, s->seen, d->mask, taken, taken, &word))
		s->seen++;
	return (uint32_t)(s->seen - d->reaped);
}

ALWAYS_INLINE uint32_t drv_poll(struct drv *d, bool room, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	const uint32_t n = lab_back_there(d, room, tx);

	(void)o;
	(void)p;
	if (!n && !room)
		lab_tell_idle(&d->lab, lab_out(LAB_POINT(&d->lab)), d->lab.out, d->posted, d->mask);
	return n;
}

ALWAYS_INLINE void drv_leave_ring(struct drv *d, const struct drv *copy)
{
	d->lab.seen = copy->lab.seen;
	d->lab.told = copy->lab.told;
	d->lab.waited = copy->lab.waited;
	d->lab.batch_len = copy->lab.batch_len;
}

/* Post n > 0 packets. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	struct lab_side *s = &d->lab;
	const struct lab_point point = LAB_POINT(s);
	const struct lab_channel c = lab_out(point);
	const bool later =
		lab_is_flag(c.signal) && c.publish == LAB_BURST && p.publish == PUBLISH_BURST;
	const bool stream = point.carry == LAB_STREAM;
	const bool blocks =
		!p.full && lab_in_blocks(c) && c.publish != LAB_EACH && p.publish == PUBLISH_BURST;
	const uint32_t mask = d->mask;
	const uint64_t begin = d->posted, end = begin + n, told = s->told;
	uint64_t first = 0;

	(void)o;
	do {
		const uint32_t whole = blocks ? lab_whole(d->posted, end - d->posted, mask) : 0;

		if (whole) {
			const bool hide = later && d->posted == begin;

			drv_add_blocks(d, whole, tx, lab_keeps(point), hide, c, p);
			if (hide)
				first = lab_hidden(c, s->out + lab_offset(c, begin, mask), true);
			continue;
		}

		lab_write_ahead(c, s->out, d->posted, d->reaped + mask + 1, mask);

		const uint64_t free = pool_take(&d->top);
		const uint64_t addr = stream ? lab_place(s, d->posted, mask) : free;
		const uint32_t len = packet_len(d->posted, tx ? 0 : NET_HDR_LEN, d->payload, p) +
				     (tx ? 0 : d->rx_room);
		const uint32_t slot = (uint32_t)d->posted & mask;
		const uint32_t tag = lab_tag(c, d->posted, s->shift, false);
		uint8_t *at = s->out + lab_offset(c, d->posted, mask);
		uint64_t word = lab_word_of(c, addr, len, tag, true);

		if (tx && p.payload)
			payload_write(lab_inline(point, d->payload) ? at + 16 : d->mem + addr,
				      d->payload, d->posted);
		if (stream) {
			/* its position says it all */
		} else if (c.elem == LAB_2) {
			uint8_t *desc = s->table + slot * 16;

			shm_put((lab_word *)desc, addr);
			shm_put((lab_word *)(desc + 8), (uint64_t)len);
			shm_put((lab_short *)at, (uint16_t)slot);
		} else {
			if (c.elem > LAB_8)
				shm_put((lab_loose *)at, addr);
			if (later && d->posted == begin)
				first = word;
			else
				lab_store(c, at, word, lab_is_flag(c.signal) && !later);
		}
		if (lab_keeps(point))
			d->cookie[slot] = addr;
		prove_offered(&d->offered, addr, len, p);
		d->posted++;
		if (p.publish == PUBLISH_BUFFER || c.publish == LAB_EACH)
			lab_tell_due(s, c, s->out, d->posted, d->post_target, mask);
	} while (d->posted != end);
	if (later)
		lab_store(c, s->out + lab_offset(c, begin, mask), first, true);
	lab_tell_due(s, c, s->out, d->posted, d->post_target, mask);
	lab_demote(s, c, s->out, told, end, mask);
}

/* Take n > 0 packets back; with flags, RX, up to n: as many as are there. */
ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	struct lab_side *s = &d->lab;
	const struct lab_point point = LAB_POINT(s);
	const struct lab_channel c = lab_back(point);
	const bool taken = lab_in_place(point.way), batch = point.way == LAB_BATCH;
	const bool counted = point.way == LAB_COUNTER, stream = point.carry == LAB_STREAM;
	const bool blocks =
		!p.full && !stream && (counted || (point.way == LAB_RING && lab_in_blocks(c)));
	const uint8_t *channel = taken ? s->out : s->back;
	const uint64_t end = d->reaped + n;
	const uint32_t mask = d->mask;

	(void)o;
	do {
		const uint32_t whole = blocks ? lab_whole(d->reaped, end - d->reaped, mask) : 0;

		if (whole) {
			const uint64_t was = d->reaped;

			if (UNLIKELY(!drv_reap_blocks(d, whole, tx, lab_keeps(point), counted, c,
						      p)))
				return false;
			if (LIKELY(d->reaped != was))
				continue;
		}

		const uint32_t slot = (uint32_t)d->reaped & mask;
		const uint32_t want = tx ? 0 : packet_len(d->reaped, NET_HDR_LEN, d->payload, p);
		uint64_t addr, word = 0;
		uint32_t len = want;

		if (batch) {
			/* of a batch only the last one's length is told */
			if (d->reaped + 1 == s->seen)
				len = tx ? 0 : s->batch_len;
		} else if (!counted) {
			if (!lab_ready(s, c, channel, d->reaped, mask, taken, taken, &word))
				break;
			lab_read_ahead(c, channel, d->reaped, mask);
			len = lab_len(c, word);
		}
		if (stream)
			addr = lab_place(s, d->reaped, mask);
		else if (lab_keeps(point))
			addr = d->cookie[slot];
		else if (c.elem == LAB_8)
			addr = (uint32_t)word;
		else
			addr = shm_get(
				(const lab_loose *)(channel + lab_offset(c, d->reaped, mask)));
		if (UNLIKELY(len != want))
			return side_fail(&d->fail, FAIL_LENGTH, d->reaped, want, len);
		prove_returned(&d->returned, addr, len, p);
		if (!tx && p.payload) {
			uint64_t sum = payload_sum(d->payload, (uint32_t)d->reaped);
			uint64_t got =
				payload_read(lab_inline(point, d->payload)
						     ? channel + lab_offset(c, d->reaped, mask) + 16
						     : d->mem + addr + NET_HDR_LEN,
					     d->payload);

			if (UNLIKELY(sum != got))
				return side_fail(&d->fail, FAIL_PAYLOAD, d->reaped, sum, got);
		}
		pool_give(&d->top, addr);
		d->reaped++;
	} while (d->reaped != end);
	return true;
}

/* ---- the device ---- */

ALWAYS_INLINE uint32_t dev_poll(struct dev *v, const struct loop_policy p)
{
	struct lab_side *s = &v->lab;
	const uint32_t n = lab_poll(s, lab_out(LAB_POINT(s)), s->out, v->taken, v->mask, v->burst,
				    true, false, p.replay);

	if (!n)
		lab_tell_idle(s, lab_back(LAB_POINT(s)), s->back, v->returned, v->mask);
	return n;
}

ALWAYS_INLINE void dev_leave_ring(struct dev *v, const struct dev *copy)
{
	v->lab.seen = copy->lab.seen;
	v->lab.told = copy->lab.told;
	v->lab.waited = copy->lab.waited;
}

/* In place and with a flag all is visible by then. */
ALWAYS_INLINE void dev_publish(struct dev *v)
{
	struct lab_side *s = &v->lab;
	const struct lab_point point = LAB_POINT(s);
	const struct lab_channel c = lab_back(point);
	const bool taken = lab_in_place(point.way);
	const uint64_t left = v->take_target - v->taken, told = s->told;

	if (!taken)
		lab_tell_due(s, c, s->back, v->returned, v->returned + left, v->mask);
	lab_demote(s, c, taken ? s->out : s->back, told, v->returned, v->mask);
}

/* A device's share of a burst. */
struct lab_burst {
	uint64_t begin; /* the position of its first element */
	uint64_t first; /* the word of it that is stored last, and makes the others visible */
	bool later;
};

/* Return a buffer: its element, or nothing where a counter or a batch tells. */
ALWAYS_INLINE void lab_return(struct dev *v, struct lab_burst *b, uint64_t addr, uint32_t len,
			      const struct lab_point point)
{
	struct lab_side *s = &v->lab;
	const struct lab_channel c = lab_back(point);
	const bool taken = lab_in_place(point.way);
	uint8_t *channel = taken ? s->out : s->back;
	uint8_t *at = channel + lab_offset(c, v->returned, v->mask);
	const uint32_t tag = lab_tag(c, v->returned, s->shift, taken);

	lab_write_ahead(c, channel, v->returned, UINT64_MAX, v->mask);
	if (point.way == LAB_RING || point.way == LAB_PLACE) {
		const uint64_t word = lab_word_of(c, addr, len, tag, taken);

		if (c.elem > LAB_8 && !taken)
			shm_put((lab_loose *)at, addr);
		if (b->later && v->returned == b->begin)
			b->first = word;
		else
			lab_store(c, at, word, lab_is_flag(c.signal) && !b->later);
	}
	v->returned++;
}

/* All that was returned of a burst is visible, but for what may be held. */
ALWAYS_INLINE void lab_return_end(struct dev *v, struct lab_burst *b, uint32_t len,
				  const struct lab_point point)
{
	struct lab_side *s = &v->lab;
	const struct lab_channel c = lab_back(point);
	uint8_t *at;

	if (v->returned == b->begin)
		return;
	at = (lab_in_place(point.way) ? s->out : s->back) + lab_offset(c, b->begin, v->mask);
	if (point.way == LAB_BATCH) {
		const uint64_t last = (v->returned - 1) & v->mask;

		if (c.elem > LAB_8)
			shm_put((lab_word *)at, last);
		b->first = lab_word_of(c, last, len, lab_tag(c, b->begin, s->shift, true), true);
	}
	if (point.way == LAB_BATCH || b->later)
		lab_store(c, at, b->first, true);
	b->begin = v->returned;
}

/* Take up to n > 0 packets that are there, use them, give them back. */
ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	struct lab_side *s = &v->lab;
	const struct lab_point point = LAB_POINT(s);
	const struct lab_channel in = lab_out(point), c = lab_back(point);
	const uint64_t end = v->taken + n;
	const uint32_t mask = v->mask;
	struct lab_burst b = {.begin = v->returned,
			      .later = lab_is_flag(c.signal) && point.way != LAB_BATCH &&
				       c.publish == LAB_BURST && p.device_publish == PUBLISH_BURST};
	const bool counted = point.way == LAB_COUNTER, stream = point.carry == LAB_STREAM;
	const bool blocks = !p.full && !p.fault && lab_in_blocks(in) && c.publish != LAB_EACH &&
			    p.device_publish == PUBLISH_BURST &&
			    (counted || (point.way == LAB_RING && lab_in_blocks(c)));
	uint32_t back = 0;

	(void)o;
	do {
		const uint32_t whole = blocks ? lab_whole(v->taken, end - v->taken, mask) : 0;

		if (whole) {
			const uint64_t was = v->taken;
			const bool hide = b.later && v->returned == b.begin;

			if (UNLIKELY(!dev_take_blocks(v, whole, tx, counted, hide, in, c, p)))
				return false;
			if (hide && v->taken != was)
				b.first = lab_hidden(c, s->back + lab_offset(c, b.begin, mask),
						     false);
			if (LIKELY(v->taken != was))
				continue;
		}

		const uint32_t lead = tx ? 0 : NET_HDR_LEN;
		const uint32_t plain = packet_len(v->taken, lead, v->payload, p);
		const uint32_t len = plain + (tx ? 0 : v->rx_room);
		const uint8_t *at = s->out + lab_offset(in, v->taken, mask);
		uint32_t copies = 1, told = len;
		uint64_t addr, word;

		if (stream) {
			addr = lab_place(s, v->taken, mask);
		} else if (in.elem == LAB_2) {
			const uint8_t *desc =
				s->table + (shm_get((const lab_short *)at) & mask) * 16u;

			addr = shm_get((const lab_word *)desc);
			told = (uint32_t)shm_get((const lab_word *)(desc + 8));
		} else if (!lab_ready(s, in, s->out, v->taken, mask, true, false, &word)) {
			break;
		} else if (in.elem == LAB_4) {
			addr = (uint64_t)((uint32_t)word & 0x3fffffff) << 2;
		} else {
			told = lab_len(in, word);
			addr = in.elem == LAB_8 ? (uint32_t)word : shm_get((const lab_loose *)at);
		}
		lab_read_ahead(in, s->out, v->taken, mask);
		if (UNLIKELY(told != len))
			return side_fail(&v->fail, FAIL_LENGTH, v->taken, len, told);
		if (UNLIKELY(addr > v->mem_size || v->mem_size - addr < (p.payload ? len : 0)))
			return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, v->mem_size, addr);
		if (tx && p.payload) {
			uint64_t sum = payload_sum(v->payload, v->taken);
			uint64_t got = payload_read(lab_inline(point, v->payload) ? at + 16
										  : v->mem + addr,
						    v->payload);

			if (UNLIKELY(sum != got))
				return side_fail(&v->fail, FAIL_PAYLOAD, v->taken, sum, got);
		}
		if (!tx && p.payload && lab_inline(point, v->payload)) {
			payload_write(s->back + lab_offset(c, v->returned, mask) + 16, v->payload,
				      (uint32_t)v->taken);
		} else if (!tx && p.payload) {
			header_write(v->mem + addr, 1);
			payload_write(v->mem + addr + NET_HDR_LEN, v->payload, (uint32_t)v->taken);
		}
		back = tx ? 0 : plain;
		prove_taken(&v->fold, addr, len, addr, back, p);
		if (p.fault && UNLIKELY(v->taken == v->fault_at)) {
			v->fault_done = true;
			back ^= v->fault == FAULT_CORRUPT;
			copies = v->fault == FAULT_LOSE ? 0 : v->fault == FAULT_DUPLICATE ? 2 : 1;
		}
		for (; copies; copies--)
			lab_return(v, &b, addr, back, point);
		v->taken++;
		/* a batch ends with a buffer that was not filled: its length must be told */
		if (point.way == LAB_BATCH && ((!tx && v->rx_room) || back != (tx ? 0 : plain) ||
					       p.device_publish == PUBLISH_BUFFER))
			lab_return_end(v, &b, back, point);
		if (p.device_publish == PUBLISH_BUFFER || c.publish == LAB_EACH)
			dev_publish(v);
	} while (v->taken != end);
	lab_return_end(v, &b, back, point);
	return true;
}

ALWAYS_INLINE void dev_release_held(struct dev *v, const struct loop_policy p)
{
	(void)p;
	(void)v; /* a queue returns in order */
}

#endif
