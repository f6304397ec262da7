/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.h - record a ring, split or packed, out of memory that a driver and its device share, without being either.
 *
 * Nobody waits for a watcher. What was overwritten before it looked is lost, and counted: when more was
 * made available than it can be sure of, it begins anew.
 */
#ifndef VRB_WATCH_H
#define VRB_WATCH_H

#include "recording/recording.h"

struct watch_conf {
	const char *memory; /* a file, of whose bytes offsets count; or NULL and: */
	int pid;	    /* a process, of whose addresses */
	bool packed;
	bool events; /* packed: the event structures are there; a split ring has all three parts */
	/* where the parts lie; packed: the descriptor ring, the driver's and the device's event structure */
	uint64_t desc, avail, used;
	uint32_t size; /* entries */
	bool in_turns; /* whoever polls lets both sides run in between, so the position cannot come round */
	bool in_order;	      /* IN_ORDER was negotiated: a batch may have one used element */
	const char *path;     /* of the recording */
	uint64_t most;	      /* buffers; 0: all */
	struct rec_head head; /* device, queue and source */
};

struct watch;

/**
 * watch_open - find the ring; what it holds now was there before.
 * Returns 0; -EINVAL: a part is not in the memory, or not aligned; or another -errno, with the line.
 */
int watch_open(struct watch **out, const struct watch_conf *conf, struct vrb_err *err);

/**
 * watch_poll - look at both indices, and record what is new.
 * Returns how many buffers were found, recorded or lost; -errno: the memory is gone.
 */
int watch_poll(struct watch *w);

/** watch_head - the counts so far. */
const struct rec_head *watch_head(const struct watch *w);

/* What a recording has no place for. */
struct watch_notes {
	uint64_t
		doubtful; /* of the lost ones: only if the position came round once, which nobody can tell */
	/*
	 * packed: recorded as buffers of one descriptor, before there was a sign of chains: they may be of
	 * more, and what is recorded behind each may be the rest of it
	 */
	uint64_t unsure;
	/* packed, with events: polls that found buffers, and returned ones, when a notification was asked for */
	uint64_t kicks_asked, calls_asked;
	uint64_t returns; /* polls that found returned ones */
};

const struct watch_notes *watch_notes(const struct watch *w);

/** watch_close - the recording gets its name, if @keep. Returns as rec_finish(). */
int watch_close(struct watch *w, bool keep, struct vrb_err *err);

#endif
