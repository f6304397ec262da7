/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve.h - a vhost-user device behind a socket, or two net devices with a cable between them; one connection after
 * the other at each.
 */
#ifndef VRB_PEER_SERVE_H
#define VRB_PEER_SERVE_H

#include "peer/blk.h"

#include <stdio.h>

enum serve_device { SERVE_NET, SERVE_BLK, SERVE_DEVICES };

const char *serve_device_name(enum serve_device v);

enum serve_mode {
	SERVE_SINK,   /* takes what the driver transmits */
	SERVE_SOURCE, /* gives it frames as fast as it has buffers */
	SERVE_ECHO,   /* it receives what it transmits */
	SERVE_LOOP,   /* what one of two drivers transmits, the other one receives */
	SERVE_MODES
};

const char *serve_mode_name(enum serve_mode v);

enum serve_wait {
	WAIT_POLL, /* uses one CPU fully while a queue runs */
	WAIT_KICK, /* sleeps while there is nothing to do, and asks for kicks before */
	WAIT_KINDS
};

const char *serve_wait_name(enum serve_wait v);

#define SERVE_PORTS 2
_Static_assert(PEER_GUARDS == 2 * SERVE_PORTS + 1,
	       "memory and inflight region of each, and a disk");

struct serve_conf {
	const char *socket
		[SERVE_PORTS]; /* paths, at which nobody listens, and are removed at the end; the second: of
					    SERVE_LOOP */
	enum serve_device device;
	enum serve_mode mode; /* of SERVE_NET */
	struct blk_conf disk; /* of SERVE_BLK */
	enum serve_wait wait;
	uint64_t features;  /* of VHOST_OPTIONAL */
	unsigned queues;    /* pairs of them, of SERVE_NET */
	unsigned frame;	    /* bytes that SERVE_SOURCE gives */
	bool once;	    /* end when the first connection of each port has ended */
	const char *record; /* what paths of recordings begin with; NULL: none */
	const char *label;  /* what is recorded, in words */
	unsigned limit;	    /* buffers of a recording; it ends soon after */
	uint64_t usable;    /* usable_cpus() at the start */
};

struct serve_seen {
	unsigned bad;	    /* connections that were refused, or that had a queue latched broken */
	unsigned unwritten; /* recordings */
};

/** serve_works - are buffers of this queue taken? */
bool serve_works(const struct serve_conf *conf, unsigned queue);

/**
 * serve_run - serve until SIGINT or SIGTERM.
 * @out: what was seen of each queue, at the end of each connection.
 * @seen: out.
 *
 * Returns 0, or -errno: the socket cannot be made, or there is no such disk. A refusal is a line on stderr, not an error.
 */
int serve_run(const struct serve_conf *conf, FILE *out, struct serve_seen *seen,
	      struct vrb_err *err);

/**
 * serve_record - begin the recordings of queues that have started, and finish those of queues that have stopped.
 * @port: which of the sockets. @starts: by queue, how often it has started; zeroes at first.
 *
 * Called again and again. A queue's first one is PATH-qN.rec (of the other socket: PATH-other-qN.rec), the next ones PATH-qN-2.rec, ... A queue
 * without a buffer leaves none. Returns 0, or -errno: one could not be written.
 */
int serve_record(const struct serve_conf *conf, unsigned port, struct vhost *v, unsigned *starts,
		 struct vrb_err *err);

/** serve_print - what was seen of a device's queues. */
void serve_print(FILE *out, const struct vhost *v, const struct serve_conf *conf);

#endif
