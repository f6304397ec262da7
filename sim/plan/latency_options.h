/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_options.h - the options of `latency`: rows for an argp table, and their reader.
 */
#ifndef VRB_LATENCY_OPTIONS_H
#define VRB_LATENCY_OPTIONS_H

#include "plan/request.h"

#include <argp.h>

enum latency_key {
	KEY_LOOP = 0x1301,
	KEY_RATE,
	KEY_HGRM,
};

/* @g: their group in the table. */
#define LATENCY_OPTIONS(g)                                                                        \
	{NULL, 0, NULL, 0, "How buffers are sent and timed:", g},                                 \
		{"loop",                                                                          \
		 KEY_LOOP,                                                                        \
		 "closed|open|both",                                                              \
		 0,                                                                               \
		 "closed: one buffer under way, the next is sent when it is back; open: buffers " \
		 "are due at even distances, and each is timed from when it was due "             \
		 "(default: both)",                                                               \
		 g},                                                                              \
		{"rate",                                                                          \
		 KEY_RATE,                                                                        \
		 "LIST",                                                                          \
		 0,                                                                               \
		 "Of the open loop: buffers per second, joined by commas, with k for 1000 and M " \
		 "for 1000000: 1k..100M (default: 1M)",                                           \
		 g},                                                                              \
	{                                                                                         \
		"hgrm", KEY_HGRM, "DIR", 0,                                                       \
			"Write percentile distributions there, a file a row, as HdrHistogram's "  \
			"plotters read them (default: do not)",                                   \
			g                                                                         \
	}

/**
 * latency_option_read - one option. Returns 0; ARGP_ERR_UNKNOWN: not one of these; -EINVAL with
 * the line.
 */
int latency_option_read(int key, const char *arg, struct request *r);

/** latency_option_is - is it one of these? */
bool latency_option_is(int key);

/**
 * latency_options_finish - defaults of `latency`, and what depends on other options; before the
 * variants are chosen. Returns 0 or -EINVAL with the line.
 */
int latency_options_finish(struct request *r);

#endif
