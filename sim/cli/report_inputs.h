/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_inputs.h - which session files the operands of `vringbench report` are.
 */
#ifndef VRB_CLI_REPORT_INPUTS_H
#define VRB_CLI_REPORT_INPUTS_H

#include "present/sheet.h"
#include "vrb.h"

struct report_inputs {
	struct texts sessions; /* paths */
	struct texts lost;     /* tasks of a fleet that were lost or failed, a line each */
};

/**
 * report_inputs_find - files as they are; of a folder its *.jsonl by name, and its fleet.tsv.
 * @v: @n operands.
 * Returns 0; -ENODATA: a folder without sessions; -EBADMSG: its fleet.tsv is none; -ENOMEM; what
 * reading the folder gave. @err has the line, and nothing is to be freed then.
 */
int report_inputs_find(struct report_inputs *out, const char *const *v, unsigned n,
		       struct vrb_err *err);
void report_inputs_free(struct report_inputs *x);

#endif
