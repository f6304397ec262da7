#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# criterion-neither.sh - Criterion 2.4.1: of cr_assert_X_eq and cr_assert_X_neq both may fail.
#
# A good guess: the one is the opposite of the other. Of two NULL strings both fail, since both want
# strings (the message says "(null)" == "(null)" is false), and so they do of a NaN, which fails every comparison.
# Needs a C compiler and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libcriterion-dev=2.4.1-2 libcriterion3=2.4.1-2
cat >"$dir/t.c" <<'C'
#include <criterion/criterion.h>
#include <math.h>
static const char *absent;
Test(null, equal) { cr_assert_str_eq(absent, absent); }
Test(null, not_equal) { cr_assert_str_neq(absent, absent); }
Test(nan, equal) { cr_assert_float_eq(NAN, 1.0, 0.1); }
Test(nan, not_equal) { cr_assert_float_neq(NAN, 1.0, 0.1); }
Test(number, not_equal) { cr_assert_float_neq(2.0, 1.0, 0.1); }
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lcriterion -Wl,--allow-shlib-undefined
debian_can_run "$dir/t"
"$dir/t" --tap -j1 >"$dir/out" 2>/dev/null || true
grep -E '^(not )?ok|is false' "$dir/out"
for test in null::equal null::not_equal nan::equal nan::not_equal; do
	grep -q "^not ok .*$test " "$dir/out"
done
grep -q '^ok .*number::not_equal' "$dir/out"
