#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# qemu-user-rights.sh - qemu-user 7.2: descriptors that a receiver has no room for stay open.
#
# A good guess, of recvmsg() and unix(7): those beyond the room are closed, and MSG_CTRUNC says that there were
# more. Under user-mode emulation the host's kernel is given twice the room: with 9 sent and room for 8 the
# program sees 8 and no MSG_CTRUNC, and the ninth stays open without a name. A server whose clients send
# more than they may runs out of descriptors, and a test that counts them fails.
# Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get_arm qemu-user=1:7.2+dfsg-7+deb12u18+b3
cat >"$dir/t.c" <<'C'
#include <dirent.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#define SENT 9
#define ROOM 8
static int open_now(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}
int main(void)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(SENT * sizeof(int))] = {0};
	struct iovec iov = {"x", 1}, in = {(char[1]){0}, 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = room,
			   .msg_controllen = CMSG_LEN(SENT * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd[2], before, got;

	socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
	before = open_now();
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(SENT * sizeof(int));
	for (int i = 0; i < SENT; i++)
		((int *)CMSG_DATA(c))[i] = fd[0];
	sendmsg(fd[0], &m, 0);
	m.msg_iov = &in;
	m.msg_controllen = CMSG_SPACE(ROOM * sizeof(int));
	recvmsg(fd[1], &m, 0);
	got = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	for (int i = 0; i < got; i++)
		close(((int *)CMSG_DATA(c))[i]);
	printf("received %d, truncated %d, left open %d\n", got, !!(m.msg_flags & MSG_CTRUNC),
	       open_now() - before);
	return 0;
}
C
arm_differs "$dir/t.c" 'received 8, truncated 1, left open 0' 'received 8, truncated 0, left open 1'
