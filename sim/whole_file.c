/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * whole_file.c - a file that gets its name when it is whole.
 */
#include "whole_file.h"

#include "signals.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const struct whole_file *f, const char *path, int code, const char *why,
		  struct vrb_err *err)
{
	return vrb_fail(err, code, "cannot write %s %.400s: %s", f->kind->what, path,
			why ? why : strerror(code));
}

/* Does it begin as files of this kind do? So does an empty one. Returns 0, -EEXIST: it does not, or another -errno. */
static int look(const struct whole_kind *kind, int fd)
{
	char start[WHOLE_KIND_BYTES + 1];
	const size_t begins = strlen(kind->begins);
	const ssize_t n = pread(fd, start, WHOLE_KIND_BYTES, 0);

	if (n <= 0)
		return n ? -errno : 0;
	start[n] = '\0';
	if ((size_t)n < begins || memcmp(start, kind->begins, begins) != 0)
		return -EEXIST;
	return !kind->has || strstr(start, kind->has) ? 0 : -EEXIST;
}

/* Of a plain file. */
static int may_replace(const struct whole_file *f, const char *path, struct vrb_err *err)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const int rc = fd < 0 ? -errno : look(f->kind, fd);

	if (fd >= 0)
		close(fd);
	return rc ? cannot(f, path, -rc,
			   rc == -EEXIST
				   ? "the file that is there is of another kind; legal: another "
				     "name, or remove it first"
				   : NULL,
			   err)
		  : 0;
}

int whole_may_replace(const struct whole_kind *kind, const char *path, struct vrb_err *err)
{
	const struct whole_file f = {.kind = kind};
	struct stat st;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	return may_replace(&f, path, err);
}

/* Where the file is to be, into f->path. */
static int resolve(struct whole_file *f, const char *path, struct vrb_err *err)
{
	const size_t len = strlen(path);
	struct stat st;

	if (len == 0)
		return cannot(f, "''", EINVAL, "the name is empty", err);
	if (!strcmp(path, "-"))
		return cannot(f, path, EINVAL,
			      "not standard output but a file, and ./- is one of that name", err);
	if (len >= sizeof(f->path))
		return cannot(f, path, ENAMETOOLONG, NULL, err);
	memcpy(f->path, path, len + 1);
	if (stat(path, &st)) {
		if (errno == ENOENT && path[len - 1] != '/')
			return 0;
		return cannot(f, path, errno == ENOENT ? EISDIR : errno, NULL, err);
	}
	if (!S_ISREG(st.st_mode))
		return cannot(f, path, S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
			      "it is not a plain file", err);
	/* as /dev/stdout: the rename would take what is printed away */
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat out;

		if (!fstat(fd, &out) && out.st_dev == st.st_dev && out.st_ino == st.st_ino)
			return cannot(f, path, EINVAL, "what is printed goes there", err);
	}
	if (access(path, W_OK) || !realpath(path, f->path))
		return cannot(f, path, errno, NULL, err);
	return may_replace(f, path, err);
}

int whole_open(struct whole_file *f, const struct whole_kind *kind, const char *path,
	       struct vrb_err *err)
{
	char copy[PATH_MAX];
	const char *dir;
	int rc;

