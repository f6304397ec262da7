/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - the only file that ends the process.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	enum vrb_exit code = cli_main(argc, argv);

	/* A full disk or a closed pipe behind stdout shows no sooner than here. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "vringbench: standard output: %s\n", strerror(errno));
		if (code == EXIT_DONE)
			code = EXIT_NOT_WRITTEN;
	}
	exit((int)code);
}
