/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recording.h - what a driver put into a virtqueue and when the device returned it: the file that
 * `serve --record` and `watch` write and `replay` reads. No byte of a payload is in it.
 *
 * docs/ring-recordings.md explains the format; its byte tables are printed from rec_head_fields
 * and rec_buffer_fields. All numbers are little-endian.
 */
#ifndef VRB_RECORDING_H
#define VRB_RECORDING_H

#include "vrb.h"

#include <stdbool.h>
#include <stdio.h>

#define REC_MAGIC	 "VRINGREC"
#define REC_VERSION	 2 /* 1 has no runs, and is read, too */
#define REC_SOURCE_BYTES 96
#define REC_SIZE_MAX	 32768	    /* entries of a ring */
#define REC_RECORDS_MAX	 (1u << 26) /* of a file that is read, without runs: 1 GiB */

enum rec_ring { REC_SPLIT, REC_PACKED, REC_RINGS };
/* Who recorded: the device itself, or a watcher of the shared memory, who sees no notification. */
enum rec_by { REC_DEVICE, REC_WATCHER, REC_BYS };
enum rec_clock { REC_NO_CLOCK, REC_NS, REC_CLOCKS };

/* "split", "packed"; "device", "watcher"; "none", "ns". */
const char *rec_ring_name(enum rec_ring v);
const char *rec_by_name(enum rec_by v);
const char *rec_clock_name(enum rec_clock v);

/* Bits of struct rec_head, known: the fields that mean something. */
enum rec_known { REC_KNOWS_FEATURES = 1, REC_KNOWS_NOTIFICATIONS = 2 };

/* The first bytes of a file. */
struct rec_head {
	char magic[8];
	uint32_t version;
	uint32_t head_bytes; /* where the records begin */
	uint32_t ring;	     /* enum rec_ring */
	uint32_t ring_size;  /* entries; split: a power of two */
	uint32_t device;     /* type of the device, Virtio 1.4, 5; 0: not known */
	uint32_t queue;	     /* its index */
	uint32_t by;	     /* enum rec_by */
	uint32_t clock;	     /* enum rec_clock, of all times */
	uint32_t known;	     /* bits of enum rec_known */
	uint32_t start; /* split: index of the first buffer; packed: slot of its first descriptor */
	uint64_t features;	       /* negotiated */
	uint64_t records;	       /* of 16 bytes */
	uint64_t buffers;	       /* of these records */
	uint64_t lost;		       /* buffers that went by unseen; a watcher's: at least */
	uint64_t batches;	       /* looks at the index that found buffers */
	uint64_t kicks;		       /* notifications of the device */
	uint64_t calls;		       /* notifications of the driver */
	uint64_t duration;	       /* from the first buffer to the end */
	char source[REC_SOURCE_BYTES]; /* what was recorded, in words; ends with a 0 */
};

/* Bits of struct rec_buffer, flags. */
enum rec_flag {
	REC_FIRST = 1,	   /* first of the buffers that one look at the index brought */
	REC_INDIRECT = 2,  /* its descriptors are in a table */
	REC_READ = 4,	   /* some of them are for the device to read */
	REC_WRITE = 8,	   /* some are for it to write */
	REC_KICK = 16,	   /* the device was notified since the buffer before */
	REC_CALL = 32,	   /* the driver was notified when this was returned */
	REC_RETURNED = 64, /* after, order and took are known */
	REC_LOST = 128,	   /* no buffer: a struct rec_lost */
};

/* A record: one buffer, in the order in which they were made available. */
struct rec_buffer {
	uint16_t head; /* split: of the chain; packed: the buffer id */
	uint16_t
		link; /* split, a chain: the second descriptor; in a file: of a run, buffers that follow */
	uint32_t
		descs; /* bits 24-31: descriptors, 255: or more; bits 0-23: their bytes, 2^24-1: or more */
	uint16_t after; /* later buffers that had been seen when it was returned */
	uint16_t order; /* its place among the returned less its place among the buffers, signed */
	uint16_t took;	/* time from being seen to being returned, packed: rec_time() */
	uint8_t gap;	/* first of a batch: time since the batch before, packed in 8 bits */
	uint8_t flags;	/* enum rec_flag */
};

/* A record with REC_LOST: so many buffers are missing here. */
struct rec_lost {
	uint64_t lost; /* a watcher's: at least, for whole rounds of the index he cannot count */
	uint32_t slot; /* packed: where the next buffer begins */
	uint16_t zero;
	uint8_t zero2;
	uint8_t flags; /* REC_LOST */
};

union rec_record {
	struct rec_buffer buffer;
	struct rec_lost lost;
};
_Static_assert(sizeof(struct rec_head) == 208, "as the file has it");
_Static_assert(sizeof(union rec_record) == 16, "16 bytes a buffer, at most");

