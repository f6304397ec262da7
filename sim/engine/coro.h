/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coro.h - coroutines: several stacks on one thread, one of which runs.
 *
 * The sides of a ring are ordinary loops; on the model each has a stack of its own, so that one
 * can stop in the middle of an access and let the other on. A switch saves nothing but what a
 * function call must preserve: no system call, some nanoseconds.
 */
#ifndef VRB_CORO_H
#define VRB_CORO_H

#include "vrb.h"

struct coro {
	void *at;	    /* where it stopped; the machine's business */
	uint8_t *stack;	    /* NULL: this is the thread's own */
	size_t size;	    /* bytes */
	const void *low;    /* the stack as sanitizers must know it */
	void *fake, *fiber; /* theirs */
	void (*run)(void *arg);
	void *arg;
};

/**
 * coro_open - a stack of @size bytes (a power of two, a multiple of the page size), aligned to
 * @size. Its first CORO_FOOT bytes are not used as stack: the first 8 are the
 * owner's, 0 at first. Returns 0 or -ENOMEM.
 */
#define CORO_FOOT 64
int coro_open(struct coro *c, size_t size, struct vrb_err *err);

/** coro_close - free the stack. It must not be running. */
void coro_close(struct coro *c);

/**
 * coro_start - let it begin with run(@arg), which never returns, at the next switch to it. What
 * it was doing before is forgotten.
 */
void coro_start(struct coro *c, void (*run)(void *arg), void *arg);

/**
 * coro_switch - stop @from, which is the one that runs, and let @to go on.
 * @from: for the thread's own stack any struct that is zero at first.
 */
void coro_switch(struct coro *from, struct coro *to);

#endif
