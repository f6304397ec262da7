/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spawned.h - run a command and keep what it said; for tests of the program as users run it.
 */
#ifndef TEST_SPAWNED_H
#define TEST_SPAWNED_H

#include "expect.h"

#include <stdbool.h>
#include <sys/types.h>

struct spawned {
	pid_t pid;
	int out_fd, err_fd; /* unlinked files, so that a full pipe can never block the command */
	int code;	    /* exit status; 128 + signal if a signal ended it */
	char *out, *err;
};

/**
 * spawn_start - start a command in its own process group, stdin empty. It ends with the test's process.
 * @argv: argv[0] is a path; NULL at the end.
 * @cwd: where it runs.
 * Fails the test if it cannot be started.
 */
void spawn_start(struct spawned *s, char *const argv[], const char *cwd);

/** spawn_finish - wait for it, then read what it wrote. */
void spawn_finish(struct spawned *s);

/** spawn_run - both. */
void spawn_run(struct spawned *s, char *const argv[], const char *cwd);

/**
 * spawn_words_start - start the program under test.
 * @cwd: where it runs.
 * @format: as printf(); makes its arguments, with blanks between them.
 */
void spawn_words_start(struct spawned *s, const char *cwd, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* spawn_words - and wait for it. */
#define spawn_words(s, ...)                        \
	do {                                       \
		spawn_words_start(s, __VA_ARGS__); \
		spawn_finish(s);                   \
	} while (0)

void spawn_free(struct spawned *s);

/* SPAWNED(s, cwd, format, ...): what spawn_words() keeps, until the block ends. */
#define SPAWNED(s, ...)                        \
	freed_by(spawn_free) struct spawned s; \
	spawn_words(&(s), __VA_ARGS__)

/* RAN(s, EXIT_DONE, cwd, format, ...): and it ended with that. */
#define has_ended(s, exit_code) \
	cr_assert_eq((s)->code, (int)(exit_code), "exit %d: %s%s", (s)->code, (s)->out, (s)->err)
#define RAN(s, exit_code, ...)   \
	SPAWNED(s, __VA_ARGS__); \
	has_ended(&(s), exit_code)

/* A command line of the program, with '' for an empty word, and what the line that refuses it holds. */
struct bad_line {
	const char *line, *wants[5];
};

/**
 * expect_refused - each line ends with EXIT_USAGE and one line of stderr; nothing is printed or written.
 * @dir: where it runs. @command: words before each line, or "".
 */
void expect_refused(const char *dir, const char *command, const struct bad_line *bad, size_t n);

/** sleep_ms - of this thread. */
void sleep_ms(long ms);

/** child_of - a process that another one has started; 0: there is none. */
pid_t child_of(pid_t parent);

/**
 * cpus_allowed - how many CPUs this process may use.
 * @cpu: out, the first @most of them; others stay as they were.
 */
int cpus_allowed(int *cpu, int most);

/** confine_to - this thread, and what it starts, to one CPU. */
void confine_to(int cpu);

/** spawn_program - absolute path of the program under test: $VRINGBENCH, or ./vringbench. */
const char *spawn_program(void);

/** spawn_root - absolute path of the source tree: $VRINGBENCH_ROOT, or the current directory. */
const char *spawn_root(void);

/** temp_dir - a fresh empty directory. @path: at least 64 bytes. */
void temp_dir(char *path);

/**
 * temp_dir_put - a file below a directory, with its folders.
 * @path: from the directory, with or without a / before it. @text: all that it holds.
 */
void temp_dir_put(const char *dir, const char *path, const char *text);

/** temp_dir_entries - how many entries a directory has, without . and .. */
unsigned temp_dir_entries(const char *path);

/** temp_dir_remove - with all that is in it. */
void temp_dir_remove(const char *path);

/**
 * mount_small - a file system of so many bytes ("12k": three pages), seen by this test's process and its children
 * alone; umount() it. Skips the test where that is not allowed.
 */
void mount_small(const char *dir, const char *size);

/* ---- a folder of its own for each test: .init = make_folder, .fini = drop_folder ---- */

extern char folder[64];

void make_folder(void);
void drop_folder(void);
unsigned files_in_folder(void);

/* Two paths in it, in turns. */
const char *in_folder(const char *name);

/** put_text, get_text - all that a file holds, up to 1 MiB; static. */
void put_text(const char *path, const char *text);
char *get_text(const char *path);

/* TEMP_DIR(dir): such a directory for the block of the declaration. */
static inline void temp_dir_drop(char (*path)[64])
{
	temp_dir_remove(*path);
}
#define TEMP_DIR(name)                                               \
	__attribute__((cleanup(temp_dir_drop))) char name[64] = {0}; \
	temp_dir(name)

#endif
