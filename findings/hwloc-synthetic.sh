#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# hwloc-synthetic.sh - hwloc: HWLOC_SYNTHETIC replaces this machine's topology, with no message.
#
# A good guess: a program that loads the topology gets this machine's. With the variable in its
# environment it gets an invented one without an error; only hwloc_topology_is_thissystem() tells.
# Needs a C compiler and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libhwloc-dev=2.9.0-1 libhwloc15=2.9.0-1
cat >"$dir/t.c" <<'C'
#include <hwloc.h>
#include <stdio.h>
int main(void)
{
	hwloc_topology_t t;
	int rc = hwloc_topology_init(&t) | hwloc_topology_load(t);

	printf("load %d, %d PUs, thissystem %d\n", rc,
	       hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU), hwloc_topology_is_thissystem(t));
	hwloc_topology_destroy(t);
	return 0;
}
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lhwloc
debian_can_run "$dir/t"
env -u HWLOC_SYNTHETIC "$dir/t"
HWLOC_SYNTHETIC="pack:3 core:5 pu:7" "$dir/t" >"$dir/out" 2>"$dir/err"
cat "$dir/out"
grep -q '^load 0, 105 PUs, thissystem 0$' "$dir/out"
[ ! -s "$dir/err" ]
