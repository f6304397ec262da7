/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive_blk.c - a block device: part of its disk is filled, requests are timed, and the part is read back. What lies in
 * a block follows from its sectors, and from how often it was written. No two requests in flight are of one block,
 * so what each reads is known, in whatever order they come back.
 */
#include "peer/blk.h"
#include "peer/blk_driver.h"
#include "peer/drive_link.h"

#include <endian.h>
#include <errno.h>
#include <linux/virtio_blk.h>
#include <stdlib.h>
#include <string.h>

#define SPAN_MIB 64u

/* What data are before a read: a device that moves none of them may not find there what was written. */
#define SPOILT 0xa5

/* The request that a slot has. */
struct asked {
	uint64_t number;
	uint32_t block;
	bool write;
};

struct blk {
	struct drive_link link;
	struct blk_driver ring;
	struct asked *asked; /* by slot */
	uint32_t *version;   /* by block: how often it was written */
	bool *busy;	     /* the same: a request is in flight */
	uint32_t blocks, cursor;
	struct rng draw;
	uint64_t number, highest; /* requests asked for; one more than the latest that is back */
};

enum phase { FILL, TIMED, READ_BACK, PHASES };

/* Word 0 of a sector; those behind it follow from it. */
static uint64_t first_word(uint64_t sector, uint32_t version)
{
	struct rng r = {sector ^ (uint64_t)version << 40};

	return rng_next(&r);
}

#define WORDS (BLK_SECTOR / sizeof(uint64_t))
#define STEP  0x9e3779b97f4a7c15ull

static void fill(uint64_t *to, uint32_t bytes, uint64_t sector, uint32_t version)
{
	for (const uint64_t *end = to + bytes / sizeof(*to); to != end; sector++) {
		uint64_t word = first_word(sector, version);

		for (unsigned i = 0; i < WORDS; i++, word += STEP)
			*to++ = word;
	}
}

static bool is_intact(const uint64_t *from, uint32_t bytes, uint64_t sector, uint32_t version,
		      struct failure *fail, uint64_t buffer)
{
	for (const uint64_t *end = from + bytes / sizeof(*from); from != end; sector++) {
		uint64_t word = first_word(sector, version);

		for (unsigned i = 0; i < WORDS; i++, word += STEP, from++) {
			if (UNLIKELY(*from != word))
				return side_fail(fail, FAIL_PAYLOAD, buffer, word, *from);
		}
	}
	return true;
}

static uint64_t sector_of(const struct blk *b, uint32_t block)
{
	return (uint64_t)block * (b->ring.block / BLK_SECTOR);
}

/* A block that no request in flight is of: there are more blocks than requests. */
static uint32_t choose(struct blk *b, enum phase phase)
{
	uint32_t block = phase == TIMED && b->link.conf->access == DRIVE_RANDOM
				 ? rng_below(&b->draw, b->blocks)
				 : b->cursor;

	while (b->busy[block])
		block = block + 1 == b->blocks ? 0 : block + 1;
	b->cursor = block + 1 == b->blocks ? 0 : block + 1;
	return block;
}

static bool chooses_write(struct blk *b, enum phase phase)
{
	if (phase != TIMED)
		return phase == FILL;
	return b->link.conf->mode == DRIVE_WRITE ||
	       (b->link.conf->mode == DRIVE_MIXED && rng_next(&b->draw) >> 63);
}

static void ask(struct blk *b, enum phase phase)
{
	const uint32_t slot = blk_driver_next(&b->ring), block = choose(b, phase);
	const bool write = chooses_write(b, phase);

	b->asked[slot] = (struct asked){b->number++, block, write};
	b->busy[block] = true;
	if (write)
		fill(blk_driver_data(&b->ring, slot), b->ring.block, sector_of(b, block),
		     ++b->version[block]);
	else
		memset(blk_driver_data(&b->ring, slot), SPOILT, b->ring.block);
	blk_driver_put(&b->ring, write, sector_of(b, block));
}

/* A request is back: what is it that came back? Returns false: the run is at its end. */
static bool check(struct blk *b, uint32_t slot, uint32_t len, enum phase phase)
{
	const struct asked *a = &b->asked[slot];
	const uint64_t sector = sector_of(b, a->block);
	struct drive_seen *seen = b->link.seen;
	struct drive_blk_seen *to = &seen->blk;

	to->status = blk_driver_status(&b->ring, slot);
	if (to->status != VIRTIO_BLK_S_OK) {
		to->sector = sector;
		seen->end = DRIVE_FAILED;
		return false;
	}
	to->lengths += len != BLK_NO_LENGTH && len != (a->write ? 1 : b->ring.block + 1);
	if (a->number < b->highest) {
		to->late++;
		if (b->highest - 1 - a->number > to->late_by)
			to->late_by = b->highest - 1 - a->number;
	} else {
		b->highest = a->number + 1;
	}
	if (!a->write) {
		if (!is_intact(blk_driver_data(&b->ring, slot), b->ring.block, sector,
			       b->version[a->block], &b->ring.fail, a->number)) {
			to->sector = sector;
			return false;
		}
		to->verified += b->ring.block;
	}
	if (phase == TIMED) {
		seen->transmitted++;
		to->writes += a->write;
		to->reads += !a->write;
	}
	b->busy[a->block] = false;
	return true;
}

