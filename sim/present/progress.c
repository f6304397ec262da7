/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * progress.c - how far a run is: a bar on a terminal, a line now and then elsewhere.
 */
#include "present/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 16

/* A terminal emulator takes CPU time, too: not more often than the eye can follow. */
#define REDRAW_NS 100000000ull
#define RETELL_NS 10000000000ull

static int terminal_width(FILE *out)
{
	struct winsize w;

	if (!ioctl(fileno(out), TIOCGWINSZ, &w) && w.ws_col >= 20 && w.ws_col < 500)
		return w.ws_col;
	return 80;
}

static unsigned percent(const struct progress *p)
{
	return p->total ? (unsigned)(100 * p->done / p->total) : 100;
}

/* "12 s left", which a time limit cuts, or nothing while it cannot be known. */
static void time_left(const struct progress *p, uint64_t now, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!p->done || p->done > p->total)
		return;
	double spent = (double)(now - p->began_ns) / 1e9;
	double left = spent * (double)(p->total - p->done) / (double)p->done;

	if (p->limit_s > 0 && spent >= p->limit_s) {
		snprintf(buf, size, "time is up");
		return;
	}
	if (p->limit_s > 0)
		left = fmin(left, p->limit_s - spent);
	if (left >= 90)
		snprintf(buf, size, "%.0f min left", left / 60);
	else
		snprintf(buf, size, "%.0f s left", left);
}

static void draw_bar(struct progress *p, uint64_t now, const char *what)
{
	char bar[BAR_CELLS + 1], left[32], line[512];
	size_t full = p->total ? (size_t)(BAR_CELLS * p->done / p->total) : BAR_CELLS;

	for (size_t i = 0; i < BAR_CELLS; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_CELLS] = '\0';
	time_left(p, now, left, sizeof(left));
	snprintf(line, sizeof(line), "[%s] %3u %%  %-11s  %s", bar, percent(p), left, what);
	/* Padded to the width, which wipes the line before; one short, or it would wrap. */
	fprintf(p->out, "\r%-*.*s", p->width - 1, p->width - 1, line);
	fflush(p->out);
}

void progress_begin(struct progress *p, FILE *out, uint64_t total, double limit_s)
{
	memset(p, 0, sizeof(*p));
	p->out = out;
	p->total = total;
	p->limit_s = limit_s;
	p->began_ns = p->told_ns = now_ns();
	if (!out)
		return;
	p->terminal = fileno(out) >= 0 && isatty(fileno(out));
	p->width = p->terminal ? terminal_width(out) : 80;
	if (p->terminal)
		draw_bar(p, p->began_ns, "");
	else
		fprintf(out, "measuring: %" PRIu64 " samples\n", total);
	fflush(out);
}

void progress_step(struct progress *p, uint64_t done, const char *what)
{
	uint64_t now = now_ns();

	p->done = done < p->total ? done : p->total;
	if (!p->out)
		return;
	if (now - p->told_ns < (p->terminal ? REDRAW_NS : RETELL_NS))
		return;
	p->told_ns = now;
	if (p->terminal) {
		draw_bar(p, now, what);
		return;
	}
	char left[32];

	time_left(p, now, left, sizeof(left));
	fprintf(p->out, "%" PRIu64 " of %" PRIu64 " (%u %%)%s%s%s%s\n", p->done, p->total,
		percent(p), *left ? ", " : "", left, *what ? ", next: " : "", what);
	fflush(p->out);
}

void progress_end(struct progress *p)
{
	if (!p->out)
		return;
	if (p->terminal)
		fprintf(p->out, "\r%*s\r", p->width - 1, "");
	else
		fprintf(p->out, "%" PRIu64 " of %" PRIu64 " samples in %.1f s\n", p->done, p->total,
			(double)(now_ns() - p->began_ns) / 1e9);
	fflush(p->out);
}
