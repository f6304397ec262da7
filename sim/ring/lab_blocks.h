/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_blocks.h - elements of the ring family lab a block at a time: of 4 bytes half a line, of 8 a whole one,
 * with one check for all of it.
 *
 * For loops that do not fold all words. Whatever does not fill a block, lies across the ring's end, is not
 * there yet, or is not as it must be, is left to those that go one by one: they say what it was.
 *
 * A block begins at a multiple of its length, and ring sizes divide SEQ_LEN_MASK + 1, so no length wraps in
 * it nor in a run of them.
 */
#ifndef VRB_LAB_BLOCKS_H
#define VRB_LAB_BLOCKS_H

#include "ring/lab_channel.h"
#include "ring/lab_words.h"
#include "ring/side.h"
#include "workloads/payload.h"

/* Elements: a number of lanes. */
#ifndef LAB_BLOCK
#define LAB_BLOCK 8u
#endif
#define LAB_STEPS (LAB_BLOCK / LAB_LANES)

/* Are a channel's elements words side by side? */
ALWAYS_INLINE bool lab_in_blocks(const struct lab_channel c)
{
	return (c.elem == LAB_4 || c.elem == LAB_8) && c.lie == LAB_ROW && c.signal != LAB_LINE;
}

/* Of n buffers from a position on, those that are whole blocks, up to the ring's end. */
ALWAYS_INLINE uint32_t lab_whole(uint64_t pos, uint64_t n, uint32_t mask)
{
	const uint32_t slot = (uint32_t)pos & mask, left = mask + 1 - slot;

	if (n < LAB_BLOCK || slot % LAB_BLOCK)
		return 0;
	return (uint32_t)(n < left ? n : left) & ~(LAB_BLOCK - 1);
}

/* What elements from a position on say beside their addresses, and by how much the next lanes' is more. */
struct lab_said {
	lab_lanes word, by;
};

/* The first has length len, each further one step more. */
ALWAYS_INLINE struct lab_said lab_said_from(const struct lab_side *s, const struct lab_channel c,
					    uint64_t pos, uint32_t len, uint32_t step, bool out)
{
	const uint64_t first = lab_word_of(c, 0, len, lab_tag(c, pos, s->shift, false), out);
	const uint64_t by = c.elem == LAB_8 ? (uint64_t)step << 32 : out ? 0 : step;

	return (struct lab_said){lab_lanes_from(first, by), lab_lanes_from(LAB_LANES * by, 0)};
}

/* By how much a word that says that it is there, and one that does not yet, are different. */
ALWAYS_INLINE uint64_t lab_hides(const struct lab_channel c, bool out)
{
	return UINT64_C(1) << lab_tag_shift(c, out);
}

/* The same of the first of some words. */
ALWAYS_INLINE lab_lanes lab_hides_first(const struct lab_channel c, bool out)
{
	lab_lanes v = {0};

	LAB_LANE(v, 0) = lab_hides(c, out);
	return v;
}

/* The word that was hidden at a place, as it is to be there: who stores it makes what is behind it visible, too. */
ALWAYS_INLINE uint64_t lab_hidden(const struct lab_channel c, const uint8_t *at, bool out)
{
	return lab_load(c, at, false) ^ lab_hides(c, out);
}

ALWAYS_INLINE lab_lanes lab_words_get(const struct lab_channel c, const uint8_t *at)
{
	if (c.elem == LAB_4 && lab_is_flag(c.signal))
		return lab_halves_load(at);
	if (c.elem == LAB_4)
		return LAB_WIDEN(LAB_GET(lab_halves_at, at));
	if (lab_is_flag(c.signal))
		return lab_lanes_load(at);
	return LAB_GET(lab_lanes_at, at);
}

/*
 * Relaxed where an element has a flag: the other side may be looking at the first, which is hidden. The release of
 * lab_store() then orders what is behind it.
 */
ALWAYS_INLINE void lab_words_put(const struct lab_channel c, uint8_t *at, lab_lanes words)
{
	if (c.elem == LAB_4)
		LAB_PUT(lab_halves_at, at, LAB_NARROW(words), lab_is_flag(c.signal));
	else
		LAB_PUT(lab_lanes_at, at, words, lab_is_flag(c.signal));
}

/* What of a word is not address. */
ALWAYS_INLINE uint64_t lab_beside(const struct lab_channel c, bool out)
{
	if (c.elem == LAB_8)
		return UINT64_C(0xffffffff) << 32;
	return out ? UINT64_C(3) << 30 : UINT32_MAX;
}

