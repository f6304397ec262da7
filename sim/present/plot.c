/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot.c - the plots of a session: data and words to gnuplot, which draws them.
 *
 * What is drawn how stands in scripts/gnuplot. No shell is in between: gnuplot gets one
 * script on its standard input, which carries the data as a data block, and runs in the
 * folder of the plots.
 */
#include "analysis/ab.h"
#include "analysis/sweep_rows.h"
#include "analysis/trends.h"
#include "installed.h"
#include "present/plot_data.h"
#include "present/report.h"
#include "signals.h"
#include "whole_file.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One plot: how its files end, and what writes its data. */
struct plot {
	const char *name;
	enum plot_kind kind;
	void (*data)(FILE *out, const struct plot_set *set);
	bool (*there)(const struct session *s); /* has the session it? NULL: always */
};

static const struct plot plots[SESSION_KINDS][8] = {
	[SESSION_RUN] = {{"ns", PLOT_NS, plot_ns_data, NULL},
			 {"beside", PLOT_NS, plot_beside_data, plot_has_lines},
			 {"ratio", PLOT_RATIO, plot_ratio_data, NULL},
			 {"effects", PLOT_OTHER, plot_effects_data, plot_has_effects},
			 {"shares", PLOT_OTHER, plot_shares_data, plot_has_shares},
			 {"pairs", PLOT_OTHER, plot_pairs_data, plot_has_pairs},
			 {"samples", PLOT_SAMPLES, plot_samples_data, NULL}},
	[SESSION_MODEL] = {{"transfers", PLOT_TRANSFERS, plot_transfers_data, NULL}},
	[SESSION_PREDICTED] = {{"predict", PLOT_OWN_FRAME, plot_predict_data, NULL}},
	[SESSION_PROFILE] = {{"profile", PLOT_OTHER, plot_profile_data, NULL}},
	[SESSION_LATENCY] = {{"latency", PLOT_OTHER, plot_latency_data, NULL}},
	[SESSION_PERF_STAT] = {{"perf-stat", PLOT_OTHER, plot_perf_stat_data, NULL}},
	[SESSION_EXPLORE] = {{"front", PLOT_OWN_FRAME, plot_front_data, NULL},
			     {"counted", PLOT_OWN_FRAME, plot_counted_data, plot_has_counted},
			     {"way", PLOT_OWN_FRAME, plot_way_data, plot_has_way}},
	[SESSION_SWEEP] = {{"curves", PLOT_OWN_FRAME, plot_curves_data, NULL},
			   {"heat", PLOT_OWN_FRAME, plot_heat_data, plot_has_heat}},
};

/* Of two sessions; of a history, each series and, under this stem, all. */
#define COMPARISON "compare"
#define TREND	   "trend"
#define HISTORY	   "history"

/* A page shows the first of them alone. */
static const char *const formats[] = {"svg", "png"};

static const struct whole_kind kinds[] = {
	{"the plot", "<?xml ", "GNUPLOT"},
	{"the plot", "\x89PNG\r\n\x1a\n", NULL},
};
_Static_assert(ARRAY_SIZE(kinds) == ARRAY_SIZE(formats), "each format is a kind of file");

/* What is being drawn: where to, with which gnuplot files, and in how many formats. */
struct drawing {
	const struct plots_to *to;
	char scripts[PATH_MAX];
	size_t nformats;
};

/* The gnuplot files and the folder are there, or @err says why not. */
static int begin_drawing(struct drawing *d, const struct plots_to *to, struct vrb_err *err)
{
	char tried[PATH_MAX];

	d->to = to;
	d->nformats = to->each ? 1 : ARRAY_SIZE(formats);
	if (!to->scripts) {
		if (installed_dir("scripts/gnuplot", "gnuplot", "style.gp", d->scripts))
			return vrb_fail(err, ENOENT,
					"no plots: the gnuplot files are neither in "
					"scripts/gnuplot beside the program nor in "
					"../share/vringbench/gnuplot");
		return vrb_make_dir(to->dir, NULL, err);
	}
	snprintf(tried, sizeof(tried), "%s/style.gp", to->scripts);
	if (access(tried, R_OK) || !realpath(to->scripts, d->scripts))
		return vrb_fail(err, ENOENT, "no plots: %.300s has no gnuplot files of vringbench",
				to->scripts);
	return vrb_make_dir(to->dir, NULL, err);
}

/* "dir/abc.jsonl" -> "abc". */
static void stem_of(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');

	snprintf(out, size, "%s", slash ? slash + 1 : path);
	char *dot = strrchr(out, '.');

	if (dot && dot != out)
		*dot = '\0';
}

/* A file in memory, to be closed. NULL: errno says why. */
static FILE *memory_file(void)
{
	const int fd = memfd_create("vringbench-plot", MFD_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!out && fd >= 0)
		close(fd);
	return out;
}

