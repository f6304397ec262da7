/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_spin.c - the bound of the CPU time of tests: it ends one that spins, says so, and is wider where all is slow.
 */
#include "expect.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

Test(spin, a_loop_without_an_end_is_ended_and_said, .timeout = HANG_S)
{
	char said[256] = "";
	int out[2], status;
	pid_t pid;

	cr_assert_eq(pipe(out), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (!pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		dup2(out[1], STDERR_FILENO);
		spin_bound(1);
		for (volatile unsigned i = 0;; i++)
			;
	}
	close(out[1]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_gt(read(out[0], said, sizeof(said) - 1), 0, "nothing was said");
	close(out[0]);
	cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU, "status %#x", status);
	cr_assert(strstr(said, " s of CPU time: a loop that does not end?"), "%s", said);
}

Test(spin, more_is_given_where_all_is_slow)
{
	static const struct {
		const char *emulator, *cflags;
		unsigned factor;
	} rows[] = {
		{NULL, "-O2 -g1", 1},
		{"/usr/bin/qemu-aarch64", "-O2 -g1", SPIN_SLOW},
		{NULL, "-O1 -g1 -fsanitize=thread", SPIN_SLOW},
		{NULL, "-O1 -g1 --coverage", SPIN_SLOW},
		{NULL, "-O0 -g", SPIN_SLOW},
		{NULL, "-g", SPIN_SLOW},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		cr_assert_eq(spin_factor(rows[i].emulator, rows[i].cflags), rows[i].factor,
			     "%s, %s", rows[i].emulator ? rows[i].emulator : "no emulator",
			     rows[i].cflags);
}

/* The bound that this process has in the end, in seconds. */
static rlim_t bound_with(const char *emulator)
{
	struct rlimit now;

	if (emulator)
		setenv("EMULATOR", emulator, 1);
	else
		unsetenv("EMULATOR");
	may_not_spin();
	cr_assert_eq(getrlimit(RLIMIT_CPU, &now), 0);
	return now.rlim_cur;
}

/* The wider one first: only root may raise a bound again. */
Test(spin, an_emulator_is_known_by_the_environment)
{
	rlim_t native;

	cr_assert_eq(bound_with("/usr/bin/qemu-aarch64"), SPIN_S * SPIN_SLOW);
	native = bound_with(NULL);
	cr_assert(native == SPIN_S || native == SPIN_S * SPIN_SLOW, "%llu s",
		  (unsigned long long)native);
}
