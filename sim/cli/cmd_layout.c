/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_layout.c - `vringbench layout`: where each field of the shared region lies, and on which
 * line, for the rings that `run` with the same options would use.
 */
#include "cli/cli.h"
#include "plan/args.h"
#include "ring/setup.h"

#include <errno.h>
#include <inttypes.h>

/* A ring of a variant, and of all that lie as it does. */
struct lie {
	struct ring_conf conf;
	struct ring_layout layout;
	char of[512];
};

static bool same_lie(const struct lie *a, const struct lie *b)
{
	const struct ring_layout *const l = &a->layout, *const m = &b->layout;

	return a->conf.variant->ring == b->conf.variant->ring && l->desc == m->desc &&
	       l->avail == m->avail && l->used == m->used && l->to_dev == m->to_dev &&
	       l->to_drv == m->to_drv && l->tables == m->tables && l->headers == m->headers &&
	       l->buffers == m->buffers && l->buf_stride == m->buf_stride && l->end == m->end;
}

static void print_rings(const struct plan *plan, uint32_t ring_size, uint32_t payload,
			uint32_t burst)
{
	struct lie lies[DIRECTIONS * PLAN_VARIANTS_MAX];
	unsigned n = 0;

	for (unsigned v = 0; v < DIRECTIONS * plan->nvariants; v++) {
		struct lie *const lie = &lies[n];
		unsigned known = 0;

		*lie = (struct lie){.conf = {.variant = plan->variants[v / DIRECTIONS],
					     .dir = v % DIRECTIONS,
					     .ring_size = ring_size,
					     .burst = burst,
					     .payload = payload,
					     .align = plan->align,
					     .policy = plan->policy}};
		if (!(plan->directions >> lie->conf.dir & 1))
			continue;
		ring_layout(&lie->conf, &lie->layout);
		while (!same_lie(&lies[known], lie))
			known++;
		text_add(lies[known].of, sizeof(lie->of), "%s%s %s", known < n ? ", " : "",
			 lie->conf.variant->name, direction_name(lie->conf.dir));
		n += known == n;
	}
	for (unsigned i = 0; i < n; i++) {
		printf("%s, burst %" PRIu32 ", payload %" PRIu32 " B:\n", lies[i].of, burst,
		       payload);
		for (; lies[i].conf.queue < policy_queues(&lies[i].conf.policy);
		     lies[i].conf.queue++)
			ring_layout_print(stdout, &lies[i].conf);
	}
}

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
	if (plan.json_path || plan.plots_dir || plan.trace_path || plan.format != FORMAT_TABLE) {
		vrb_fail(&err, EINVAL,
			 "layout: it measures nothing, and prints tables; legal: without --json, "
			 "--plots, --trace and --format");
		return vrb_complain(&err, EXIT_USAGE);
	}
	for (unsigned i = 0; i < plan.ring_sizes.n; i++) {
		for (unsigned k = 0; k < plan.payloads.n; k++) {
			for (unsigned b = 0; b < plan.bursts.n; b++)
				print_rings(&plan, plan.ring_sizes.v[i], plan.payloads.v[k],
					    plan.bursts.v[b]);
		}
	}
	return EXIT_DONE;
}
