/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blk.h - a block device whose disk is memory. Virtio 1.4, 5.2.
 */
#ifndef VRB_PEER_BLK_H
#define VRB_PEER_BLK_H

#include "peer/vhost_user.h"
#include "stats/stats.h"

/* What a user may leave out. */
#define BLK_OPTIONAL (VHOST_OPTIONAL & ~VHOST_FEATURE(VIRTIO_NET_F_MRG_RXBUF))

#define BLK_SECTOR   512u
#define BLK_SEG_MAX  126u /* pieces of data: with header and status a ring of 128 */
#define BLK_MIB_MAX  65536u
#define BLK_ID_BYTES 20u

/* No further request begins in a turn that has moved as much: other queues and Ctrl-C wait for its end. */
#define BLK_TURN_BYTES (16u << 20)

struct blk_conf {
	const char *path; /* a file that is the disk, and outlives us; NULL: memory of its own */
	unsigned mib;	  /* of that */
	double reversed;  /* share of bursts that are returned from the last request on, 0..1 */
	uint64_t seed;
	bool ordered; /* the order was asked for */
};

struct blk_disk {
	struct peer_memory memory; /* one region, the disk */
	uint64_t reversed_below;   /* a draw below this: the burst is reversed */
	struct rng draw;
	uint64_t turn_bytes; /* BLK_TURN_BYTES */
};

/**
 * blk_open - the disk of @conf: zeroes, or what the file holds.
 * Returns 0, -EINVAL: the file has no whole sectors, or no sector; or another -errno.
 */
int blk_open(struct blk_disk *disk, const struct blk_conf *conf, struct vrb_err *err);
void blk_close(struct blk_disk *disk);

/** blk_offer - the device: @features beside those of its own, @queues. */
struct vhost_offer blk_offer(const struct blk_disk *disk, uint64_t features, unsigned queues);

/**
 * blk_turn - take up to PEER_BURST requests, or turn_bytes and the rest of the last one, do them, and return them all.
 * Returns whether there was any.
 *
 * A chain without a whole header or a byte for the status, or with more data than the disk has, is returned with
 * length 0. Sectors behind the end, or half of one: IOERR. A type that is none of read, write, flush, and the
 * identity: UNSUPP.
 */
bool blk_turn(struct blk_disk *disk, struct peer_queue *q);

#endif
