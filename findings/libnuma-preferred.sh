#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# libnuma-preferred.sh - libnuma 2.0.16: numa_preferred() is -1 where no policy was set.
#
# A good guess, and the manual: the node on which the kernel preferably allocates memory, so a node, as
# the library returned before it knew policies of several nodes. Used as a node it indexes before an array.
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
	if (numa_available() < 0)
		return 77;
	printf("no policy: %d\n", numa_preferred());
	numa_set_preferred(0);
	printf("node 0 preferred: %d\n", numa_preferred());
	return 0;
}
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lnuma
debian_can_run "$dir/t"
"$dir/t" >"$dir/out"
cat "$dir/out"
grep -qx 'no policy: -1' "$dir/out"
grep -qx 'node 0 preferred: 0' "$dir/out"
