#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# compare-py-pvalue.sh - Google Benchmark's compare.py 1.7.1: the clearest difference has no U test.
#
# A good guess: with enough repetitions each benchmark has a line NAME_pvalue, and the more they differ
# the smaller its value. But the line is printed only "if cpu_pvalue and time_pvalue", and a p-value
# too small for a double is 0.0, which is false: from about 1000 repetitions on, two sets without any
# overlap lose the line, while two that hardly differ keep it. The exit status is 0 in all cases.
# Needs apt-get download, python3 with scipy. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
if ! /usr/bin/python3 -c 'import scipy; print("scipy", scipy.__version__)'; then
	echo "scipy: not installed"
	exit 77
fi
debian_get libbenchmark-tools=1.7.1-1

# file NAME COUNT FIRST: repetitions that last FIRST, FIRST + 1, ... ns
file() {
	awk -v n="$2" -v first="$3" 'BEGIN {
		printf "{\"context\": {}, \"benchmarks\": ["
		for (i = 0; i < n; i++)
			printf "%s{\"name\": \"b\", \"run_name\": \"b\", \"run_type\": \"iteration\"," \
				"\"iterations\": 1, \"real_time\": %d, \"cpu_time\": %d," \
				"\"time_unit\": \"ns\"}", i ? "," : "", first + i, first + i
		print "]}"
	}' >"$dir/$1.json"
}

# lines COUNT FIRST WANTED: lines of the U test of COUNT repetitions from 1 ns and from FIRST ns on
lines() {
	file old "$1" 1
	file new "$1" "$2"
	/usr/bin/python3 "$root/usr/share/benchmark/compare.py" --no-color benchmarks \
		"$dir/old.json" "$dir/new.json" >"$dir/out"
	n=$(grep -c '^b_pvalue ' "$dir/out" || true)
	echo "$1 repetitions from 1 ns, from $2 ns: $n line; $(grep '^b_pvalue ' "$dir/out" || true)"
	[ "$n" -eq "$3" ]
}

lines 20 1000001 1
lines 1200 2 1
lines 1200 1000001 0
