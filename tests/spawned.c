/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spawned.c - run a command and keep what it said.
 */
#include "spawned.h"
#include "expect.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void spawn_start(struct spawned *s, char *const argv[], const char *cwd)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int rc;

	memset(s, 0, sizeof(*s));
	s->out_fd = memfd_create("stdout", MFD_CLOEXEC);
	s->err_fd = memfd_create("stderr", MFD_CLOEXEC);
	cr_assert(s->out_fd >= 0 && s->err_fd >= 0, "memfd_create: %s", strerror(errno));

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, s->out_fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, s->err_fd, STDERR_FILENO);
	posix_spawn_file_actions_addchdir_np(&files, cwd);

	/* A runner in the background of a shell ignores SIGINT, and that would be inherited. */
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

	rc = posix_spawn(&s->pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	cr_assert_eq(rc, 0, "cannot start %s: %s", argv[0], strerror(rc));
}

static char *read_all(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);
	off_t at = 0;

	cr_assert_not_null(text);
	while (at < size) {
		ssize_t n = pread(fd, text + at, (size_t)(size - at), at);

		if (n <= 0)
			break;
		at += n;
	}
	close(fd);
	return text;
}

void spawn_finish(struct spawned *s)
{
	int status = 0;

	while (waitpid(s->pid, &status, 0) < 0)
		cr_assert_eq(errno, EINTR, "waitpid: %s", strerror(errno));
	s->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	s->out = read_all(s->out_fd);
	s->err = read_all(s->err_fd);
}

void spawn_run(struct spawned *s, char *const argv[], const char *cwd)
{
	spawn_start(s, argv, cwd);
	spawn_finish(s);
}

void spawn_words_start(struct spawned *s, const char *cwd, const char *format, ...)
{
	char *argv[48] = {(char *)spawn_program()}, *words = NULL, *save;
	va_list args;
	size_t n = 1;

	va_start(args, format);
	cr_assert_geq(vasprintf(&words, format, args), 0);
	va_end(args);
	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		cr_assert_lt(n, ARRAY_SIZE(argv) - 1, "too many words");
		argv[n++] = word;
	}
	spawn_start(s, argv, cwd);
	free(words);
}

void spawn_free(struct spawned *s)
{
	free(s->out);
	free(s->err);
}

static const char *absolute(const char *name, const char *fallback)
{
	const char *value = getenv(name);
	char *path = realpath(value ? value : fallback, NULL);

	cr_assert_not_null(path, "%s: no such file: set %s", value ? value : fallback, name);
	return path; /* as long as the test's process */
}

const char *spawn_program(void)
{
	return absolute("VRINGBENCH", "./vringbench");
}

const char *spawn_root(void)
{
	return absolute("VRINGBENCH_ROOT", ".");
}

void temp_dir(char *path)
{
	strcpy(path, "/tmp/vringbench-test-XXXXXX");
	cr_assert_not_null(mkdtemp(path), "mkdtemp: %s", strerror(errno));
}

void temp_dir_put(const char *dir, const char *path, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	for (char *p = full + strlen(dir) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(full, 0700);
	}
	f = fopen(full, "w");
	cr_assert_not_null(f, "%s", full);
	fputs(text, f);
	fclose(f);
}

unsigned temp_dir_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	cr_assert_not_null(dir, "%s: %s", path, strerror(errno));
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void temp_dir_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
