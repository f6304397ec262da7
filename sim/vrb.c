/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vrb.c - how an error is told; the clock.
 */
#include "vrb.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int vrb_fail(struct vrb_err *err, int code, const char *fmt, ...)
{
	if (err) {
		va_list ap;

		va_start(ap, fmt);
		vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
		va_end(ap);
	}
	return -code;
}

enum vrb_exit vrb_complain(const struct vrb_err *err, enum vrb_exit code)
{
	char line[sizeof(err->msg)];

	/* The message quotes what was typed, which may hold a newline or an escape. */
	snprintf(line, sizeof(line), "%s", err->msg);
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	fprintf(stderr, "vringbench: %s\n", line);
	return code;
}

void text_add(char *buf, size_t size, const char *fmt, ...)
{
	const size_t used = strnlen(buf, size);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

void text_wrap(FILE *out, unsigned indent, unsigned width, const char *text)
{
	unsigned column = indent;

	for (const char *word = text; *word;) {
		const unsigned len = (unsigned)strcspn(word, " ");

		if (column > indent && column + 1 + len > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)len, word);
		column += len;
		word += len + strspn(word + len, " ");
	}
	fputc('\n', out);
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

int vrb_make_dir(const char *dir, unsigned *made, struct vrb_err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(dir);
	unsigned n = 0;
	struct stat st;

	if (len == 0 || len >= sizeof(part))
		return vrb_fail(err, len ? ENAMETOOLONG : EINVAL,
				"folder \"%.200s\": not a usable name", dir);
	memcpy(part, dir, len + 1);
	for (char *p = part + 1; p <= part + len; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char saved = *p;

		*p = '\0';
		if (!mkdir(part, 0777)) {
			n++;
		} else if (errno != EEXIST) {
			int code = errno;

			/* A read-only parent that is there already is no obstacle. */
			if (stat(part, &st) || !S_ISDIR(st.st_mode)) {
				vrb_fail(err, code, "cannot make the folder %.300s: %s", part,
					 strerror(code));
				if (n) /* then there is one before this part */
					*strrchr(part, '/') = '\0';
				vrb_unmake_dir(part, n);
				return -code;
			}
		}
		*p = saved;
	}
	if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		return vrb_fail(err, ENOTDIR, "%.300s: it is not a folder", dir);
	if (access(dir, W_OK | X_OK))
		return vrb_fail(err, errno, "cannot write into the folder %.300s: %s", dir,
				strerror(errno));
	if (made)
		*made = n;
	return 0;
}

void vrb_unmake_dir(const char *dir, unsigned made)
{
	char part[PATH_MAX];
	size_t len = strlen(dir);

	if (len >= sizeof(part))
		return;
	memcpy(part, dir, len + 1);
	for (; made; made--) {
		while (len && part[len - 1] == '/')
			part[--len] = '\0';
		if (rmdir(part))
			return;
		while (len && part[len - 1] != '/')
			part[--len] = '\0';
	}
}
