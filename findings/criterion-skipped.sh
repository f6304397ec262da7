#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# criterion-skipped.sh - Criterion 2.4.1: a skipped test is in no figure of the closing line.
#
# A good guess: it counts as skipped, or as tested and passing. "Tested" leaves it out, there is no other
# figure, its reason is printed by --tap only, and a run in which every test skips itself ends with status
# 0 and "Tested: 0", like a filter that matches nothing.
# Needs a C compiler and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libcriterion-dev=2.4.1-2 libcriterion3=2.4.1-2
cat >"$dir/t.c" <<'C'
#include <criterion/criterion.h>
Test(skipped, one) { cr_skip_test("no reason to run"); }
Test(skipped, two) { cr_skip_test("no reason to run"); }
Test(other, passes) { cr_assert(1); }
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lcriterion -Wl,--allow-shlib-undefined
debian_can_run "$dir/t"
"$dir/t" -j1 >"$dir/all" 2>&1
"$dir/t" -j1 --filter 'skipped/*' >"$dir/skipped" 2>&1
"$dir/t" -j1 --filter 'absent/*' >"$dir/absent" 2>&1
cat "$dir/all" "$dir/skipped" "$dir/absent"
grep -q 'Tested: .*1.* Passing: .*1' "$dir/all"
if grep -qE 'reason to run|[Ss]kip' "$dir/all"; then exit 1; fi
cmp "$dir/skipped" "$dir/absent"
