#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# criterion-gt.sh - Criterion 2.4.1 (Debian 12): cr_assert(gt(int, 0, 0)) passes.
#
# A good guess: gt() is "greater than", so 0 > 0 fails. It does not fail; the old macro
# cr_assert_gt(0, 0) does.
# Needs a C compiler and apt-get download. Exits 0 while both are so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libcriterion-dev=2.4.1-2 libcriterion3=2.4.1-2
cat >"$dir/t.c" <<'C'
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
Test(gt, new_macro) { cr_assert(gt(int, 0, 0)); }
Test(gt, old_macro) { cr_assert_gt(0, 0); }
Test(gt, new_lt) { cr_assert(lt(int, 0, 0)); }
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lcriterion -Wl,--allow-shlib-undefined
debian_can_run "$dir/t"
"$dir/t" --tap -j1 >"$dir/out" 2>/dev/null || true
grep -E '^(not )?ok' "$dir/out"
grep -q '^ok .*new_macro' "$dir/out"
grep -q '^not ok .*old_macro' "$dir/out"
grep -q '^not ok .*new_lt' "$dir/out"
