/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recording_write.c - a recording as it comes about.
 *
 * A buffer is written when it was returned and all before it are. Those that wait for it are kept in
 * a window; when that is full the oldest is written as one that was not returned.
 */
#include "recording/recording.h"

#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Records that are written at once. */
#define CHUNK 4096

#define HEADS 65536

/* Places of the window: `order` and `after` have 16 bits, one of them signed. */
#define WINDOW_MAX 16384
#define WINDOW_MIN 256

struct waiting {
	struct rec_buffer buffer;
	uint64_t seen; /* ns */
};

struct rec_writer {
	struct whole_file file;
	struct rec_head head;
	uint64_t most; /* buffers; what comes later is let go by */
	int code;      /* errno of the first write that failed */
	uint64_t began, last_batch;
	uint64_t now; /* of the last thing that happened */
	bool first, kicked;
	bool begins; /* what is recorded next follows nothing: a batch of its own, or the rest of one */
	uint64_t oldest;   /* number of the first buffer of the window; head.buffers: one behind */
	uint64_t returned; /* buffers, and those that never were and are written */
	uint64_t last;	   /* number of the buffer that was returned last, and 1; 0: none */
	uint32_t window;   /* a power of two */
	struct waiting *waiting;
	uint64_t *at; /* by head: number of the buffer in flight, and 1; 0: none is */
	unsigned nready;
	union rec_record ready[CHUNK];
};

static const struct whole_kind rec_kind = {"recording", REC_MAGIC, NULL};

int rec_create(struct rec_writer **out, const char *path, const struct rec_head *head,
	       struct vrb_err *err)
{
	struct rec_writer *w = calloc(1, sizeof(*w));
	struct rec_head begin = *head;
	int ret;

	if (!w)
		return vrb_fail(err, ENOMEM, "no memory for a recording");
	memcpy(begin.magic, REC_MAGIC, sizeof(begin.magic));
	begin.version = REC_VERSION;
	begin.head_bytes = sizeof(begin);
	begin.source[REC_SOURCE_BYTES - 1] = '\0';
	w->head = begin;
	w->begins = true;
	w->most = UINT64_MAX;
	w->window = WINDOW_MIN;
	while (w->window < WINDOW_MAX && w->window < 4 * head->ring_size)
		w->window *= 2;
	w->waiting = calloc(w->window, sizeof(*w->waiting));
	w->at = calloc(HEADS, sizeof(*w->at));
	ret = w->waiting && w->at ? whole_open(&w->file, &rec_kind, path, err)
				  : vrb_fail(err, ENOMEM, "no memory for a recording");
	/* the head as it is known now: the counts come at the end */
	if (!ret) {
		const ssize_t n = write(w->file.fd, &begin, sizeof(begin));
		const int code = n < 0 ? errno : EIO;

		if (n != sizeof(begin)) {
			whole_abandon(&w->file);
			ret = vrb_fail(err, code, "cannot write recording %.400s: %s", path,
				       strerror(code));
		}
	}
	if (ret) {
		free(w->waiting);
		free(w->at);
		free(w);
		return ret;
	}
	*out = w;
	return 0;
}

void rec_limit(struct rec_writer *w, uint64_t most)
{
	w->most = most ? most : UINT64_MAX;
}

static bool full(const struct rec_writer *w)
{
	return w->head.buffers >= w->most;
}

static void flush(struct rec_writer *w)
{
	const char *from = (const char *)w->ready;
	size_t left = w->nready * sizeof(*w->ready);

	while (left && !w->code) {
		ssize_t n = write(w->file.fd, from, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			w->code = n ? errno : EIO;
			break;
		}
		from += n;
		left -= (size_t)n;
	}
	w->nready = 0;
}

static void emit(struct rec_writer *w, const union rec_record *r)
{
	w->ready[w->nready++] = *r;
	w->head.records++;
	if (w->nready == CHUNK)
		flush(w);
}

static struct waiting *place(struct rec_writer *w, uint64_t number)
{
	return &w->waiting[number & (w->window - 1)];
}

/* The oldest buffer is written, returned or not. */
static void emit_oldest(struct rec_writer *w)
{
	const struct waiting *oldest = place(w, w->oldest);

	if (!(oldest->buffer.flags & REC_RETURNED)) {
		w->returned++;
		if (w->at[oldest->buffer.head] == w->oldest + 1)
			w->at[oldest->buffer.head] = 0;
	}
	emit(w, &(union rec_record){.buffer = oldest->buffer});
	w->oldest++;
}

/* Buffers that are returned, as all before them are. The last one may yet be told of a call. */
static void emit_returned(struct rec_writer *w)
{
	while (w->oldest != w->head.buffers && place(w, w->oldest)->buffer.flags & REC_RETURNED)
		emit_oldest(w);
}

void rec_batch(struct rec_writer *w, uint64_t now)
{
	emit_returned(w);
	if (full(w))
		return;
	w->first = true;
	if (!w->head.batches++)
		w->began = w->last_batch = now;
}