/* The first line of what gnuplot complained about; it draws a caret below it first. */
static void first_complaint(int fd, char *buf, size_t size)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	snprintf(buf, size, "no reason given");
	for (char *save, *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " \t^");
		if (strstr(line, "line ") || strstr(line, "annot") || strstr(line, "error")) {
			snprintf(buf, size, "%s", line);
			return;
		}
	}
}

/* The environment without what would change how gnuplot draws. NULL: out of memory. */
static char **plain_environment(void)
{
	static const char *const unset[] = {"GNUTERM=", "GNUPLOT_", "GNUFITLOG=", "GNUHELP="};
	size_t n = 0, kept = 0;

	while (environ[n])
		n++;
	char **out = calloc(n + 1, sizeof(*out));

	for (size_t i = 0; out && i < n; i++) {
		bool drop = false;

		for (size_t k = 0; k < ARRAY_SIZE(unset); k++)
			drop |= !strncmp(environ[i], unset[k], strlen(unset[k]));
		if (!drop)
			out[kept++] = environ[i];
	}
	return out;
}

static int interrupted(struct vrb_err *err)
{
	return vrb_fail(err, EINTR, "no plots: interrupted");
}

/* Between two looks at a running gnuplot. */
#define GNUPLOT_LOOK_NS 2000000

/* Run gnuplot on a script. Signals are held. */
static int run_gnuplot(int script, const char *dir, struct vrb_err *err)
{
	/* -d: the user's own start-up files must not change the plots */
	char *const argv[] = {"gnuplot", "-d", NULL};
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t none;
	FILE *complaints = memory_file();
	int status = 0, code, rc = 0;
	pid_t pid;

	if (!complaints)
		return vrb_fail(err, errno, "cannot run gnuplot: %s", strerror(errno));
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, script, 0);
	posix_spawn_file_actions_adddup2(&act, fileno(complaints), 1);
	posix_spawn_file_actions_adddup2(&act, fileno(complaints), 2);
	posix_spawn_file_actions_addchdir_np(&act, dir);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	char **env = plain_environment();

	code = env ? posix_spawnp(&pid, argv[0], &act, &attr, argv, env) : ENOMEM;
	free(env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&act);
	/* the signal that ends us may not have been for gnuplot */
	while (!code && waitpid(pid, &status, WNOHANG) == 0) {
		if (signals_waiting())
			kill(pid, SIGTERM);
		nanosleep(&(struct timespec){.tv_nsec = GNUPLOT_LOOK_NS}, NULL);
	}
	/* POSIX lets the child say so, and qemu-user does; a loader that has no memory says more */
	if (!code && WIFEXITED(status) && WEXITSTATUS(status) == 127 &&
	    !lseek(fileno(complaints), 0, SEEK_END))
		code = ENOENT;
	if (code) {
		rc = vrb_fail(err, code, "no plots: gnuplot cannot be run (%s)%s", strerror(code),
			      code == ENOENT ? "; install gnuplot-nox" : "");
	} else if (signals_waiting()) {
		rc = interrupted(err);
	} else if (WIFSIGNALED(status)) {
		rc = vrb_fail(err, EIO, "gnuplot -d in %.150s was ended by signal %d", dir,
			      WTERMSIG(status));
	} else if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		char why[256];

		first_complaint(fileno(complaints), why, sizeof(why));
		rc = vrb_fail(err, EIO, "gnuplot -d in %.150s failed: %s", dir, why);
	}
	fclose(complaints);
	return rc;
}

/* The name that files of a stem are drawn under. */
static void hidden_stem(const char *stem, char *out, size_t size)
{
	snprintf(out, size, ".%s.%ld", stem, (long)getpid());
}

/* A script, with where its files are and go: the data come next. NULL: @err says why. */
static FILE *begin_script(const struct drawing *d, const char *name, const char *stem,
			  struct vrb_err *err)
{
	char hidden[NAME_MAX + 16];
	FILE *out = memory_file();

	if (!out) {
		vrb_fail(err, errno, "no plots: %s", strerror(errno));
		return NULL;
	}
	hidden_stem(stem, hidden, sizeof(hidden));
	plot_put_string(out, "SCRIPTS", "%s", d->scripts);
	/* "./": a name may begin with |, a command to gnuplot */
	plot_put_string(out, "STEM", "./%s-%s", hidden, name);
	return out;
}

static void file_of(char *out, size_t size, const char *dir, const char *stem, const char *name,
		    size_t format)
{
	snprintf(out, size, "%s/%s-%s.%s", dir, stem, name, formats[format]);
}

