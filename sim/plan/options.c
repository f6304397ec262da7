/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * options.c - a command line with the options of `run`, read by their table.
 */
#include "plan/options.h"

#include "names.h"
#include "plan/option_table.h"
#include "plan/ranges.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* argp's key of a row. */
static int key_of(const struct option_row *o)
{
	return o->letter ? o->letter : 0x1000 + (int)(o - option_rows);
}

static bool takes(const struct run_command *c, const struct option_row *o)
{
	/* no model where the engine is another */
	if (o->use & USE_MODEL && c->fixed_engine && c->engine != ENGINE_MODEL)
		return false;
	return (c->sweeps || !(o->use & USE_SWEEPING)) && (c->counts || !(o->use & USE_COUNTING)) &&
	       (c->times || !(o->use & USE_TIMING)) && !(c->polls && o->use & USE_NOTIFYING) &&
	       !(c->replays && o->use & USE_NOT_REPLAYED) &&
	       !(c->fixed_engine && o->use & USE_QUEUES) &&
	       !(o->use & (c->predicts ? USE_NOT_PREDICTED : USE_PREDICTING));
}

/* argp's table for a command, a heading before each group. @own: room for all. */
static void own_options(const struct run_command *command, struct argp_option *own)
{
	static const struct argp_option common[] = {ARGS_COMMON, {0}};
	int group = 0;

	for (const struct option_row *o = option_rows; o != option_rows + option_count; o++) {
		if (!takes(command, o))
			continue;
		if (group != (int)o->group) {
			group = (int)o->group;
			*own++ = (struct argp_option){.doc = option_titles[group], .group = group};
		}
		*own++ = (struct argp_option){
			.name = o->name + 2,
			.key = key_of(o),
			.arg = o->arg,
			.flags = (o->arg_optional ? OPTION_ARG_OPTIONAL : 0) |
				 (o->use & USE_COMMON ? 0 : ARGS_MORE) |
				 (o->read == put_engine && command->fixed_engine ? OPTION_HIDDEN
										 : 0),
			.doc = o->help,
			.group = group};
	}
	memcpy(own, common, sizeof(common));
	while (own->key != ARGS_KEY_HELP_ALL)
		own++;
	own->flags = 0;
}

static int read_option(void *to, int key, const char *arg)
{
	struct request *r = to;
	size_t i = 0;

	while (key_of(&option_rows[i]) != key)
		i++;
	r->given[i] = true;
	return option_value(&option_rows[i], arg, r);
}

const char *run_options_swept(size_t *at)
{
	while (*at < option_count) {
		const struct option_row *o = &option_rows[(*at)++];

		if (o->use & USE_SWEPT)
			return o->name + 2;
	}
	return NULL;
}

bool run_options_given(const struct request *r, const char *name)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *o = &option_rows[i];

		if (r->given[i] &&
		    (!strcmp(o->name + 2, name) || (o->same_as && !strcmp(o->same_as + 2, name))))
			return true;
	}
	return false;
}

bool run_options_amount(const char *name)
{
	for (size_t i = 0; i < option_count; i++) {
		if (!strcmp(option_rows[i].name + 2, name))
			return option_rows[i].use & USE_AMOUNT;
	}
	return false;
}

/* Does an option say what holds without it? That is refused nowhere. */
static bool says_default(const struct option_row *o, const struct request *r)
{
	return o->kind == VALUE_NAME && !o->in_request &&
	       !*(const unsigned *)((const char *)r->plan + o->at);
}

int run_options_directions(struct request *r)
{
	static const unsigned uses[DIRECTIONS] = {[DIR_RX] = USE_TX, [DIR_TX] = USE_RX};
	char *out = r->plan->no_effect;

	for (enum direction only = DIR_RX; only < DIRECTIONS; only++) {
		for (size_t i = 0; i < option_count && r->plan->directions == 1u << only; i++) {
			const struct option_row *o = &option_rows[i];

			if (r->given[i] && o->use & uses[only] && !says_default(o, r))
				text_add(out, sizeof(r->plan->no_effect), "%s%s", *out ? ", " : "",
					 o->name);
		}
	}
	return 0;
}

