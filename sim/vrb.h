/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vrb.h - what every room shares: how an error is told, exit codes, isolation.
 */
#ifndef VRB_H
#define VRB_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Nothing that one side writes shares a block of this size with anything of the other.
 * 128 and not 64: the adjacent-line prefetcher of Intel cores and the 128-byte lines of
 * some Arm cores pull in pairs.
 */
#define ISOLATE 128

#define CACHE_LINE 64

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
/* Surer than LIKELY(): a branch, not a select; a loop that goes round often enough to be given the registers. */
#define NEARLY_ALWAYS(x) __builtin_expect_with_probability(!!(x), 1, 0.999)
#define HARDLY_EVER(x)	 __builtin_expect_with_probability(!!(x), 0, 0.999)

/* Before a loop of a constant few turns: as many copies of its body. */
#ifdef __clang__
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED _Pragma("GCC unroll 8")
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Each of the first @n elements of an array, by a pointer of the name @v. */
#define for_each(v, array, n) \
	for (const typeof(*(array)) *v = (array); (size_t)(v - (array)) < (size_t)(n); v++)

/* A function that names the values of an enum: NAMES_OF(pace_name, pace, [PACE_OPEN] = "open"). */
#define NAMES_OF(function, type, ...)                             \
	const char *function(enum type v)                         \
	{                                                         \
		static const char *const names[] = {__VA_ARGS__}; \
                                                                  \
		return names[v];                                  \
	}

/* What the process exits with; only main.c calls exit(). */
enum vrb_exit {
	EXIT_DONE = 0,
	EXIT_REGRESSION = 1,   /* confirmed; of `compare` and `regress` */
	EXIT_USAGE = 2,	       /* usage or set-up: nothing ran */
	EXIT_INCONCLUSIVE = 3, /* the data do not decide it; of `compare` */
	EXIT_INVALID = 4,      /* data or evidence invalid */
	EXIT_NOT_WRITTEN = 5,  /* results could not be written */
	EXIT_INTERRUPTED = 130,
};

/* An error told to a person: one line, no newline at its end. */
struct vrb_err {
	char msg[512];
};

/**
 * vrb_fail - note an error for a person and return its number.
 * @err: where the line goes; may be NULL.
 * @code: a positive errno value.
 * @fmt: printf format of the line: it names the option, the value and the legal range.
 *
 * Returns -code, so that a caller can write "return vrb_fail(err, EINVAL, ...)".
 */
int vrb_fail(struct vrb_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * vrb_complain - print an error: one line on stderr, whatever the user typed.
 * Returns @code, so that a command can write "return vrb_complain(&err, EXIT_USAGE)".
 */
enum vrb_exit vrb_complain(const struct vrb_err *err, enum vrb_exit code);

/** text_add - printf-like, behind what @buf of @size bytes already holds; as much as has room. */
void text_add(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * text_wrap - text in lines, broken between words. @indent: where the first word goes, and each further
 * line; the cursor is there. @width: of the longest line, in characters.
 */
void text_wrap(FILE *out, unsigned indent, unsigned width, const char *text);

/** now_ns - monotonic time in ns. About 25 ns where the clock is read in user space. */
uint64_t now_ns(void);

/**
 * vrb_make_dir - mkdir -p of a folder to write into. @made: out, how many folders of the path were not there, the
 * last ones; may be NULL. Returns 0 or -errno; @err names the folder.
 */
int vrb_make_dir(const char *dir, unsigned *made, struct vrb_err *err);

/** vrb_unmake_dir - nothing was written: removes the last @made folders of a path, as far as they are empty. */
void vrb_unmake_dir(const char *dir, unsigned made);

#endif
