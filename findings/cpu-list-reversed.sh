#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# cpu-list-reversed.sh - a CPU list "1-0": hwloc 2.9 reads no CPU, libnuma 2.0.16 reads CPU 1.
#
# A good guess: a reversed range is an error, as for the kernel's cpulist, or is CPUs 0 and 1. Both parsers
# succeed without a message, and disagree. A thread that is pinned by the one list is not where the other
# library says.
# Needs a C compiler, two CPUs and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libhwloc-dev=2.9.0-1 libhwloc15=2.9.0-1 libnuma-dev=2.0.16-1 libnuma1=2.0.16-1
[ "$(nproc)" -ge 2 ] || exit 77
cat >"$dir/t.c" <<'C'
#include <hwloc.h>
#include <numa.h>
#include <stdio.h>
int main(void)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int rc = hwloc_bitmap_list_sscanf(set, "1-0");
	struct bitmask *mask = numa_parse_cpustring("1-0");

	printf("hwloc: returns %d, %d CPUs\n", rc, hwloc_bitmap_weight(set));
	printf("libnuma: %s", mask ? "CPUs" : "refused");
	for (unsigned i = 0; mask && i < mask->size; i++)
		if (numa_bitmask_isbitset(mask, i))
			printf(" %u", i);
	printf("\n");
	return 0;
}
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lhwloc -lnuma -Wl,--allow-shlib-undefined
debian_can_run "$dir/t"
"$dir/t" >"$dir/out" 2>"$dir/err"
cat "$dir/out"
[ ! -s "$dir/err" ]
grep -qx 'hwloc: returns 0, 0 CPUs' "$dir/out"
grep -qx 'libnuma: CPUs 1' "$dir/out"
