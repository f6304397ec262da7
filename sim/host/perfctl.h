/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perfctl.h - tell a `perf stat --control` that runs around us when to count.
 *
 * perf stat --control (perf-stat(1), tools/perf/util/evlist.c) reads "enable\n" and "disable\n"
 * from one descriptor or fifo and answers "ack\n\0" on another. With -D -1 it begins disabled, so
 * that only measured regions count.
 */
#ifndef VRB_PERFCTL_H
#define VRB_PERFCTL_H

#include "vrb.h"

#include <limits.h>
#include <stdbool.h>

/* The longest that an answer is waited for, and how many in a row may stay out. */
#define PERFCTL_ACK_MS 2000
#define PERFCTL_MISSES 3

struct perfctl_conf {
	bool on;
	int ctl_fd, ack_fd;			     /* fd:CTL[,ACK]; -1: none */
	char ctl_path[PATH_MAX], ack_path[PATH_MAX]; /* fifo:CTL[,ACK]; "": none */
	unsigned ack_ms;			     /* 0: PERFCTL_ACK_MS */
};

/**
 * perfctl_parse - the value of --perf-ctl: fd:CTL[,ACK] or fifo:CTL[,ACK].
 * Checks what can be: descriptors are open and of the right direction (CTL is written, ACK is
 * read), paths are fifos. Returns 0; -EINVAL with a line that names option, value, and what is
 * legal.
 */
int perfctl_parse(const char *value, struct perfctl_conf *out, struct vrb_err *err);

struct perfctl;

/* How it went; plain data, crosses from a launch to the session. */
struct perfctl_report {
	uint32_t commands;    /* sent, or tried */
	uint32_t missed;      /* of these: no answer in time, or nobody there to read */
	bool gave_up;	      /* PERFCTL_MISSES in a row: no more were sent */
	char first_miss[160]; /* the first one's reason; "" */
};

/**
 * perfctl_open - open the fifos, if that is what there is. Ignores SIGPIPE in this process.
 * Returns 0 or -errno with a line: a fifo that nobody reads is one.
 */
int perfctl_open(struct perfctl **out, const struct perfctl_conf *conf, struct vrb_err *err);

/**
 * perfctl_enable, perfctl_disable - send, and wait for the answer if there is an ACK.
 * A missing answer is counted in the report and nothing else; an answer that comes late does not
 * pass for that of the next command.
 */
void perfctl_enable(struct perfctl *p);
void perfctl_disable(struct perfctl *p);

const struct perfctl_report *perfctl_report(const struct perfctl *p);

/** perfctl_close - NULL is fine. Descriptors that were passed in stay open. */
void perfctl_close(struct perfctl *p);

#endif
