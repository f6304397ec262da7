/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perfctl.c - tell a `perf stat --control` that runs around us when to count.
 */
#include "host/perfctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTION	  "--perf-ctl"
#define FD_FORM	  "fd:"
#define FIFO_FORM "fifo:"
#define FORMS	  "fd:CTL[,ACK] with open descriptors or fifo:CTL[,ACK] with paths of fifos"

/* More digits than any descriptor has; fits an int. */
#define FD_DIGITS 9

/*
 * What perf answers once a command has been carried out. It sends the NUL of the string with it;
 * that comes last and is skipped with all else that is no answer.
 */
static const char answer[] = "ack\n";

struct perfctl {
	struct perfctl_report report;
	int ctl, ack; /* ack -1: none */
	bool ours;    /* opened here */
	uint64_t wait_ns;
	unsigned owed;	   /* commands sent whose answers have not come */
	unsigned in_a_row; /* misses */
	size_t matched;	   /* bytes of the answer at hand */
};

/* ---- the option ---- */

/* CTL and ACK as typed. */
struct ends {
	const char *form;
	char ctl[PATH_MAX], ack[PATH_MAX];
	bool has_ack;
};

static int bad_form(const char *value, struct vrb_err *err)
{
	return vrb_fail(err, EINVAL, OPTION " '%.200s': legal: " FORMS, value);
}

static bool put_end(char *out, const char *text, size_t len)
{
	if (!len || len >= PATH_MAX)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static bool split(const char *value, struct ends *out)
{
	static const char *const forms[] = {FD_FORM, FIFO_FORM};
	const char *comma;
	size_t len;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < ARRAY_SIZE(forms) && !out->form; i++)
		if (!strncmp(value, forms[i], strlen(forms[i])))
			out->form = forms[i];
	if (!out->form)
		return false;
	value += strlen(out->form);
	comma = strchr(value, ',');
	len = comma ? (size_t)(comma - value) : strlen(value);
	out->has_ack = comma != NULL;
	return put_end(out->ctl, value, len) &&
	       (!comma || put_end(out->ack, comma + 1, strlen(comma + 1)));
}

/* @name: "CTL" or "ACK". @unfit: the access mode that will not do. */
static int check_fd(const char *text, const char *name, int unfit, int *out, struct vrb_err *err)
{
	size_t len = strspn(text, "0123456789");
	int fd, flags;

	if (text[len] || len > FD_DIGITS)
		return vrb_fail(err, EINVAL,
				OPTION " " FD_FORM " %s '%.100s' is no descriptor; legal: its "
				       "number",
				name, text);
	fd = (int)strtol(text, NULL, 10);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return vrb_fail(err, EINVAL,
				OPTION " " FD_FORM " %s %d is not open in this program; legal: "
				       "one that the shell opened, as with \"exec %d<>FIFO\"",
				name, fd, fd);
	if ((flags & O_ACCMODE) == unfit)
		return vrb_fail(err, EINVAL,
				OPTION " " FD_FORM " %s %d is open for %s only; legal: one that "
				       "can be %s",
				name, fd, unfit == O_RDONLY ? "reading" : "writing",
				unfit == O_RDONLY ? "written" : "read");
	*out = fd;
	return 0;
}

static int check_fifo(const char *path, const char *name, char *out, struct vrb_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return vrb_fail(err, EINVAL,
				OPTION " " FIFO_FORM " %s '%.200s': %s; legal: what mkfifo made",
				name, path, strerror(errno));
	if (!S_ISFIFO(st.st_mode))
		return vrb_fail(err, EINVAL,
				OPTION " " FIFO_FORM " %s '%.200s' is no fifo; legal: what mkfifo "
				       "made",
				name, path);
	memcpy(out, path, strlen(path) + 1);
	return 0;
}

int perfctl_parse(const char *value, struct perfctl_conf *out, struct vrb_err *err)
{
	struct ends ends;
	int ret;

	*out = (struct perfctl_conf){.ctl_fd = -1, .ack_fd = -1};
	if (!split(value, &ends))
		return bad_form(value, err);
	if (ends.has_ack && !strcmp(ends.ctl, ends.ack))
		return vrb_fail(err, EINVAL,
				OPTION " '%.200s': commands would come back as answers; legal: two "
				       "different ones",
				value);
	if (!strcmp(ends.form, FD_FORM)) {
		ret = check_fd(ends.ctl, "CTL", O_RDONLY, &out->ctl_fd, err);
		if (!ret && ends.has_ack)
			ret = check_fd(ends.ack, "ACK", O_WRONLY, &out->ack_fd, err);
	} else {
		ret = check_fifo(ends.ctl, "CTL", out->ctl_path, err);
		if (!ret && ends.has_ack)
			ret = check_fifo(ends.ack, "ACK", out->ack_path, err);
	}
	out->on = !ret;
	return ret;
}

/* ---- the conversation ---- */

/* Wait for a descriptor. Returns what poll() says of it; 0: the time is over. */
static short ready(int fd, short events, uint64_t until_ns)
{
	struct pollfd p = {.fd = fd, .events = events};
	int ret;

	do {
		uint64_t now = now_ns();
		/* rounded up, so that nobody spins through the last millisecond */
		uint64_t left = now < until_ns ? (until_ns - now + 999999) / 1000000 : 0;

		ret = poll(&p, 1, (int)left);
	} while (ret < 0 && errno == EINTR);
	return ret > 0 ? p.revents : 0;
}

