/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive.c - what may be asked of a foreign device, and what is reported of it.
 */
#include "peer/drive.h"

#include "peer/blk.h"
#include "peer/blk_driver.h"
#include "usable.h"

#include <errno.h>
#include <inttypes.h>

NAMES_OF(drive_device_name, drive_device, [DRIVE_NET] = "net", [DRIVE_BLK] = "blk")
NAMES_OF(drive_mode_name, drive_mode, [DRIVE_SINK] = "sink", [DRIVE_ECHO] = "echo",
	 [DRIVE_READ] = "read", [DRIVE_WRITE] = "write", [DRIVE_MIXED] = "mixed")
NAMES_OF(drive_access_name,
	 drive_access, [DRIVE_SEQUENTIAL] = "sequential", [DRIVE_RANDOM] = "random")
NAMES_OF(drive_end_name, drive_end, [DRIVE_DONE] = "done", [DRIVE_INTERRUPTED] = "interrupted",
	 [DRIVE_STALLED] = "stalled", [DRIVE_GONE] = "connection closed by the device",
	 [DRIVE_BROKEN] = "broken by the device", [DRIVE_FAILED] = "a request failed",
	 [DRIVE_UNSTOPPED] = "all is back, and the queues did not stop")

uint64_t drive_features(const struct drive_conf *conf)
{
	const struct variant *v = conf->variant;
	/*
	 * Packed, with a used descriptor for each buffer: IN_ORDER would let the device write one a batch, as DPDK's
	 * vhost does. So it is not asked for; that the order is kept is checked by the ids.
	 */
	const bool in_order = v->opts.used == USED_BATCH ||
			      (v->opts.order == RING_ORDER && v->ring == RING_SPLIT);
	const bool events = conf->notify == NOTIFY_EVENT_IDX || conf->notify == NOTIFY_DESC;

	return VHOST_FEATURE(VIRTIO_F_VERSION_1) |
	       (v->ring == RING_PACKED ? VHOST_FEATURE(VIRTIO_F_RING_PACKED) : 0) |
	       (in_order ? VHOST_FEATURE(VIRTIO_F_IN_ORDER) : 0) |
	       (events ? VHOST_FEATURE(VIRTIO_RING_F_EVENT_IDX) : 0);
}

/* What is left open, by device. */
static void fill(struct drive_conf *c)
{
	const bool blk = c->device == DRIVE_BLK;
	unsigned most;

	if (!c->variant)
		c->variant = variants_exact("baseline");
	if (c->mode == DRIVE_MODES)
		c->mode = blk ? DRIVE_MIXED : DRIVE_SINK;
	if (c->notify == NOTIFY_MODES)
		c->notify = blk ? NOTIFY_FLAGS : NOTIFY_OFF;
	if (!c->payload)
		c->payload = blk ? 4096 : 64;
	if (!c->packets)
		c->packets = blk ? 100000 : 1000000;
	if (!blk)
		return;
	if (c->access == DRIVE_ACCESSES)
		c->access = DRIVE_RANDOM;
	most = blk_driver_most(c->variant, c->ring_size);
	if (!c->depth)
		c->depth = most < 32 ? most : 32;
}

static int check_blk(const struct drive_conf *c, struct vrb_err *err)
{
	const unsigned most = blk_driver_most(c->variant, c->ring_size);
	const bool fixed = c->variant->opts.avail == AVAIL_FIXED;

	if (c->variant->opts.vec != VEC_NONE)
		return vrb_fail(
			err, EINVAL,
			"--variant %s: not legal with --device blk: vectors post and reap buffers of one "
			"descriptor, and a request is a chain of %u",
			c->variant->name, BLK_CHAIN);
	if (c->payload % BLK_SECTOR)
		return vrb_fail(err, EINVAL,
				"--payload %u: legal with --device blk: whole sectors of %u bytes",
				c->payload, BLK_SECTOR);
	if (c->ring_size < BLK_CHAIN)
		return vrb_fail(err, EINVAL,
				"--ring-size %u: legal with --device blk: %u at least, a request's",
				c->ring_size, BLK_CHAIN);
	if (c->depth > most || (fixed && c->depth & (c->depth - 1)))
		return vrb_fail(
			err, EINVAL,
			"--depth %u: legal with --ring-size %u: 1..%u%s, of %u descriptors each",
			c->depth, c->ring_size, most,
			fixed ? " and, where entries stay as they are, a power of two" : "",
			BLK_CHAIN);
	if ((uint64_t)c->depth * c->payload > DRIVE_DATA_MAX)
		return vrb_fail(err, EINVAL, "--depth %u: legal with --payload %u: 1..%u", c->depth,
				c->payload, DRIVE_DATA_MAX / c->payload);
	if (!c->overwrite)
		return vrb_fail(err, EINVAL,
				"--device blk writes over what the disk holds: needs --overwrite");
	return 0;
}

