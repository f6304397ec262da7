/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_layout.c - `vringbench layout`: where each field of the shared region lies, and on which
 * line, for the rings that `run` with the same options would use.
 */
#include "cli/cli.h"
#include "plan/args.h"
#include "ring/setup.h"

enum vrb_exit cmd_layout(int argc, char **argv)
{
	static const struct run_command command = {
		.name = "layout",
		.engine = ENGINE_NATIVE,
		.doc = "Prints where each field of the shared region lies, and on which line, for "
		       "the rings that run with the same options would use."};
	struct vrb_err err;
	struct plan plan;
	int ret = run_options_parse(&command, argc, argv, &plan, &err);

	if (ret == ARGS_DONE)
		return EXIT_DONE;
	if (ret)
		return vrb_complain(&err, EXIT_USAGE);
	for (unsigned i = 0; i < plan.ring_sizes.n; i++) {
		for (unsigned k = 0; k < plan.payloads.n; k++) {
			struct ring_conf conf = {.variant = plan.variants[0],
						 .dir = plan.directions & 1u << DIR_TX ? DIR_TX
										       : DIR_RX,
						 .ring_size = plan.ring_sizes.v[i],
						 .burst = plan.bursts.v[0],
						 .payload = plan.payloads.v[k],
						 .align = plan.align,
						 .policy = plan.policy};

			for (; conf.queue < policy_queues(&conf.policy); conf.queue++)
				ring_layout_print(stdout, &conf);
		}
	}
	return EXIT_DONE;
}
