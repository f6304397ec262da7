/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * signals.c - what ends a program from outside.
 */
#include "signals.h"

#include "vrb.h"

void signals_ending(sigset_t *signals)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	sigemptyset(signals);
	for_each (number, ending, ARRAY_SIZE(ending)) {
		struct sigaction now;

		if (!sigaction(*number, NULL, &now) && now.sa_handler != SIG_IGN)
			sigaddset(signals, *number);
	}
}

void signals_hold(sigset_t *before)
{
	sigset_t ending;

	signals_ending(&ending);
	sigprocmask(SIG_BLOCK, &ending, before);
}

void signals_let(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

bool signals_waiting(void)
{
	sigset_t ending, waiting, both;

	signals_ending(&ending);
	sigpending(&waiting);
	sigandset(&both, &ending, &waiting);
	return !sigisemptyset(&both);
}
