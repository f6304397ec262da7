/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.c - a split ring, seen from outside.
 *
 * Memory is read by system calls and not mapped: a file that shrinks, or a process that ends, is an error
 * and no signal.
 */
#include "recording/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct watch {
	struct watch_conf conf;
	struct rec_writer *writer;
	int fd; /* of a file; -1: a process */
	uint16_t seen, used_seen;
	uint32_t old; /* buffers that were in the ring before, and have not come back */
	bool unsure;  /* what was lost is a guess: the index may have come round, or not */
	uint64_t began, looked; /* ns */
	uint64_t found;
	uint16_t *heads; /* avail entries of a poll */
	struct vring_used_elem *elems;
	struct vring_desc *descs;
	bool *held; /* by head: recorded, and not returned */
	/* in order: the heads that are held, oldest first */
	uint16_t *queue;
	uint32_t queue_at, queued;
};

/* Returns 0 or -errno. */
static int fetch(const struct watch *w, uint64_t from, void *to, size_t n)
{
	struct iovec here = {to, n}, there = {(void *)(uintptr_t)from, n};
	ssize_t got = w->fd >= 0 ? pread(w->fd, to, n, (off_t)from)
				 : process_vm_readv(w->conf.pid, &here, 1, &there, 1, 0);

	return got == (ssize_t)n ? 0 : got < 0 ? -errno : -ENXIO;
}

