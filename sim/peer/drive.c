/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive.c - two queues in one memory, and the turns of their drivers.
 */
#include "peer/drive.h"

#include "peer/frontend.h"
#include "ring/setup.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

NAMES_OF(drive_mode_name, drive_mode, [DRIVE_SINK] = "sink", [DRIVE_ECHO] = "echo")
NAMES_OF(drive_end_name, drive_end, [DRIVE_DONE] = "done", [DRIVE_INTERRUPTED] = "interrupted",
	 [DRIVE_STALLED] = "stalled", [DRIVE_GONE] = "connection closed by the device",
	 [DRIVE_BROKEN] = "broken by the device")

/* Turns between two looks at signals, and at the connection. */
#define TURNS 1024

/* No address of a buffer is 0: a device may take that for none. */
#define FIRST 4096u

/* A queue: the index of vhost-user is its direction's. */
struct side {
	struct ring_conf conf;
	struct ring_layout layout;
	struct ring_private own;
	drv_loop_fn *loop;
};
_Static_assert(DIR_RX == 0 && DIR_TX == 1, "as queues of a net device are numbered");

struct drive {
	const struct drive_conf *conf;
	struct drive_seen *seen;
	struct frontend front;
	struct side side[DIRECTIONS];
	int file;
	uint8_t *memory;
	size_t size;
};

uint64_t drive_features(const struct variant *v)
{
	/*
	 * Packed, with a used descriptor for each buffer: IN_ORDER would let the device write one a batch, as DPDK's
	 * vhost does. So it is not asked for; that the order is kept is checked by the ids.
	 */
	const bool in_order = v->opts.used == USED_BATCH ||
			      (v->opts.order == RING_ORDER && v->ring == RING_SPLIT);

	return VHOST_FEATURE(VIRTIO_F_VERSION_1) |
	       (v->ring == RING_PACKED ? VHOST_FEATURE(VIRTIO_F_RING_PACKED) : 0) |
	       (in_order ? VHOST_FEATURE(VIRTIO_F_IN_ORDER) : 0);
}

static int side_open(struct drive *d, enum direction dir, struct vrb_err *err)
{
	const struct drive_conf *conf = d->conf;
	struct side *s = &d->side[dir];
	struct loops_wanted want = {.dir = dir, .payload = true};
	int ret;

	s->conf = (struct ring_conf){.variant = conf->variant,
				     .dir = dir,
				     .ring_size = conf->ring_size,
				     .burst = conf->burst,
				     .payload = conf->payload,
				     .align = ALIGN_LINE,
				     .foreign = true,
				     .policy = {.tx_header = TX_HEADER_ANY_LAYOUT}};
	ret = variants_legal(conf->variant, dir, &s->conf.policy, err);
	if (!ret)
		ret = simd_pick(SIMD_AUTO, &want.simd, err);
	if (ret)
		return ret;
	/* specialised loops take a length of a transmitted buffer for a proof: loop_policy.h, tx_len() */
	want.generic = dir == DIR_TX && conf->variant->ring == RING_PACKED;
	s->loop = variants_loops(conf->variant, &s->conf.policy, &want).drv;
	ring_layout(&s->conf, &s->layout);
	return ring_private_open(&s->own, conf->ring_size, conf->burst, 0, NULL, err);
}

/* What ring_setup() counts from the ring's first byte counts from the memory's. */
static void side_move(struct side *s, uint8_t *memory, size_t at)
{
	struct drv *d = s->own.drv;

	for (uint32_t i = 0; i < s->layout.nbufs; i++)
		s->own.stack[i] += at;
	d->mem = memory;
	d->vq.hdr_addr += at;
	d->vq.table_addr += at;
}

static int open_memory(struct drive *d, struct vrb_err *err)
{
	size_t at = FIRST;

	d->size = FIRST + d->side[DIR_RX].layout.size + d->side[DIR_TX].layout.size;
	d->file = memfd_create("vringbench-drive", MFD_CLOEXEC);
	if (d->file < 0 || ftruncate(d->file, (off_t)d->size))
		return vrb_fail(err, errno, "drive: %zu bytes of memory: %s", d->size,
				strerror(errno));
	d->memory = mmap(NULL, d->size, PROT_READ | PROT_WRITE, MAP_SHARED, d->file, 0);
	if (d->memory == MAP_FAILED)
		return vrb_fail(err, errno, "drive: %zu bytes of memory: %s", d->size,
				strerror(errno));
	for (enum direction dir = DIR_RX; dir <= DIR_TX; dir++) {
		struct side *s = &d->side[dir];

		ring_setup(&s->conf, d->memory + at, &s->own);
		side_move(s, d->memory, at);
		s->own.drv->reap_target = s->own.drv->post_target = d->conf->packets;
		at += s->layout.size;
	}
	return 0;
}

static int start(struct drive *d, struct vrb_err *err)
{
	const struct drive_conf *conf = d->conf;
	size_t at = FIRST;
	int ret = frontend_connect(&d->front, conf->socket, conf->timeout * 1000, err);

	d->seen->features = drive_features(conf->variant);
	if (!ret)
		ret = frontend_agree(&d->front, d->seen->features, err);
	if (!ret)
		ret = frontend_memory(&d->front, d->file, d->memory, d->size, err);
	for (unsigned i = DIR_RX; i <= DIR_TX && !ret; i++) {
		const struct ring_layout *l = &d->side[i].layout;
		const uint8_t *mem = d->memory + at;
		const struct frontend_queue q = {i,
						 conf->ring_size,
						 conf->variant->ring == RING_PACKED,
						 mem + l->desc,
						 mem + l->avail,
						 mem + l->used};

		ret = frontend_queue_start(&d->front, &q, err);
		at += l->size;
	}
	return ret;
}

