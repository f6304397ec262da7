/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#include "build_info.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

static char text[128];

/* The default action is back (SA_RESETHAND): what is raised here ends the process when this returns. */
static void on_bound(int signal)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
	raise(signal);
}

unsigned spin_factor(const char *emulator, const char *cflags)
{
	const bool fast = !emulator && strstr(cflags, "-O") && !strstr(cflags, "-O0") &&
			  !strstr(cflags, "-fsanitize") && !strstr(cflags, "--coverage");

	return fast ? 1 : SPIN_SLOW;
}

void spin_bound(unsigned seconds)
{
	const unsigned given = seconds * spin_factor(getenv("EMULATOR"), BUILD_CFLAGS);
	const struct rlimit most = {given, given + 5};
	const struct sigaction action = {.sa_handler = on_bound, .sa_flags = (int)SA_RESETHAND};

	snprintf(text, sizeof(text),
		 "the test has taken %u s of CPU time: a loop that does not end? (tests/spin.h)\n",
		 given);
	cr_assert_eq(sigaction(SIGXCPU, &action, NULL), 0);
	cr_assert_eq(setrlimit(RLIMIT_CPU, &most), 0);
}

void may_not_spin(void)
{
	spin_bound(SPIN_S);
}
