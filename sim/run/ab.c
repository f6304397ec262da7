/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ab.c - run two programs in turns, process by process.
 */
#include "run/ab.h"

#include "analysis/compare.h"
#include "analysis/groups.h"
#include "engine/clock.h"
#include "run/child.h"
#include "session/codec.h"
#include "session/head.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A process that takes longer hangs. */
#define PROCESS_LIMIT_S 60
/* A side that has given nothing in so many blocks will not. */
#define PATIENCE_BLOCKS 2
#define WORDS_MAX	64

/* Few cells and short samples: many processes say more than a long one. */
static const char *const default_options[] = {
	"-v", "baseline,vectorized", "--only", "--direction", "both", "--launches", "1", "--rounds",
	"4",  "--sample-ms",	     "5",      "--quiet"};

struct work {
	const struct ab_conf *c;
	struct ab_result *r;
	char dir[64], copy[96], out[96], errors[96];
	uint64_t deadline_ns;
	struct rng rng;
};

/* ---- one process ---- */

static void lose(struct work *w, enum ab_side side, const char *what, const char *line)
{
	struct ab_lost *l = &w->r->lost[side];

	if (!l->n++)
		snprintf(l->why, sizeof(l->why), "%.200s%s: %.90s%s%.200s",
			 w->c->name[side == AB_NEW], side == AB_COPY ? " (its copy)" : "", what,
			 *line ? ": " : "", line);
}

/* The words that start it. */
static void words_of(const struct work *w, enum ab_side side, const char *argv[WORDS_MAX])
{
	size_t n = 0;

	if (w->c->commands) {
		argv[n++] = "/bin/sh";
		argv[n++] = "-c";
		argv[n++] = w->c->program[side == AB_NEW];
	} else {
		argv[n++] = side == AB_COPY ? w->copy : w->c->program[side];
		for (size_t i = 0; i < ARRAY_SIZE(default_options); i++)
			argv[n++] = default_options[i];
		for (char *const *o = w->c->options; *o; o++)
			argv[n++] = *o;
		argv[n++] = "--json";
		argv[n++] = w->out;
	}
	argv[n] = NULL;
}

/* A session of the process. Returns false if it was lost. */
static bool run_side(struct work *w, enum ab_side side, struct session *out)
{
	const char *argv[WORDS_MAX];
	const struct child c = {.argv = argv,
				.out = w->c->commands ? w->out : NULL,
				.errors = w->errors,
				.limit_s = PROCESS_LIMIT_S};
	struct vrb_err err = {""};
	char what[96], line[256];
	int status = 0, rc;

	w->r->lost[side].ran++;
	unlink(w->out);
	unlink(w->errors);
	words_of(w, side, argv);
	rc = child_run(&c, &status);
	w->r->interrupted = rc == -EINTR;
	if (w->r->interrupted)
		return false;
	child_last_line(w->errors, line, sizeof(line));
	if (rc || status) {
		child_how(&c, rc, status, what, sizeof(what));
	} else if (!session_load(w->out, out, &err)) {
		if (out->status == SESSION_COMPLETE && out->nsamples)
			return true;
		session_free(out);
		snprintf(what, sizeof(what), "its session has no samples, or was not finished");
	} else {
		snprintf(what, sizeof(what), "exit status 0, but no session");
		snprintf(line, sizeof(line), "%.250s", err.msg);
	}
	lose(w, side, what, line);
	return false;
}

/* ---- what it measured ---- */

/* A median in each class that the process saw; one that has none is lost. Returns 0 or -ENOMEM. */
static int keep(struct work *w, const struct session *s, struct ab_process p)
{
	struct session *all = &w->r->session;
	const unsigned before = all->nprocesses;
	const size_t room = before + (size_t)all->ncells * CLASS_COUNT;
	struct ab_process *grown = realloc(all->processes, room * sizeof(*grown));
	double *v = malloc(((size_t)s->nsamples + 1) * sizeof(*v));

	if (grown)
		all->processes = grown;
	for (unsigned i = 0; grown && v && i < all->ncells * CLASS_COUNT; i++) {
		const struct cell *cell = alike_cell(s, &all->cells[i / CLASS_COUNT]);

		/* the sender sets the time of an open loop, and the model's is no machine's */
		if (!cell || !compare_is_timed(s, cell))
			continue;
		p.cell = i / CLASS_COUNT;
		p.place = (enum place_class)(i % CLASS_COUNT);
		p.samples = (uint32_t)row_values(s->samples, s->nsamples, cell, p.place, figure_ns,
						 0, v);
		p.ns = stats_median(v, p.samples);
		if (p.samples && p.ns > 0)
			all->processes[all->nprocesses++] = p;
	}
	free(v);
	if (!grown || !v)
		return -ENOMEM;
	for (unsigned i = 0; i < s->nsamples; i++)
		w->r->dropped[p.side] += !sample_used(&s->samples[i]);
	if (all->nprocesses == before)
		lose(w, p.side, "none of its samples can be used", "");
	return 0;
}

