/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recording_read.c - a recording that somebody else may have written: nothing in it is believed
 * before it was checked.
 */
#include "recording/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reader {
	const char *name;
	struct vrb_err *err;
};

static int bad_head(const struct reader *r, const char *field, uint64_t value, const char *legal)
{
	return vrb_fail(r->err, EINVAL, "%.300s: %s %llu; legal: %s", r->name, field,
			(unsigned long long)value, legal);
}

static int bad_record(const struct reader *r, uint64_t record, const char *field, uint64_t value,
		      const char *legal)
{
	return vrb_fail(r->err, EINVAL, "%.300s: record %llu: %s %llu; legal: %s", r->name,
			(unsigned long long)record, field, (unsigned long long)value, legal);
}

static int check_head(const struct reader *r, const struct rec_head *h, size_t size)
{
	if (size < sizeof(*h) || memcmp(h->magic, REC_MAGIC, sizeof(h->magic)) != 0)
		return vrb_fail(r->err, EINVAL,
				"%.300s is no recording of a ring: it does not begin with a "
				"head of %zu bytes and " REC_MAGIC,
				r->name, sizeof(*h));
	if (!h->version || h->version > REC_VERSION)
		return bad_head(r, "version", h->version, "1, 2; a later vringbench may read it");
	if (h->head_bytes != sizeof(*h))
		return bad_head(r, "head_bytes", h->head_bytes, "208");
	if (h->ring >= REC_RINGS)
		return bad_head(r, "ring", h->ring, "0 split, 1 packed");
	if (h->ring_size < 2 || h->ring_size > REC_SIZE_MAX)
		return bad_head(r, "ring_size", h->ring_size, "2..32768");
	if (h->ring == REC_SPLIT && h->ring_size & (h->ring_size - 1))
		return bad_head(r, "ring_size", h->ring_size, "a power of two, of a split ring");
	if (h->by >= REC_BYS)
		return bad_head(r, "by", h->by, "0 device, 1 watcher");
	if (h->known >= 2 * REC_KNOWS_NOTIFICATIONS)
		return bad_head(r, "known", h->known, "0..3");
	if (!(h->known & REC_KNOWS_NOTIFICATIONS) && (h->kicks || h->calls))
		return bad_head(r, h->kicks ? "kicks" : "calls", h->kicks ? h->kicks : h->calls,
				"0, for they are not known");
	if (h->clock >= REC_CLOCKS)
		return bad_head(r, "clock", h->clock, "0 none, 1 ns");
	if (h->device > 65535 || h->queue > 65535)
		return bad_head(r, h->device > 65535 ? "device" : "queue",
				h->device > 65535 ? h->device : h->queue, "0..65535");
	if (h->start >= (h->ring == REC_SPLIT ? 65536u : h->ring_size))
		return bad_head(r, "start", h->start,
				"below 65536, of a packed ring below ring_size");
	if (!memchr(h->source, 0, sizeof(h->source)))
		return vrb_fail(r->err, EINVAL, "%.300s: source does not end with a 0", r->name);
	for (const char *c = h->source; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			return vrb_fail(r->err, EINVAL,
					"%.300s: source has a control character, byte %u", r->name,
					(unsigned char)*c);
	if (h->records > REC_RECORDS_MAX)
		return bad_head(r, "records", h->records, "0..67108864");
	const uint64_t whole = sizeof(*h) + h->records * sizeof(union rec_record);

	if (size != whole)
		return vrb_fail(r->err, EINVAL, "%.300s: %zu bytes, and the head says %llu: %s",
				r->name, size, (unsigned long long)whole,
				size < whole ? "it is cut short" : "something follows its end");
	return 0;
}

/* What is known at a record of those before it. */
struct checking {
	uint64_t number; /* of the buffer */
	uint64_t lost;	 /* buffers */
	uint64_t batches, kicks, calls;
	bool begins;	/* a batch must: the first record, and after a loss */
	uint64_t since; /* the first buffer after the last loss */
	struct head_use {
		uint64_t by,
			free_from; /* a buffer that had it, and the first that may have it again */
	} * use;		   /* by head */
	uint8_t *taken;		   /* by place among the returned, a bit: somebody has it */
};

static int check_lost(const struct reader *r, const struct rec_head *h, uint64_t i,
		      const struct rec_lost *l, struct checking *c)
{
	if (l->flags != REC_LOST || l->zero || l->zero2)
		return bad_record(r, i, "flags", l->flags, "128 and zeros, of a loss");
	if (!l->lost || l->lost > UINT64_MAX / 2 - c->lost)
		return bad_record(r, i, "lost", l->lost, "1..2^63-1");
	if (l->slot >= (h->ring == REC_PACKED ? h->ring_size : 1))
		return bad_record(r, i, "slot", l->slot, "below ring_size; 0 of a split ring");
	c->lost += l->lost;
	c->begins = true;
	/* of what was in the ring then nothing is known */
	c->since = c->number;
	return 0;
}

static int check_returned(const struct reader *r, const struct rec_head *h, uint64_t i,
			  const struct rec_buffer *b, struct checking *c)
{
	const uint64_t at = c->number + (uint64_t)(int64_t)(int16_t)b->order;

	if (at >= h->buffers)
		return bad_record(r, i, "order", b->order, "a place among the buffers");
	if (c->taken[at / 8] >> at % 8 & 1)
		return bad_record(r, i, "order", b->order, "a place that no other buffer has");
	c->taken[at / 8] |= (uint8_t)(1 << at % 8);
	c->use[b->head] = (struct head_use){c->number, c->number + b->after + 1};
	return 0;
}

static int check_buffer(const struct reader *r, const struct rec_head *h, uint64_t i,
			const struct rec_buffer *b, struct checking *c)
{
	if (b->head >= h->ring_size)
		return bad_record(r, i, "head", b->head, "below ring_size");
	if (c->use[b->head].by >= c->since && c->number < c->use[b->head].free_from)
		return bad_record(r, i, "head", b->head, "one that is not in the ring already");
	if (b->link >= h->ring_size || (b->link && (h->ring == REC_PACKED || rec_descs(b) < 2)))
		return bad_record(r, i, "link", b->link, "below ring_size; 0 without a chain");
	if (!rec_descs(b) ||
	    (h->ring_size < 255 && !(b->flags & REC_INDIRECT) && rec_descs(b) > h->ring_size))
		return bad_record(r, i, "descriptors", rec_descs(b), "1..ring_size");
	if (!(b->flags & (REC_READ | REC_WRITE)))
		return bad_record(r, i, "flags", b->flags, "with 4, 8 or both: it reads or writes");
	if (c->begins && !(b->flags & REC_FIRST))
		return bad_record(r, i, "flags", b->flags, "with 1: a batch begins");
	if (!(b->flags & REC_RETURNED) && (b->after || b->order || b->took || b->flags & REC_CALL))
		return bad_record(r, i, "flags", b->flags, "with 64, or nothing of a return");
	if (!(b->flags & REC_FIRST) && b->gap)
		return bad_record(r, i, "gap", b->gap, "0 within a batch");
	if (b->flags & REC_RETURNED && check_returned(r, h, i, b, c))
		return -EINVAL;
	c->batches += b->flags & REC_FIRST;
	c->kicks += b->flags & REC_KICK ? 1 : 0;
	c->calls += b->flags & REC_CALL ? 1 : 0;
	c->begins = false;
	c->number++;
	return 0;
}

/* A record of the file, which may lie anywhere. */
static union rec_record record_at(const void *bytes, uint64_t i)
{
	union rec_record record;

	memcpy(&record, (const char *)bytes + sizeof(struct rec_head) + i * sizeof(record),
	       sizeof(record));
	return record;
}

/* Buffers that follow this one as its run. */
static uint32_t run_of(const struct rec_head *h, const union rec_record *record)
{
	const struct rec_buffer *b = &record->buffer;

	return h->version > 1 && !(b->flags & (REC_LOST | REC_INDIRECT)) && rec_descs(b) == 1
		       ? b->link
		       : 0;
}

/* The next buffer of a run that has @left. A notification of the device came before them all, one of the driver behind. */
static void run_on(const struct rec_head *h, struct rec_buffer *b, uint32_t left, unsigned called)
{
	b->head = (uint16_t)((b->head + 1u) % h->ring_size);
	b->after--;
	b->gap = 0;
	b->flags &= (uint8_t) ~(REC_FIRST | REC_KICK);
	b->flags |= (uint8_t)(left ? 0 : called);
}

/* A record of the file, which is one of @to, or as many as its run has buffers. Returns how many, or -EINVAL. */
static int check_record(const struct reader *r, const struct rec_head *h, uint64_t i,
			const union rec_record *record, union rec_record *to, struct checking *c)
{
	const uint32_t run = run_of(h, record);
	struct rec_buffer b = record->buffer;
	const unsigned called = b.flags & REC_CALL;

	*to = *record;
	if (b.flags & REC_LOST)
		return check_lost(r, h, i, &record->lost, c) ? -EINVAL : 1;
	if (!run)
		return check_buffer(r, h, i, &b, c) ? -EINVAL : 1;
	if (run >= h->ring_size)
		return bad_record(r, i, "link", run, "below ring_size, of a run");
	if (!(b.flags & REC_RETURNED) || b.after < run)
		return bad_record(r, i, "after", b.after, "of a run, returned, at least link");
	b.link = 0;
	b.flags &= (uint8_t)~REC_CALL;
	for (uint32_t n = 0; n <= run; n++) {
		if (n)
			run_on(h, &b, run - n, called);
		if (check_buffer(r, h, i, &b, c))
			return -EINVAL;
		to[n].buffer = b;
	}
	return (int)run + 1;
}

/* @n: records of the file; @rec->head.records is as many as they are without runs. */
static int check_records(const struct reader *r, struct recording *rec, const void *bytes,
			 uint64_t n)
{
	const struct rec_head *h = &rec->head;
	union rec_record *to = rec->records;
	struct checking c = {.begins = true};
	int ret = 0;

	c.use = calloc(h->ring_size, sizeof(*c.use));
	c.taken = calloc(1, h->records / 8 + 1);
	if (!c.use || !c.taken) {
		free(c.use);
		free(c.taken);
		return vrb_fail(r->err, ENOMEM, "no memory for %.300s", r->name);
	}
	for (uint64_t i = 0; ret >= 0 && i < n; i++) {
		const union rec_record record = record_at(bytes, i);

		ret = check_record(r, h, i, &record, to, &c);
		if (ret > 0)
			to += ret;
	}
	free(c.use);
	free(c.taken);
	if (ret < 0)
		return ret;
	if (h->lost != c.lost)
		return bad_head(r, "lost", h->lost, "the sum of the records of losses");
	/* a look may bring nothing but what is lost, or come when the recording is full */
	if (h->batches < c.batches || h->batches - c.batches > h->lost + 1)
		return bad_head(
			r, "batches", h->batches,
			"those of the records, and at most one for each lost buffer, and one");
	/* what comes last may be told of no buffer, and several of one */
	if (h->kicks < c.kicks || h->calls < c.calls)
		return bad_head(r, "kicks or calls", h->kicks < c.kicks ? h->kicks : h->calls,
				"at least those of the records");
	return 0;
}

int rec_parse(struct recording *out, const char *name, const void *bytes, size_t size,
	      struct vrb_err *err)
{
	const struct reader r = {name, err};
	uint64_t n, losses = 0, runs = 0;
	int ret;

	memset(out, 0, sizeof(*out));
	memcpy(&out->head, bytes, size < sizeof(out->head) ? size : sizeof(out->head));
	ret = check_head(&r, &out->head, size);
	if (ret)
		return ret;
	n = out->head.records;
	for (uint64_t i = 0; i < n; i++) {
		const union rec_record record = record_at(bytes, i);

		losses += record.buffer.flags & REC_LOST ? 1 : 0;
		runs += run_of(&out->head, &record);
	}
	if (n - losses + runs != out->head.buffers)
		return bad_head(&r, "buffers", out->head.buffers,
				"as many as the records have of them");
	if (n + runs > REC_RECORDS_MAX)
		return bad_head(&r, "buffers", out->head.buffers, "with losses 0..67108864");
	out->head.records = n + runs;
	out->records = malloc(out->head.records * sizeof(*out->records) + 1);
	if (!out->records)
		return vrb_fail(err, ENOMEM, "no memory for %.300s", name);
	ret = check_records(&r, out, bytes, n);
	if (ret)
		rec_free(out);
	return ret;
}

/* All of a file, @size bytes of it. Returns 0 or -errno. */
static int read_all(int fd, char *to, size_t size)
{
	while (size) {
		ssize_t n = read(fd, to, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		to += n;
		size -= (size_t)n;
	}
	return 0;
}

int rec_read(struct recording *out, const char *path, struct vrb_err *err)
{
	const size_t most = sizeof(struct rec_head) + REC_RECORDS_MAX * sizeof(union rec_record);
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *bytes = NULL;
	struct stat st = {0};
	bool plain = true;
	int ret = 0;

	memset(out, 0, sizeof(*out));
	if (fd < 0 || fstat(fd, &st))
		ret = -errno;
	else if (!S_ISREG(st.st_mode))
		plain = false;
	else if ((uint64_t)st.st_size > most)
		ret = -EFBIG;
	if (!ret && plain) {
		bytes = malloc((size_t)st.st_size + 1);
		ret = bytes ? read_all(fd, bytes, (size_t)st.st_size) : -ENOMEM;
	}
	if (fd >= 0)
		close(fd);
	if (!plain)
		ret = vrb_fail(err, EINVAL, "recording %.300s: it is not a plain file", path);
	else if (ret)
		vrb_fail(err, -ret, "cannot read recording %.300s: %s", path, strerror(-ret));
	else
		ret = rec_parse(out, path, bytes, (size_t)st.st_size, err);
	free(bytes);
	return ret;
}

void rec_free(struct recording *r)
{
	free(r->records);
	memset(r, 0, sizeof(*r));
}

/* ---- the dump ---- */

static void dump_buffer(FILE *out, uint64_t number, uint64_t slot, uint64_t batch, uint64_t ahead,
			const struct rec_buffer *b)
{
	fprintf(out, "%llu\t%llu\t%u\t%u\t%u\t%s%s%s\t%llu\t%llu\t%d\t", (unsigned long long)number,
		(unsigned long long)slot, b->head, rec_descs(b), rec_bytes(b),
		b->flags & REC_READ ? "r" : "", b->flags & REC_WRITE ? "w" : "",
		b->flags & REC_INDIRECT ? "i" : "", (unsigned long long)batch,
		(unsigned long long)ahead, b->flags & REC_KICK ? 1 : 0);
	if (b->flags & REC_RETURNED)
		fprintf(out, "%lld\t%u\t%llu\t%d\n", (long long)number + (int16_t)b->order,
			b->after, (unsigned long long)rec_time(b->took),
			b->flags & REC_CALL ? 1 : 0);
	else
		fprintf(out, "-\t-\t-\t-\n");
}

/* Buffers of a batch from a record on, itself included: the distance to the index that was seen. */
static uint64_t batch_left(const struct recording *r, uint64_t i)
{
	uint64_t end = i + 1;

	while (end < r->head.records && !(r->records[end].buffer.flags & (REC_FIRST | REC_LOST)))
		end++;
	return end - i;
}

void rec_dump(FILE *out, const struct recording *r)
{
	const struct rec_head *h = &r->head;
	uint64_t number = 0, at = h->start, batch = 0, left = 0;

	fprintf(out, "buffer\tslot\thead\tdescriptors\tbytes\tkind\tbatch\tahead\tkick\treturned\t"
		     "after\ttook\tcall\n");
	for (uint64_t i = 0; i < h->records; i++) {
		const union rec_record *record = &r->records[i];
		const struct rec_buffer *b = &record->buffer;

		if (b->flags & REC_LOST) {
			fprintf(out, "# lost %llu\n", (unsigned long long)record->lost.lost);
			at = h->ring == REC_PACKED ? record->lost.slot : at + record->lost.lost;
			continue;
		}
		if (b->flags & REC_FIRST) {
			left = batch_left(r, i);
			batch++;
		}
		dump_buffer(out, number++, at % h->ring_size, batch - 1, left--, b);
		at += h->ring == REC_PACKED && !(b->flags & REC_INDIRECT) ? rec_descs(b) : 1;
	}
}
