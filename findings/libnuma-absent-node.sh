#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# libnuma-absent-node.sh - libnuma 2.0.16: numa_alloc_onnode() of a node that is not there returns memory.
#
# A good guess: NULL, as the manual says for failures. The call to bind fails, which is a line on stderr
# only, and the memory comes from wherever the kernel likes. A benchmark that checks for NULL says it
# measured memory of that node.
# Needs a C compiler and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libnuma-dev=2.0.16-1 libnuma1=2.0.16-1
cat >"$dir/t.c" <<'C'
#include <numa.h>
#include <stdio.h>
int main(void)
{
	const int absent = numa_max_node() + 1;
	char *p;

	if (numa_available() < 0)
		return 77;
	p = numa_alloc_onnode(4096, absent);
	printf("the first node that is absent: %s\n", p ? "memory" : "NULL");
	if (p)
		*p = 1; /* is there, and may be written */
	return 0;
}
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lnuma
debian_can_run "$dir/t"
"$dir/t" >"$dir/out" 2>"$dir/err"
cat "$dir/out" "$dir/err"
grep -q ': memory$' "$dir/out"
grep -qi 'mbind: invalid argument' "$dir/err"
