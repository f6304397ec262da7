/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive.h - our driver of a vhost-user device of somebody else: of a net device as a variant has it, or of a block
 * device.
 *
 * The loops and the ring of a net device are those of sim/ring, laid out by ring_setup() in memory that the device
 * maps; of that side only the driver runs. Those of a block device are blk_driver.h's.
 */
#ifndef VRB_PEER_DRIVE_H
#define VRB_PEER_DRIVE_H

#include "ring/variants.h"

#include <stdio.h>

enum drive_device { DRIVE_NET, DRIVE_BLK, DRIVE_DEVICES };

enum drive_mode {
	DRIVE_SINK, /* the device takes what we transmit */
	DRIVE_ECHO, /* it gives back what we transmit, in its order: each packet is checked */
	DRIVE_READ, /* of a block device; the disk is filled before and read back behind */
	DRIVE_WRITE,
	DRIVE_MIXED, /* each half of the requests */
	DRIVE_MODES
};

/* Which blocks the requests are of. */
enum drive_access { DRIVE_SEQUENTIAL, DRIVE_RANDOM, DRIVE_ACCESSES };

const char *drive_device_name(enum drive_device v);
const char *drive_mode_name(enum drive_mode v);
const char *drive_access_name(enum drive_access v);

/* Packets, and s, at most: numbers of packets are checked as 32 bits. */
#define DRIVE_PACKETS_MAX 4000000000u
#define DRIVE_TIMEOUT_MAX 3600u
#define DRIVE_BLOCK_MAX	  1048576u
#define DRIVE_DATA_MAX	  268435456u /* bytes of all requests in flight */
#define DRIVE_SPAN_MAX	  4096u	     /* MiB */
#define DRIVE_FRAME_MIN	  14u	     /* a frame of Ethernet: addresses and type */

struct drive_conf {
	const char *socket, *json;
	const char *label; /* of the device; NULL: none */
	const struct variant *variant;
	enum drive_device device;
	enum drive_mode mode;	 /* DRIVE_MODES: sink, of a block device mixed */
	enum notify_mode notify; /* kicks; NOTIFY_MODES: off, of a block device flags */
	unsigned ring_size, burst;
	unsigned payload; /* of a packet, or of a request's data; 0: 64, 4096 */
	unsigned packets; /* or requests; 0: 1,000,000, 100,000 */
	unsigned timeout; /* s, without progress */
	/* of a block device: */
	enum drive_access access; /* DRIVE_ACCESSES: random */
	unsigned depth;		  /* requests in flight; 0: 32, or as many as fit */
	unsigned span;		  /* MiB of the disk; 0: 64, or all of it */
	bool overwrite;		  /* what the disk holds may be lost */
};

enum drive_end {
	DRIVE_DONE,
	DRIVE_INTERRUPTED,
	DRIVE_STALLED,	 /* the device returned nothing for the time-out */
	DRIVE_GONE,	 /* it has closed the connection */
	DRIVE_BROKEN,	 /* it returned what it must not: struct drive_seen, `fail` */
	DRIVE_FAILED,	 /* it answered a request with an error: `status` */
	DRIVE_UNSTOPPED, /* all is back, and it did not stop its queues */
	DRIVE_ENDS
};

const char *drive_end_name(enum drive_end v);

/* Of a block device. */
struct drive_blk_seen {
	uint64_t sectors;	/* of the disk */
	uint64_t reads, writes; /* of the timed requests that are back */
	uint64_t verified;	/* bytes that were read, and are what was written there last */
	uint64_t late, late_by; /* requests that came back behind a later one; by so many at most */
	uint64_t lengths;	/* with another length than was written */
	uint64_t posted;	/* of all phases: entries of the available ring */
	uint64_t spared;	/* of these not stored, since the shadow has the same */
	uint64_t sector;	/* DRIVE_BROKEN, DRIVE_FAILED: of the request */
	unsigned depth, blocks, status;
};

struct drive_seen {
	enum drive_end end;
	uint64_t transmitted; /* packets, or timed requests, that the device has returned */
	uint64_t received;    /* and packets that came back unchanged */
	uint64_t ns;	      /* from the first that it returned to the end, and so many: */
	uint64_t timed;	      /* 0: it broke off, or `moved`: no measure */
	bool moved;	      /* the CPUs that it may use are not those of the start */
	uint64_t features;    /* as agreed on */
	uint64_t kicks, kicks_spared;
	struct failure fail;
	enum direction failed; /* the queue of that */
	struct drive_blk_seen blk;
};

/** drive_features - what the device must offer. */
uint64_t drive_features(const struct drive_conf *conf);

/**
 * drive_run - transmit @conf->packets, or do so many requests, until all are back, or something ends it: @seen says
 * what. Defaults are filled into @conf.
 *
 * SIGINT and SIGTERM end it. Returns 0; -EINVAL: the configuration contradicts itself; -EPROTO, -ECONNRESET or
 * -ETIMEDOUT: what the device answers while it is set up, or stopped (DRIVE_UNSTOPPED); or another -errno.
 */
int drive_run(struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err);

/** drive_net, drive_blk - the same of a device, once all of @conf is known and checked. */
int drive_net(const struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err);
int drive_blk(const struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err);

/** drive_print - what was seen, human-readable. */
void drive_print(FILE *out, const struct drive_conf *conf, const struct drive_seen *seen);

#endif
