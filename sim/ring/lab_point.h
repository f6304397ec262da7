/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_point.h - a point of the ring family `lab`: a ring described by data, one byte a choice.
 *
 * Two channels: `out` takes posted buffers to the device, `back` takes them to the driver again. What
 * an element carries follows from its size:
 *
 *   out   2 the head of a descriptor table, 4 an offset, 8 offset and length, 16 address and length;
 *   back  4 a length, 8 offset and length, 16 address and length; larger: padding behind it
 *
 * One of the channels carries packets (RX: back, TX: out), the other empty buffers. Nobody waits for
 * empty buffers that come a little later, so only they may be held: a number as `publish` says how
 * many; packets are then published once a burst. Never is so much held that the ring stands still:
 * setup holds at most a quarter of what fits in the ring, and whoever reaches its target holds nothing.
 * Either may wait for its line to be full, for so many bursts at most, and no longer than its side has something to do.
 */
#ifndef VRB_LAB_POINT_H
#define VRB_LAB_POINT_H

#include "cell.h"
#include "vrb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of an element: lab_bytes(). */
enum lab_elem { LAB_2, LAB_4, LAB_8, LAB_16, LAB_32, LAB_64, LAB_ELEMS };

/* What says that elements are there. */
enum lab_signal {
	LAB_OWN,    /* an index on a line of its own, as spsc has it */
	LAB_BESIDE, /* an index at byte 2, the elements from byte 4, as avail->idx */
	LAB_FLAG,   /* a bit in each element, which alternates with each lap */
	LAB_SEQ,    /* the number of the lap in each element, as far as bits are left for it */
	LAB_LINE,   /* the first 8 bytes of each line: how many were produced so far */
	LAB_SIGNALS
};

/* How neighbours lie: one after the other, or each on another line. */
enum lab_lie { LAB_ROW, LAB_STRIPED, LAB_LIES };

/* When an index of the other side is read: at each poll, or when what was seen is used up. */
enum lab_look { LAB_EACH_POLL, LAB_USED_UP, LAB_LOOKS };

/* When a channel's elements become visible; a number: lab_hold(), or lab_wait(). */
enum lab_publish {
	LAB_EACH,
	LAB_BURST,
	LAB_HOLD_8,
	LAB_HOLD_16,
	LAB_HOLD_32,
	LAB_HOLD_64,
	LAB_WAIT_2, /* once their line is full, or after so many bursts */
	LAB_WAIT_8,
	LAB_WAIT_32,
	LAB_PUBLISHES
};

/* How a buffer comes back. */
enum lab_way {
	LAB_RING,    /* in a ring of its own */
	LAB_PLACE,   /* its element is overwritten */
	LAB_BATCH,   /* the element of a batch's first buffer is overwritten */
	LAB_COUNTER, /* by a counter alone */
	LAB_WAYS
};

/*
 * What is said of a channel's lines ahead of an access. Who reads or writes the first element of a line asks for
 * the line behind it; the driver does not while the device may not have read it yet.
 */
enum lab_hint {
	LAB_NO_HINT,
	LAB_PREFETCH,  /* who takes elements, to read them */
	LAB_PREFETCHW, /* who makes them, to write them */
	LAB_DEMOTE,    /* who makes them gives a line that is full to the cache that all share */
	LAB_HINTS
};

/* What tells where a packet lies. */
enum lab_carry {
	LAB_ADDRESS, /* its element, or what the driver knows that it posted */
	LAB_STREAM,  /* its position: packets lie in ring order. Two indices and no elements */
	LAB_INLINE,  /* as LAB_ADDRESS, but a payload of up to LAB_ROOM bytes lies in the element */
	LAB_CARRIES
};
#define LAB_ROOM 48u /* of 64, behind address and length */

/*
 * Each a byte, so that lab_fields may enumerate them. A field that is void is 0. `carry`
 * is not searched: a stream tells no lengths, and lines of packets are not counted. Only named points have it.
 */
struct lab_point {
	uint8_t out_elem, out_signal, out_lie, out_look, out_publish, out_hint;
	uint8_t way;
	uint8_t back_elem, back_signal, back_lie, back_look, back_publish, back_hint;
	uint8_t carry;
};

/** struct lab_field - a choice: its name and the names of its values; a point's value is an index. */
struct lab_field {
	const char *name;
	const char *const *values;
	unsigned n;
	unsigned usual; /* values that a search tries where it names none: the first so many */
};
#define LAB_FIELDS   sizeof(struct lab_point)
#define LAB_SEARCHED offsetof(struct lab_point, carry)
extern const struct lab_field lab_fields[LAB_FIELDS];

/** lab_value - the value of field @i of a point, which may be written. */
uint8_t *lab_value(struct lab_point *p, unsigned i);

/**
 * lab_print - the text of a point: the fields in order, "out-elem=4;out-signal=own;...", carry where it is
 * not address. Returns @buf.
 */
#define LAB_TEXT 320
char *lab_print(const struct lab_point *p, char buf[LAB_TEXT]);

/**
 * lab_parse - a point from its text; a field that is not named keeps what @p has.
 * Returns 0; -EINVAL with the field, the value and what is legal.
 */
int lab_parse(const char *text, struct lab_point *p, struct vrb_err *err);

/**
 * lab_excluded - why a point is no ring for this direction; NULL: it is one.
 * One text a rule: the same pointer for all points that the rule excludes.
 */
const char *lab_excluded(const struct lab_point *p, enum direction dir);

/** struct lab_preset - a named point. */
struct lab_preset {
	const char *name, *source;
	const char *keeps; /* what it keeps of its source, and what it leaves */
	struct lab_point point;
};

unsigned lab_presets_count(void);
const struct lab_preset *lab_presets_get(unsigned i);

/* Bytes of an element. */
ALWAYS_INLINE uint32_t lab_bytes(uint8_t elem)
{
	return 2u << elem;
}

/* Elements that are held; 1: none are. */
ALWAYS_INLINE uint32_t lab_hold(uint8_t publish)
{
	return publish < LAB_HOLD_8 || publish > LAB_HOLD_64 ? 1 : 8u << (publish - LAB_HOLD_8);
}

/* Bursts that an element waits for its line to be full, its own among them; 0: it does not. */
ALWAYS_INLINE uint32_t lab_wait(uint8_t publish)
{
	return publish < LAB_WAIT_2 ? 0 : 2u << 2 * (publish - LAB_WAIT_2);
}

ALWAYS_INLINE bool lab_is_flag(uint8_t signal)
{
	return signal == LAB_FLAG || signal == LAB_SEQ;
}

ALWAYS_INLINE bool lab_in_place(uint8_t way)
{
	return way == LAB_PLACE || way == LAB_BATCH;
}

#endif
