/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive_link.h - what driving any foreign device takes: the connection, the memory it maps, and what ends a run.
 */
#ifndef VRB_PEER_DRIVE_LINK_H
#define VRB_PEER_DRIVE_LINK_H

#include "peer/drive.h"
#include "peer/frontend.h"
#include "ring/setup.h"

#include <signal.h>

/* No address of a buffer is 0: a device may take that for none. */
#define DRIVE_FIRST 4096u

/* Turns between two looks at signals, and at the connection. */
#define DRIVE_TURNS 1024

struct drive_link {
	const struct drive_conf *conf;
	struct drive_seen *seen;
	struct frontend front;
	int file;
	uint8_t *memory;
	size_t size;
	int kick[DIRECTIONS], call[DIRECTIONS]; /* by queue; -1: it is polled */
	unsigned queues;			/* that run */
	sigset_t ends, before; /* signals that end the run, and what was blocked before */
	int ended;	       /* readable: there is one */
	uint64_t moved, since;
};

/**
 * drive_link_open - nothing of it is there yet. From here on a signal ends the run, and not the process.
 * Returns 0 or -errno; drive_link_close() in either case.
 */
int drive_link_open(struct drive_link *l, const struct drive_conf *conf, struct drive_seen *seen,
		    struct vrb_err *err);

/** drive_link_memory - @size bytes behind DRIVE_FIRST, zeroes. Returns 0 or -errno. */
int drive_link_memory(struct drive_link *l, size_t size, struct vrb_err *err);

/**
 * drive_link_connect - agree on drive_features() and, if offered, @protocol, and show the device the memory.
 * Returns 0, or as frontend_agree().
 */
int drive_link_connect(struct drive_link *l, uint64_t protocol, struct vrb_err *err);

/** drive_link_queue - start the next queue, whose ring is laid out as @layout from byte @at on. Returns as frontend_queue_start(). */
int drive_link_queue(struct drive_link *l, const struct ring_layout *layout, size_t at,
		     struct vrb_err *err);

/** drive_link_kick - notify the device of queue @index, if there is something to notify it of. */
void drive_link_kick(struct drive_link *l, unsigned index, struct notify *n);

/** drive_link_begin - the time without progress counts from here on. */
void drive_link_begin(struct drive_link *l);

/**
 * drive_link_goes_on - each DRIVE_TURNS turns: does the run go on?
 * @moved: grows with whatever moves. Returns false: @seen says why.
 */
bool drive_link_goes_on(struct drive_link *l, uint64_t moved);

/** drive_link_end - stop the queues, of a device that was well behaved. Returns 0, or as frontend_queue_stop(), and DRIVE_UNSTOPPED. */
int drive_link_end(struct drive_link *l, struct vrb_err *err);

void drive_link_close(struct drive_link *l);

#endif
