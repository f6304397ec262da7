/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_write.c - a session file, line by line, under a temporary name until it is whole.
 */
#include "session/rows.h"
#include "whole_file.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct session_writer {
	struct whole_file file;
	struct whole_file before; /* of session_restart(): worth keeping; no path: there is none */
	char asked[PATH_MAX];	  /* its name as it was typed: a link, or relative */
	int error;		  /* errno of the first put that failed; later puts do nothing */
	char dir[PATH_MAX];	  /* of a session of its own name */
	unsigned made;		  /* its last folders, that it has made */
	char started[32];	  /* UTC, ISO 8601 */
	uint64_t cells, samples;
	uint64_t digest; /* of the lines so far */
	bool worth;	 /* keeping, whatever comes: there are samples, or points of a search */
};

NAMES_OF(session_status_name, session_status, [SESSION_COMPLETE] = "complete",
	 [SESSION_INTERRUPTED] = "interrupted", [SESSION_FAILED] = "failed")

static const struct whole_kind session_kind_of_file = {"session", "{\"type\":\"session\",", NULL};

static uint32_t random_word(void)
{
	uint32_t r;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != sizeof(r)) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		r = (uint32_t)now.tv_nsec ^ ((uint32_t)getpid() << 16);
	}
	return r;
}

static void utc_now(const char *format, char *buf, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(buf, size, format, &tm);
}

/* The name a session gets when the user gave none: no shell or file system objects to it. */
static int default_path(char path[PATH_MAX], const char *dir, struct vrb_err *err)
{
	char stamp[32], host[64] = "host";
	int n;

	utc_now("%Y%m%dT%H%M%SZ", stamp, sizeof(stamp));
	if (!gethostname(host, sizeof(host)))
		host[sizeof(host) - 1] = '\0';
	for (char *c = host; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_",
			    *c))
			*c = '_';
	n = snprintf(path, PATH_MAX, "%s/%s-%s-%06x.jsonl", dir, stamp, host,
		     random_word() & 0xffffff);
	if (n < 0 || n >= PATH_MAX)
		return vrb_fail(err, ENAMETOOLONG, "results folder %.200s...: the name is too long",
				dir);
	return 0;
}

int session_create(struct session_writer **out, const char *path, const char *dir,
		   struct vrb_err *err)
{
	struct session_writer *w = calloc(1, sizeof(*w));
	char own[PATH_MAX];
	int rc = 0;

	*out = NULL;
	if (!w)
		return vrb_fail(err, ENOMEM, "out of memory");
	w->digest = DIGEST_OF_NOTHING;
	utc_now("%Y-%m-%dT%H:%M:%SZ", w->started, sizeof(w->started));
	if (!path) {
		rc = vrb_make_dir(dir, &w->made, err);
		snprintf(w->dir, sizeof(w->dir), "%s", dir);
		if (!rc)
			rc = default_path(own, dir, err);
	}
	if (!rc)
		rc = whole_open(&w->file, &session_kind_of_file, path ? path : own, err);
	if (rc) {
		vrb_unmake_dir(w->dir, w->made);
		free(w);
		return rc;
	}
	snprintf(w->asked, sizeof(w->asked), "%s", path ? path : own);
	*out = w;
	return 0;
}

/*
 * One row, one write: nothing stays in a buffer that a forked launch would flush a second
 * time. Takes the row's reference; a NULL row is one that could not be built.
 */
void session_put_row(struct session_writer *w, json_t *row)
{
	if (w->error) {
		json_decref(row);
		return;
	}
	char *line = row ? json_dumps(row, ROW_DUMP) : NULL;

	json_decref(row);
	if (!line) {
		w->error = ENOMEM;
		return;
	}
	size_t len = strlen(line), off = 0;

	line[len++] = '\n'; /* in place of the NUL, the length is known */
	while (off < len) {
		ssize_t n = write(w->file.fd, line + off, len - off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			w->error = n ? errno : EIO;
			break;
		}
		off += (size_t)n;
	}
	w->digest = digest_add(w->digest, line, len);
	free(line);
}

/* jansson has signed integers only; what is beyond them goes as a string of digits. */
json_t *session_u64(uint64_t v)
{
	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	return json_sprintf("%llu", (unsigned long long)v);
}

