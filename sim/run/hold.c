/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hold.c - wait before the first sample, so that a tool can join the two threads.
 */
#include "run/hold.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How long Ctrl-C may wait to be seen. */
#define LOOK_MS 100

/* Reads what is there. Returns 1: a line has ended; 0: not yet; -ENODATA: no more will come. */
static int read_some(void)
{
	char buf[64];
	ssize_t got = read(STDIN_FILENO, buf, sizeof(buf));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0)
		return -ENODATA;
	return memchr(buf, '\n', (size_t)got) != NULL;
}

int hold_threads(void *arg, const pid_t tids[2], const uint32_t *stop, struct vrb_err *err)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	int ret;

	(void)arg;
	fprintf(stderr,
		"hold: driver %d, device %d; a line on standard input lets them go, as after "
		"`perf stat --per-thread -t %d,%d`\n",
		(int)tids[0], (int)tids[1], (int)tids[0], (int)tids[1]);
	do {
		if (__atomic_load_n(stop, __ATOMIC_RELAXED))
			return -EINTR;
		ret = poll(&in, 1, LOOK_MS) > 0 ? read_some() : 0;
	} while (!ret);
	if (ret < 0)
		return vrb_fail(err, -ret,
				"--hold: standard input ended before a line came; legal: from a "
				"terminal or a pipe that stays open");
	return 0;
}