/* The record of a buffer that is not returned yet. */
static struct rec_buffer describe(struct rec_writer *w, const struct rec_seen *b)
{
	const uint32_t bytes = b->bytes < 0xffffff ? b->bytes : 0xffffff;
	const uint32_t descs = b->descs < 255 ? b->descs : 255;
	struct rec_buffer record = {
		.head = b->head,
		.link = b->link,
		.descs = descs << 24 | bytes,
		.flags = (uint8_t)((b->indirect ? REC_INDIRECT : 0) | (b->reads ? REC_READ : 0) |
				   (b->writes ? REC_WRITE : 0) | (w->kicked ? REC_KICK : 0) |
				   (w->first ? REC_FIRST : 0))};

	if (w->first) {
		record.gap = rec_gap_pack(b->now - w->last_batch);
		w->last_batch = b->now;
	}
	w->first = w->kicked = w->begins = false;
	return record;
}

void rec_put(struct rec_writer *w, const struct rec_seen *b)
{
	if (full(w))
		return;
	/* who begins within a batch, or goes on after a loss, was told of it before */
	if (w->begins && !w->first)
		rec_batch(w, b->now);
	if (w->head.buffers - w->oldest == w->window)
		emit_oldest(w);
	*place(w, w->head.buffers) = (struct waiting){describe(w, b), b->now};
	w->now = b->now;
	w->head.buffers++;
	w->at[b->head] = w->head.buffers;
}

void rec_returned(struct rec_writer *w, uint16_t head, uint64_t now)
{
	const uint64_t number = w->at[head] - 1;
	struct waiting *buffer;

	emit_returned(w);
	w->now = now;
	if (!w->at[head])
		return; /* it was there before the recording began, or before a loss */
	w->at[head] = 0;
	buffer = place(w, number);
	buffer->buffer.after = (uint16_t)(w->head.buffers - 1 - number);
	buffer->buffer.order = (uint16_t)(w->returned++ - number);
	buffer->buffer.took = rec_time_pack(now - buffer->seen);
	buffer->buffer.flags |= REC_RETURNED;
	w->last = number + 1;
}

static uint16_t run_head(const struct rec_writer *w, const struct rec_run *run, uint32_t i)
{
	return (uint16_t)((run->of.head + i) % w->head.ring_size);
}

void rec_run_put(struct rec_writer *w, const struct rec_run *run)
{
	struct rec_seen seen = run->of;

	if (run->n && run->first)
		rec_batch(w, seen.now);
	for (uint32_t i = 0; i < run->n; i++) {
		seen.head = run_head(w, run, i);
		rec_put(w, &seen);
	}
}

void rec_run(struct rec_writer *w, const struct rec_run *run, uint64_t now, bool called)
{
	const uint32_t more = run->n - 1;
	struct rec_buffer b;

	emit_returned(w);
	/* One record only if nothing before it waits. */
	if (w->oldest != w->head.buffers || more >= w->head.ring_size ||
	    w->most - w->head.buffers <= more) {
		rec_run_put(w, run);
		for (uint32_t i = 0; i < run->n; i++)
			rec_returned(w, run_head(w, run, i), now);
		if (called)
			rec_called(w);
		return;
	}
	if (run->first || w->begins)
		rec_batch(w, run->of.now);
	b = describe(w, &run->of);
	b.link = b.after = (uint16_t)more;
	b.order = (uint16_t)(w->returned - w->head.buffers);
	b.took = rec_time_pack(now - run->of.now);
	b.flags |= (uint8_t)(REC_RETURNED | (called ? REC_CALL : 0));
	emit(w, &(union rec_record){.buffer = b});
	w->now = now;
	w->head.calls += called;
	w->head.buffers += run->n;
	w->returned += run->n;
	w->oldest = w->head.buffers;
}

void rec_kicked(struct rec_writer *w)
{
	if (full(w))
		return;
	w->kicked = true;
	w->head.kicks++;
}

void rec_called(struct rec_writer *w)
{
	if (w->last > w->oldest)
		place(w, w->last - 1)->buffer.flags |= REC_CALL;
	else if (full(w))
		return; /* it is of what was let go by */
	w->head.calls++;
}

void rec_missed(struct rec_writer *w, uint64_t n, uint32_t slot)
{
	if (!n || full(w))
		return;
	while (w->oldest != w->head.buffers)
		emit_oldest(w);
	w->begins = true;
	w->head.lost += n;
	emit(w, &(union rec_record){.lost = {.lost = n, .slot = slot, .flags = REC_LOST}});
}

const struct rec_head *rec_written(const struct rec_writer *w)
{
	return &w->head;
}

static void release(struct rec_writer *w)
{
	free(w->waiting);
	free(w->at);
	free(w);
}

int rec_finish(struct rec_writer *w, struct vrb_err *err)
{
	int ret;

	while (w->oldest != w->head.buffers)
		emit_oldest(w);
	flush(w);
	w->head.duration = w->head.buffers ? w->now - w->began : 0;
	if (!w->code && pwrite(w->file.fd, &w->head, sizeof(w->head), 0) != sizeof(w->head))
		w->code = errno ? errno : EIO;
	ret = whole_close(&w->file, w->code, err);
	release(w);
	return ret;
}

void rec_abandon(struct rec_writer *w)
{
	if (!w)
		return;
	whole_abandon(&w->file);
	release(w);
}
