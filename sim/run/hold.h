/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hold.h - wait before the first sample, so that a tool can join the two threads.
 */
#ifndef VRB_HOLD_H
#define VRB_HOLD_H

#include "vrb.h"

#include <sys/types.h>

/**
 * hold_threads - print "hold: driver DTID, device ETID; ..." on stderr and wait for a line on
 * standard input. Fits launch_conf.hold; @arg is not used.
 * @tids: of the driver, of the device. @stop: gives up when it becomes not 0.
 *
 * Returns 0; -EINTR: stopped; -ENODATA: standard input ended, so nobody can answer (the line says
 * so).
 */
int hold_threads(void *arg, const pid_t tids[2], const uint32_t *stop, struct vrb_err *err);

#endif