static int fetch_idx(const struct watch *w, uint64_t part, uint16_t *idx)
{
	int ret;

	/*
	 * Full fences, for the system call is none. What is read after an index is not older than it, and what
	 * was read before is not younger. Pair with the release of the driver, or of the device, that stored it.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ret = fetch(w, part + 2, idx, sizeof(*idx));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ret;
}

static int check(const struct watch *w, struct vrb_err *err)
{
	const struct watch_conf *c = &w->conf;
	const struct {
		const char *option;
		uint64_t at, align, bytes;
	} parts[] = {{"--desc", c->desc, 16, 16ull * c->size},
		     {"--avail", c->avail, 2, 4 + 2ull * c->size},
		     {"--used", c->used, 4, 4 + 8ull * c->size}};
	uint8_t byte;

	if (c->size < 2 || c->size > REC_SIZE_MAX || c->size & (c->size - 1))
		return vrb_fail(err, EINVAL,
				"--size %u: not the size of a split ring; legal: 2, 4, 8 .. 32768",
				c->size);
	for_each (p, parts, ARRAY_SIZE(parts)) {
		int ret;

		if (p->at % p->align)
			return vrb_fail(err, EINVAL,
					"%s %llu: not aligned; legal: multiples of %llu", p->option,
					(unsigned long long)p->at, (unsigned long long)p->align);
		ret = p->at > INT64_MAX - p->bytes ? -ENXIO : fetch(w, p->at, &byte, 1);
		if (!ret)
			ret = fetch(w, p->at + p->bytes - 1, &byte, 1);
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
	free(w->heads);
	free(w->elems);
	free(w->descs);
	free(w->held);
	free(w->queue);
	free(w);
}

static int allocate(struct watch *w, struct vrb_err *err)
{
	const size_t n = w->conf.size;

	w->heads = calloc(n, sizeof(*w->heads));
	w->elems = calloc(n, sizeof(*w->elems));
	w->descs = calloc(n, sizeof(*w->descs));
	w->held = calloc(n, sizeof(*w->held));
	w->queue = calloc(n, sizeof(*w->queue));
	if (w->heads && w->elems && w->descs && w->held && w->queue)
		return 0;
	return vrb_fail(err, ENOMEM, "no memory to watch a ring of %zu", n);
}

/*
 * All begins with the next buffer. What is in the ring came unseen, and its return says nothing. The used index
 * is read first: each buffer before the available one that is not used by it will be later.
 */
static int begin_anew(struct watch *w)
{
	int ret = fetch_idx(w, w->conf.used, &w->used_seen);

	if (!ret)
		ret = fetch_idx(w, w->conf.avail, &w->seen);
	w->old = (uint16_t)(w->seen - w->used_seen);
	if (w->old > w->conf.size) /* no ring can be so full */
		w->old = 0;
	memset(w->held, 0, w->conf.size * sizeof(*w->held));
	w->queued = 0;
	return ret;
}

static int begin(struct watch *w, struct vrb_err *err)
{
	struct rec_head head = w->conf.head;
	int ret = begin_anew(w);

	if (ret)
		return vrb_fail(err, -ret, "cannot read the ring: %s", strerror(-ret));
	head.ring = REC_SPLIT;
	head.ring_size = w->conf.size;
	head.by = REC_WATCHER;
	head.clock = REC_NS;
	head.known = 0;
	head.start = w->seen;
	ret = rec_create(&w->writer, w->conf.path, &head, err);
	if (!ret)
		rec_limit(w->writer, w->conf.most);
	w->began = w->looked = now_ns();
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

/* Entries @from .. @from + @n - 1 of an array of the ring, in two parts where they cross its end. */
static int fetch_slots(const struct watch *w, uint64_t array, size_t width, uint16_t from,
		       uint32_t n, void *to)
{
	const uint32_t size = w->conf.size, slot = from & (size - 1);
	const uint32_t first = n < size - slot ? n : size - slot;
	int ret = fetch(w, array + slot * width, to, first * width);

	if (!ret && n > first)
		ret = fetch(w, array, (char *)to + first * width, (n - first) * width);
	return ret;
}

static void returned(struct watch *w, uint16_t head, uint64_t now)
{
	w->held[head] = false;
	rec_returned(w->writer, head, now);
}

/* The chain of a head, as its descriptors are now. A table lies in memory that is not looked at. */
static void put(struct watch *w, uint16_t head, uint64_t now)
{
	const uint32_t size = w->conf.size;
	struct rec_seen b = {.head = head, .now = now};
	uint32_t at = head;

	while (at < size && b.descs < size) {
		const struct vring_desc *d = &w->descs[at];

		b.bytes += d->len < 0xffffff ? d->len : 0xffffff;
		b.bytes = b.bytes < 0xffffff ? b.bytes : 0xffffff;
		b.descs++;
		if (d->flags & VRING_DESC_F_INDIRECT) {
			b.indirect = true;
			b.link = 0; /* the table may follow descriptors of the ring */
			b.descs += d->len / 16 ? d->len / 16 - 1 : 0;
			break;
		}
		b.writes |= d->flags & VRING_DESC_F_WRITE;
		b.reads |= !(d->flags & VRING_DESC_F_WRITE);
		if (!(d->flags & VRING_DESC_F_NEXT))
			break;
		at = d->next;
		if (b.descs == 1 && at < size)
			b.link = (uint16_t)at;
	}
	/* what is in a table is not known: most are for the device to read */
	b.reads |= b.indirect;
	if (w->held[head]) /* its return was not seen: a used element of a batch, or a driver in error */
		w->held[head] = false;
	rec_put(w->writer, &b);
	w->held[head] = true;
	w->queue[(w->queue_at + w->queued++) % size] = head;
	if (w->queued > size) {
		w->queued = size;
		w->queue_at++;
	}
}

/* What both indices brought: @n heads and @nused elements, in an order in which they can have come. */
static void record(struct watch *w, uint32_t n, uint16_t nused, uint64_t now)
{
	const uint32_t size = w->conf.size;
	uint32_t at = 0, i = 0;

	if (n)
		rec_batch(w->writer, now);
	for (; i < nused; i++) {
		uint32_t id = w->elems[i].id;

		if (w->conf.in_order) {
			if (w->old) {
				w->old--;
				continue;
			}
			if (!w->queued && at < n)
				put(w, w->heads[at++], now);
			if (!w->queued)
				continue; /* of nothing that was made available */
			id = w->queue[w->queue_at++ % size];
			w->queued--;
		}
		if (id >= size)
			continue;
		if (!w->held[id] && w->old) {
			w->old--;
			continue;
		}
		while (!w->held[id] && at < n)
			put(w, w->heads[at++], now);
		if (w->held[id])
			returned(w, (uint16_t)id, now);
	}
	while (at < n)
		put(w, w->heads[at++], now);
}

/* May so many have gone by that the index came round? By four times the mean rate so far. */
static bool came_round(const struct watch *w, uint64_t now)
{
	const double away = (double)(now - w->looked), all = (double)(now - w->began) + 1;

	return 4 * (double)w->found / all * away > 65536.0 - w->conf.size;
}

static bool heads_legal(const struct watch *w, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (w->heads[i] >= w->conf.size)
			return false;
	return true;
}

int watch_poll(struct watch *w)
{
	const uint32_t size = w->conf.size;
	uint16_t avail, used, avail_then, used_then;
	uint64_t now;
	uint32_t n;
	bool lost;
	/* used after avail: a head that is there again was returned before */
	int ret = fetch_idx(w, w->conf.avail, &avail);

	if (!ret)
		ret = fetch_idx(w, w->conf.used, &used);
	if (ret)
		return ret;
	now = now_ns();
	n = (uint16_t)(avail - w->seen);
	lost = came_round(w, now);
	w->unsure |= lost;
	lost |= n > size || (uint16_t)(used - w->used_seen) > size;
	w->looked = now;
	if (!n && used == w->used_seen && !lost)
		return 0;
	/* no element beyond what is available */
	if (!lost && (int16_t)(used - avail) > 0)
		used = (int16_t)(w->used_seen - avail) > 0 ? w->used_seen : avail;
	lost |= (uint16_t)(used - w->used_seen) > size;
	if (!lost) {
		ret = fetch_slots(w, w->conf.avail + 4, 2, w->seen, n, w->heads);
		if (!ret)
			ret = fetch_slots(w, w->conf.used + 4, 8, w->used_seen,
					  (uint16_t)(used - w->used_seen), w->elems);
		if (!ret && n)
			ret = fetch(w, w->conf.desc, w->descs, size * sizeof(*w->descs));
		if (!ret)
			ret = fetch_idx(w, w->conf.avail, &avail_then);
		if (!ret)
			ret = fetch_idx(w, w->conf.used, &used_then);
		if (ret)
			return ret;
		/*
		 * The driver may write entry seen + size once seen was returned, and before it
		 * publishes it: by what is published up to half a ring is believed.
		 */
		lost = n && (uint16_t)(avail_then - w->seen) > size / 2 &&
		       ((uint16_t)(avail_then - w->seen) > size ||
			(int16_t)(used_then - w->seen) > 0);
		/* an element is written only after its slot's buffer was made available again */
		lost |= (uint16_t)(used_then - w->used_seen) > size || !heads_legal(w, n);
	}
	if (lost) {
		avail = w->seen;
		ret = begin_anew(w);
		if (!ret)
			n = (uint16_t)(w->seen - avail);
		w->unsure |= !n;
		/* of a whole round nobody knows how often it was gone */
		rec_missed(w->writer, n ? n : 65536, 0);
	} else {
		record(w, n, (uint16_t)(used - w->used_seen), now);
		w->seen = avail;
		w->used_seen = used;
	}
	w->found += n;
	return ret ? ret : (int)n;
}

const struct rec_head *watch_head(const struct watch *w)
{
	return rec_written(w->writer);
}

bool watch_unsure(const struct watch *w)
{
	return w->unsure;
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
