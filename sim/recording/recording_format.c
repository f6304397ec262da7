/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recording_format.c - the bytes of a recording, described once.
 */
#include "recording/recording.h"

#include <errno.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "recordings are little-endian and are read as they are"
#endif

NAMES_OF(rec_ring_name, rec_ring, [REC_SPLIT] = "split", [REC_PACKED] = "packed")
NAMES_OF(rec_by_name, rec_by, [REC_DEVICE] = "device", [REC_WATCHER] = "watcher")
NAMES_OF(rec_clock_name, rec_clock, [REC_NO_CLOCK] = "none", [REC_NS] = "ns")

int rec_source_fits(const char *option, const char *source, struct vrb_err *err)
{
	const size_t len = strlen(source);

	return len < REC_SOURCE_BYTES ? 0
				      : vrb_fail(err, EINVAL, "%s of %zu bytes; legal: %d at most",
						 option, len, REC_SOURCE_BYTES - 1);
}

/* An exponent above, a mantissa of @bits below with its highest bit left out. */
static uint64_t unpack(uint32_t packed, unsigned bits)
{
	const uint64_t one = UINT64_C(1) << bits, mantissa = packed & (one - 1);
	const uint32_t exponent = packed >> bits;

	return exponent ? (one + mantissa) << (exponent - 1) : mantissa;
}

/* Rounded down; what is too large: @most. */
static uint32_t pack(uint64_t ns, unsigned bits, uint32_t most)
{
	uint32_t exponent;

	if (ns >= unpack(most, bits))
		return most;
	if (!(ns >> bits))
		return (uint32_t)ns;
	exponent = 63 - (uint32_t)__builtin_clzll(ns) - bits;
	return ((exponent + 1) << bits) + (uint32_t)((ns >> exponent) - (UINT64_C(1) << bits));
}

#define TIME_BITS 11
#define GAP_BITS  3

uint64_t rec_time(uint16_t packed)
{
	return unpack(packed, TIME_BITS);
}

uint64_t rec_gap(uint8_t packed)
{
	return unpack(packed, GAP_BITS);
}

uint16_t rec_time_pack(uint64_t ns)
{
	return (uint16_t)pack(ns, TIME_BITS, UINT16_MAX);
}

uint8_t rec_gap_pack(uint64_t ns)
{
	return (uint8_t)pack(ns, GAP_BITS, UINT8_MAX);
}

/* A field of the file. */
struct field {
	const char *name, *what;
	size_t at, bytes;
};

#define FIELD(type, member, text)                                              \
	{                                                                      \
		.name = #member, .what = (text), .at = offsetof(type, member), \
		.bytes = sizeof(((type *)0)->member)                           \
	}
#define HEAD(member, text)   FIELD(struct rec_head, member, text)
#define BUFFER(member, text) FIELD(struct rec_buffer, member, text)
#define LOST(member, text)   FIELD(struct rec_lost, member, text)

static const struct field head_fields[] = {
	HEAD(magic, "`" REC_MAGIC "`"),
	HEAD(version, "2; 1: there are no runs"),
	HEAD(head_bytes, "bytes of this head, where the records begin: 208"),
	HEAD(ring, "0 split, 1 packed"),
	HEAD(ring_size, "entries, 2..32768; split: a power of two"),
	HEAD(device, "type of the device (Virtio 1.4, 5): 1 net, 2 block; 0 not known"),
	HEAD(queue, "index of the queue"),
	HEAD(by, "who recorded: 0 the device, 1 a watcher of the memory, who sees no notification"),
	HEAD(clock, "unit of all times: 0 there are none, 1 ns"),
	HEAD(known, "bit 0: `features` is known; bit 1: kicks and calls are"),
	HEAD(start,
	     "split: index of the first buffer, 0..65535; packed: slot of its first descriptor"),
	HEAD(features, "negotiated feature bits"),
	HEAD(records, "records that follow: buffers, runs of them, and losses"),
	HEAD(buffers, "buffers of these records"),
	HEAD(lost, "buffers that went by unseen; a watcher's: at least"),
	HEAD(batches, "looks at the index that found buffers"),
	HEAD(kicks, "notifications of the device"),
	HEAD(calls, "notifications of the driver"),
	HEAD(duration, "from the first buffer to the end"),
	HEAD(source, "what was recorded, in words; UTF-8, filled up with zeros, at least one"),
};

static const struct field buffer_fields[] = {
	BUFFER(head, "split: index of the first descriptor; packed: the buffer id"),
	BUFFER(link,
	       "split, a chain of several: index of the second descriptor; one descriptor, not indirect: "
	       "buffers that follow as a run, below ring_size; else 0"),
	BUFFER(descs,
	       "bits 24-31: descriptors, of a table if indirect, 255: or more; bits 0-23: bytes of "
	       "them all, 2^24-1: or more"),
	BUFFER(after,
	       "buffers made available later that the recorder had seen when this was returned"),
	BUFFER(order,
	       "signed: its place among the returned less its place among the buffers; 0: in order"),
	BUFFER(took,
	       "time from being seen to being returned: upper 5 bits exponent e, lower 11 bits m: m if "
	       "e is 0, else (2048 + m) * 2^(e-1)"),
	BUFFER(gap,
	       "first of a batch: time since the batch before: upper 5 bits exponent e, lower 3 bits m: "
	       "m if e is 0, else (8 + m) * 2^(e-1)"),
	BUFFER(flags,
	       "1 first of a batch, 2 indirect, 4 the device reads, 8 it writes, 16 it was kicked "
	       "before, 32 the driver was called after, 64 returned (`after`, `order`, `took` are "
	       "known), 128 a loss"),
};

static const struct field lost_fields[] = {
	LOST(lost,
	     "buffers that are missing here; a watcher's: at least, since of 65536 he sees nothing"),
	LOST(slot, "packed: slot of the next buffer; split: 0"),
	LOST(zero, "0"),
	LOST(zero2, "0"),
	LOST(flags, "128"),
};

static void print_fields(FILE *out, const char *what, const struct field *fields, size_t n)
{
	fprintf(out, "\n%s:\n\n| byte | bytes | field | meaning |\n|---|---|---|---|\n", what);
	for_each (f, fields, n)
		fprintf(out, "| %zu | %zu | `%s` | %s |\n", f->at, f->bytes, f->name, f->what);
}

void rec_layout_print(FILE *out)
{
	print_fields(out, "The head", head_fields, ARRAY_SIZE(head_fields));
	print_fields(out, "A buffer", buffer_fields, ARRAY_SIZE(buffer_fields));
	print_fields(out, "A loss", lost_fields, ARRAY_SIZE(lost_fields));
}
