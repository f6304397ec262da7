#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# perf-repeat-last.sh - perf 6.1 of Debian 12: perf stat -r N prints the counts of the last run.
#
# A good guess, and the manual: the mean of the runs. The value is that of the last run; only the error
# behind it, in percent, is of all of them. Of three runs that fault some thousand pages and a fourth
# that faults none, it says "none, +- some thousand percent". An error above 100 % gives it away: that of
# a mean of counts cannot be larger than the mean.
# Needs a C compiler, what perf is linked to and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get linux-perf=6.1.192-3
perf=$(find "$root/usr/bin" -name 'perf*' -type f | head -n 1)
debian_can_run "$perf"
# faults 4000 pages, the fourth time none of these: a file says how often it ran
cat >"$dir/t.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	FILE *f = fopen(argv[argc - 1], "a+");
	long runs;

	fputc('.', f);
	runs = ftell(f);
	fclose(f);
	if (runs % 4) {
		volatile char *p = malloc(4000 * 4096);

		for (int i = 0; i < 4000; i++)
			p[i * 4096] = 1;
	}
	return 0;
}
C
cc -O1 -o "$dir/t" "$dir/t.c"
"$perf" stat -x, -r 4 -e page-faults "$dir/t" "$dir/runs" 2>"$dir/csv" || { cat "$dir/csv"; exit 77; }
"$perf" stat -j -r 4 -e page-faults "$dir/t" "$dir/runs" 2>"$dir/json"
for run in 1 2 3 4; do
	echo "alone, run $run: $("$perf" stat -x, -e page-faults "$dir/t" "$dir/runs" 2>&1)"
done >"$dir/alone"
cat "$dir/csv" "$dir/json" "$dir/alone"
# the mean is above 3000
grep -qE '^[0-9]{2,3},,page-faults,[0-9]{3,}\.[0-9]+%,' "$dir/csv"
grep -qE '"counter-value" : "[0-9]{2,3}\.0+".*"variance" : [0-9]{3,}\.' "$dir/json"
grep -qE 'run 3: [0-9]{4},' "$dir/alone"
