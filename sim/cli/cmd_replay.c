/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_replay.c - `vringbench replay FILE`: what a recorded driver put into its ring, through our loops.
 */
#include "cli/cli.h"
#include "plan/replay.h"
#include "run/measure.h"
#include "session/codec.h"

#include <errno.h>
#include <string.h>

static const char doc[] =
	"Replays a recording of a ring (docs/ring-recordings.md): the heads that the driver used, in "
	"its order, as many made available together as there, and the device's returns. As it is "
	"(baseline), and with each optimization; with --engine model cache-line transfers alone. "
	"FILE is the first word behind replay; --dump instead of options prints its records, a line each.\v"
	"A device of ours returns in order, and both sides go on as fast as they can: the recording's times are not replayed. One part of the recording without a loss is replayed, whole "
	"laps of it, again and again; the model runs it once. All cells run the loops that read "
	"their options at run time. --over free-list=recorded,fifo,lifo compares the driver's free "
	"list with others.\n\n"
	"Exit status: 0 done, 2 usage, set-up, or the file is no recording, 4 the integrity check failed or "
	"--strict and the session was disturbed, 5 results not written, 130 interrupted.";

/* One job, and the recording that it replays. */
struct replay_command {
	struct run_command command;
	struct recording rec;
	struct replay replay;
};

/* A command line with --over is a sweep. */
static bool sweeps(int argc, char *const *argv)
{
	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--over", 6) || !strncmp(argv[i], "--by", 4))
			return true;
	return false;
}

static json_t *notifications(const struct rec_head *h, uint64_t n)
{
	return h->known & REC_KNOWS_NOTIFICATIONS ? session_u64(n) : json_null();
}

static void head(const struct job *j, json_t *head)
{
	const struct replay *r = replay_of(&j->plan.policy);
	const struct rec_head *h = r->head;

	json_object_set_new(
		head, "recording",
		json_pack(
			"{so so ss ss si si si so so so so so so so so so so so so so so so so so so}",
			"file", session_text(r->name), "source", session_text(h->source), "ring",
			rec_ring_name((enum rec_ring)h->ring), "by",
			rec_by_name((enum rec_by)h->by), "ring_size", (int)h->ring_size, "device",
			(int)h->device, "queue", (int)h->queue, "buffers", session_u64(h->buffers),
			"lost", session_u64(h->lost), "batches", session_u64(h->batches), "kicks",
			notifications(h, h->kicks), "calls", notifications(h, h->calls), "first",
			session_u64(r->first), "replayed", session_u64(r->schedule.buffers),
			"replayed_batches", session_u64(r->batches), "longest",
			session_u64(r->longest), "compared", session_u64(r->compared), "spared",
			session_u64(r->spared), "all_compared", session_u64(r->all_compared),
			"all_spared", session_u64(r->all_spared), "reordered",
			session_u64(r->reordered), "early", session_u64(r->early), "other_shapes",
			session_u64(r->other_shapes), "longer", session_u64(r->longer), "stayed",
			session_u64(r->stayed)));
}

static const struct run_command command = {.name = "replay",
					   .engine = ENGINE_NATIVE,
					   .counts = true,
					   .sweeps = true,
					   .replays = true,
					   .variants = "shadow-avail,fixed-layout,in-order,"
						       "vectorized,packed,packed+in-order",
					   .doc = doc};

static const struct job_kind job = {.head = head, .present = report_rows, MEASURE};

static enum vrb_exit replay(const char *name, int argc, char **argv)
{
	struct replay_command c = {.command = command};
	struct job_kind kind = job;
	struct vrb_err err;
	enum vrb_exit code;
	int ret = rec_read(&c.rec, name, &err);

	if (ret)
		return vrb_complain(&err, EXIT_USAGE);
	if (argc == 3 && !strcmp(argv[2], "--dump")) {
		rec_dump(stdout, &c.rec);
		rec_free(&c.rec);
		return EXIT_DONE;
	}
	ret = replay_make(&c.replay, &c.rec, name, &err);
	if (!ret) {
		c.command.replay = &c.replay;
		kind.command = &c.command;
		kind.plan = sweeps(argc, argv) ? job_sweep_plan : job_plan;
		code = job_do(&kind, argc, argv, NULL);
		replay_free(&c.replay);
	} else {
		code = vrb_complain(&err, EXIT_USAGE);
	}
	rec_free(&c.rec);
	return code;
}

enum vrb_exit cmd_replay(int argc, char **argv)
{
	struct job_kind kind = job;
	struct vrb_err err;

	if (argc > 1 && argv[1][0] != '-')
		return replay(argv[1], argc, argv);
	/* --help and its like; options alone are told what is missing */
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "--help", 6) || !strcmp(argv[i], "-h") ||
		    !strcmp(argv[i], "-?") || !strcmp(argv[i], "--usage") ||
		    !strcmp(argv[i], "--version") || !strcmp(argv[i], "-V")) {
			kind.command = &command;
			kind.plan = job_plan;
			return job_do(&kind, 2, (char *[]){argv[0], argv[i], NULL}, NULL);
		}
	}
	vrb_fail(&err, EINVAL,
		 "replay: which recording? legal: vringbench replay FILE [OPTION...]");
	return vrb_complain(&err, EXIT_USAGE);
}
