/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_watch.c - `vringbench watch`: record a ring out of shared memory.
 */
#include "cli/cli.h"
#include "plan/ranges.h"
#include "recording/watch.h"
#include "run/prepare.h"
#include "whole_file.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <string.h>

/* Polls between two looks at the clock and for a signal. */
#define POLLS 256

struct watch_options {
	struct watch_conf conf;
	const char *label, *desc, *avail, *used; /* as typed */
	uint64_t pid, size, device, queue, most;
	double seconds;
};

static int put_count(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 0, UINT32_MAX, to, err);
}

/* What a recording has room for. */
static int put_index(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 0, UINT16_MAX, to, err);
}

static int put_seconds(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_real(option, arg, 0.001, 86400, to, err);
}

/* An offset or address, decimal or 0x. */
static int place(const char *option, const char *arg, uint64_t *to, struct vrb_err *err)
{
	char *end = NULL;

	if (!arg)
		return vrb_fail(err, EINVAL, "watch needs %s: where that part of the ring lies",
				option);
	errno = 0;
	*to = strtoull(arg, &end, 0);
	if (*arg < '0' || *arg > '9' || *end || errno)
		return vrb_fail(err, EINVAL,
				"%s '%.60s': not a place; legal: a number, or 0x and hex digits",
				option, arg);
	return 0;
}

static int complete(struct watch_options *o, struct vrb_err *err)
{
	struct watch_conf *c = &o->conf;
	int ret;

	if (!c->memory == !o->pid)
		return vrb_fail(err, EINVAL,
				"watch needs --memory FILE or --pid PID, one of the two");
	if (o->pid > INT_MAX)
		return vrb_fail(err, EINVAL, "--pid %" PRIu64 ": no process; legal: 1..%d", o->pid,
				INT_MAX);
	if (!o->size)
		return vrb_fail(err, EINVAL, "watch needs --size N: entries of the ring");
	if (!c->path)
		return vrb_fail(err, EINVAL, "watch needs --record FILE");
	ret = whole_apart("--record", c->path, "--memory", &c->memory, 1, err);
	if (ret)
		return ret;
	if (c->packed && !o->avail != !o->used)
		return vrb_fail(
			err, EINVAL,
			"--packed: the event structures are given by --avail and --used; legal: "
			"both or none of them");
	c->events = o->avail && c->packed;
	ret = place("--desc", o->desc, &c->desc, err);
	if (!ret && (c->events || !c->packed))
		ret = place("--avail", o->avail, &c->avail, err);
	if (!ret && (c->events || !c->packed))
		ret = place("--used", o->used, &c->used, err);
	c->pid = (int)o->pid;
	c->size = (uint32_t)o->size;
	c->most = o->most;
	c->head.device = (uint32_t)o->device;
	c->head.queue = (uint32_t)o->queue;
	if (!ret && o->label)
		ret = rec_source_fits("--label", o->label, err);
	snprintf(c->head.source, sizeof(c->head.source), "%s", o->label ? o->label : "");
	return ret;
}

static void put_seen(const struct watch_options *o, const struct rec_head *seen,
		     const struct watch_notes *notes)
{
	const uint64_t sure = seen->lost - notes->doubtful;

	printf("%s: %" PRIu64 " buffers in %" PRIu64 " batches, %s%" PRIu64 " lost", o->conf.path,
	       seen->buffers, seen->batches, sure ? "at least " : "", sure);
	if (notes->doubtful)
		printf(", %" PRIu64 " more may have been lost", notes->doubtful);
	if (notes->unsure)
		printf("; %" PRIu64
		       " buffers of one descriptor may be of more, and those behind them the rest: they were "
		       "returned before there was a sign of chains",
		       notes->unsure);
	if (o->conf.events)
		printf("; the device asked for a kick at %" PRIu64
		       " batches, the driver for a call at %" PRIu64 " of %" PRIu64 " returns",
		       notes->kicks_asked, notes->calls_asked, notes->returns);
	printf("\n");
}

