/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_options.h - the options of the model engine: rows for an argp table, and their reader.
 */
#ifndef VRB_MODEL_OPTIONS_H
#define VRB_MODEL_OPTIONS_H

#include "plan/request.h"

#include <argp.h>

enum model_key {
	KEY_PROTOCOL = 0x1101,
	KEY_MODE,
	KEY_BOUND,
	KEY_LINE,
	KEY_PREFETCH,
	KEY_CACHE,
	KEY_STORE_BUFFER,
	KEY_MACHINE,
	KEY_RANDOM_BURSTS,
	KEY_TRACE,
};

/* @g: their group in the table. */
#define MODEL_OPTIONS(g)                                                                          \
	{NULL, 0, NULL, 0, "On the model engine, which counts line transfers:", g},               \
		{"protocol",                                                                      \
		 KEY_PROTOCOL,                                                                    \
		 "NAME",                                                                          \
		 0,                                                                               \
		 "mesi, mesif, moesi or moesi-migratory (default: mesi; with --machine, the one " \
		 "that it behaves like)",                                                         \
		 g},                                                                              \
		{"mode",                                                                          \
		 KEY_MODE,                                                                        \
		 "lockstep|timed",                                                                \
		 0,                                                                               \
		 "The sides take turns, a burst each; or each has a clock, and the one behind "   \
		 "runs (default: lockstep)",                                                      \
		 g},                                                                              \
		{"machine",                                                                       \
		 KEY_MACHINE,                                                                     \
		 "NAME|FILE",                                                                     \
		 0,                                                                               \
		 "Whose latencies: a preset of `vringbench list --machines`, as zen5-far, or a "  \
		 "file of `vringbench probe --calibrate` (default: the first preset)",            \
		 g},                                                                              \
		{"bound",                                                                         \
		 KEY_BOUND,                                                                       \
		 "serial|overlapped",                                                             \
		 0,                                                                               \
		 "Timed: each miss is waited for, or misses overlap (default: serial)",           \
		 g},                                                                              \
		{"line", KEY_LINE, "BYTES", 0, "Of a cache line: 32, 64, 128, 256 (default: 64)", \
		 g},                                                                              \
		{"prefetch",                                                                      \
		 KEY_PREFETCH,                                                                    \
		 NULL,                                                                            \
		 0,                                                                               \
		 "A miss also reads the other line of an aligned pair",                           \
		 g},                                                                              \
		{"cache",                                                                         \
		 KEY_CACHE,                                                                       \
		 "SETSxWAYS",                                                                     \
		 0,                                                                               \
		 "Of each private cache, as 64x8 (default: nothing is ever evicted)",             \
		 g},                                                                              \
		{"store-buffer",                                                                  \
		 KEY_STORE_BUFFER,                                                                \
		 "N",                                                                             \
		 0,                                                                               \
		 "Entries, 0..128; 0: stores are waited for (default: the machine's)",            \
		 g},                                                                              \
		{"random-bursts",                                                                 \
		 KEY_RANDOM_BURSTS,                                                               \
		 "SEED",                                                                          \
		 0,                                                                               \
		 "Lockstep: each step draws its burst from 1..--burst; SEED 1..2^64-1",           \
		 g},                                                                              \
	{                                                                                         \
		"trace", KEY_TRACE, "FILE", 0,                                                    \
			"Write each access and change of state of one lap, for a person to read", \
			g                                                                         \
	}

/** model_option_read - one option. Returns 0, -EINVAL with the line, or ARGP_ERR_UNKNOWN. */
int model_option_read(int key, const char *arg, struct request *r);

/**
 * model_options_finish - what depends on other options; refuses what the plan's engine has no
 * use for. Returns 0 or -EINVAL.
 */
int model_options_finish(struct request *r);

#endif
