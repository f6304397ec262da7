/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * parts.h - names for the parts of a shared region: the ring knows them, the host gives them.
 */
#ifndef VRB_PARTS_H
#define VRB_PARTS_H

#include <stddef.h>

/* Names of parts: enough for any plan's, and far below what a memfd's name may be (249 bytes). */
#define ARENA_PARTS 64
#define ARENA_NAME  96

/*
 * How /proc/PID/maps, and with it perf, calls the pages of a region: from @at, a border of the
 * page kind, to the next part or to the end.
 */
struct arena_parts {
	unsigned n; /* 0: the region has no parts */
	struct arena_part {
		size_t at; /* bytes from the region's start; the first is at 0, then ascending */
		char name[ARENA_NAME];
	} part[ARENA_PARTS];
};

#endif
