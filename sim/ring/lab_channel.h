/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_channel.h - a channel of the ring family lab: where its elements lie, what they say, and what says
 * that they are there.
 *
 * Both ways are in order, so position i lies in place i mod N, and i / N is its lap. As in spsc.h no
 * more buffers go round than a channel has places, so whoever writes a place needs no second index: the
 * element before in it has been read by whom it was for, who then sent its buffer back. In place the
 * same holds, for an element goes to and fro.
 *
 * A flag is of position i's lap, so what a place holds from the lap before has another one:
 *
 *   LAB_FLAG  lap + 1 mod 2     LAB_SEQ  lap + 1, as many bits as there are
 *
 * with LAB_TAKEN on top where the device overwrote it in place. Setup writes the tags of the lap before.
 *
 * Elements:  16  le64 address; le32 length, 24 bits nothing, 8 bits tag (one word of 64 bits)
 *	       8  32 bits address, 24 bits length, 8 bits tag
 *	       4  out: 30 bits address / 4, 2 bits tag; back: 24 bits length, 8 bits tag
 *	       2  place in the descriptor table
 *
 * Orderings: [A] on the way to the device, [B] on the way back; each is a release by whoever
 * produces, on the index, the flag, or the first word of a line, and an acquire by whoever looks.
 */
#ifndef VRB_LAB_CHANNEL_H
#define VRB_LAB_CHANNEL_H

#include "ring/access.h"
#include "ring/lab_side.h"
#include "ring/policy.h"

#define LAB_TAKEN 0x80u

typedef uint64_t __attribute__((may_alias)) lab_word;
typedef uint32_t __attribute__((may_alias)) lab_half;
typedef uint16_t __attribute__((may_alias)) lab_short;
/* Of elements that carry no tag: behind an index at byte 2 they begin at byte 4, as used elements do. */
typedef uint64_t __attribute__((may_alias, aligned(4))) lab_loose;

/* A channel as a point has it: constant where the point is. */
struct lab_channel {
	uint8_t elem, signal, lie, look, publish, hint;
};

ALWAYS_INLINE struct lab_channel lab_out(const struct lab_point p)
{
	return (struct lab_channel){p.out_elem, p.out_signal,  p.out_lie,
				    p.out_look, p.out_publish, p.out_hint};
}

/* In place: the elements of the way out. */
ALWAYS_INLINE struct lab_channel lab_back(const struct lab_point p)
{
	if (lab_in_place(p.way))
		return (struct lab_channel){p.out_elem, p.out_signal,	p.out_lie,
					    p.out_look, p.back_publish, p.back_hint};
	return (struct lab_channel){p.back_elem, p.back_signal,	 p.back_lie,
				    p.back_look, p.back_publish, p.back_hint};
}

/* Elements of a line that begins with a word of its own. */
ALWAYS_INLINE uint32_t lab_line_elems(uint8_t elem)
{
	return elem < LAB_16 ? (CACHE_LINE - 8) / lab_bytes(elem)
			     : CACHE_LINE / lab_bytes(elem) - 1;
}

/* Where elements begin in a channel. */
ALWAYS_INLINE uint32_t lab_first(uint8_t signal)
{
	return signal == LAB_OWN ? ISOLATE : signal == LAB_BESIDE ? 4 : 0;
}

/* The element at a position, by its offset in the channel. */
ALWAYS_INLINE uint32_t lab_offset(const struct lab_channel c, uint64_t pos, uint32_t mask)
{
	const uint32_t bytes = lab_bytes(c.elem), per = CACHE_LINE / bytes;
	const uint32_t slot = (uint32_t)pos & mask;

	if (c.signal == LAB_LINE) {
		const uint32_t n = lab_line_elems(c.elem);

		return slot / n * CACHE_LINE + (c.elem < LAB_16 ? 8 : bytes) + slot % n * bytes;
	}
	if (c.lie == LAB_STRIPED && mask >= per) {
		const uint32_t lines = (mask + 1) / per;

		return lab_first(c.signal) + slot % lines * CACHE_LINE + slot / lines * bytes;
	}
	return lab_first(c.signal) + slot * bytes;
}