/* The addresses in words, and words with addresses. An element of 4 bytes that returns has none. */
ALWAYS_INLINE lab_lanes lab_addrs_of(const struct lab_channel c, lab_lanes words)
{
	return (c.elem == LAB_4 ? words << 2 : words) & UINT32_MAX;
}

ALWAYS_INLINE lab_lanes lab_words_of(const struct lab_channel c, lab_lanes addrs, lab_lanes said,
				     bool out)
{
	if (c.elem == LAB_8)
		return addrs | said;
	return out ? addrs >> 2 | said : said;
}

/* ---- the driver ---- */

/*
 * Post n packets, whole blocks: lab_whole(). keeps: the driver remembers addresses. hide: the first does not
 * say yet that it is there: lab_hidden().
 */
ALWAYS_INLINE void drv_add_blocks(struct drv *d, uint32_t n, bool tx, bool keeps, bool hide,
				  const struct lab_channel c, const struct loop_policy p)
{
	const struct lab_side *s = &d->lab;
	const uint32_t bytes = lab_bytes(c.elem), slot = (uint32_t)d->posted & d->mask;
	const uint32_t len =
		packet_len(d->posted, tx ? 0 : NET_HDR_LEN, d->payload, p) + (tx ? 0 : d->rx_room);
	struct lab_said said = lab_said_from(s, c, d->posted, len, p.payload ? 0 : 1, true);
	lab_lanes hidden = lab_hides_first(c, true), sum = {0};
	uint8_t *at = s->out + lab_offset(c, d->posted, d->mask);
	uint64_t *cookie = d->cookie + slot;

	d->top -= n;
	for (uint32_t i = 0; tx && p.payload && i < n; i++)
		payload_write(d->mem + d->top[i], d->payload, d->posted + i);
	for (const uint64_t *from = d->top, *end = from + n; from != end; from += LAB_LANES) {
		const lab_lanes addrs = *(const lab_lanes_at *)from;
		lab_lanes words = lab_words_of(c, addrs, said.word, true);

		lab_write_ahead(c, s->out, d->posted + (uint64_t)(from - d->top),
				d->reaped + d->mask + 1, d->mask);
		if (hide) {
			words ^= hidden;
			hidden = (lab_lanes){0};
		}
		lab_words_put(c, at, words);
		if (keeps) {
			*(lab_lanes_at *)cookie = addrs;
			cookie += LAB_LANES;
		}
		sum += addrs;
		said.word += said.by;
		at += LAB_LANES * bytes;
	}
	if (!p.payload)
		d->offered.s1 += lab_lanes_sum(sum);
	d->posted += n;
}

/*
 * Take up to n packets back, whole blocks. keeps, counted: the driver remembers addresses; it has seen by a
 * counter alone that they are there. Returns false if a packet was not intact.
 */
ALWAYS_INLINE bool drv_reap_blocks(struct drv *d, uint32_t n, bool tx, bool keeps, bool counted,
				   const struct lab_channel c, const struct loop_policy p)
{
	const struct lab_side *s = &d->lab;
	const uint32_t bytes = lab_bytes(c.elem), slot = (uint32_t)d->reaped & d->mask;
	const uint32_t len = tx ? 0 : packet_len(d->reaped, NET_HDR_LEN, d->payload, p);
	const uint8_t *at = s->back + (counted ? 0 : lab_offset(c, d->reaped, d->mask));
	const uint64_t *cookie = d->cookie + slot;
	uint64_t *to = d->top;
	struct lab_said said = lab_said_from(s, c, d->reaped, len, tx || p.payload ? 0 : 1, false);

	n = lab_whole(d->reaped, n, d->mask);
	for (const uint64_t *end = to + n; to != end; to += LAB_BLOCK) {
		lab_lanes bad = {0};

		lab_read_ahead(c, s->back, d->reaped + (uint64_t)(to - d->top), d->mask);
		UNROLLED
		for (uint32_t i = 0; i < LAB_BLOCK; i += LAB_LANES) {
			lab_lanes addrs = {0};

			if (keeps)
				addrs = *(const lab_lanes_at *)(cookie + i);
			if (!counted) {
				const lab_lanes words = lab_words_get(c, at + i * bytes);

				if (!keeps)
					addrs = lab_addrs_of(c, words);
				bad |= (words ^ said.word) & lab_beside(c, false);
				said.word += said.by;
			}
			*(lab_lanes_at *)(to + i) = addrs;
		}
		if (!counted && UNLIKELY(lab_any(bad)))
			break;
		cookie += LAB_BLOCK;
		at += LAB_BLOCK * bytes;
	}
	if (lab_is_flag(c.signal))
		LAB_ACQUIRE();
	n = (uint32_t)(to - d->top);
	for (uint32_t i = 0; !tx && p.payload && i < n; i++) {
		const uint64_t sum = payload_sum(d->payload, (uint32_t)(d->reaped + i));
		const uint64_t got = payload_read(d->mem + d->top[i] + NET_HDR_LEN, d->payload);

		if (UNLIKELY(sum != got))
			return side_fail(&d->fail, FAIL_PAYLOAD, d->reaped + i, sum, got);
	}
	d->top = to;
	d->reaped += n;
	return true;
}

