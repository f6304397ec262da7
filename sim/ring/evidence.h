/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evidence.h - proof that the work was done: every buffer, once, in order, unchanged.
 *
 * What a buffer carries names it: its length is a sequence number where there is no payload, and
 * where there is one its bytes are made from it. Who receives a buffer compares that, in every loop:
 * the device with the number of the buffer that must come next, the driver with what it posted. A
 * driver with a free list also knows which ids are outstanding, so none comes back twice.
 *
 * What no side can tell from that alone is added up by both and compared when the ring is drained:
 *
 *   in a specialised loop     the addresses of descriptors, where no payload lies at them: a sum
 *   in a generic loop         all words: of each buffer offered (address, length) and of each taken
 *                             back (id, length) the driver makes an order-sensitive checksum, the
 *                             device makes one of both, and
 *
 *                                 device = FOLD_OFFERED * offered + returned
 *
 * A driver that does not read an id (fixed-layout, in-order) folds the one that it assumes, so there a
 * device in another order is caught. Each sample begins and ends with a lap of generic loops on the
 * same ring: engine.c.
 *
 * The fold is Fletcher's: s1 sums the words, s2 sums s1, all modulo 2^64. It costs two adds a
 * word; it is linear, so that two folds can be added; and a single wrong word can be located
 * afterwards (fold_locate()).
 */
#ifndef VRB_EVIDENCE_H
#define VRB_EVIDENCE_H

#include "vrb.h"

#include <stdbool.h>

struct fold {
	uint64_t s1, s2;
};

ALWAYS_INLINE void fold_word(struct fold *f, uint64_t word)
{
	f->s1 += word;
	f->s2 += f->s1;
}

/* A buffer offered: where and how long. */
ALWAYS_INLINE uint64_t fold_offered(uint64_t addr, uint64_t len)
{
	return addr + (len << 32);
}

/* A buffer returned: which and how much of it. */
ALWAYS_INLINE uint64_t fold_returned(uint64_t id, uint64_t len)
{
	return id + (len << 32);
}

/* Both words of a buffer in one, as the device folds them: a shift and an add, or one lea. */
#define FOLD_OFFERED 8u
ALWAYS_INLINE uint64_t fold_taken(uint64_t offered, uint64_t returned)
{
	return FOLD_OFFERED * offered + returned;
}

/**
 * fold_locate - which single word differs?
 * @a, @b: the folds of two sequences of @n words that should be equal.
 * @index: out; 0-based position of the word.
 * @delta: out; what b has there, minus what a has.
 *
 * If exactly one word differs by delta, s1 differs by delta and s2 by (n - index) delta.
 * Returns false if no single word explains the difference.
 */
bool fold_locate(const struct fold *a, const struct fold *b, uint64_t n, uint64_t *index,
		 uint64_t *delta);

/*
 * The length that stands for buffer number `seq` where there is no payload to carry it:
 * never 0, and different for the buffers that use one slot in consecutive laps.
 */
#define SEQ_LEN_MASK 0xffffu
ALWAYS_INLINE uint32_t seq_len(uint64_t seq)
{
	return 1 + ((uint32_t)seq & SEQ_LEN_MASK);
}

enum failure_kind {
	FAIL_NONE,
	FAIL_INDEX,	 /* the other side's index ran past what was handed to it */
	FAIL_ID,	 /* an id or head outside the ring */
	FAIL_NOT_THERE,	 /* a used id of a buffer that is not outstanding */
	FAIL_BATCH,	 /* a used element that does not fit the batch it stands for */
	FAIL_LENGTH,	 /* not the length that this buffer must have */
	FAIL_PAYLOAD,	 /* not the bytes that this buffer must hold */
	FAIL_PIECES,	 /* a header that does not tell how many buffers the packet has */
	FAIL_DESCRIPTOR, /* flags or address that the protocol does not allow here */
	FAIL_EVENT,	 /* a side asks to be notified in a way that the protocol does not allow */
	FAIL_LOST,	 /* never came back */
	FAIL_COUNT,	 /* the two sides count differently */
	FAIL_FOLD,	 /* the checksums differ */
};

/* The first thing that was wrong. */
struct failure {
	enum failure_kind kind;
	uint64_t buffer; /* its number, from 0, in the order of posting */
	uint64_t expected, seen;
};

/* What went wrong, in words; expected and seen are values of `what`. */
const char *failure_text(enum failure_kind v);

#endif
