/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * environment.h - what of this machine and this build decides whether a number is good.
 */
#ifndef VRB_ENVIRONMENT_H
#define VRB_ENVIRONMENT_H

#include "host/env_item.h"

/**
 * environment_read - look at everything.
 * @root: "" for this machine's /proc and /sys; tests have a folder of their own.
 * @items: out; room for ENV_ITEMS_MAX. Returns how many there are: always the same, in the
 * same order, whatever is visible. Never fails.
 */
unsigned environment_read(const char *root, struct env_item *items);

#endif
