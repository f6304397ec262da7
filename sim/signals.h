/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * signals.h - what ends a program from outside, and how it waits until there is nothing half-made.
 */
#ifndef VRB_SIGNALS_H
#define VRB_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/**
 * signals_ending - SIGINT, SIGTERM, SIGHUP and SIGQUIT, but what was ignored when the program was started, as SIGHUP
 * is under nohup, stays ignored.
 */
void signals_ending(sigset_t *signals);

/**
 * signals_hold - until signals_let(): none of them takes effect, so that nothing is left under a temporary name.
 * What takes longer than a moment asks signals_waiting(). May be nested. @before: out, for signals_let().
 */
void signals_hold(sigset_t *before);
void signals_let(const sigset_t *before);

/** signals_waiting - has one come that is held? It stays. */
bool signals_waiting(void);

#endif
