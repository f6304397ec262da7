#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# callgrind-rep.sh - callgrind 3.19: a `rep movsb` counts as an instruction a byte.
#
# A good guess: an instruction counts once, as a processor's counter of retired instructions has it. A
# repeated string instruction counts once an iteration, so a copy of 1024 bytes costs 1024 by `rep movsb`
# and 128 by `rep movsq`, and a change of the copy looks like a gain of eight times.
# Needs a C compiler and apt-get download; x86-64. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
[ "$(uname -m)" = x86_64 ] || exit 77
debian_get valgrind=1:3.19.0-1
cat >"$dir/t.c" <<'C'
#include <stddef.h>
static char to[1024], from[1024];
#define COPY(name, width) \
	__attribute__((noinline)) void name(size_t n) \
	{ \
		void *d = to, *s = from; \
		__asm__ volatile("rep " #name : "+D"(d), "+S"(s), "+c"(n) : : "memory"); \
	}
COPY(movsb, 1)
COPY(movsq, 8)
int main(void)
{
	movsb(sizeof(to));
	movsq(sizeof(to) / 8);
	return 0;
}
C
cc -O2 -g -o "$dir/t" "$dir/t.c"
unset LD_LIBRARY_PATH
for name in movsb movsq; do
	VALGRIND_LIB=$(find "$root" -type d -path '*libexec/valgrind') "$root/usr/bin/valgrind" --tool=callgrind \
		--toggle-collect=$name --callgrind-out-file="$dir/$name" "$dir/t" 2>"$dir/err" ||
		{ cat "$dir/err"; exit 77; }
	echo "$name: $(sed -n 's/^totals: //p' "$dir/$name") instructions"
done >"$dir/out"
cat "$dir/out"
grep -q '^movsb: 10[234][0-9] ' "$dir/out"
grep -q '^movsq: 1[34][0-9] ' "$dir/out"