/* Take all back that there are. Returns how many; -1: the run is at its end. */
static int reap(struct blk *b, enum phase phase)
{
	uint32_t slot, len;
	int n = 0, ret;

	while ((ret = blk_driver_reap(&b->ring, &slot, &len)) > 0) {
		if (!check(b, slot, len, phase)) {
			ret = -1;
			break;
		}
		n++;
	}
	if (b->ring.fail.kind) {
		b->link.seen->fail = b->ring.fail;
		b->link.seen->end = DRIVE_BROKEN;
	}
	return ret < 0 ? -1 : n;
}

/* @n requests, until all are back. Returns false: something ended it. */
static bool run(struct blk *b, enum phase phase, uint64_t n)
{
	const uint32_t burst = b->link.conf->burst;
	struct drive_seen *seen = b->link.seen;
	uint64_t asked = 0, done = 0, first = 0, first_at = 0;

	b->cursor = 0;
	for (uint64_t turns = 0; done != n; turns++) {
		const int back = reap(b, phase);
		uint32_t put = 0;

		if (back < 0)
			break;
		done += (uint64_t)back;
		if (!first && done) {
			first = now_ns();
			first_at = done;
		}
		while (blk_driver_free(&b->ring) && asked != n && put != burst) {
			ask(b, phase);
			asked++;
			put++;
		}
		if (put) {
			blk_driver_publish(&b->ring);
			drive_link_kick(&b->link, 0, &b->ring.notify);
		}
		if (turns % DRIVE_TURNS == 0 &&
		    !drive_link_goes_on(&b->link, asked + b->number + done))
			break;
	}
	if (phase == TIMED && first) {
		seen->ns = now_ns() - first;
		seen->timed = done - first_at;
	}
	return done == n;
}

/* How large the disk is, and how much of it is used. */
static int read_disk(struct blk *b, struct vrb_err *err)
{
	const struct drive_conf *conf = b->link.conf;
	struct virtio_blk_config config = {0};
	struct drive_blk_seen *to = &b->link.seen->blk;
	uint64_t sectors, span = (uint64_t)(conf->span ? conf->span : SPAN_MIB) << 20;
	/* as far as num_queues; an older device has no more */
	int ret = frontend_config(&b->link.front, &config,
				  offsetof(struct virtio_blk_config, max_discard_sectors), err);

	if (ret)
		return ret;
	sectors = to->sectors = le64toh(config.capacity);
	if (b->link.front.offered & VHOST_FEATURE(VIRTIO_BLK_F_RO))
		return vrb_fail(err, EROFS,
				"the disk is read-only; legal: one that can be written");
	if (conf->span && span / BLK_SECTOR > sectors)
		return vrb_fail(err, EINVAL, "--span %u: the disk has %llu sectors of %u bytes",
				conf->span, (unsigned long long)sectors, BLK_SECTOR);
	if (span / BLK_SECTOR > sectors)
		span = sectors * BLK_SECTOR;
	to->blocks = b->blocks = (uint32_t)(span / conf->payload);
	if (b->blocks <= conf->depth)
		return vrb_fail(
			err, EINVAL,
			"--depth %u: the %u blocks of %u bytes of the disk are to be more than the "
			"requests in flight",
			conf->depth, b->blocks, conf->payload);
	b->version = calloc(b->blocks, sizeof(*b->version));
	b->busy = calloc(b->blocks, sizeof(*b->busy));
	return b->version && b->busy
		       ? 0
		       : vrb_fail(err, ENOMEM, "drive: %u blocks: no memory", b->blocks);
}

static int start(struct blk *b, struct vrb_err *err)
{
	const struct drive_conf *conf = b->link.conf;
	const struct ring_conf c = {.variant = conf->variant,
				    .dir = DIR_TX,
				    .ring_size = conf->ring_size,
				    .burst = 1,
				    .align = ALIGN_LINE,
				    .policy = {.tx_header = TX_HEADER_NONE,
					       .notify = conf->notify,
					       .notify_way = NOTIFY_KICK}};
	struct ring_layout l;
	int ret = variants_legal(conf->variant, DIR_TX, &c.policy, err);

	if (ret)
		return ret;
	ring_layout(&c, &l);
	b->asked = calloc(conf->depth, sizeof(*b->asked));
	if (!b->asked)
		return vrb_fail(err, ENOMEM, "drive: %u requests: no memory", conf->depth);
	ret = drive_link_memory(&b->link, blk_driver_size(&l, conf->depth, conf->payload), err);
	if (!ret)
		ret = blk_driver_open(&b->ring, &c, conf->depth, conf->payload, b->link.memory,
				      DRIVE_FIRST, err);
	if (!ret)
		ret = drive_link_connect(&b->link, VHOST_PROTOCOL_CONFIG, err);
	if (!ret)
		ret = read_disk(b, err);
	return ret ? ret : drive_link_queue(&b->link, &l, DRIVE_FIRST, err);
}

int drive_blk(const struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err)
{
	struct blk b = {.draw = {1}};
	int ret;

	seen->blk.depth = conf->depth;
	ret = drive_link_open(&b.link, conf, seen, err);
	if (!ret)
		ret = start(&b, err);
	if (!ret) {
		drive_link_begin(&b.link);
		if (run(&b, FILL, b.blocks) && run(&b, TIMED, conf->packets))
			run(&b, READ_BACK, b.blocks);
		seen->blk.posted = b.ring.posted;
		seen->blk.spared = b.ring.spared;
		seen->kicks = b.ring.notify.counts.sent;
		seen->kicks_spared = b.ring.notify.counts.suppressed;
		ret = drive_link_end(&b.link, err);
	}
	drive_link_close(&b.link);
	blk_driver_close(&b.ring);
	free(b.asked);
	free(b.version);
	free(b.busy);
	return ret;
}