/* A signal came: it is taken, so that it ends the run and not the program. */
static bool interrupted(const sigset_t *ends)
{
	const struct timespec now = {0};

	return sigtimedwait(ends, NULL, &now) > 0;
}

/* A turn of a queue; false: the device has broken it. */
static bool turn(struct drive *d, enum direction dir)
{
	struct side *s = &d->side[dir];

	if (s->loop(s->own.drv, (struct turn){.bursts = 1, .looks = 1}) != SIDE_BROKEN)
		return true;
	d->seen->fail = s->own.drv->fail;
	d->seen->failed = dir;
	d->seen->end = DRIVE_BROKEN;
	return false;
}

/* Until all is back, or something ends it. */
static void drive(struct drive *d, const sigset_t *ends)
{
	struct drv *rx = d->side[DIR_RX].own.drv, *tx = d->side[DIR_TX].own.drv;
	const bool echo = d->conf->mode == DRIVE_ECHO;
	const uint64_t all = d->conf->packets, timeout = d->conf->timeout * UINT64_C(1000000000);
	const struct drv *last = echo ? rx : tx;
	uint64_t moved = 0, since = now_ns(), first = 0, first_at = 0;
	struct drive_seen *seen = d->seen;

	for (uint64_t turns = 0; last->reaped != all || tx->reaped != all; turns++) {
		uint64_t now_moved;

		if (echo && !turn(d, DIR_RX))
			break;
		if (echo) /* there is a buffer for each packet that is on its way */
			tx->post_target = rx->posted;
		if (!turn(d, DIR_TX))
			break;
		now_moved = tx->posted + tx->reaped + rx->reaped;
		if (!first && last->reaped) {
			first = now_ns();
			first_at = last->reaped;
		}
		if (turns % TURNS)
			continue;
		if (interrupted(ends)) {
			seen->end = DRIVE_INTERRUPTED;
			break;
		}
		if (now_moved != moved) {
			moved = now_moved;
			since = now_ns();
		} else if (frontend_gone(&d->front)) {
			seen->end = DRIVE_GONE;
			break;
		} else if (now_ns() - since > timeout) {
			seen->end = DRIVE_STALLED;
			break;
		}
	}
	if (first)
		seen->ns = now_ns() - first;
	seen->timed = last->reaped - first_at;
	seen->transmitted = tx->reaped;
	seen->received = rx->reaped;
}

static int check(const struct drive_conf *c, struct vrb_err *err)
{
	if (c->variant->ring != RING_SPLIT && c->variant->ring != RING_PACKED)
		return vrb_fail(err, EINVAL, "--variant %s is no virtqueue", c->variant->name);
	if (c->variant->ring == RING_SPLIT && c->ring_size & (c->ring_size - 1))
		return vrb_fail(err, EINVAL,
				"--ring-size %u: legal for a split ring: a power of two",
				c->ring_size);
	if (c->burst > c->ring_size)
		return vrb_fail(err, EINVAL, "--burst %u is larger than --ring-size %u", c->burst,
				c->ring_size);
	return 0;
}

static void close_all(struct drive *d)
{
	frontend_close(&d->front);
	if (d->memory && d->memory != MAP_FAILED)
		munmap(d->memory, d->size);
	if (d->file >= 0)
		close(d->file);
	for (enum direction dir = DIR_RX; dir <= DIR_TX; dir++) {
		if (d->side[dir].own.drv)
			ring_private_close(&d->side[dir].own);
	}
}

int drive_run(const struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err)
{
	struct drive d = {.conf = conf, .seen = seen, .front.fd = -1, .file = -1};
	sigset_t ends, before;
	int ret = check(conf, err);

	*seen = (struct drive_seen){.end = DRIVE_DONE};
	if (ret)
		return ret;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	ret = side_open(&d, DIR_RX, err);
	if (!ret)
		ret = side_open(&d, DIR_TX, err);
	if (!ret)
		ret = open_memory(&d, err);
	if (!ret)
		ret = start(&d, err);
	/* before and after, where nothing is there to be told of, a signal ends the process */
	if (!ret) {
		sigprocmask(SIG_BLOCK, &ends, &before);
		drive(&d, &ends);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	/* a device that was not well behaved need not answer */
	for (unsigned i = DIR_RX; i <= DIR_TX && !ret && seen->end == DRIVE_DONE; i++)
		ret = frontend_queue_stop(&d.front, i, err);
	close_all(&d);
	return ret;
}

void drive_print(FILE *out, const struct drive_conf *conf, const struct drive_seen *seen)
{
	fprintf(out,
		"%s, %s: %s\n  transmitted    %" PRIu64 " of %u packets of %u bytes\n"
		"  features       %#" PRIx64 "\n",
		conf->variant->name, drive_mode_name(conf->mode), drive_end_name(seen->end),
		seen->transmitted, conf->packets, conf->payload, seen->features);
	if (conf->mode == DRIVE_ECHO)
		fprintf(out, "  received       %" PRIu64 ", each unchanged and in order\n",
			seen->received);
	if (seen->timed && seen->ns)
		fprintf(out, "  time           %.1f ns a packet\n",
			(double)seen->ns / (double)seen->timed);
	if (seen->end == DRIVE_BROKEN)
		fprintf(out,
			"  broken         the queue that %s, at buffer %" PRIu64
			": %s: expected %" PRIu64 ", seen %" PRIu64 "\n",
			seen->failed == DIR_RX ? "receives" : "transmits", seen->fail.buffer,
			failure_text(seen->fail.kind), seen->fail.expected, seen->fail.seen);
	fflush(out);
}