static enum vrb_exit watch(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	struct watch_options *o = asked;
	struct watch *w;
	struct rec_head seen;
	struct watch_notes notes;
	uint64_t end;
	int ret = complete(o, err);

	(void)operands;
	if (!ret)
		ret = watch_open(&w, &o->conf, err);
	if (ret)
		return EXIT_USAGE;
	prepare_signals(true);
	end = o->seconds > 0 ? now_ns() + (uint64_t)(o->seconds * 1e9) : UINT64_MAX;
	for (bool goes = true; goes;) {
		for (unsigned i = 0; goes && i < POLLS; i++) {
			ret = watch_poll(w);
			goes = ret >= 0 && (!o->most || watch_head(w)->buffers < o->most);
			if (!ret)
				sched_yield();
		}
		goes = goes && now_ns() < end && !prepare_interrupted();
	}
	seen = *watch_head(w);
	notes = *watch_notes(w);
	if (ret < 0)
		fprintf(stderr, "watch: the memory is gone: %s\n", strerror(-ret));
	if (watch_close(w, true, err))
		return EXIT_NOT_WRITTEN;
	put_seen(o, &seen, &notes);
	return EXIT_DONE;
}

static const struct args_option options[] = {
	{"--memory", 'm', false, "FILE", "The shared memory; places are offsets into it", args_path,
	 offsetof(struct watch_options, conf.memory)},
	{"--pid", 'p', false, "PID", "Or a process that has it mapped; places are its addresses",
	 put_count, offsetof(struct watch_options, pid)},
	{"--packed", 'P', false, NULL, "It is a packed ring", args_flag,
	 offsetof(struct watch_options, conf.packed)},
	{"--desc", 'd', false, "PLACE", "Of the descriptor table, or descriptor ring", args_text,
	 offsetof(struct watch_options, desc)},
	{"--avail", 'a', false, "PLACE",
	 "Of the available ring, or driver event structure (packed: may be left out)", args_text,
	 offsetof(struct watch_options, avail)},
	{"--used", 'u', false, "PLACE", "Of the used ring, or device event structure (likewise)",
	 args_text, offsetof(struct watch_options, used)},
	{"--size", 'n', false, "N", "Entries, 2, 4, 8 .. 32768; packed: 2..32768", put_count,
	 offsetof(struct watch_options, size)},
	{"--in-order", 'i', false, NULL, "IN_ORDER was negotiated: buffers return in order",
	 args_flag, offsetof(struct watch_options, conf.in_order)},
	{"--record", 'r', false, "FILE", "The recording", args_path,
	 offsetof(struct watch_options, conf.path)},
	{"--record-limit", 0, false, "N", "End after so many (default: do not)", put_count,
	 offsetof(struct watch_options, most)},
	{"--seconds", 's', false, "X", "End then, 0.001..86400 (default: do not)", put_seconds,
	 offsetof(struct watch_options, seconds)},
	{"--device", 0, false, "N",
	 "Type of the device, for the record: 1 net, 2 block (default: 0)", put_index,
	 offsetof(struct watch_options, device)},
	{"--queue", 'q', false, "N", "Index of the queue, for the record (default: 0)", put_index,
	 offsetof(struct watch_options, queue)},
	{"--label", 'l', false, "TEXT", "What is recorded, in words", args_line,
	 offsetof(struct watch_options, label)},
	{0},
};

const struct tool tool_watch = {
	.args = {.name = "watch",
		 .options = options,
		 .doc = "Records a ring out of memory that a driver and a device share, without being "
			"either of them, for `vringbench replay`. Nobody waits for a watcher: buffers that it was too "
			"late for are lost, and counted. Of a packed ring it must see each buffer before the driver is two "
			"laps further, of a split one before it is 65536 buffers further. Ends by --seconds, --record-limit, "
			"SIGINT, or with the memory.\v"
			"Exit status: 0, 2 usage, or the ring is not there, 5 the recording could not be written."},
	.size = sizeof(struct watch_options),
	.run = watch,
};
