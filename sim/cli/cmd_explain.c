/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_explain.c - `vringbench explain`: one burst of one variant on the model, line by line, for
 * somebody who sees it for the first time.
 */
#include "cli/cli.h"
#include "cli/explain.h"
#include "plan/args.h"
#include "run/prepare.h"

#include <errno.h>
#include <string.h>

/* A page that one could still read: lines that a burst touches. */
#define LINES_TOLD_MAX 100000

static const char doc[] =
	"Explains one burst of one variant on the cache model, line by line: who touches which cache "
	"line for which field, how its state changes, what that costs; then what a buffer costs, "
	"and what differs from baseline. Takes the options of `run` that say what is looked at: "
	"one variant, one direction (default: rx), one ring size, one burst (default: 4), one "
	"payload; and those of the model, in lockstep. With --only baseline is left out, as it must be for a "
	"packed ring whose size is no power of two.\v"
	"As: vringbench explain --variant shadow-avail\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed.";

static int check_one(const char *option, const struct plan_list *l, struct vrb_err *err)
{
	if (l->n == 1)
		return 0;
	return vrb_fail(err, EINVAL, "%s %u,%u...: explain is about one; legal: one value", option,
			l->v[0], l->v[1]);
}

/* One variant besides baseline, or one alone; and nothing that only `run` writes. */
static int check_one_of_each(const struct plan *p, struct vrb_err *err)
{
	const unsigned first = plan_compares(p); /* behind baseline */
	const struct {
		const char *name;
		bool given;
	} options[] = {
		{"--format", p->format != FORMAT_TABLE},     {"--json", p->json_path != NULL},
		{"--plots", p->plots_dir != NULL},	     {"--trace", p->trace_path != NULL},
		{"--inject", p->policy.fault != FAULT_NONE},
	};

	if (p->all_variants)
		return vrb_fail(err, EINVAL,
				"--variant: explain is about one; legal: one name of `vringbench "
				"list`");
	if (p->nvariants > first + 1)
		return vrb_fail(err, EINVAL,
				"--variant %s,%s...: explain is about one; legal: one name",
				p->variants[first]->name, p->variants[first + 1]->name);
	if (__builtin_popcount(p->directions) != 1)
		return vrb_fail(err, EINVAL,
				"--direction both: explain is about one; legal: rx, tx");
	if (check_one("--ring-size", &p->ring_sizes, err) ||
	    check_one("--burst", &p->bursts, err) || check_one("--payload", &p->payloads, err))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (options[i].given)
			return vrb_fail(err, EINVAL,
					"%s: explain writes human-readable output only; "
					"legal: with run",
					options[i].name);
	}
	return 0;
}

static int check_model(const struct plan *p, struct vrb_err *err)
{
	const uint64_t packet = 6 + 2 * (uint64_t)p->payloads.v[0] / p->model.line;

	if (p->model.mode != MODE_LOCKSTEP)
		return vrb_fail(err, EINVAL,
				"--mode %s: explain shows a burst of each side in turn; legal: "
				"lockstep",
				model_mode_name(p->model.mode));
	if (p->burst_least)
		return vrb_fail(
			err, EINVAL,
			"--burst random: explain shows one burst; legal: a whole number, and "
			"without --random-bursts");
	if (p->bursts.v[0] * packet > LINES_TOLD_MAX)
		return vrb_fail(err, EINVAL,
				"--burst %u --payload %u: too long a story; legal: a burst that "
				"touches %d lines at most",
				p->bursts.v[0], p->payloads.v[0], LINES_TOLD_MAX);
	if (p->buffers && p->buffers < p->ring_sizes.v[0])
		return vrb_fail(err, EINVAL,
				"--buffers %llu: explain covers a lap; legal: at least "
				"--ring-size %u",
				(unsigned long long)p->buffers, p->ring_sizes.v[0]);
	return 0;
}

/* Baseline stands first in a plan, alone if it is the one that was asked for, and not with --only. */
static int explain(const struct plan *p, const struct prepared *cells, struct vrb_err *err)
{
	struct explain_record told = {0}, base = {0};
	const struct ring_conf *ring = &cells->rings[cells->n - 1];
	const uint64_t buffers = p->buffers ? p->buffers : model_buffers(ring);
	struct engine_conf conf;
	int ret;

	prepare_engine(p, cells, &conf);
	ret = explain_run(&told, ring, &conf, buffers, err);
	if (!ret)
		ret = explain_choose(&told, err);
	if (!ret)
		ret = explain_tell(&told, &conf, err);
	if (!ret && cells->n > 1)
		ret = explain_run(&base, &cells->rings[0], &conf, buffers, err);
	if (!ret) {
		explain_story(stdout, &told);
		explain_compare(stdout, &told, cells->n > 1 ? &base : NULL);
	}
	explain_free(&told);
	explain_free(&base);
	return ret;
}

enum vrb_exit cmd_explain(int argc, char **argv)
{
	static const struct run_command command = {.name = "explain",
						   .engine = ENGINE_MODEL,
						   .fixed_engine = true,
						   .directions = 1u << DIR_RX,
						   .burst = 4,
						   .doc = doc};
	struct prepared cells = {0};
	struct vrb_err err;
	struct plan plan;
	int ret = run_options_parse(&command, argc, argv, &plan, &err);

	if (ret == ARGS_DONE)
		return EXIT_DONE;
	if (!ret)
		ret = check_one_of_each(&plan, &err);
	if (!ret)
		ret = check_model(&plan, &err);
	if (!ret)
		ret = prepare_cells(&plan, &cells, &err);
	if (!ret)
		ret = explain(&plan, &cells, &err);
	prepared_free(&cells);
	if (ret)
		return vrb_complain(&err, ret == -EBADMSG ? EXIT_INVALID : EXIT_USAGE);
	return EXIT_DONE;
}
