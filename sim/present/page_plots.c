/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page_plots.c - the plots of a session as parts of its page.
 */
#include "present/page.h"
#include "present/report.h"
#include "present/svg.h"
#include "signals.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger plots than this nobody wants in a page. */
#define SVG_MAX ((off_t)64 << 20)

struct put {
	FILE *out;
	const char *id;
	unsigned n; /* plots so far: of one kind there may be several */
	struct vrb_err *err;
	int rc;
};

/* A whole file, to be freed. NULL: errno says why. */
static char *read_whole(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	struct stat st;
	size_t size = 0;

	if (!f)
		return NULL;
	if (!fstat(fileno(f), &st) && st.st_size > SVG_MAX) {
		errno = EFBIG;
	} else if (getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

static void put_plot(void *arg, const char *name, const char *path)
{
	struct put *p = arg;
	char title[256], prefix[96];
	char *svg = read_whole(path);
	char *plot = NULL;
	size_t size;
	FILE *into = svg ? open_memstream(&plot, &size) : NULL;

	if (!into) {
		p->rc = vrb_fail(p->err, errno, "the plot '%s' is not shown: %s", name,
				 strerror(errno));
		free(svg);
		return;
	}
	svg_title(svg, title, sizeof(title));
	snprintf(prefix, sizeof(prefix), "%s-%s-%u-", p->id, name, p->n++);

	/* all of it or nothing: half a plot would take the rest of the page with it */
	const int rc = svg_inline(into, svg, prefix, *title ? title : name, p->err);

	if (fclose(into))
		p->rc = vrb_fail(p->err, ENOMEM, "out of memory");
	else if (rc)
		p->rc = rc;
	else
		fprintf(p->out, "<figure class=\"wide\" tabindex=\"0\">\n%s</figure>\n", plot);
	free(plot);
	free(svg);
}

/* The folder has nothing but plots in it. */
static void remove_folder(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

int page_draw(FILE *out, page_draw_fn *draw, const void *of, const char *id, const char *scripts,
	      struct vrb_err *err)
{
	const char *base = getenv("TMPDIR");
	char dir[PATH_MAX];
	struct put put = {out, id, 0, err, 0};
	sigset_t before;
	int rc;

	signals_hold(&before); /* until the folder is gone */

	snprintf(dir, sizeof(dir), "%.*s/vringbench-report-XXXXXX", PATH_MAX - 64,
		 base && *base ? base : "/tmp");
	if (mkdtemp(dir)) {
		rc = draw(of, &(struct plots_to){dir, scripts, put_plot, &put}, err);
		remove_folder(dir);
	} else {
		rc = vrb_fail(err, errno, "no plots: cannot make the folder %.300s: %s", dir,
			      strerror(errno));
	}
	signals_let(&before);
	return rc ? rc : put.rc;
}

static int draw_session(const void *of, const struct plots_to *to, struct vrb_err *err)
{
	const struct loaded *session = of;

	return report_plots(&session->session, &session->summary, to, err);
}

int page_plots(FILE *out, const struct loaded *of, const char *id, const char *scripts,
	       struct vrb_err *err)
{
	return page_draw(out, draw_session, of, id, scripts, err);
}
