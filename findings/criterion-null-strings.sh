#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# criterion-null-strings.sh - Criterion 2.4.1: NULL is not equal to NULL, and is not different either.
#
# A good guess: of cr_assert_str_eq(NULL, NULL) and cr_assert_str_neq(NULL, NULL) one passes. Both fail, as
# both want two strings; the message says "(null)" == "(null)" is false.
# Needs a C compiler and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libcriterion-dev=2.4.1-2 libcriterion3=2.4.1-2
cat >"$dir/t.c" <<'C'
#include <criterion/criterion.h>
static const char *absent;
Test(null, equal) { cr_assert_str_eq(absent, absent); }
Test(null, not_equal) { cr_assert_str_neq(absent, absent); }
C
cc -I"$root/usr/include" -L"$libraries" -o "$dir/t" "$dir/t.c" -lcriterion -Wl,--allow-shlib-undefined
debian_can_run "$dir/t"
"$dir/t" --tap -j1 >"$dir/out" 2>/dev/null || true
grep -E '^(not )?ok|is false' "$dir/out"
grep -q '^not ok .*::equal' "$dir/out"
grep -q '^not ok .*::not_equal' "$dir/out"
