#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# perf-unsupported-ran.sh - perf stat 6.1: an event that was never counted "ran 100.00 % of the time".
#
# A good guess: the field for the share of time in which an event was counted is 0 or empty where it was
# not supported. It is 100.00, with a run time of 0, in lines of -x and of -j alike: who checks the
# share to find out what was multiplexed finds such an event perfect.
# Needs what perf is linked to and apt-get download. On a machine that has a cycle counter it exits 77. Exits 0
# while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get linux-perf=6.1.192-3
perf=$(find "$root/usr/bin" -name 'perf*' -type f | head -n 1)
debian_can_run "$perf"
"$perf" stat -x, -e cycles true 2>"$dir/csv" || { cat "$dir/csv"; exit 77; }
"$perf" stat -j -e cycles true 2>"$dir/json"
cat "$dir/csv" "$dir/json"
grep -q '^<not supported>' "$dir/csv" || exit 77
grep -q '^<not supported>,,cycles,0,100.00,' "$dir/csv"
grep -q '"event-runtime" : 0, "pcnt-running" : 100.00' "$dir/json"
