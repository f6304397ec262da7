/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trace.c - one lap of each cell on the model, access by access.
 */
#include "session/trace.h"

#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct trace {
	FILE *file;
	int error; /* errno of the first write that failed; nothing is written after it */
	const char *path;
	bool plain;	       /* else a pipe or a device, which has no other name */
	struct whole_file own; /* of a plain file */
	struct ring_map map;   /* of the cell at hand */
	struct latency_place place;
	uint64_t start; /* ps; when the cell's first access issued */
	bool started;
};

/* The field stands last: it may hold spaces. */
#define COLUMNS                                                                                    \
	"# %11s %-6s %-10s %8s %5s %6s %-6s %-11s %8s %s\n", "time_ns", "agent", "verb", "offset", \
		"bytes", "line", "states", "what", "cost_ns", "field"

static const char legend[] =
	"# A lap of the timed phase: a line for each access to a cache line; one that straddles a\n"
	"# boundary has two. time_ns: when it issues, since the first. offset, bytes: in the shared\n"
	"# region. states: driver's and device's, before->after where they change. what: the kind\n"
	"# of transaction; silent: the state changes without a message; hit: the line is there.\n"
	"# cost_ns: of the transaction by itself, without what it waits for.\n";

static const struct whole_kind trace_kind = {"the trace", "# A lap of the timed phase: ", NULL};

static void note(struct trace *t, int written)
{
	if (written < 0 && !t->error)
		t->error = errno ? errno : EIO;
}

int trace_open(struct trace **out, const char *path, struct vrb_err *err)
{
	struct trace *t = calloc(1, sizeof(*t));
	struct vrb_err why;
	struct stat st;
	int rc;

	*out = NULL;
	if (!t)
		return vrb_fail(err, ENOMEM, "--trace %.200s: no memory", path);
	t->path = path;
	t->plain = stat(path, &st) || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
	rc = t->plain ? whole_open(&t->own, &trace_kind, path, &why) : 0;
	if (rc) {
		free(t);
		return vrb_fail(err, -rc, "--trace %.200s: %.280s", path, why.msg);
	}
	t->file = t->plain ? whole_stream(&t->own) : fopen(path, "we");
	if (!t->file) {
		int code = errno;

		if (t->plain)
			whole_abandon(&t->own);
		free(t);
		return vrb_fail(err, code, "--trace %.200s: cannot write it: %s", path,
				strerror(code));
	}
	/* written before a launch is forked, or each side of the fork would write it */
	note(t, fputs(legend, t->file));
	note(t, fflush(t->file));
	*out = t;
	return 0;
}

void trace_cell(struct trace *t, const struct ring_conf *ring, const struct model_conf *model)
{
	char burst[BURST_WORDS];

	ring_map_make(&t->map, ring);
	t->place = model->machine.places[model->place];
	t->started = false;
	if (t->error)
		return;
	note(t, fprintf(t->file,
			"\n# %s %s, ring %" PRIu32 ", burst %s, payload %" PRIu32
			", %s, %s, lines of %" PRIu32 " bytes, %s-%s\n",
			ring->variant->name, direction_name(ring->dir), ring->ring_size,
			ring_burst_words(ring, burst), ring->payload,
			coh_protocol_name(model->protocol), model_mode_name(model->mode),
			model->line, model->machine.name, t->place.name));
	note(t, fprintf(t->file, COLUMNS));
}

static const char *verb_of(const struct coh_event *e)
{
	static const char *const verbs[] = {[COH_LOAD] = "loads",
					    [COH_STORE] = "stores",
					    [COH_ACQUIRE] = "acquires",
					    [COH_RELEASE] = "releases"};

	return e->prefetch ? "prefetches" : verbs[e->verb];
}

/* "MI", or "MI->SS". */
static void states_of(const struct coh_event *e, char *buf)
{
	char *at = buf;

	for (unsigned i = 0; i < AGENTS; i++)
		*at++ = coh_state_letter((enum coh_state)e->before[i]);
	if (memcmp(e->before, e->after, AGENTS) != 0) {
		*at++ = '-';
		*at++ = '>';
		for (unsigned i = 0; i < AGENTS; i++)
			*at++ = coh_state_letter((enum coh_state)e->after[i]);
	}
	*at = '\0';
}

void trace_event(void *arg, const struct coh_event *e)
{
	struct trace *t = arg;
	char states[2 * AGENTS + 3], field[64], cost[24] = "-";

	if (!t->started)
		t->start = e->issue;
	t->started = true;
	if (t->error)
		return;
	states_of(e, states);
	if (e->transaction)
		snprintf(cost, sizeof(cost), "%.3f", (double)t->place.ps[e->kind] / 1000);
	/* timed, a side may issue before what the other side was reported first */
	note(t, fprintf(t->file, "  %11.3f %-6s %-10s %8zu %5zu %6zu %-6s %-11s %8s %s\n",
			((double)e->issue - (double)t->start) / 1000, side_name(e->agent->id),
			verb_of(e), e->offset, e->size, e->line, states,
			e->transaction ? coh_kind_name(e->kind)
			: e->rule      ? "silent"
				       : "hit",
			cost, ring_field_name(&t->map, e->offset, field, sizeof(field))));
}

int trace_finish(void *arg, struct vrb_err *err)
{
	struct trace *t = arg;

	if (fflush(t->file) && !t->error)
		t->error = errno;
	if (!t->error)
		return 0;
	return vrb_fail(err, t->error, "--trace %.200s: cannot write it: %s", t->path,
			strerror(t->error));
}

int trace_close(struct trace *t, bool keep, struct vrb_err *err)
{
	int rc = 0;

	if (!t)
		return 0;
	fclose(t->file);
	if (t->plain && keep)
		rc = whole_close(&t->own, 0, err);
	else if (t->plain)
		whole_abandon(&t->own);
	free(t);
	return rc;
}