json_t *session_real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

json_t *session_text(const char *text)
{
	json_t *string = json_string(text);
	char *plain = string ? NULL : strdup(text);

	for (char *c = plain; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	if (plain)
		string = json_string(plain);
	free(plain);
	return string;
}

void session_put_head(struct session_writer *w, json_t *head)
{
	json_t *row = json_pack("{s:s, s:i, s:b, s:s}", "type", "session", "schema",
				SESSION_SCHEMA_VERSION, END_DIGEST, true, "started", w->started);

	if (row && json_object_update_missing(row, head)) {
		json_decref(row);
		row = NULL;
	}
	json_decref(head);
	session_put_row(w, row);
}

int session_error(const struct session_writer *w)
{
	return -w->error;
}

void session_put(struct session_writer *w, enum row_type type, const void *row)
{
	session_put_row(w, codec_write(row_kinds[type].type, row_kinds[type].fields, row));
	w->cells += type == ROW_CELL && !w->error;
	w->samples += type == ROW_SAMPLE && !w->error;
	w->worth |= (type == ROW_SAMPLE || type == ROW_POINTS) && !w->error;
}

void session_put_counts(struct session_writer *w, enum row_type type, const struct sample *sample,
			enum coh_protocol protocol, const struct coh_counts *counts)
{
	const struct cell_counts c = {.cell = sample->cell,
				      .buffers = sample->buffers,
				      .elapsed_ns = sample->elapsed_ns,
				      .side = {counts[AGENT_DRIVER], counts[AGENT_DEVICE]},
				      .protocol = protocol};

	session_put(w, type, &c);
}

void session_put_queues(struct session_writer *w, const struct sample *sample,
			const struct coh_counts *counts, const struct queue_counts *queues,
			unsigned n)
{
	struct cell_counts c = {.cell = sample->cell,
				.buffers = sample->buffers,
				.elapsed_ns = sample->elapsed_ns,
				.side = {counts[AGENT_DRIVER], counts[AGENT_DEVICE]},
				.nqueues = n};

	memcpy(c.queue, queues, n * sizeof(*queues));
	session_put(w, ROW_COUNTS, &c);
}

void session_put_warning(struct session_writer *w, const char *fmt, ...)
{
	char text[1024];
	const char *at = text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	session_put(w, ROW_WARNING, &at);
}

void session_restart(struct session_writer *w)
{
	struct whole_file again;
	struct vrb_err err;
	int rc;

	if (w->error)
		return; /* what is there is all that there will be */
	rc = whole_open(&again, w->file.kind, w->file.path, &err);
	if (rc) {
		w->error = -rc;
		return;
	}
	if (w->worth && !*w->before.path)
		w->before = w->file;
	else
		whole_abandon(&w->file);
	w->file = again;
	w->worth = false;
	w->cells = w->samples = 0;
	w->digest = DIGEST_OF_NOTHING;
}

int session_commit(struct session_writer *w, enum session_status status, char *path, size_t size,
		   struct vrb_err *err)
{
	struct session_end end = {.status = status, .cells = w->cells, .samples = w->samples};
	json_t *row;
	static const char reader[] = "vringbench table --partial";
	int rc;

	utc_now("%Y-%m-%dT%H:%M:%SZ", end.ended, sizeof(end.ended));
	row = codec_write(row_kinds[ROW_END].type, row_kinds[ROW_END].fields, &end);
	end.digest = digest_end(w->digest, row);
	json_decref(row);
	session_put(w, ROW_END, &end);
	if (w->error && w->worth && !*w->before.path)
		rc = whole_keep(&w->file, w->error, reader, err);
	else
		rc = whole_close(&w->file, w->error, err);
	if (*w->before.path && rc)
		rc = whole_keep(&w->before, -rc, reader, err);
	else if (*w->before.path)
		whole_abandon(&w->before);
	if (!rc && path)
		snprintf(path, size, "%s", w->asked);
	free(w);
	return rc;
}

void session_abandon(struct session_writer *w)
{
	if (!w)
		return;
	whole_abandon(&w->file);
	if (*w->before.path)
		whole_abandon(&w->before);
	vrb_unmake_dir(w->dir, w->made);
	free(w);
}
