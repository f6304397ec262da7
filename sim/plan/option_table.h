/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * option_table.h - the options of `run` and of the commands that take them: a row each, from which
 * help, reading, refusals, what a sweep may vary and what a plan file may say follow.
 */
#ifndef VRB_OPTION_TABLE_H
#define VRB_OPTION_TABLE_H

#include "plan/args.h"
#include "plan/request.h"

/* 2^40 buffers of 9000 bytes are hours: more is a slip of the finger. */
#define BUFFERS_MAX (UINT64_C(1) << 40)

/* What an option may be used for, and by whom; a command takes one with none of the USE_...ING. */
enum option_use {
	USE_SWEPT = 1 << 0,	    /* decides the ring of a cell: a sweep may vary it */
	USE_SWEEPING = 1 << 1,	    /* commands that sweep */
	USE_COUNTING = 1 << 2,	    /* commands that count */
	USE_TIMING = 1 << 3,	    /* commands that time each buffer */
	USE_PREDICTING = 1 << 4,    /* commands that predict */
	USE_NOT_PREDICTED = 1 << 5, /* all but those: a prediction runs each cell in its own way */
	USE_MODEL = 1 << 6,	    /* engine model only */
	USE_TWO_THREADS = 1 << 7,   /* engine native only */
	USE_REPEATED = 1 << 8,	    /* not engine model, which gives the same each time */
	USE_AMOUNT = 1 << 9,	    /* how much is measured, as --quick and --full decide */
	USE_NOTIFYING = 1 << 10,    /* not commands whose sides poll all the time */
	USE_NOT_REPLAYED = 1 << 12, /* a recording decides it */
	USE_COMMON = 1 << 11,	    /* among the few that --help prints */
	USE_TWO_CPUS = 1 << 13,	    /* engines native and process only */
	USE_PROCESSES = 1 << 14,    /* engine process only */
	USE_QUEUES = 1 << 15, /* not engine process, nor commands that look at one queue pair */
	USE_RX = 1 << 16,     /* of the device's RX cells alone; others run without it */
	USE_TX = 1 << 17,
};

enum option_group {
	GROUP_COMPARED = 1,
	GROUP_HELD,
	GROUP_WHERE,
	GROUP_MODEL,
	GROUP_AMOUNT,
	GROUP_COUNTED,
	GROUP_TIMED,
	GROUP_OUT,
	GROUP_RINGTEST,
	OPTION_GROUPS
};

/* How a value is read. */
enum value_kind {
	VALUE_READER, /* by @read */
	VALUE_PUT,    /* by @put */
	VALUE_U32,    /* @min..@max */
	VALUE_U64,
	VALUE_REAL, /* @low..@high */
	VALUE_NAME, /* an enum: one of the @count names of @name_of */
	VALUE_BITS, /* a set of two: names of @name_of for @min and @min + 1, or "both" */
	VALUE_LIST, /* struct plan_list, of @min..@max */
};

struct option_row;

/* Reads a value; @arg is NULL if there is none. Returns 0 or -errno with the line in r->err. */
typedef int option_reader(const struct option_row *o, const char *arg, struct request *r);

struct option_row {
	const char *name; /* "--burst" */
	char letter;	  /* 'b'; 0: none */
	const char *arg;  /* what help calls its value; NULL: takes none */
	bool arg_optional;
	enum option_group group;
	unsigned use;	     /* bits of enum option_use */
	const char *same_as; /* NULL, or the option that this is another name of */
	const char *help;

	enum value_kind kind;
	bool in_request; /* @at is in struct request; else in its plan */
	size_t at;	 /* where the value goes */
	uint64_t min, max;
	double low, high;
	bool units;	   /* of a list: as struct range_rule has it */
	const char *legal; /* of a list, for the message */
	unsigned count;
	const char *(*name_of)(unsigned value);
	option_reader *read;
	args_put *put;
};

extern const struct option_row option_rows[];
extern const size_t option_count;

/* What help calls the groups. */
extern const char *const option_titles[OPTION_GROUPS];

/** option_value - read the value of an option by its row. Returns 0 or -errno with the line. */
option_reader option_value;

/* Readers of the special ones. */
option_reader put_burst, put_cache, put_without, put_counters, put_cpus, put_device_order,
	put_coalesce, put_engine, put_events, put_inject, put_line, put_machine, put_margin,
	put_notify, put_pair, put_sockets, put_perf_ctl, put_preset, put_question, put_relax,
	put_rx_buffer;

#endif