/* ---- the device ---- */

/* Use the packets of a block: those from number seq on. */
ALWAYS_INLINE bool dev_use_block(struct dev *v, const lab_lanes addrs[LAB_STEPS], uint64_t seq,
				 bool tx)
{
	uint64_t at[LAB_BLOCK];

	__builtin_memcpy(at, addrs, sizeof(at));
	for (uint32_t i = 0; i < LAB_BLOCK; i++, seq++) {
		if (tx) {
			const uint64_t sum = payload_sum(v->payload, seq);
			const uint64_t got = payload_read(v->mem + at[i], v->payload);

			if (UNLIKELY(sum != got))
				return side_fail(&v->fail, FAIL_PAYLOAD, seq, sum, got);
		} else {
			header_write(v->mem + at[i], 1);
			payload_write(v->mem + at[i] + NET_HDR_LEN, v->payload, (uint32_t)seq);
		}
	}
	return true;
}

/*
 * Take up to n packets, whole blocks, use them, return them: by elements of the channel `back`, unless
 * counted. hide: as in drv_add_blocks(). Returns false if a packet was not intact.
 */
ALWAYS_INLINE bool dev_take_blocks(struct dev *v, uint32_t n, bool tx, bool counted, bool hide,
				   const struct lab_channel in, const struct lab_channel back,
				   const struct loop_policy p)
{
	const struct lab_side *s = &v->lab;
	const uint32_t bytes = lab_bytes(in.elem), back_bytes = lab_bytes(back.elem);
	const uint32_t plain = packet_len(v->taken, tx ? 0 : NET_HDR_LEN, v->payload, p);
	const uint32_t len = plain + (tx ? 0 : v->rx_room), step = p.payload ? 0 : 1;
	const lab_lanes least = lab_lanes_from(v->mem_size - (p.payload ? len : 0), 0);
	struct lab_said told = lab_said_from(s, in, v->taken, len, step, true);
	struct lab_said said =
		lab_said_from(s, back, v->returned, tx ? 0 : plain, tx ? 0 : step, false);
	lab_lanes hidden = lab_hides_first(back, false), sum = {0};
	const uint8_t *at = s->out + lab_offset(in, v->taken, v->mask);
	uint8_t *to = s->back + (counted ? 0 : lab_offset(back, v->returned, v->mask));
	const uint64_t begin = v->taken;

	for (const uint64_t end = begin + n; v->taken != end; v->taken += LAB_BLOCK) {
		lab_lanes addrs[LAB_STEPS], bad = {0}, beyond = {0};

		lab_read_ahead(in, s->out, v->taken, v->mask);
		lab_write_ahead(back, s->back, v->returned + (v->taken - begin), UINT64_MAX,
				v->mask);
		UNROLLED
		for (uint32_t i = 0; i < LAB_STEPS; i++) {
			const lab_lanes words = lab_words_get(in, at);

			addrs[i] = lab_addrs_of(in, words);
			bad |= (words ^ told.word) & lab_beside(in, true);
			beyond |= least - addrs[i]; /* it is: negative */
			told.word += told.by;
			at += LAB_LANES * bytes;
		}
		if (UNLIKELY(lab_any(bad | beyond >> 63)))
			break;
		if (p.payload) {
			if (lab_is_flag(in.signal))
				LAB_ACQUIRE();
			if (UNLIKELY(!dev_use_block(v, addrs, v->taken, tx)))
				return false;
		}
		UNROLLED
		for (uint32_t i = 0; i < LAB_STEPS; i++) {
			sum += addrs[i];
			if (counted)
				continue;
			lab_words_put(back, to,
				      lab_words_of(back, addrs[i],
						   hide && !i ? said.word ^ hidden : said.word,
						   false));
			said.word += said.by;
			to += LAB_LANES * back_bytes;
		}
		hidden = (lab_lanes){0};
	}
	if (!p.payload)
		v->fold.s1 += lab_lanes_sum(sum);
	v->returned += v->taken - begin;
	return true;
}

#endif
