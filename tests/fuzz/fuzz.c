/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz.c - what the fuzz targets share.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Noreturn void fuzz_found(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

void fuzz_returned(int rc, const struct vrb_err *err)
{
	fuzz_check(rc <= 0, "neither 0 nor -errno");
	if (!rc)
		return;
	fuzz_check(memchr(err->msg, '\0', sizeof(err->msg)), "an error without an end");
	fuzz_check(*err->msg, "an error that nothing is said of");
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;
	size_t done = 0;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0))
		abort();
	while (done < size) {
		const ssize_t n = pwrite(fd, data + done, size - done, (off_t)done);

		if (n <= 0)
			abort();
		done += (size_t)n;
	}
	return path;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

FILE *fuzz_sink(void)
{
	static FILE *sink;

	if (!sink && !(sink = fopen("/dev/null", "we")))
		abort();
	return sink;
}

uint64_t fuzz_take(struct fuzz_bytes *b, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n && b->at < b->end; i++)
		v |= (uint64_t)*b->at++ << 8 * i;
	return v;
}
