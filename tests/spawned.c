/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spawned.c - run a command and keep what it said.
 */
#include "spawned.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In the child: never returns. @report: closed by a command that begins, or gets an errno. */
static void begin(const struct spawned *s, char *const argv[], const char *cwd, pid_t test,
		  int report)
{
	const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int error;

	/* A test that takes too long is killed: what it has started must not go on for ever. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != test)
		_exit(127);
	setpgid(0, 0);
	/* A runner in the background of a shell ignores SIGINT, and that would be inherited. */
	signal(SIGINT, SIG_DFL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(s->out_fd, STDOUT_FILENO) >= 0 &&
	    dup2(s->err_fd, STDERR_FILENO) >= 0 && chdir(cwd) == 0)
		execv(argv[0], argv);
	error = errno;
	_exit(write(report, &error, sizeof(error)) < 0 ? 126 : 127);
}

void spawn_start(struct spawned *s, char *const argv[], const char *cwd)
{
	const pid_t test = getpid();
	int report[2], error = 0;

	memset(s, 0, sizeof(*s));
	s->out_fd = memfd_create("stdout", MFD_CLOEXEC);
	s->err_fd = memfd_create("stderr", MFD_CLOEXEC);
	cr_assert(s->out_fd >= 0 && s->err_fd >= 0, "memfd_create: %s", strerror(errno));
	cr_assert_eq(pipe2(report, O_CLOEXEC), 0, "pipe2: %s", strerror(errno));

	s->pid = fork();
	cr_assert_geq(s->pid, 0, "fork: %s", strerror(errno));
	if (!s->pid)
		begin(s, argv, cwd, test, report[1]);
	close(report[1]);
	cr_assert_eq(read(report[0], &error, sizeof(error)), 0, "cannot start %s: %s", argv[0],
		     strerror(error));
	close(report[0]);
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

void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* The third and fourth field of /proc/PID/stat, behind a name that may hold anything. */
static pid_t parent_of(const char *pid)
{
	char path[300], line[512] = "";
	const char *at;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	at = strrchr(line, ')');
	return at && strlen(at) > 4 ? (pid_t)atol(at + 4) : -1;
}

pid_t child_of(pid_t parent)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	pid_t found = 0;

	cr_assert_not_null(proc);
	while (!found && (e = readdir(proc))) {
		if (isdigit((unsigned char)e->d_name[0]) && parent_of(e->d_name) == parent)
			found = (pid_t)atol(e->d_name);
	}
	closedir(proc);
	return found;
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
		argv[n++] = strcmp(word, "''") ? word : (char *)"";
	}
	spawn_start(s, argv, cwd);
	free(words);
}

void spawn_free(struct spawned *s)
{
	free(s->out);
	free(s->err);
}

void expect_refused(const char *dir, const char *command, const struct bad_line *bad, size_t n)
{
	const unsigned before = temp_dir_entries(dir);

	for_each (b, bad, n) {
		SPAWNED(s, dir, "%s %s", command, b->line);
		cr_assert_eq(s.code, EXIT_USAGE, "%s: exit %d: %s", b->line, s.code, s.err);
		cr_assert_eq(strchr(s.err, '\n'), s.err + strlen(s.err) - 1, "%s: not one line: %s",
			     b->line, s.err);
		cr_assert_eq(strncmp(s.err, "vringbench: ", 12), 0, "%s: %s", b->line, s.err);
		cr_assert_str_eq(s.out, "", "%s: %s", b->line, s.out);
		for (size_t i = 0; i < ARRAY_SIZE(b->wants) && b->wants[i]; i++)
			cr_assert(strstr(s.err, b->wants[i]), "%s: no '%s' in: %s", b->line,
				  b->wants[i], s.err);
		cr_assert_eq(temp_dir_entries(dir), before, "%s: left something behind", b->line);
	}
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

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	for (char *p = full + strlen(dir) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(full, 0700);
	}
	put_text(full, text);
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

void mount_small(const char *dir, const char *size)
{
	char option[32];

	snprintf(option, sizeof(option), "size=%s", size);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", dir, "tmpfs", 0, option))
		cr_skip_test("cannot mount a small file system here: %s", strerror(errno));
}

char folder[64];

void make_folder(void)
{
	temp_dir(folder);
}

void drop_folder(void)
{
	temp_dir_remove(folder);
}

unsigned files_in_folder(void)
{
	return temp_dir_entries(folder);
}

const char *in_folder(const char *name)
{
	static char path[2][256];
	static unsigned turn;
	char *out = path[turn++ % 2];

	snprintf(out, sizeof(path[0]), "%s/%s", folder, name);
	return out;
}

void put_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f, "%s", path);
	fputs(text, f);
	fclose(f);
}

char *get_text(const char *path)
{
	FILE *f = fopen(path, "r");
	static char text[1 << 20];

	cr_assert_not_null(f, "%s", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

int cpus_allowed(int *cpu, int most)
{
	cpu_set_t set;
	int n = 0;

	cr_assert_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET((size_t)i, &set) && n++ < most)
			cpu[n - 1] = i;
	}
	return n;
}

void confine_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	cr_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}
