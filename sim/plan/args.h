/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * args.h - command lines, read so that every mistake is one line.
 */
#ifndef VRB_ARGS_H
#define VRB_ARGS_H

#include "vrb.h"

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

/* A flag of a row besides argp's: only --help-all prints it. */
#define ARGS_MORE 0x100000

/* --help, --usage or --version was there and has been served. */
#define ARGS_DONE 1

/* The rows that every command's option table ends with, before its empty row. */
#define ARGS_KEY_HELP	  'h' /* -? too, as argp has it */
#define ARGS_KEY_HELP_ALL 0x2002
#define ARGS_KEY_USAGE	  0x2001
#define ARGS_KEY_VERSION  'V'
#define ARGS_COMMON                                                                            \
	{NULL, 0, NULL, 0, "Other:", 90}, {"help", ARGS_KEY_HELP, NULL, 0, "Print this", 90},  \
		{"help-all", ARGS_KEY_HELP_ALL, NULL, OPTION_HIDDEN, "Print all options", 90}, \
		{"usage", ARGS_KEY_USAGE, NULL, 0, "Print the options in short", 90},          \
	{                                                                                      \
		"version", ARGS_KEY_VERSION, NULL, 0, "Print version, commit and compiler", 90 \
	}

/* Words of a command line that are no options; behind the last is NULL. */
struct args_operands {
	char **v;
	int n;
	const char *command; /* of a tool: the whole line, as typed */
};

/* Reads an option, by its key in argp's table; @arg is NULL without a value. Returns 0 or -errno. */
typedef int args_value(void *to, int key, const char *arg);

/**
 * args_parse - check the words of a command line, then read them.
 * @argp: options (ending with ARGS_COMMON) and docs of --help.
 * @name: how the command is called, for help: "vringbench run".
 * @operands: out; in @argv, which is reordered then. NULL: none may stand on the line.
 * @read: gets @to, and notes the line of an error itself.
 *
 * Returns 0; ARGS_DONE; -EINVAL: an unknown option (with the nearest), a value missing or
 * not wanted, an operand not wanted: @err has the line; otherwise what @read returns.
 */
int args_parse(const struct argp *argp, const char *name, int argc, char **argv,
	       struct args_operands *operands, args_value *read, void *to, struct vrb_err *err);

/* Reads the value of @option into @to; @arg is NULL if there is none. Returns 0 or -EINVAL. */
typedef int args_put(const char *option, const char *arg, void *to, struct vrb_err *err);

/* A bool becomes true; a const char *: as typed, a line without control characters, not empty; an enum output_format. */
args_put args_flag, args_text, args_line, args_path, args_dir, args_output, args_format;

/* 0.1 to 50, to a double: a share. */
args_put args_percent;

/* An option of a command that has few. */
struct args_option {
	const char *name; /* "--output" */
	char letter;	  /* 0: none */
	bool hidden;
	const char *arg, *help; /* as argp has them */
	args_put *put;
	size_t at; /* of the value, in what args_read() fills in */
};

/* --format, which most of them have. */
#define ARGS_FORMAT(to)                                                                       \
	{                                                                                     \
		"--format", 'f', false, "table|tsv|json", "Default: table", args_format, (to) \
	}

/* Such a command. */
struct args_command {
	const char *name, *doc;
	const char *operands; /* NULL: none; "SESSION": exactly one; "SESSION...": at least one;
			       "OLD NEW...": at least two */
	const struct args_option *options; /* up to one without a name */
};

/**
 * args_read - the whole command line of such a command.
 * @to: the values, with what holds where an option is not given. @operands: out; may be NULL if
 * there are none. Returns as args_parse().
 */
int args_read(const struct args_command *c, int argc, char **argv, void *to,
	      struct args_operands *operands, struct vrb_err *err);

/**
 * args_command_line - a command as typed, near enough to be typed again: words with spaces are quoted.
 * @out: what does not fit is cut off, and ends in "...".
 */
void args_command_line(const char *program, int argc, char *const *argv, char *out, size_t size);

/** args_version - version, commit, compiler and flags, one a line. */
void args_version(FILE *out);

#endif
