/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive.h - our driver, as a variant has it, of a vhost-user net device of somebody else.
 *
 * The loops and the ring are those of sim/ring, laid out by ring_setup() in memory that the device maps; of that side
 * only the driver runs.
 */
#ifndef VRB_PEER_DRIVE_H
#define VRB_PEER_DRIVE_H

#include "ring/variants.h"

#include <stdio.h>

enum drive_mode {
	DRIVE_SINK, /* the device takes what we transmit */
	DRIVE_ECHO, /* it gives back what we transmit, in its order: each packet is checked */
	DRIVE_MODES
};

const char *drive_mode_name(enum drive_mode v);

/* Packets, and s, at most: numbers of packets are checked as 32 bits. */
#define DRIVE_PACKETS_MAX 4000000000u
#define DRIVE_TIMEOUT_MAX 3600u

struct drive_conf {
	const char *socket;
	const struct variant *variant;
	enum drive_mode mode;
	unsigned ring_size, burst, payload;
	unsigned packets;
	unsigned timeout; /* s, without progress */
};

enum drive_end {
	DRIVE_DONE,
	DRIVE_INTERRUPTED,
	DRIVE_STALLED, /* the device returned nothing for the time-out */
	DRIVE_GONE,    /* it has closed the connection */
	DRIVE_BROKEN,  /* it returned what it must not: struct drive_seen, `fail` */
	DRIVE_ENDS
};

const char *drive_end_name(enum drive_end v);

struct drive_seen {
	enum drive_end end;
	uint64_t transmitted; /* packets that the device has returned */
	uint64_t received;    /* and those that came back unchanged */
	uint64_t ns;	      /* from the first that it returned to the last, and so many: */
	uint64_t timed;
	uint64_t features; /* as agreed on */
	struct failure fail;
	enum direction failed; /* the queue of that */
};

/** drive_features - what the device must offer for @v. */
uint64_t drive_features(const struct variant *v);

/**
 * drive_run - transmit @conf->packets, until all are back, or something ends it: @seen says what.
 *
 * SIGINT and SIGTERM end it. Returns 0; -EINVAL: the configuration contradicts itself; -EPROTO, -ECONNRESET or
 * -ETIMEDOUT: what the device answers while it is set up or stopped; or another -errno.
 */
int drive_run(const struct drive_conf *conf, struct drive_seen *seen, struct vrb_err *err);

/** drive_print - what was seen, for people. */
void drive_print(FILE *out, const struct drive_conf *conf, const struct drive_seen *seen);

#endif