static int check(const struct drive_conf *c, struct vrb_err *err)
{
	const bool blk = c->device == DRIVE_BLK;

	if (c->variant->ring != RING_SPLIT && c->variant->ring != RING_PACKED)
		return vrb_fail(err, EINVAL, "--variant %s is no virtqueue", c->variant->name);
	if (c->variant->ring == RING_SPLIT && c->ring_size & (c->ring_size - 1))
		return vrb_fail(err, EINVAL,
				"--ring-size %u: legal for a split ring: a power of two",
				c->ring_size);
	if (c->burst > c->ring_size)
		return vrb_fail(err, EINVAL, "--burst %u is larger than --ring-size %u", c->burst,
				c->ring_size);
	if (blk != (c->mode >= DRIVE_READ))
		return vrb_fail(err, EINVAL, "--mode %s: legal with --device %s: %s",
				drive_mode_name(c->mode), drive_device_name(c->device),
				blk ? "read, write, mixed" : "sink, echo");
	if (blk)
		return check_blk(c, err);
	if (c->access != DRIVE_ACCESSES || c->depth || c->span || c->overwrite)
		return vrb_fail(err, EINVAL, "%s: legal with --device blk alone",
				c->depth       ? "--depth"
				: c->span      ? "--span"
				: c->overwrite ? "--overwrite"
					       : "--access");
	if (c->payload < DRIVE_FRAME_MIN || c->payload > PAYLOAD_MAX)
		return vrb_fail(err, EINVAL, "--payload %u: legal with --device net: %u..%u",
				c->payload, DRIVE_FRAME_MIN, PAYLOAD_MAX);
	return 0;
}

int drive_run(struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err)
{
	const uint64_t usable = usable_cpus();
	int ret;

	fill(conf);
	*seen = (struct drive_seen){.end = DRIVE_DONE};
	ret = check(conf, err);
	if (ret)
		return ret;
	ret = conf->device == DRIVE_BLK ? drive_blk(conf, seen, err) : drive_net(conf, seen, err);
	if (ret == -EINTR)
		seen->end = DRIVE_INTERRUPTED;
	/* else the time has that in it in which nothing came back any more */
	if (seen->end != DRIVE_DONE && seen->end != DRIVE_INTERRUPTED &&
	    seen->end != DRIVE_UNSTOPPED)
		seen->timed = 0;
	/* or that in which the two sides shared a CPU */
	seen->moved = usable_cpus() != usable;
	if (seen->moved)
		seen->timed = 0;
	return ret;
}

static void print_net(FILE *out, const struct drive_conf *conf, const struct drive_seen *seen)
{
	fprintf(out,
		"%s, %s: %s\n  transmitted    %" PRIu64 " of %u packets of %u bytes\n"
		"  features       %#" PRIx64 "\n",
		conf->variant->name, drive_mode_name(conf->mode), drive_end_name(seen->end),
		seen->transmitted, conf->packets, conf->payload, seen->features);
	if (conf->mode == DRIVE_ECHO)
		fprintf(out, "  received       %" PRIu64 ", each unchanged and in order\n",
			seen->received);
}

static void print_blk(FILE *out, const struct drive_conf *conf, const struct drive_seen *seen)
{
	const struct drive_blk_seen *b = &seen->blk;

	fprintf(out,
		"%s, %s %s: %s\n"
		"  requests       %" PRIu64 " of %u of %u bytes: %" PRIu64 " reads, %" PRIu64
		" writes; up to %u in flight\n"
		"  disk           %" PRIu64 " sectors; %u blocks of it are used\n"
		"  features       %#" PRIx64 "\n"
		"  verified       %" PRIu64 " bytes read, each as it was written\n"
		"  out of order   %" PRIu64 " came back behind a later one, by %" PRIu64
		" at most\n",
		conf->variant->name, drive_access_name(conf->access), drive_mode_name(conf->mode),
		drive_end_name(seen->end), seen->transmitted, conf->packets, conf->payload,
		b->reads, b->writes, b->depth, b->sectors, b->blocks, seen->features, b->verified,
		b->late, b->late_by);
	if (conf->variant->opts.avail == AVAIL_SHADOW)
		fprintf(out,
			"  shadow         %" PRIu64 " of %" PRIu64 " entries were not stored\n",
			b->spared, b->posted);
	if (b->lengths)
		fprintf(out,
			"  lengths        %" PRIu64 " differ from the bytes that were written\n",
			b->lengths);
	if (seen->end == DRIVE_FAILED)
		fprintf(out, "  failed         status %u, at sector %" PRIu64 "\n", b->status,
			b->sector);
}

void drive_print(FILE *out, const struct drive_conf *conf, const struct drive_seen *seen)
{
	const bool blk = conf->device == DRIVE_BLK;

	if (blk)
		print_blk(out, conf, seen);
	else
		print_net(out, conf, seen);
	if (conf->notify != NOTIFY_OFF)
		fprintf(out, "  kicks          %" PRIu64 ", %" PRIu64 " not asked for\n",
			seen->kicks, seen->kicks_spared);
	if (seen->timed && seen->ns)
		fprintf(out, "  time           %.1f ns a %s\n",
			(double)seen->ns / (double)seen->timed, blk ? "request" : "packet");
	if (seen->moved)
		fprintf(out, "  time           none: " USABLE_CHANGED "\n");
	if (seen->end == DRIVE_BROKEN)
		fprintf(out,
			"  broken         %s, at buffer %" PRIu64 ": %s: expected %" PRIu64
			", seen %" PRIu64 "\n",
			blk			 ? "the queue"
			: seen->failed == DIR_RX ? "the queue that receives"
						 : "the queue that transmits",
			seen->fail.buffer, failure_text(seen->fail.kind), seen->fail.expected,
			seen->fail.seen);
	fflush(out);
}
