/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive_net.c - a net device: two queues in one memory, and the turns of their drivers.
 */
#include "peer/drive_link.h"

/* A queue: the index of vhost-user is its direction's. */
struct side {
	struct ring_conf conf;
	struct ring_layout layout;
	struct ring_private own;
	drv_loop_fn *loop;
};
_Static_assert(DIR_RX == 0 && DIR_TX == 1, "as queues of a net device are numbered");

struct drive {
	struct drive_link link;
	struct side side[DIRECTIONS];
};

static int side_open(struct drive *d, enum direction dir, struct vrb_err *err)
{
	const struct drive_conf *conf = d->link.conf;
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
				     .policy = {.tx_header = TX_HEADER_ANY_LAYOUT,
						.notify = conf->notify,
						.notify_way = NOTIFY_KICK}};
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
static void side_begin(struct drive *d, struct side *s, size_t at)
{
	struct drv *drv = s->own.drv;
	const struct notify *device;

	ring_setup(&s->conf, d->link.memory + at, &s->own);
	for (uint32_t i = 0; i < s->layout.nbufs; i++)
		s->own.stack[i] += at;
	drv->mem = d->link.memory;
	drv->vq.hdr_addr += at;
	drv->vq.table_addr += at;
	drv->reap_target = drv->post_target = d->link.conf->packets;
	device = s->own.dev->notify;
	if (d->link.conf->notify != NOTIFY_OFF) /* these are a foreign device's own */
		*device->own_flags = *device->own_event = 0;
}

static int start(struct drive *d, struct vrb_err *err)
{
	size_t at = DRIVE_FIRST;
	int ret = drive_link_memory(&d->link,
				    d->side[DIR_RX].layout.size + d->side[DIR_TX].layout.size, err);

	if (!ret)
		ret = drive_link_connect(&d->link, 0, err);
	for (enum direction dir = DIR_RX; dir <= DIR_TX && !ret; dir++) {
		side_begin(d, &d->side[dir], at);
		ret = drive_link_queue(&d->link, &d->side[dir].layout, at, err);
		at += d->side[dir].layout.size;
	}
	return ret;
}

/* A turn of a queue; false: the device has broken it. */
static bool turn(struct drive *d, enum direction dir)
{
	struct side *s = &d->side[dir];
	struct drive_seen *seen = d->link.seen;

	if (s->loop(s->own.drv, (struct turn){.bursts = 1, .looks = 1}) == SIDE_BROKEN) {
		seen->fail = s->own.drv->fail;
		seen->failed = dir;
		seen->end = DRIVE_BROKEN;
		return false;
	}
	drive_link_kick(&d->link, dir, s->own.drv->notify);
	return true;
}

/* Until all is back, or something ends it. */
static void drive(struct drive *d)
{
	struct drv *rx = d->side[DIR_RX].own.drv, *tx = d->side[DIR_TX].own.drv;
	const bool echo = d->link.conf->mode == DRIVE_ECHO;
	const uint64_t all = d->link.conf->packets;
	const struct drv *last = echo ? rx : tx;
	uint64_t first = 0, first_at = 0;
	struct drive_seen *seen = d->link.seen;

	for (uint64_t turns = 0; last->reaped != all || tx->reaped != all; turns++) {
		if (echo && !turn(d, DIR_RX))
			break;
		if (echo) /* there is a buffer for each packet that is on its way */
			tx->post_target = rx->posted;
		if (!turn(d, DIR_TX))
			break;
		if (!first && last->reaped) {
			first = now_ns();
			first_at = last->reaped;
		}
		if (turns % DRIVE_TURNS == 0 &&
		    !drive_link_goes_on(&d->link, tx->posted + tx->reaped + rx->reaped))
			break;
	}
	if (first)
		seen->ns = now_ns() - first;
	seen->timed = last->reaped - first_at;
	seen->transmitted = tx->reaped;
	seen->received = rx->reaped;
	seen->kicks = tx->notify->counts.sent + rx->notify->counts.sent;
	seen->kicks_spared = tx->notify->counts.suppressed + rx->notify->counts.suppressed;
}

int drive_net(const struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err)
{
	struct drive d = {0};
	int ret;

	ret = drive_link_open(&d.link, conf, seen, err);
	if (!ret)
		ret = side_open(&d, DIR_RX, err);
	if (!ret)
		ret = side_open(&d, DIR_TX, err);
	if (!ret)
		ret = start(&d, err);
	if (!ret) {
		drive_link_begin(&d.link);
		drive(&d);
		ret = drive_link_end(&d.link, err);
	}
	drive_link_close(&d.link);
	for (enum direction dir = DIR_RX; dir <= DIR_TX; dir++) {
		if (d.side[dir].own.drv)
			ring_private_close(&d.side[dir].own);
	}
	return ret;
}