/* Elements of a line, where a hint is legal: they lie in a row. */
ALWAYS_INLINE uint32_t lab_per_line(const struct lab_channel c)
{
	return CACHE_LINE >> (c.elem + 1);
}

/* Whoever reads the first element of a line asks for the next line. */
ALWAYS_INLINE void lab_read_ahead(const struct lab_channel c, const uint8_t *channel, uint64_t pos,
				  uint32_t mask)
{
	const uint32_t per = lab_per_line(c);

	if (c.hint == LAB_PREFETCH && !(pos & (per - 1)))
		shm_prefetch(channel + lab_offset(c, pos + per, mask));
}

/*
 * Whoever writes it asks for the right to write the next line, if that ends before `free`. The device knows no such end: in place
 * the line may hold postings that it is going to read, then it has them earlier, or places where the driver is about to
 * post, which then has to fetch the line back. Either way transfers are all that changes.
 */
ALWAYS_INLINE void lab_write_ahead(const struct lab_channel c, const uint8_t *channel, uint64_t pos,
				   uint64_t free, uint32_t mask)
{
	const uint32_t per = lab_per_line(c);

	if (c.hint == LAB_PREFETCHW && !(pos & (per - 1)) && pos + 2 * per <= free)
		shm_prefetchw(channel + lab_offset(c, pos + per, mask));
}

/*
 * Of the lines that became visible since this side had told `was`, those that are full; before the store that publishes it
 * a demotion would delay that, and may bring the line back for nobody. With flags all before `head` is visible.
 */
ALWAYS_INLINE void lab_demote(struct lab_side *s, const struct lab_channel c, uint8_t *channel,
			      uint64_t was, uint64_t head, uint32_t mask)
{
	const uint32_t per = lab_per_line(c);

	if (c.hint != LAB_DEMOTE)
		return;
	if (lab_is_flag(c.signal))
		s->told = head;
	for (uint64_t at = was & ~(uint64_t)(per - 1); at + per <= s->told; at += per)
		shm_demote(channel + lab_offset(c, at, mask));
}

/* Bytes of a channel of n places. */
ALWAYS_INLINE size_t lab_channel_size(const struct lab_channel c, uint32_t n)
{
	if (c.signal == LAB_LINE)
		return ((size_t)n / lab_line_elems(c.elem) + 1) * CACHE_LINE;
	return lab_first(c.signal) + (size_t)n * lab_bytes(c.elem);
}

/* The tag of a position; taken: overwritten in place. */
ALWAYS_INLINE uint32_t lab_tag(const struct lab_channel c, uint64_t pos, uint32_t shift, bool taken)
{
	const uint32_t lap = (uint32_t)(pos >> shift) + 1;
	const uint32_t bits = c.signal == LAB_FLAG ? 1 : c.elem == LAB_4 ? 3 : 0x7f;

	return (lap & bits) | (taken ? LAB_TAKEN : 0);
}

/* The part of an element that has the tag, and where the tag lies in it. */
ALWAYS_INLINE uint32_t lab_tag_shift(const struct lab_channel c, bool out)
{
	return c.elem == LAB_4 ? (out ? 30 : 24) : 56;
}

/* 30 bits of address / 4, 32 bits of address and 24 of length are enough for any region. */
_Static_assert((RING_SIZE_MAX + 2ull * RING_SIZE_MAX) * (3 * PAYLOAD_MAX + 4096) < 1ull << 32,
	       "a region is below 4 GiB");
_Static_assert(3 * PAYLOAD_MAX < 1 << 24, "a length has 24 bits");

/* What a producer says in an element: all but the address of one of 16 bytes. */
ALWAYS_INLINE uint64_t lab_word_of(const struct lab_channel c, uint64_t addr, uint32_t len,
				   uint32_t tag, bool out)
{
	const uint64_t tagged = (uint64_t)(lab_is_flag(c.signal) ? tag : 0)
				<< lab_tag_shift(c, out);

	if (c.elem == LAB_4)
		return tagged | (out ? addr >> 2 : len);
	return tagged | (c.elem == LAB_8 ? addr | (uint64_t)len << 32 : len);
}

