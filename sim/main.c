/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - the only file that ends the process.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/*
 * Where a standard descriptor is closed, the next file that is opened would take its number, and what
 * is printed would go into that file. So something takes it first, which nothing can be written to.
 */
static void keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", O_RDONLY);
}

int main(int argc, char **argv)
{
	enum vrb_exit code;

	keep_standard_descriptors();
	/* a full disk or a size limit is an error of write(), reported as one */
	signal(SIGXFSZ, SIG_IGN);
	code = cli_main(argc, argv);
	/* A full disk or a closed pipe behind stdout shows no sooner than here. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "vringbench: standard output: %s\n", strerror(errno));
		if (code == EXIT_DONE)
			code = EXIT_NOT_WRITTEN;
	}
	exit((int)code);
}
