/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * step.h - a command that measures, as a step of a plan file: what it is given besides its words,
 * and what it reports.
 * */
#ifndef VRB_STEP_H
#define VRB_STEP_H

#include "plan/plan.h"

/* How far a step goes. */
enum step_until {
	STEP_PARSED,   /* the line is read and is legal on this machine; nothing is touched */
	STEP_WRITABLE, /* and what it is to write can be written */
	STEP_RUN,
};

struct step {
	/* of the plan, for the record */
	const char *plan; /* the file's name, without folders */
	const char *name;
	unsigned index, of; /* index from 1 */

	enum step_until until;

	/* reported by the command */
	char command[1024]; /* to be typed by itself */
	struct vrb_err err; /* why a step cannot run; on stderr only with STEP_RUN */
	bool told;	    /* the line asks for help or a list: served, and nothing to measure */
	char session[4096]; /* where the session is; "": none was written */
};

/**
 * step_parsed - what is legal in a plan only, of a line that was read and gave @rc.
 * @step may be NULL. Returns @rc or -EINVAL with the line.
 */
int step_parsed(struct step *step, int rc, struct plan *plan, struct vrb_err *err);

/** step_goes - is the step to go on, up to and with @there? Without a step: all the way. */
bool step_goes(const struct step *step, enum step_until there);

/**
 * step_complain - why nothing ran: kept for the plan if it is checking, else reported on stderr.
 * @step may be NULL. Returns EXIT_USAGE.
 */
enum vrb_exit step_complain(struct step *step, const struct vrb_err *err);

/** step_wrote - a session is there. @step may be NULL. */
void step_wrote(struct step *step, const char *path);

#endif
