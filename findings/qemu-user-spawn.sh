#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# qemu-user-spawn.sh - qemu-user 7.2: posix_spawn() of a program that is not there succeeds.
#
# A good guess, with glibc on Linux: it returns ENOENT, since the child shares the parent's memory until it
# runs another program. Under user-mode emulation vfork is fork: what the child writes of its error is lost, posix_spawn()
# returns 0 with a process id, and the child ends with 127, as POSIX allows. A program that says "install it" on
# ENOENT alone reports a program that failed.
# Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get_arm qemu-user=1:7.2+dfsg-7+deb12u18+b3
cat >"$dir/t.c" <<'C'
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
int main(void)
{
	char *const argv[] = {"no-such-program", NULL}, *const env[] = {NULL};
	int status = 0;
	pid_t pid = 0;
	int code = posix_spawnp(&pid, argv[0], NULL, NULL, argv, env);

	if (!code)
		waitpid(pid, &status, 0);
	printf("posix_spawnp %d, exit %d\n", code, WEXITSTATUS(status));
	return 0;
}
C
arm_differs "$dir/t.c" 'posix_spawnp 2, exit 0' 'posix_spawnp 0, exit 127'
