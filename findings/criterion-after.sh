#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# criterion-after.sh - Criterion 2.4.1: what fails after a test's body fails nothing.
#
# A good guess: a test fails if an assertion in its .fini fails, or if its process ends with another status than 0.
# Both pass, and so does the runner. A sanitizer that looks for leaks when the process ends, and sets the status (23
# is LeakSanitizer's), is not heard. The same assertion in the body fails.
# Needs a C compiler and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libcriterion-dev=2.4.1-2 libcriterion3=2.4.1-2
cat >"$dir/t.c" <<'C'
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>
static void fails(void) { cr_assert(0, "in .fini"); }
static void leaves(void) { _exit(23); }
Test(after, an_assertion_in_fini, .fini = fails) { cr_assert(1); }
Test(after, an_exit_status) { atexit(leaves); }
#ifdef BODY
Test(within, an_assertion_in_the_body) { cr_assert(0, "in the body"); }
#endif
C
build() { # NAME OPTION...
	name=$1
	shift
	cc "$@" -I"$root/usr/include" -L"$libraries" -o "$dir/$name" "$dir/t.c" -lcriterion -Wl,--allow-shlib-undefined
}
build after
build within -DBODY
debian_can_run "$dir/after"
status=0
"$dir/after" --tap -j1 >"$dir/out" 2>/dev/null || status=$?
grep -E '^(not )?ok' "$dir/out"
echo "exit status $status"
[ "$status" = 0 ]
grep -q '^ok .*after::an_assertion_in_fini' "$dir/out"
grep -q '^ok .*after::an_exit_status' "$dir/out"
status=0
"$dir/within" --tap -j1 >"$dir/out" 2>/dev/null || status=$?
grep -E '^(not )?ok .*within' "$dir/out"
echo "exit status $status"
[ "$status" != 0 ]
grep -q '^not ok .*within::an_assertion_in_the_body' "$dir/out"
