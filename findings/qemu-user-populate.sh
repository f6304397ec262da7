#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# qemu-user-populate.sh - qemu-user 7.2: madvise(MADV_POPULATE_WRITE) succeeds and populates nothing.
#
# A good guess: the advice either fails, with EINVAL on an older kernel, or the pages are there: its manual
# page says that it never ends well before they are. Under user-mode emulation it returns 0 and mincore() finds no
# page; nor does MAP_POPULATE bring any. A benchmark that trusts the 0 has page faults in what it measures.
# Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get_arm qemu-user=1:7.2+dfsg-7+deb12u18+b3
cat >"$dir/t.c" <<'C'
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
static char *map(int how)
{
	return mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | how, -1, 0);
}
static int there(char *p)
{
	unsigned char in[2] = {0, 0};

	return mincore(p, 8192, in) ? -1 : in[0] + in[1];
}
int main(void)
{
	char *p = map(0);

	printf("madvise %d", madvise(p, 8192, MADV_POPULATE_WRITE));
	printf(" %d", there(p));
	printf(", MAP_POPULATE %d", there(map(MAP_POPULATE)));
	memset(p, 1, 8192);
	printf(", stores %d\n", there(p));
	return 0;
}
C
arm_differs "$dir/t.c" 'madvise 0 2, MAP_POPULATE 2, stores 2' 'madvise 0 0, MAP_POPULATE 0, stores 2'
