/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * threads.c - the engine native: the sides of native.c as two threads, of which the caller's becomes the
 * driver.
 */
#include "engine/native.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *dev_thread(void *arg)
{
	native_device(arg);
	return NULL;
}

static int threads_open(struct engine *e, struct vrb_err *err)
{
	struct native *n = aligned_alloc(_Alignof(struct native), sizeof(*n));
	int ret;

	if (!n)
		return vrb_fail(err, ENOMEM, "no memory for the engine");
	memset(n, 0, sizeof(*n));
	ret = native_open(e, n, err);
	if (ret)
		return ret;
	ret = pthread_create(&n->thread, NULL, dev_thread, e);
	if (ret)
		return vrb_fail(err, ret, "cannot start the device's thread: %s", strerror(ret));
	n->started = true;
	if (pthread_getcpuclockid(pthread_self(), &n->drv_clock) ||
	    pthread_getcpuclockid(n->thread, &n->dev_clock))
		n->drv_clock = n->dev_clock = CLOCK_MONOTONIC; /* then a peer always ran */
	return native_meet_device(e, err);
}

static void threads_close(struct engine *e)
{
	struct native *n = e->self;

	if (!n)
		return;
	if (n->started) {
		gate_set(&n->asked, ASKED_QUIT);
		pthread_join(n->thread, NULL);
	}
	native_close(e);
	free(n);
	e->self = NULL;
}

const struct engine_ops engine_native = {
	.name = "native",
	.open = threads_open,
	.sample = native_sample,
	.close = threads_close,
	.control = native_control,
};
