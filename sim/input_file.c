/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * input_file.c - a small file that somebody else wrote, read whole.
 */
#include "input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that is there, up to @size bytes. Returns 0 or errno. */
static int read_all(int fd, char *to, size_t size, size_t *len)
{
	ssize_t n = 1;

	for (*len = 0; n && *len < size; *len += (size_t)n) {
		n = read(fd, to + *len, size - *len);
		if (n < 0)
			return errno;
	}
	return 0;
}

int input_read(const char *what, const char *path, size_t most, char **text, size_t *len,
	       struct vrb_err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = {0};
	int code = fd < 0 || fstat(fd, &st) ? errno : 0;
	const bool plain = !code && S_ISREG(st.st_mode);
	char *all = plain ? malloc(most + 2) : NULL;

	*text = NULL;
	*len = 0;
	if (plain)
		code = all ? read_all(fd, all, most + 1, len) : ENOMEM;
	if (fd >= 0)
		close(fd);
	if (!code && plain && *len <= most) {
		all[*len] = '\0';
		*text = all;
		return 0;
	}
	free(all);
	if (code)
		return vrb_fail(err, code, "%s %.300s: cannot be read: %s", what, path,
				strerror(code));
	if (!plain)
		return vrb_fail(err, EINVAL, "%s %.300s: it is not a plain file", what, path);
	return vrb_fail(err, EFBIG, "%s %.300s: too large; legal: at most %zu bytes", what, path,
			most);
}