/* The first session of the old program says what the cells are. */
static int begin(struct work *w, struct session *first)
{
	struct session *all = &w->r->session;

	w->r->first = *first;
	memset(first, 0, sizeof(*first));
	all->cells = calloc((size_t)w->r->first.ncells + 1, sizeof(*all->cells));
	all->head = json_deep_copy(w->r->first.head);
	if (!all->cells || !all->head)
		return -ENOMEM;
	for (unsigned i = 0; i < w->r->first.ncells; i++) {
		if (w->r->first.cells[i].role == ROLE_NULL)
			continue;
		all->cells[all->ncells] = w->r->first.cells[i];
		all->cells[all->ncells].id = all->ncells;
		all->ncells++;
	}
	return 0;
}

static int run_block(struct work *w, unsigned block)
{
	uint32_t order[AB_SIDES] = {AB_OLD, AB_NEW, AB_COPY};
	int rc = 0;

	stats_shuffle(&w->rng, order, AB_SIDES);
	if (!block) /* whose cells are they? */
		order[0] = AB_OLD, order[1] = AB_NEW, order[2] = AB_COPY;
	for (uint32_t slot = 0; !rc && slot < AB_SLOTS; slot++) {
		const enum ab_side side = order[slot < AB_SIDES ? slot : AB_SLOTS - 1 - slot];
		struct session s = {0};

		if (slot && now_ns() >= w->deadline_ns)
			return 0;
		if (!run_side(w, side, &s)) {
			if (w->r->interrupted)
				return 0;
			continue;
		}
		struct ab_process p = {.block = block, .slot = slot, .side = side};

		if (w->r->session.head) {
			rc = keep(w, &s, p);
		} else if (side == AB_OLD) {
			rc = begin(w, &s);
			if (!rc)
				rc = keep(w, &w->r->first, p);
		}
		session_free(&s);
	}
	return rc;
}

/* ---- the whole ---- */

static int copy_file(const char *from, const char *to, struct vrb_err *err)
{
	char buf[1 << 16];
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	const int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	ssize_t n = in < 0 || out < 0 ? -1 : 0;

	while (n >= 0 && (n = read(in, buf, sizeof(buf))) > 0) {
		/* what is full takes a part first; the rest says why */
		for (ssize_t at = 0, put; at < n; at += put) {
			put = write(out, buf + at, (size_t)(n - at));
			if (put < 0)
				n = put;
		}
	}
	if (n < 0)
		vrb_fail(err, errno, "cannot copy %.200s to %.100s: %s", from, to, strerror(errno));
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out))
		n = -1;
	return n < 0 ? -EIO : 0;
}

static int prepare(struct work *w, struct vrb_err *err)
{
	const char *tmp = getenv("TMPDIR");

	for (unsigned i = 0; !w->c->commands && i < 2; i++) {
		if (access(w->c->program[i], X_OK))
			return vrb_fail(err, errno, "%.300s: no program that can be started: %s",
					w->c->program[i], strerror(errno));
	}
	for (size_t n = 0; w->c->options[n]; n++) {
		if (n + ARRAY_SIZE(default_options) + 6 > WORDS_MAX)
			return vrb_fail(err, E2BIG, "more than %zu words of options behind --", n);
	}
	if (!tmp || strlen(tmp) > 40)
		tmp = "/tmp";
	snprintf(w->dir, sizeof(w->dir), "%s/vringbench-XXXXXX", tmp);
	if (!mkdtemp(w->dir))
		return vrb_fail(err, errno, "cannot make %s: %s", w->dir, strerror(errno));
	snprintf(w->copy, sizeof(w->copy), "%s/old-copy", w->dir);
	snprintf(w->out, sizeof(w->out), "%s/out.jsonl", w->dir);
	snprintf(w->errors, sizeof(w->errors), "%s/stderr", w->dir);
	return w->c->commands ? 0 : copy_file(w->c->program[0], w->copy, err);
}

