/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch_ring.c - a ring, seen from outside: its memory, what is recorded of what a poll finds, and what is lost.
 *
 * Memory is read by system calls and not mapped: a file that shrinks, or a process that ends, is an error
 * and no signal.
 */
#include "recording/watch_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* How long a rate is taken over. */
#define WINDOW_NS 1000000u

int watch_fetch(const struct watch *w, uint64_t from, void *to, size_t n)
{
	struct iovec here = {to, n}, there = {(void *)(uintptr_t)from, n};
	ssize_t got;

	/* Full fences, for the system call is none. Pair with the releases of the driver, and of the device. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	got = w->fd >= 0 ? pread(w->fd, to, n, (off_t)from)
			 : process_vm_readv(w->conf.pid, &here, 1, &there, 1, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return got == (ssize_t)n ? 0 : got < 0 ? -errno : -ENXIO;
}

static int check(const struct watch *w, struct vrb_err *err)
{
	const struct watch_conf *c = &w->conf;
	const struct {
		const char *option;
		uint64_t at, align, bytes;
	} parts[] = {{"--desc", c->desc, 16, 16ull * c->size},
		     {"--avail", c->avail, c->packed ? 4 : 2, c->packed ? 4 : 4 + 2ull * c->size},
		     {"--used", c->used, 4, c->packed ? 4 : 4 + 8ull * c->size}};
	uint8_t byte;

	if (c->size < 2 || c->size > REC_SIZE_MAX || (!c->packed && c->size & (c->size - 1)))
		return vrb_fail(err, EINVAL, "--size %u: not the size of a %s ring; legal: %s",
				c->size, c->packed ? "packed" : "split",
				c->packed ? "2 .. 32768" : "2, 4, 8 .. 32768");
	for_each (p, parts, c->packed && !c->events ? 1 : ARRAY_SIZE(parts)) {
		int ret;

		if (p->at % p->align)
			return vrb_fail(err, EINVAL,
					"%s %llu: not aligned; legal: multiples of %llu", p->option,
					(unsigned long long)p->at, (unsigned long long)p->align);
		ret = p->at > INT64_MAX - p->bytes ? -ENXIO : watch_fetch(w, p->at, &byte, 1);
		if (!ret)
			ret = watch_fetch(w, p->at + p->bytes - 1, &byte, 1);
		if (ret)
			return vrb_fail(
				err, -ret, "%s %llu: %llu bytes from there on cannot be read: %s",
				p->option, (unsigned long long)p->at, (unsigned long long)p->bytes,
				ret == -ENXIO ? "the memory ends before" : strerror(-ret));
	}
	return 0;
}

static void release(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->fresh);
	free(w->back);
	free(w->held);
	free(w->was);
	free(w->out);
	free(w->due);
	free(w->queue);
	free(w->descs);
	free(w->heads);
	free(w->elems);
	free(w);
}

static int allocate(struct watch *w, struct vrb_err *err)
{
	const size_t n = w->conf.size;

	w->fresh = calloc(n, sizeof(*w->fresh));
	w->back = calloc(n, sizeof(*w->back));
	w->held = calloc(n, sizeof(*w->held));
	w->was = calloc(n, sizeof(*w->was));
	w->out = calloc(n, sizeof(*w->out));
	w->due = calloc(n, sizeof(*w->due));
	w->queue = calloc(n, sizeof(*w->queue));
	w->descs = calloc(n, sizeof(*w->descs));
	w->heads = calloc(n, sizeof(*w->heads));
	w->elems = calloc(n, sizeof(*w->elems));
	if (w->fresh && w->back && w->held && w->was && w->out && w->due && w->queue && w->descs &&
	    w->heads && w->elems)
		return 0;
	return vrb_fail(err, ENOMEM, "no memory to watch a ring of %zu", n);
}

/* All begins with the next buffer. What is in the ring came unseen, and its return says nothing. */
static int begin_anew(struct watch *w)
{
	memset(w->held, 0, w->conf.size * sizeof(*w->held));
	memset(w->was, 0, w->conf.size * sizeof(*w->was));
	w->queued = 0;
	return w->ring->begin(w);
}

static int begin(struct watch *w, struct vrb_err *err)
{
	struct rec_head head = w->conf.head;
	int ret = begin_anew(w);

	if (ret)
		return vrb_fail(err, -ret, "cannot read the ring: %s", strerror(-ret));
	head.ring = w->conf.packed ? REC_PACKED : REC_SPLIT;
	head.ring_size = w->conf.size;
	head.by = REC_WATCHER;
	head.clock = REC_NS;
	head.known = 0;
	head.start = w->conf.packed ? w->seen % w->conf.size : w->seen;
	ret = rec_create(&w->writer, w->conf.path, &head, err);
	if (!ret)
		rec_limit(w->writer, w->conf.most);
	w->began = w->looked = w->window_began = now_ns();
	return ret;
}

int watch_open(struct watch **out, const struct watch_conf *conf, struct vrb_err *err)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct stat st;
	int ret = 0;

	if (!w)
		return vrb_fail(err, ENOMEM, "no memory to watch a ring");
	w->conf = *conf;
	w->ring = conf->packed ? &watch_packed : &watch_split;
	w->modulus = conf->packed ? 2 * conf->size : 65536;
	w->longest = conf->packed ? 0 : 1; /* entries of a buffer */
	w->fd = -1;
	if (conf->memory) {
		w->fd = open(conf->memory, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (w->fd < 0 || fstat(w->fd, &st))
			ret = vrb_fail(err, errno, "--memory %.300s: %s", conf->memory,
				       strerror(errno));
		else if (!S_ISREG(st.st_mode)) /* the memory of a process in /proc is one */
			ret = vrb_fail(err, EINVAL, "--memory %.300s: it is not a plain file",
				       conf->memory);
	}
	if (!ret)
		ret = check(w, err);
	if (!ret)
		ret = allocate(w, err);
	if (!ret)
		ret = begin(w, err);
	if (ret) {
		release(w);
		return ret;
	}
	*out = w;
	return 0;
}

/* ---- a poll ---- */

static void returned(struct watch *w, uint32_t head, uint64_t now)
{
	w->held[head] = false;
	rec_returned(w->writer, (uint16_t)head, now);
}

/* The next new buffer. If its head is held, its return was not seen: one of a batch, or a driver in error. */
static void put(struct watch *w, uint32_t *at, uint64_t now)
{
	const uint32_t size = w->conf.size;
	struct rec_seen *b = &w->fresh[(*at)++];

	b->now = now;
	rec_put(w->writer, b);
	w->was[b->head] = false;
	w->held[b->head] = true;
	w->queue[(w->queue_at + w->queued++) % size] = b->head;
	if (w->queued > size) {
		w->queued = size;
		w->queue_at = (w->queue_at + 1) % size;
	}
}

/* The oldest one comes back. Returns its head; -1: there is none. */
static int return_oldest(struct watch *w, uint32_t *at, uint64_t now)
{
	uint32_t head;

	if (!w->queued && *at < w->nfresh)
		put(w, at, now);
	if (!w->queued)
		return -1; /* of nothing that was made available */
	head = w->queue[w->queue_at];
	w->queue_at = (w->queue_at + 1) % w->conf.size;
	w->queued--;
	returned(w, head, now);
	return (int)head;
}

/* A head came back. @at: of the new buffers, those before are put. */
static void take_back(struct watch *w, uint32_t id, uint32_t *at, uint64_t now)
{
	if (w->conf.in_order && !w->conf.packed) {
		/* an element for each buffer, of which the last one of a batch is filled in */
		if (w->old)
			w->old--;
		else
			return_oldest(w, at, now);
		return;
	}
	if (id >= w->conf.size)
		return;
	/* It was there when all began; or else of nothing that was made available. */
	if (w->was[id] || (!w->held[id] && w->due[id] <= *at)) {
		w->was[id] = false;
		return;
	}
	if (w->conf.in_order) {
		for (int head = -1; head != (int)id;) {
			head = return_oldest(w, at, now);
			if (head < 0)
				return;
		}
		return;
	}
	while (!w->held[id])
		put(w, at, now);
	returned(w, id, now);
}

/*
 * Packed: the driver has made available again what was held, and has written over where it came back. That was before all of
 * what is seen to be back; in the order in which they were made available.
 */
static void take_overwritten(struct watch *w, uint64_t now)
{
	uint16_t *const ids = w->heads;
	uint32_t n = 0;

	memset(w->out, 0, w->conf.size * sizeof(*w->out));
	for (uint32_t i = 0; i < w->nback; i++) {
		if (w->back[i] < w->conf.size)
			w->out[w->back[i]] = true;
	}
	for (uint32_t i = w->queued; i > 0; i--) {
		const uint16_t id = w->queue[(w->queue_at + i - 1) % w->conf.size];

		if (w->held[id] && w->due[id] && !w->out[id]) {
			/* in order: all that are older came back before it */
			for (uint32_t none = 0; w->conf.in_order && i > 0; i--)
				return_oldest(w, &none, now);
			if (!i)
				return;
			ids[n++] = id;
		}
		w->out[id] = true; /* older ones with this id are back already */
	}
	while (n)
		returned(w, ids[--n], now);
}

/* What is new and what is back, in an order in which they can have come. */
static void record(struct watch *w, uint64_t now)
{
	uint32_t at = 0;

	if (w->nfresh)
		rec_batch(w->writer, now);
	for (uint32_t i = 0; i < w->nfresh; i++)
		w->due[w->fresh[i].head] = i + 1;
	if (w->conf.packed && w->nfresh)
		take_overwritten(w, now);
	for (uint32_t i = 0; i < w->nback; i++)
		take_back(w, w->back[i], &at, now);
	while (at < w->nfresh)
		put(w, &at, now);
	for (uint32_t i = 0; i < w->nfresh; i++)
		w->due[w->fresh[i].head] = 0;
	w->notes.returns += w->nback != 0;
}

/* May so many have gone by that the position came round? By four times the mean rate, or that of the busiest window. */
static bool came_round(const struct watch *w, uint64_t now)
{
	const double mean = (double)w->found / ((double)(now - w->began) + 1);
	const double rate = w->peak > mean ? w->peak : mean;

	return !w->conf.in_turns &&
	       4 * rate * (double)(now - w->looked) > (double)(w->modulus - w->conf.size);
}

static void count_rate(struct watch *w, uint32_t n, uint64_t now)
{
	const double took = (double)(now - w->window_began);

	w->found += n;
	w->window_found += n;
	if (took < WINDOW_NS)
		return;
	if ((double)w->window_found / took > w->peak)
		w->peak = (double)w->window_found / took;
	w->window_found = 0;
	w->window_began = now;
}

/* Entries went by that were not seen, or cannot be believed. Returns how many buffers at least, or -errno. */
static int lose(struct watch *w, uint32_t *moved)
{
	const uint32_t before = w->seen;
	const int ret = begin_anew(w);
	uint32_t n;

	if (ret)
		return ret;
	*moved = watch_distance(w, before, w->seen);
	/* of a whole round nobody knows how often it was gone, or whether it was */
	n = *moved ? *moved : w->modulus;
	n = w->longest ? (n + w->longest - 1) / w->longest : 1;
	rec_missed(w->writer, n, w->conf.packed ? w->seen % w->conf.size : 0);
	w->notes.doubtful += *moved ? 0 : n;
	return *moved ? (int)n : 0;
}

int watch_poll(struct watch *w)
{
	const uint64_t now = now_ns();
	struct look l = {.lost = came_round(w, now)};
	int ret, n;

	w->nfresh = w->nback = 0;
	ret = w->ring->look(w, &l);
	if (ret)
		return ret;
	w->looked = now;
	if (l.lost) {
		n = lose(w, &l.moved);
		if (n < 0)
			return n;
	} else {
		n = (int)w->nfresh;
		if (w->nfresh || w->nback)
			record(w, now);
		w->seen = l.avail;
		w->used_seen = l.used;
	}
	count_rate(w, l.moved, now);
	return n;
}

const struct rec_head *watch_head(const struct watch *w)
{
	return rec_written(w->writer);
}

const struct watch_notes *watch_notes(const struct watch *w)
{
	return &w->notes;
}

int watch_close(struct watch *w, bool keep, struct vrb_err *err)
{
	int ret = 0;

	if (keep)
		ret = rec_finish(w->writer, err);
	else
		rec_abandon(w->writer);
	release(w);
	return ret;
}