ALWAYS_INLINE uint64_t lab_load(const struct lab_channel c, const uint8_t *at, bool acquire)
{
	if (c.elem == LAB_4)
		return acquire ? shm_load_acq((const lab_half *)at) : shm_get((const lab_half *)at);
	at += c.elem == LAB_8 ? 0 : 8;
	return acquire ? shm_load_acq((const lab_word *)at) : shm_get((const lab_loose *)at);
}

/* [A], [B] release, where each element is visible on its own. */
ALWAYS_INLINE void lab_store(const struct lab_channel c, uint8_t *at, uint64_t word, bool release)
{
	if (c.elem == LAB_4) {
		if (release)
			shm_store_rel((lab_half *)at, (uint32_t)word);
		else
			shm_put((lab_half *)at, (uint32_t)word);
		return;
	}
	at += c.elem == LAB_8 ? 0 : 8;
	if (release)
		shm_store_rel((lab_word *)at, word);
	else
		shm_put((lab_loose *)at, word);
}

/*
 * [A], [B] acquire: is the element at a position there? word: out, what it says. With an index, and in a line
 * with a count, it is: the poll has seen that.
 */
ALWAYS_INLINE bool lab_ready(const struct lab_side *s, const struct lab_channel c,
			     const uint8_t *channel, uint64_t pos, uint32_t mask, bool out,
			     bool taken, uint64_t *word)
{
	const uint8_t *at = channel + lab_offset(c, pos, mask);

	if (!lab_is_flag(c.signal)) {
		*word = lab_load(c, at, false);
		return true;
	}
	*word = lab_load(c, at, true);
	if (c.elem == LAB_4)
		return (uint32_t)*word >> lab_tag_shift(c, out) == lab_tag(c, pos, s->shift, taken);
	return *word >> 56 == lab_tag(c, pos, s->shift, taken);
}

/* What a word says beside the tag. */
ALWAYS_INLINE uint32_t lab_len(const struct lab_channel c, uint64_t word)
{
	return (uint32_t)(c.elem == LAB_8 ? word >> 32 : word) & 0xffffff;
}

/* LAB_LINE: the position behind the line in which `at` lies; a line ends with the lap, too. */
ALWAYS_INLINE uint64_t lab_line_end(const struct lab_channel c, uint64_t at, uint32_t mask)
{
	const uint32_t n = lab_line_elems(c.elem), slot = (uint32_t)at & mask;
	const uint32_t rest = n - slot % n, lap = mask + 1 - slot;

	return at + (rest < lap ? rest : lap);
}

/* The index or the line's count as it is now; consumed: what was taken. */
ALWAYS_INLINE uint64_t lab_head(const struct lab_channel c, const uint8_t *channel,
				uint64_t consumed, uint32_t mask)
{
	const uint8_t *line;
	uint64_t head;

	if (c.signal == LAB_BESIDE)
		return consumed + (uint16_t)(shm_load_acq((const lab_short *)(channel + 2)) -
					     (uint16_t)consumed);
	if (c.signal == LAB_OWN)
		return shm_load_acq((const lab_word *)channel);
	line = channel + lab_offset(c, consumed, mask) / CACHE_LINE * CACHE_LINE;
	head = shm_load_acq((const lab_word *)line);
	return head > consumed ? head : consumed; /* else it is of the lap before */
}

/*
 * [A], [B] acquire: elements that are there to be consumed, up to most. With flags: whether one is, and
 * then `most`: whoever takes them looks at each; or, as it @counts, how many. Pairs with the release in lab_tell() or lab_store().
 */
