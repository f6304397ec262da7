/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.h - record a split ring out of memory that a driver and its device share, without being either.
 *
 * Nobody waits for a watcher. What was overwritten before it looked is lost, and counted: when more was
 * made available than it can be sure of, it begins anew.
 */
#ifndef VRB_WATCH_H
#define VRB_WATCH_H

#include "recording/recording.h"

struct watch_conf {
	const char *memory;	    /* a file, of whose bytes offsets count; or NULL and: */
	int pid;		    /* a process, of whose addresses */
	uint64_t desc, avail, used; /* where the parts lie */
	uint32_t size;		    /* entries */
	bool in_order;		    /* IN_ORDER was negotiated: a batch may have one used element */
	const char *path;	    /* of the recording */
	uint64_t most;		    /* buffers; 0: all */
	struct rec_head head;	    /* device, queue and source */
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

/** watch_unsure - was something counted as lost only because an index may have come round? */
bool watch_unsure(const struct watch *w);

/** watch_close - the recording gets its name, if @keep. Returns as rec_finish(). */
int watch_close(struct watch *w, bool keep, struct vrb_err *err);

#endif
