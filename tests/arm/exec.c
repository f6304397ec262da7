/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exec.c - lets the test runner start itself and the program where another machine's kernel cannot: under
 * qemu-user, which passes execve() on as it is. Linked into the runner of scripts/arm alone, whose
 * libraries find this function before that of libc.
 *
 * EMULATOR, of the environment, runs programs of this machine; all others, as /bin/sh, are the host's.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_of_this_machine(const char *path)
{
	Elf64_Ehdr head;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, &head, sizeof(head));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)sizeof(head) && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 &&
	       head.e_machine == EM_AARCH64;
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	const char *emulator = getenv("EMULATOR");
	const char *with[256] = {emulator, "-0", argv[0], path};
	size_t n = 4;

	if (!emulator || !is_of_this_machine(path))
		return (int)syscall(SYS_execve, path, argv, envp);
	for (size_t i = 1; argv[i]; i++) {
		if (n == sizeof(with) / sizeof(with[0]) - 1) {
			errno = E2BIG;
			return -1;
		}
		with[n++] = argv[i];
	}
	return (int)syscall(SYS_execve, emulator, with, envp);
}