ALWAYS_INLINE uint32_t lab_poll(struct lab_side *s, const struct lab_channel c,
				const uint8_t *channel, uint64_t consumed, uint32_t mask,
				uint32_t most, bool out, bool taken, bool counts)
{
	uint64_t word;
	uint32_t n = 0;

	if (lab_is_flag(c.signal) && !counts)
		return lab_ready(s, c, channel, consumed, mask, out, taken, &word) ? most : 0;
	if (lab_is_flag(c.signal)) {
		while (n < most && lab_ready(s, c, channel, consumed + n, mask, out, taken, &word))
			n++;
		return n;
	}
	if (c.look == LAB_EACH_POLL || counts || s->seen == consumed) {
		uint64_t at = lab_head(c, channel, consumed, mask), from = consumed;

		/* a burst goes on in the next line, which has a count of its own */
		while (c.signal == LAB_LINE && at == lab_line_end(c, from, mask) &&
		       at - consumed < most) {
			from = at;
			at = lab_head(c, channel, from, mask);
		}
		s->seen = at;
	}
	return (uint32_t)(s->seen - consumed);
}

/* [A], [B] release: all elements before `head` are visible; each line with a count has its own. */
ALWAYS_INLINE void lab_tell(struct lab_side *s, const struct lab_channel c, uint8_t *channel,
			    uint64_t head, uint32_t mask)
{
	if (c.signal == LAB_OWN) {
		shm_store_rel((lab_word *)channel, head);
	} else if (c.signal == LAB_BESIDE) {
		shm_store_rel((lab_short *)(channel + 2), (uint16_t)head);
	} else if (c.signal == LAB_LINE) {
		for (uint64_t at = s->told; at != head;) {
			const uint64_t end = lab_line_end(c, at, mask);
			uint8_t *line = channel + lab_offset(c, at, mask) / CACHE_LINE * CACHE_LINE;

			at = head - at < end - at ? head : end;
			shm_store_rel((lab_word *)line, at);
		}
	}
	s->told = head;
}

/* The end of the last line before `head` that is full; the ring's last line is with its last element. */
ALWAYS_INLINE uint64_t lab_full(const struct lab_channel c, uint64_t head, uint32_t mask)
{
	const uint32_t per = c.signal == LAB_LINE ? lab_line_elems(c.elem) : lab_per_line(c);

	return head - ((uint32_t)head & mask) % per;
}

/* As lab_due() of a channel that waits, after a burst. */
ALWAYS_INLINE uint64_t lab_due_line(struct lab_side *s, const struct lab_channel c, uint64_t head,
				    uint64_t target, uint32_t mask)
{
	const uint64_t full = head == target ? head : lab_full(c, head, mask);

	if ((int64_t)(full - s->told) > 0) {
		s->waited = full != head;
		return full;
	}
	s->waited += head != s->told;
	if (s->waited < lab_wait(c.publish))
		return s->told;
	s->waited = 0;
	return head;
}

/* Up to where a producer tells that has produced `head`, up to `target` in the end; told: nothing new. */
ALWAYS_INLINE uint64_t lab_due(struct lab_side *s, const struct lab_channel c, uint64_t head,
			       uint64_t target, uint32_t mask)
{
	if (lab_wait(c.publish))
		return lab_due_line(s, c, head, target, mask);
	if (lab_hold(c.publish) == 1 || s->hold == 1 || head == target)
		return head;
	return head - s->told >= s->hold ? head : s->told;
}

ALWAYS_INLINE void lab_tell_due(struct lab_side *s, const struct lab_channel c, uint8_t *channel,
				uint64_t head, uint64_t target, uint32_t mask)
{
	const uint64_t due = lab_due(s, c, head, target, mask);

	if (due != s->told && !lab_is_flag(c.signal))
		lab_tell(s, c, channel, due, mask);
}

/* A producer has nothing to do: what waits has no reason to, and the other side may be waiting for it. */
ALWAYS_INLINE void lab_tell_idle(struct lab_side *s, const struct lab_channel c, uint8_t *channel,
				 uint64_t head, uint32_t mask)
{
	if (!lab_wait(c.publish) || head == s->told)
		return;
	s->waited = 0;
	lab_tell(s, c, channel, head, mask);
}

#endif