/* Each file of a plot is new, or a plot. All are looked at before the first is drawn. */
static int may_draw(const char *dir, const char *stem, const char *name, struct vrb_err *err)
{
	char file[PATH_MAX + 16];
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(formats); i++) {
		file_of(file, sizeof(file), dir, stem, name, i);
		rc = whole_may_replace(&kinds[i], file, err);
	}
	return rc;
}

int report_may_plot(const char *session, const char *dir, struct vrb_err *err)
{
	char stem[NAME_MAX + 1];

	stem_of(session, stem, sizeof(stem));
	for (size_t k = 0; k < SESSION_KINDS; k++) {
		for (const struct plot *pic = plots[k]; pic->name; pic++) {
			const int rc = may_draw(dir, stem, pic->name, err);

			if (rc)
				return rc;
		}
	}
	return may_draw(dir, stem, COMPARISON, err);
}

/*
 * The files of one plot, drawn under another name and renamed when all are there: what an
 * earlier run left stays until then, and cannot pass for new. Takes the script.
 */
static int draw_script(FILE *script, const char *name, const char *stem, const struct drawing *d,
		       struct vrb_err *err)
{
	char drawn[PATH_MAX + 16], files[ARRAY_SIZE(formats)][PATH_MAX + 16];
	const char *dir = d->to->dir;
	char temp[NAME_MAX + 16];
	sigset_t before;
	int rc = 0;

	signals_hold(&before); /* until no file has a hidden name */
	if (signals_waiting())
		rc = interrupted(err);

	for (size_t i = 0; i < d->nformats && i < ARRAY_SIZE(formats); i++) {
		plot_put_string(script, "FORMAT", "%s", formats[i]);
		fprintf(script, "load SCRIPTS.'/%s.gp'\nreset\n", name);
	}
	hidden_stem(stem, temp, sizeof(temp));
	if (!rc && (fflush(script) || lseek(fileno(script), 0, SEEK_SET)))
		rc = vrb_fail(err, errno, "no plots: %s", strerror(errno));
	/* the name that it is drawn under is longer */
	if (!rc && strlen(dir) + strlen(temp) + strlen(name) + 8 > PATH_MAX)
		rc = vrb_fail(err, ENAMETOOLONG, "no plots: %.200s/%.200s is too long", dir, stem);
	if (!rc)
		rc = run_gnuplot(fileno(script), dir, err);
	fclose(script);
	/* all must be there before the first is renamed */
	for (size_t k = 0; k < 2 * d->nformats; k++) {
		const size_t i = k % d->nformats;
		const bool check = k < d->nformats;
		struct stat st;

		file_of(drawn, sizeof(drawn), dir, temp, name, i);
		file_of(files[i], sizeof(files[i]), dir, stem, name, i);
		if (!rc && check && (stat(drawn, &st) || st.st_size == 0))
			rc = vrb_fail(err, EIO, "gnuplot -d wrote nothing into %.300s", drawn);
		if (!rc && !check && rename(drawn, files[i]))
			rc = vrb_fail(err, errno, "cannot write %.300s: %s", files[i],
				      strerror(errno));
		if (rc)
			unlink(drawn);
	}
	signals_let(&before);
	if (!rc && d->to->each)
		d->to->each(d->to->arg, name, files[0]);
	return rc;
}

static int draw_comparison(const struct comparison *c, double margin, const struct drawing *d,
			   struct vrb_err *err)
{
	char stem[NAME_MAX + 1];

	stem_of(c->after->path, stem, sizeof(stem));
	FILE *script = begin_script(d, COMPARISON, stem, err);

	if (!script)
		return -EIO;
	if (plot_comparison_data(script, c, margin))
		return draw_script(script, COMPARISON, stem, d, err);
	fclose(script);
	return 0;
}

/* Of a session of `ab`, its only plot. */
static int draw_ab(const struct session *s, const struct drawing *d, struct vrb_err *err)
{
	struct compared c;
	int rc = ab_again(&c, s, err);

	if (!rc)
		rc = draw_comparison(&c.v[0], c.margin, d, err);
	compare_free(&c);
	return rc;
}

int report_plots(const struct session *s, const struct summary *sum, const struct plots_to *to,
		 struct vrb_err *err)
{
	const enum session_kind kind = session_kind(s);
	char stem[NAME_MAX + 1];
	struct drawing d;
	struct plot_set set;
	int rc;