	f->kind = kind;
	f->fd = -1;
	rc = resolve(f, path, err);
	if (rc)
		return rc;
	memcpy(copy, f->path, sizeof(copy));
	dir = dirname(copy);
	/* not mkstemp(): its files are 0600, and these are for others to read, too */
	for (unsigned tries = 0; f->fd < 0 && tries < 256; tries++) {
		if (snprintf(f->temp, sizeof(f->temp), "%s/.vringbench-%ld-%u.tmp", dir,
			     (long)getpid(), tries) >= (int)sizeof(f->temp))
			return cannot(f, path, ENAMETOOLONG, NULL, err);
		f->fd = open(f->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (f->fd < 0 && errno != EEXIST)
			break;
	}
	return f->fd < 0 ? cannot(f, path, errno, NULL, err) : 0;
}

/* The rename is not safe on disk before its folder is. Some file systems cannot; no error. */
static void sync_folder(const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

int whole_close(struct whole_file *f, int code, struct vrb_err *err)
{
	assert((code || look(f->kind, f->fd) != -EEXIST) && "its kind says how it begins");
	if (!code && fsync(f->fd) && errno != EINVAL)
		code = errno;
	if (close(f->fd) && !code)
		code = errno;
	if (!code && rename(f->temp, f->path))
		code = errno;
	if (code) {
		unlink(f->temp);
		return cannot(f, f->path, code, NULL, err);
	}
	sync_folder(f->path);
	return 0;
}

void whole_abandon(struct whole_file *f)
{
	close(f->fd);
	unlink(f->temp);
}

int whole_keep(struct whole_file *f, int code, const char *reader, struct vrb_err *err)
{
	close(f->fd);
	return vrb_fail(err, code,
			"cannot write %s %.150s: %s; what was written is in %.150s, for %s",
			f->kind->what, f->path, strerror(code), f->temp, reader);
}

FILE *whole_stream(const struct whole_file *f)
{
	const int fd = fcntl(f->fd, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool is_same(const char *a, const char *b)
{
	const char *const path[] = {a, b};
	char folder[2][PATH_MAX], name[2][PATH_MAX];
	struct stat st[2];
	unsigned there = 0;

	for (unsigned i = 0; i < 2; i++)
		there += !stat(path[i], &st[i]);
	if (there == 1 || !strcmp(a, "-") || !strcmp(b, "-"))
		return false;
	for (unsigned i = 0; i < 2 && !there; i++) {
		snprintf(folder[i], PATH_MAX, "%s", path[i]);
		snprintf(name[i], PATH_MAX, "%s", path[i]);
		if (stat(dirname(folder[i]), &st[i]))
			return false;
	}
	return st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino &&
	       (there ? S_ISREG(st[0].st_mode) || S_ISDIR(st[0].st_mode)
		      : !strcmp(basename(name[0]), basename(name[1])));
}

int whole_apart(const char *option, const char *path, const char *other, const char *const *others,
		size_t n, struct vrb_err *err)
{
	for (size_t i = 0; path && i < n; i++)
		if (others[i] && is_same(path, others[i]))
			return vrb_fail(err, EINVAL,
					"%s %.160s: %s %.160s is the same file; legal: another one",
					option, path, other, others[i]);
	return 0;
}

/* A folder is refused as whole_open() has it. */
static bool is_plain(const char *path)
{
	struct stat st;

	return stat(path, &st) || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

int whole_may_write(const struct whole_kind *kind, const char *path, struct vrb_err *err)
{
	struct whole_file file;
	sigset_t before;
	int rc;

	signals_hold(&before);
	rc = whole_open(&file, kind, path, err);
	if (!rc)
		whole_abandon(&file);
	signals_let(&before);
	return rc;
}

/* A plain file with that in it. */
static int write_plain(const struct whole_kind *kind, const char *path, const char *text, size_t n,
		       struct vrb_err *err)
{
	struct whole_file file;
	sigset_t before;
	int rc;

	signals_hold(&before);
	rc = whole_open(&file, kind, path, err);
	if (!rc) {
		int code = 0;

		while (n && !code) {
			const ssize_t done = write(file.fd, text, n);

			code = done < 0 ? errno : 0;
			text += done < 0 ? 0 : done;
			n -= (size_t)(done < 0 ? 0 : done);
		}
		rc = whole_close(&file, code, err);
	}
	signals_let(&before);
	return rc;
}

int whole_write(const struct whole_kind *kind, const char *path, whole_fn *put, void *arg,
		struct vrb_err *err)
{
	const struct whole_file file = {.kind = kind};
	struct vrb_err why = {""};
	char *text = NULL;
	size_t size = 0;
	int rc = 0;

	if (!strcmp(path, "-"))
		return put(stdout, arg, err);
	const bool plain = is_plain(path);

	/* what takes its time is not begun for nothing, and has no temporary name while it goes on */
	if (plain)
		rc = whole_may_write(kind, path, err);
	if (rc)
		return rc;
	FILE *out = plain ? open_memstream(&text, &size) : fopen(path, "we");

	rc = out ? put(out, arg, &why) : -errno;
	if (out && !rc && (fflush(out) || ferror(out)))
		rc = errno ? -errno : -EIO;
	if (out && fclose(out) && !rc)
		rc = -errno;
	if (plain && !rc)
		rc = write_plain(kind, path, text, size, &why);
	free(text);
	if (rc && *why.msg)
		return vrb_fail(err, -rc, "%s", why.msg);
	return rc ? cannot(&file, path, -rc, NULL, err) : 0;
}
