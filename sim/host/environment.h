/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * environment.h - what of this machine and this build decides whether a number is good.
 */
#ifndef VRB_ENVIRONMENT_H
#define VRB_ENVIRONMENT_H

#include "vrb.h"

enum env_status {
	ENV_OK,
	ENV_BAD,    /* it is known to make measurements worse: why says how, and what to do */
	ENV_HIDDEN, /* not visible here: why says where it was looked for */
};

/* "ok", "bad", "not visible here". */
const char *env_status_name(enum env_status s);

struct env_item {
	const char *name; /* "clocksource", ... */
	char value[256];  /* "" where hidden */
	enum env_status status;
	char why[256]; /* "" where there is nothing to say */
};

#define ENV_ITEMS_MAX 48

/**
 * environment_read - look at everything.
 * @root: "" for this machine's /proc and /sys; tests have a folder of their own.
 * @items: out; room for ENV_ITEMS_MAX. Returns how many there are: always the same, in the
 * same order, whatever is visible. Never fails.
 */
unsigned environment_read(const char *root, struct env_item *items);

#endif