	if (!plots[kind]->name && kind != SESSION_AB)
		return vrb_fail(err, ENODATA, "no plots: %.300s: a session of %s has no plots",
				s->path, head_string(s, NULL, "engine"));
	if (!s->ncells)
		return vrb_fail(err, ENODATA, "no plots: %.300s has no cells", s->path);
	if (kind == SESSION_PREDICTED && !s->npredictions)
		return vrb_fail(err, ENODATA, "no plots: %.300s has no predictions", s->path);
	if (kind == SESSION_LATENCY && !s->ntimed)
		return vrb_fail(err, ENODATA,
				"no plots: %.300s has no times of buffers that could be used",
				s->path);
	rc = begin_drawing(&d, to, err);
	if (!rc)
		rc = report_may_plot(s->path, to->dir, err);
	if (rc)
		return rc;
	if (kind == SESSION_AB)
		return draw_ab(s, &d, err);
	stem_of(s->path, stem, sizeof(stem));
	plot_set_make(&set, s, sum);
	for (const struct plot *pic = plots[kind]; !rc && pic->name; pic++) {
		if (pic->there && !pic->there(s))
			continue;
		FILE *script = begin_script(&d, pic->name, stem, err);

		if (!script)
			return -EIO;
		plot_set_choose(&set, pic->kind);
		if (pic->kind != PLOT_OWN_FRAME)
			plot_put_frame(script, &set);
		pic->data(script, &set);
		rc = draw_script(script, pic->name, stem, &d, err);
	}
	return rc;
}

int report_comparison_plots(const struct compared *c, const struct plots_to *to,
			    struct vrb_err *err)
{
	char stem[NAME_MAX + 1];
	struct drawing d;
	int rc = begin_drawing(&d, to, err);

	for (unsigned i = 0; !rc && i < c->n; i++) {
		stem_of(c->v[i].after->path, stem, sizeof(stem));
		rc = may_draw(to->dir, stem, COMPARISON, err);
	}
	for (unsigned i = 0; !rc && i < c->n; i++)
		rc = draw_comparison(&c->v[i], c->margin, &d, err);
	return rc;
}

/* "fixed-layout-rx-256-32-0-near", with what else tells it from the others. */
static void trend_stem(const struct trends *t, const struct trend *of, char *out, size_t size)
{
	char burst[BURST_WORDS];

	snprintf(out, size, "%s-%s-%u-%s-%u", of->cell->variant, direction_name(of->cell->dir),
		 of->cell->ring_size, cell_burst_words(of->cell, burst), of->cell->payload);
	for (unsigned i = 0; i < CELL_PARAMS; i++) {
		if (of->cell->params[i].name)
			text_add(out, size, "-%s-%s", of->cell->params[i].name,
				 of->cell->params[i].value);
	}
	text_add(out, size, "-%s", compare_figure_name(of->figure));
	if (of->place != CLASS_COUNT)
		text_add(out, size, "-%s", place_class_name(of->place));
	if (t->h->ngroups > 1)
		text_add(out, size, "-machine-%u", of->group + 1);
	for (char *c = out; *c; c++)
		*c = *c == ' ' || *c == ':' || *c == '/' ? '-' : *c;
}

static int draw_trends(const struct trends *t, const struct trend *const *v, unsigned n,
		       unsigned left_out, const char *stem, const struct drawing *d,
		       struct vrb_err *err)
{
	FILE *script = begin_script(d, TREND, stem, err);

	if (!script)
		return -EIO;
	plot_trend_data(script, t, v, n, left_out);
	return draw_script(script, TREND, stem, d, err);
}

/*
 * Those that are drawn: with changes first, then times; where there are no times, transfers.
 * Returns how many have no room.
 */
static unsigned choose_trends(const struct trends *t, const struct trend **out, unsigned *n)
{
	unsigned left_out = 0;

	*n = 0;
	for (unsigned changed = 2; changed-- > 0;) {
		for (unsigned i = 0; i < t->n; i++) {
			const struct trend *of = &t->v[i];
			const bool wanted = of->changes || of->figure == COMPARE_NS ||
					    (!t->times && of->figure == COMPARE_TRANSFERS);

			if (!wanted || (of->changes > 0) != changed)
				continue;
			if (*n < PLOT_AXES_MAX)
				out[(*n)++] = of;
			else
				left_out++;
		}
	}
	return left_out;
}

int report_trend_plots(const struct trends *t, const struct plots_to *to, struct vrb_err *err)
{
	const struct trend *chosen[PLOT_AXES_MAX];
	unsigned n, left_out = choose_trends(t, chosen, &n);
	char stem[NAME_MAX - 32];
	struct drawing d;
	int rc = begin_drawing(&d, to, err);

	if (!rc)
		rc = may_draw(to->dir, HISTORY, TREND, err);
	for (unsigned i = 0; !rc && i < n; i++) {
		trend_stem(t, chosen[i], stem, sizeof(stem));
		rc = may_draw(to->dir, stem, TREND, err);
	}
	if (!rc && n)
		rc = draw_trends(t, chosen, n, left_out, HISTORY, &d, err);
	for (unsigned i = 0; !rc && i < n; i++) {
		trend_stem(t, chosen[i], stem, sizeof(stem));
		rc = draw_trends(t, &chosen[i], 1, 0, stem, &d, err);
	}
	return rc;
}