/* Read what is there, and note the answers in it. Returns false at the end of the file. */
static bool read_answers(struct perfctl *p)
{
	char buf[64];
	ssize_t got = read(p->ack, buf, sizeof(buf));

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	for (ssize_t i = 0; i < got; i++) {
		p->matched = buf[i] == answer[p->matched] ? p->matched + 1 : buf[i] == answer[0];
		if (p->matched < strlen(answer))
			continue;
		p->matched = 0;
		p->owed -= p->owed > 0;
	}
	return got > 0;
}

/* Take in what came too late, so that little is left to tell apart afterwards. */
static void drain(struct perfctl *p, uint64_t until_ns)
{
	while (now_ns() < until_ns && ready(p->ack, POLLIN, 0) & POLLIN)
		if (!read_answers(p))
			return;
}

/* Returns NULL, or why the command did not get to anybody. */
static const char *send_command(struct perfctl *p, const char *word, uint64_t until_ns)
{
	char line[16];
	int len = snprintf(line, sizeof(line), "%s\n", word);
	ssize_t put;

	/* a pipe that is full would hold up the run for ever */
	if (!ready(p->ctl, POLLOUT, until_ns))
		return "nobody reads the commands";
	put = write(p->ctl, line, (size_t)len);
	if (put == len)
		return NULL;
	if (put >= 0)
		return "half a command was taken";
	return errno == EPIPE ? "nobody reads the commands any more" : strerror(errno);
}

/*
 * perf answers each command once and in order, so the answer to the last one is there when none
 * is owed: a late answer to an earlier one cannot stand for it.
 */
static const char *await_answer(struct perfctl *p, uint64_t until_ns)
{
	while (p->owed) {
		if (now_ns() >= until_ns || !ready(p->ack, POLLIN, until_ns))
			return "no answer in time";
		if (!read_answers(p))
			return "the other end of ACK is closed";
	}
	return NULL;
}

static const char *exchange(struct perfctl *p, const char *word)
{
	uint64_t until_ns = now_ns() + p->wait_ns;
	const char *why;

	if (p->ack >= 0)
		drain(p, until_ns);
	why = send_command(p, word, until_ns);
	if (why || p->ack < 0)
		return why;
	p->owed++;
	return await_answer(p, until_ns);
}

static void command(struct perfctl *p, const char *word)
{
	struct perfctl_report *r = &p->report;
	const char *why;

	if (r->gave_up)
		return;
	r->commands++;
	why = exchange(p, word);
	if (!why) {
		p->in_a_row = 0;
		return;
	}
	if (!r->missed++)
		snprintf(r->first_miss, sizeof(r->first_miss), "\"%s\": %s (waited for %u ms)",
			 word, why, (unsigned)(p->wait_ns / 1000000));
	r->gave_up = ++p->in_a_row >= PERFCTL_MISSES;
}

void perfctl_enable(struct perfctl *p)
{
	command(p, "enable");
}

void perfctl_disable(struct perfctl *p)
{
	command(p, "disable");
}

const struct perfctl_report *perfctl_report(const struct perfctl *p)
{
	return &p->report;
}

/* ---- opening ---- */

static int open_fifos(struct perfctl *p, const struct perfctl_conf *conf, struct vrb_err *err)
{
	p->ours = true;
	p->ctl = open(conf->ctl_path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (p->ctl < 0 && errno == ENXIO)
		return vrb_fail(err, ENXIO,
				OPTION " " FIFO_FORM "%.200s: nobody reads it; start perf first, "
				       "with --control " FIFO_FORM "%.200s",
				conf->ctl_path, conf->ctl_path);
	if (p->ctl < 0)
		return vrb_fail(err, errno, OPTION " " FIFO_FORM ": CTL '%.200s': %s",
				conf->ctl_path, strerror(errno));
	if (!conf->ack_path[0])
		return 0;
	p->ack = open(conf->ack_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (p->ack < 0)
		return vrb_fail(err, errno, OPTION " " FIFO_FORM ": ACK '%.200s': %s",
				conf->ack_path, strerror(errno));
	return 0;
}

int perfctl_open(struct perfctl **out, const struct perfctl_conf *conf, struct vrb_err *err)
{
	struct perfctl *p = calloc(1, sizeof(*p));
	int ret = 0;

	*out = NULL;
	if (!p)
		return vrb_fail(err, ENOMEM, "no memory to speak with perf");
	p->ctl = conf->ctl_fd;
	p->ack = conf->ack_fd;
	p->wait_ns = (uint64_t)(conf->ack_ms ? conf->ack_ms : PERFCTL_ACK_MS) * 1000000;
	if (conf->ctl_path[0])
		ret = open_fifos(p, conf, err);
	if (ret) {
		perfctl_close(p);
		return ret;
	}
	/* a perf that ended is a missing answer, not our end */
	signal(SIGPIPE, SIG_IGN);
	*out = p;
	return 0;
}

void perfctl_close(struct perfctl *p)
{
	if (!p)
		return;
	if (p->ours && p->ctl >= 0)
		close(p->ctl);
	if (p->ours && p->ack >= 0)
		close(p->ack);
	free(p);
}
