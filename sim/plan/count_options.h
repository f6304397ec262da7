/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * count_options.h - the options of counters and of a perf around us: rows for an argp table, and
 * their reader.
 */
#ifndef VRB_COUNT_OPTIONS_H
#define VRB_COUNT_OPTIONS_H

#include "plan/request.h"

#include <argp.h>

enum count_key {
	KEY_COUNTERS = 0x1201,
	KEY_EVENTS,
	KEY_PERF_CTL,
	KEY_HOLD,
	KEY_STRICT,
	KEY_INSTRUCTIONS,
};

/* @g: their group in the table. */
#define COUNT_OPTIONS(g)                                                                           \
	{NULL, 0, NULL, 0, "What else is counted, and asked of the machine:", g},                  \
		{"counters",                                                                       \
		 KEY_COUNTERS,                                                                     \
		 "WHAT",                                                                           \
		 OPTION_ARG_OPTIONAL,                                                              \
		 "Hardware counters of each side: cache lines that come in and are taken away, "   \
		 "cycles, instructions. all (the same as no value); require: exit 2 if what this " \
		 "CPU has cannot be counted; null-row: only in baseline's second copy, whose "     \
		 "ratio then shows what counting costs",                                           \
		 g},                                                                               \
		{"events",                                                                         \
		 KEY_EVENTS,                                                                       \
		 "LIST",                                                                           \
		 0,                                                                                \
		 "Count these, too: raw codes as r04d2, sysfs forms as "                           \
		 "cpu/event=0xd2,umask=0x04/, perf's own names, names of libpfm4; implies "        \
		 "--counters",                                                                     \
		 g},                                                                               \
		{"perf-ctl",                                                                       \
		 KEY_PERF_CTL,                                                                     \
		 "HOW",                                                                            \
		 0,                                                                                \
		 "fd:CTL,ACK or fifo:CTL,ACK: switch a `perf stat -D -1 --control=HOW` on for "    \
		 "what is measured, and off after it",                                             \
		 g},                                                                               \
		{"hold",                                                                           \
		 KEY_HOLD,                                                                         \
		 NULL,                                                                             \
		 0,                                                                                \
		 "Print the thread ids of driver and device on stderr and wait for a line on "     \
		 "standard input before each launch's first sample, so that a `perf stat "         \
		 "--per-thread -t` can join",                                                      \
		 g},                                                                               \
		{"instructions",                                                                   \
		 KEY_INSTRUCTIONS,                                                                 \
		 "FILE",                                                                           \
		 0,                                                                                \
		 "Instructions per buffer of these cells, as scripts/instructions counts them "    \
		 "(default: results/instructions.tsv, if it is there and is for these cells)",     \
		 g},                                                                               \
	{                                                                                          \
		"strict", KEY_STRICT, NULL, 0, "Exit 4 if the session was disturbed", g            \
	}

/**
 * count_option_read - one option. Returns 0; ARGP_ERR_UNKNOWN: not one of these; -EINVAL with the
 * line.
 */
int count_option_read(int key, const char *arg, struct request *r);

/** count_option_is - is it one of these? */
bool count_option_is(int key);

/** count_options_finish - what depends on other options. Returns 0 or -EINVAL with the line. */
int count_options_finish(struct request *r);

#endif