static void clean(const struct work *w)
{
	unlink(w->copy);
	unlink(w->out);
	unlink(w->errors);
	rmdir(w->dir);
}

static const struct ab_lost *all_lost(const struct ab_result *r)
{
	for (unsigned i = 0; i < AB_SIDES; i++) {
		if (r->lost[i].ran && r->lost[i].n == r->lost[i].ran)
			return &r->lost[i];
	}
	return NULL;
}

static void put_head(struct work *w, unsigned blocks)
{
	json_t *head = w->r->session.head, *lost = json_object(), *dropped = json_object();

	for (unsigned i = 0; i < AB_SIDES; i++) {
		const char *side = ab_side_name((enum ab_side)i);

		json_object_set_new(lost, side, json_integer(w->r->lost[i].n));
		json_object_set_new(dropped, side, json_integer(w->r->dropped[i]));
	}
	json_object_del(head, "type");
	json_object_del(head, "schema");
	json_object_del(head, "started");
	json_object_set_new(head, "command", session_text(w->c->command));
	json_object_set_new(head, "ab",
			    json_pack("{s:s, s:s, s:o, s:f, s:i, s:o, s:o}", "old", w->c->name[0],
				      "new", w->c->name[1], "seed", session_u64(w->c->seed),
				      "margin", w->c->margin, "blocks", (int)blocks, "lost", lost,
				      "dropped", dropped));
}

/* A line that blames an option which nobody gave is no help: those that are always there are told. */
static int no_session(const struct work *w, struct vrb_err *err)
{
	const struct ab_lost *lost = all_lost(w->r);
	char words[160] = "";

	for (size_t i = 0; lost && *w->c->options && i < ARRAY_SIZE(default_options); i++)
		text_add(words, sizeof(words), "%s%s", i ? " " : "; your options follow on ",
			 default_options[i]);
	return vrb_fail(err, ENODATA, "no process of a program gave a session: %.330s%s",
			lost ? lost->why : "interrupted", words);
}

static int blocks(struct work *w, struct vrb_err *err)
{
	unsigned n = 0;
	bool undecided = true;

	while (undecided && n < ab_most_blocks() && now_ns() < w->deadline_ns) {
		struct compared c;

		if (run_block(w, n++))
			return vrb_fail(err, ENOMEM, "out of memory");
		if (w->r->interrupted || (n >= PATIENCE_BLOCKS && all_lost(w->r)))
			break;
		if (!ab_look_due(n))
			continue;
		if (ab_make(&c, &w->r->session, w->c->margin, err))
			return -EIO;
		undecided = ab_undecided(&c);
		if (!w->c->quiet)
			fprintf(stderr, "ab: %u blocks, %u of %u cells undecided\n", n,
				ab_undecided(&c), w->r->session.ncells);
		compare_free(&c);
	}
	if (all_lost(w->r) || !w->r->session.head)
		return no_session(w, err);
	put_head(w, n);
	return 0;
}

int ab_run(const struct ab_conf *c, struct ab_result *out, struct vrb_err *err)
{
	struct work w = {.c = c, .r = out, .rng = {c->seed}};
	int rc;

	memset(out, 0, sizeof(*out));
	rc = prepare(&w, err);
	w.deadline_ns = now_ns() + (uint64_t)(c->time_limit_s * 1e9);
	if (!rc)
		rc = blocks(&w, err);
	out->session.status = out->interrupted ? SESSION_INTERRUPTED : SESSION_COMPLETE;
	if (*w.dir)
		clean(&w);
	return rc;
}

void ab_free(struct ab_result *r)
{
	json_decref(r->session.head);
	free(r->session.cells);
	free(r->session.processes);
	session_free(&r->first);
}

int ab_write(const struct ab_result *r, struct session_writer *w, struct vrb_err *err)
{
	const struct session *s = &r->session;

	session_put_head(w, json_incref(s->head));
	for (unsigned i = 0; i < s->ncells; i++)
		session_put(w, ROW_CELL, &s->cells[i]);
	for (unsigned i = 0; i < s->nprocesses; i++)
		session_put(w, ROW_PROCESS, &s->processes[i]);
	for (unsigned i = 0; i < AB_SIDES; i++) {
		if (r->lost[i].n)
			session_put_warning(w, "%u of %u processes lost; the first: %.400s",
					    r->lost[i].n, r->lost[i].ran, r->lost[i].why);
	}
	return session_commit(w, s->status, NULL, 0, err);
}
