#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# criterion-nan.sh - Criterion 2.4.1: cr_assert_float_neq() fails for a NaN, as cr_assert_float_eq() does.
#
# A good guess: the one is the opposite of the other, so a NaN, which is near nothing, is not equal. Each
# is a comparison of its own, and a NaN fails all comparisons.
# Needs a C compiler and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libcriterion-dev=2.4.1-2 libcriterion3=2.4.1-2
cat >"$dir/t.c" <<'C'
#include <criterion/criterion.h>
#include <math.h>
Test(nan, equal) { cr_assert_float_eq(NAN, 1.0, 0.1); }
Test(nan, not_equal) { cr_assert_float_neq(NAN, 1.0, 0.1); }
Test(number, not_equal) { cr_assert_float_neq(2.0, 1.0, 0.1); }
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lcriterion -Wl,--allow-shlib-undefined
debian_can_run "$dir/t"
"$dir/t" --tap -j1 >"$dir/out" 2>/dev/null || true
grep -E '^(not )?ok' "$dir/out"
grep -q '^not ok .*nan::equal' "$dir/out"
grep -q '^not ok .*nan::not_equal' "$dir/out"
grep -q '^ok .*number::not_equal' "$dir/out"
