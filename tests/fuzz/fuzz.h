/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz.h - what the fuzz targets share. A target is a file with LLVMFuzzerTestOneInput(); libFuzzer
 * gives it bytes, and anything but a return from it is a finding.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "vrb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** fuzz_check - what must hold; if it does not, @what is printed and the input is a finding. */
#define fuzz_check(holds, what) ((holds) ? (void)0 : fuzz_found(__FILE__, __LINE__, what))
_Noreturn void fuzz_found(const char *file, int line, const char *what);

/**
 * fuzz_returned - a function that takes a struct vrb_err has returned @rc: 0, or an error that is told.
 */
void fuzz_returned(int rc, const struct vrb_err *err);

/** fuzz_file - a plain file that holds these bytes; the same one each time. Returns its path. */
const char *fuzz_file(const uint8_t *data, size_t size);

/** fuzz_text - these bytes and a NUL, from malloc(). */
char *fuzz_text(const uint8_t *data, size_t size);

/** fuzz_sink - where output goes that nobody reads: it is formatted and thrown away. */
FILE *fuzz_sink(void);

/* The input, taken from its front; past its end come zeros. */
struct fuzz_bytes {
	const uint8_t *at, *end;
};

/** fuzz_take - the next @n bytes, 8 at most, as a little-endian number. */
uint64_t fuzz_take(struct fuzz_bytes *b, unsigned n);

#endif
