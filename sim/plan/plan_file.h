/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan_file.h - a plan file: steps that a person can read and write, each a command line.
 *
 *	# a comment, on a line of its own
 *	title = what it is about
 *
 *	[defaults]
 *	time-limit = 30
 *
 *	[first-step]
 *	question = what it is to answer
 *	command = run
 *	variant = baseline,shadow-avail
 *	quick
 *
 * An option is a long option of the command, without the dashes. One that takes no value stands
 * alone, or is "yes"; "no" takes back what the defaults say.
 */
#ifndef VRB_PLAN_FILE_H
#define VRB_PLAN_FILE_H

#include "vrb.h"

#include <stdbool.h>

#define PLAN_FILE_STEPS_MAX   64
#define PLAN_FILE_OPTIONS_MAX 64
#define PLAN_FILE_NAME_MAX    60
#define PLAN_FILE_LINE_MAX    1000    /* bytes, without what ends the line */
#define PLAN_FILE_SIZE_MAX    1000000 /* bytes */

struct plan_option {
	const char *name;
	const char *value; /* NULL: stands alone */
	bool off;	   /* "no" */
	unsigned line;
};

struct plan_step {
	const char *name; /* letters, digits, - and _ */
	unsigned line;	  /* of [name] */
	const char *command;
	const char *question; /* NULL: none */
	unsigned question_line;
	struct plan_option options[PLAN_FILE_OPTIONS_MAX];
	unsigned noptions;
};

struct plan_file {
	const char *title;	   /* NULL: none */
	struct plan_step defaults; /* options only; name NULL: no such section */
	struct plan_step steps[PLAN_FILE_STEPS_MAX];
	unsigned nsteps; /* at least 1 */
	char *text;	 /* that all names and values point into */
};

/**
 * plan_file_parse - the text of a plan file.
 * @path: what the file is called in errors.
 * @text: @len bytes and a NUL, from malloc(); changed, and belongs to @out in any case.
 * @commands: the n that a step may name.
 * @out: about 100 kB; plan_file_free() in any case.
 *
 * Knows nothing of what the options of a command may be. Returns 0; -EINVAL: @err has the line,
 * "PATH:LINE: [STEP] what".
 */
int plan_file_parse(const char *path, char *text, size_t len, const char *const *commands, size_t n,
		    struct plan_file *out, struct vrb_err *err);

/**
 * plan_file_load - read and parse a file.
 * Returns what plan_file_parse() does; or another -errno: it cannot be read; -EFBIG.
 */
int plan_file_load(const char *path, const char *const *commands, size_t n, struct plan_file *out,
		   struct vrb_err *err);

void plan_file_free(struct plan_file *f);

/**
 * plan_file_option - the option of a step by that name, its own or of the defaults.
 * Returns NULL if neither has it.
 */
const struct plan_option *plan_file_option(const struct plan_file *f, const struct plan_step *step,
					   const char *name);

#endif