int run_options_check(struct request *r)
{
	static const struct {
		unsigned use, engines; /* engines: bits 1 << ENGINE_x that it is legal with */
		const char *why, *legal;
	} rules[] = {
		{USE_MODEL, 1u << ENGINE_MODEL, "has no model of the caches", "model"},
		{USE_REPEATED, ~(1u << ENGINE_MODEL),
		 "runs each cell once and gives the same each time", "native, process or one-core"},
		{USE_TWO_THREADS, 1u << ENGINE_NATIVE, "has no two threads", "native"},
		{USE_TWO_CPUS, 1u << ENGINE_NATIVE | 1u << ENGINE_PROCESS,
		 "does not run the sides at the same time", "native or process"},
		{USE_PROCESSES, 1u << ENGINE_PROCESS, "has no process for each side", "process"},
		{USE_QUEUES, ~(1u << ENGINE_PROCESS), "runs one queue pair",
		 "native, one-core or model"},
	};

	for (size_t k = 0; k < ARRAY_SIZE(rules); k++) {
		for (size_t i = 0; i < option_count; i++) {
			const struct option_row *o = &option_rows[i];

			if (!r->given[i] || !(o->use & rules[k].use) ||
			    rules[k].engines & 1u << r->plan->engine ||
			    (o->use & USE_REPEATED && says_default(o, r)))
				continue;
			return vrb_fail(r->err, EINVAL,
					"%s: --engine %s %s; legal: with --engine %s", o->name,
					engine_name(r->plan->engine), rules[k].why, rules[k].legal);
		}
	}
	return 0;
}

static const char doc[] =
	"Measures what a buffer costs in a virtqueue shared by two CPUs, for several ways "
	"to handle the ring, and says which differences are real.\v"
	"These are the options most used; --help-all prints all. --plan FILE runs the steps of a plan "
	"file, see `vringbench plan --help`; `vringbench help` lists the other commands.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed or --strict and the "
	"session was disturbed, 5 results not written, 130 interrupted.";

int run_options_read(const struct run_command *command, int argc, char **argv,
		     struct request *request, struct plan *plan, struct vrb_err *err)
{
	struct argp_option own[OPTIONS_MAX + OPTION_GROUPS + 8];
	struct args_operands recording;
	char *words[argc + 1]; /* reordered; a sweep reads its line several times */
	const struct argp argp = {.options = own,
				  .args_doc = command->replays ? "FILE" : NULL,
				  .doc = command->doc ? command->doc : doc};

	request_defaults(request, command, plan, err);
	own_options(command, own);
	/* `run` is what happens without a command */
	snprintf(request->program, sizeof(request->program), "vringbench%s%s",
		 strcmp(command->name, "run") ? " " : "",
		 strcmp(command->name, "run") ? command->name : "");
	args_command_line(request->program, argc, argv, plan->command, sizeof(plan->command));
	memcpy(words, argv, (size_t)argc * sizeof(*words));
	words[argc] = NULL;
	return args_parse(&argp, request->program, argc, words, command->replay ? &recording : NULL,
			  read_option, request, err);
}

int run_options_parse(const struct run_command *command, int argc, char **argv, struct plan *plan,
		      struct vrb_err *err)
{
	struct request request;
	int rc = run_options_read(command, argc, argv, &request, plan, err);

	if (rc)
		return rc;
	if (strcmp(request.variants, "list") == 0) {
		list_print(stdout, plan->format);
		return ARGS_DONE;
	}
	return request_finish(&request);
}

/* ---- values that other commands have, too ---- */

/* The enum has a negative value, so its names are of another type. */
static const char *name_of_relation(unsigned v)
{
	return relation_name((enum relation)v);
}

int relation_parse(const char *value, enum relation *out, struct vrb_err *err)
{
	unsigned i;
	const int rc = names_choice_of("--pair", value, name_of_relation, REL_COUNT, &i, err);

	if (!rc)
		*out = (enum relation)i;
	return rc;
}

int cpus_parse(const char *option, const char *value, int *drv, int *dev, struct vrb_err *err)
{
	char first[24];
	const size_t len = strcspn(value, ",");
	uint64_t a, b;
	int rc;

	if (!value[len] || strchr(value + len + 1, ',') || len >= sizeof(first))
		return vrb_fail(err, EINVAL,
				"%s '%.60s': not two CPU numbers; legal: DRIVER,DEVICE as in 0,1",
				option, value);
	snprintf(first, len + 1, "%s", value);
	rc = ranges_u64(option, first, 0, INT_MAX, &a, err);
	if (!rc)
		rc = ranges_u64(option, value + len + 1, 0, INT_MAX, &b, err);
	if (rc)
		return rc;
	*drv = (int)a;
	*dev = (int)b;
	return 0;
}