/** rec_source_fits - may @source be what is recorded, in words? Returns 0, or -EINVAL and a line with @option. */
int rec_source_fits(const char *option, const char *source, struct vrb_err *err);

static inline uint32_t rec_descs(const struct rec_buffer *b)
{
	return b->descs >> 24;
}

static inline uint32_t rec_bytes(const struct rec_buffer *b)
{
	return b->descs & 0xffffff;
}

/** rec_time, rec_gap - ns of a packed time: exact below 2048 (16), then to 1 in 2048 (8). */
uint64_t rec_time(uint16_t packed);
uint64_t rec_gap(uint8_t packed);
uint16_t rec_time_pack(uint64_t ns);
uint8_t rec_gap_pack(uint64_t ns);

/** rec_layout_print - the byte tables of the format, as docs/ring-recordings.md has them. */
void rec_layout_print(FILE *out);

/* ---- writing ---- */

struct rec_writer;

/* A buffer that was made available. */
struct rec_seen {
	uint16_t head, link;
	uint32_t descs, bytes; /* of its descriptors; any value, what is too large is capped */
	bool indirect, reads, writes;
	uint64_t now; /* ns */
};

/**
 * rec_create - begin a recording.
 * @path: as whole_open(). @head: ring, ring_size, device, queue, by, clock, known, start, features and
 * source are the caller's; the rest is counted.
 * One thread writes it. Memory: 24 bytes for each place of a window of four
 * times the ring (256 to 16384), and 576 KiB. Returns 0 or -errno with the line.
 */
int rec_create(struct rec_writer **out, const char *path, const struct rec_head *head,
	       struct vrb_err *err);

/** rec_limit - only the first @most buffers are recorded, and when they return; 0: all. */
void rec_limit(struct rec_writer *w, uint64_t most);

/** rec_batch - a look at the index brought new buffers: rec_put() of each comes next. @now: ns. */
void rec_batch(struct rec_writer *w, uint64_t now);

/** rec_put - one of them, in the order in which they were made available. */
void rec_put(struct rec_writer *w, const struct rec_seen *b);

/**
 * rec_returned - the device returned a buffer; each of a batch that is returned in order, too. One
 * that was never seen is ignored.
 */
void rec_returned(struct rec_writer *w, uint16_t head, uint64_t now);

/*
 * A run: buffers of one descriptor with as many bytes, whose heads follow each other, brought by one look at the index
 * and returned at one time in this order. It is one record of a file.
 */
struct rec_run {
	struct rec_seen of; /* the first one */
	uint32_t n;	    /* 0: none */
	uint32_t next;	    /* the head that goes on; REC_NO_HEAD: none does */
	bool first;	    /* a look at the index brought the first one */
};
#define REC_NO_HEAD UINT32_MAX

/** rec_run_put - rec_batch() if need be, and rec_put() of each. */
void rec_run_put(struct rec_writer *w, const struct rec_run *run);

/** rec_run - that, rec_returned() of each, and rec_called() if @called. */
void rec_run(struct rec_writer *w, const struct rec_run *run, uint64_t now, bool called);

/** rec_kicked - the device was notified; rec_called - the driver was, after what was returned last. */
void rec_kicked(struct rec_writer *w);
void rec_called(struct rec_writer *w);

/**
 * rec_missed - buffers went by unseen, so that none that was seen before is known to be there.
 * @slot: packed: where the next begins.
 */
void rec_missed(struct rec_writer *w, uint64_t n, uint32_t slot);

/** rec_written - the counts so far. */
const struct rec_head *rec_written(const struct rec_writer *w);

/**
 * rec_finish - all records and the head, then the name.
 * Returns 0; else -errno with the line, and there is no file. @w is gone either way.
 */
int rec_finish(struct rec_writer *w, struct vrb_err *err);
void rec_abandon(struct rec_writer *w);

/* ---- reading ---- */

struct recording {
	struct rec_head head;
	union rec_record *records; /* head.records of them: a run is as many as it has buffers */
};

/**
 * rec_read - a file, checked: what is used of it later is legal.
 * Returns 0; -EINVAL: it is none, is cut short, too long, of a later version, or contradicts itself
 * (the line says where); or another -errno.
 */
int rec_read(struct recording *out, const char *path, struct vrb_err *err);

/** rec_parse - the same of @size bytes in memory. @name: for the line. */
int rec_parse(struct recording *out, const char *name, const void *bytes, size_t size,
	      struct vrb_err *err);
void rec_free(struct recording *r);

/** rec_dump - each record a line of tab-separated words, a line of names first. */
void rec_dump(FILE *out, const struct recording *r);

#endif
