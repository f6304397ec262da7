#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# promtool-openmetrics.sh - promtool 2.42: `check metrics` reads the older text format, not OpenMetrics.
#
# A good guess: Prometheus scrapes OpenMetrics, so its own checker reads it. It reads the older text
# format, to which "# EOF" and "# UNIT" are comments: gauges pass, but OpenMetrics' types info and
# unknown are errors of syntax, and a counter, whose HELP stands at the name without _total there,
# has "no help text". Another parser of OpenMetrics takes all of these.
# Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get prometheus=2.42.0+ds-5+deb12u1 python3-prometheus-client=0.16.0-0.1
promtool=$root/usr/bin/promtool
debian_can_run "$promtool"
"$promtool" --version | head -n 1

# check NAME LINES STATUS MESSAGE: what both say
check() {
	rc=0
	printf '%b# EOF\n' "$2" >"$dir/metrics"
	"$promtool" check metrics <"$dir/metrics" >"$dir/out" 2>&1 || rc=$?
	echo "$1: promtool exits $rc: $(cat "$dir/out")"
	[ "$rc" -eq "$3" ]
	grep -q "^$4\$" "$dir/out" || [ -z "$4$(cat "$dir/out")" ]
	PYTHONPATH="$root/usr/lib/python3/dist-packages" /usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
print("  the client of Python:", [m.type for m in parse(open(sys.argv[1]).read())])' "$dir/metrics"
}

check gauge '# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds A.\na_seconds 1\n' \
	0 ''
check info '# TYPE a info\n# HELP a A.\na_info{b="c"} 1\n' 1 '.*unknown metric type "info"'
check unknown '# TYPE a unknown\n# HELP a A.\na 1\n' 1 '.*unknown metric type "unknown"'
check counter '# TYPE a counter\n# HELP a A.\na_total 1\n' 3 'a_total no help text'
