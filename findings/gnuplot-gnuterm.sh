#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# gnuplot-gnuterm.sh - gnuplot 5.4: an unknown GNUTERM spoils a script that sets its own terminal.
#
# A good guess: `set terminal` of the script decides, GNUTERM is only the default. But the unknown
# name is an error in the middle of gnuplot's initialization. The script still runs, with the
# default ranges missing: `plot x` fails with "empty y range", and after `reset` it plots. The exit
# status is 1 in each case, even if every command of the script succeeded.
# Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get gnuplot-nox=5.4.4+dfsg1-2+b2 gnuplot-data=5.4.4+dfsg1-2
gnuplot=$root/usr/bin/gnuplot-nox
debian_can_run "$gnuplot"
"$gnuplot" --version

# run NAME SCRIPT EXPECTED_STATUS [GNUTERM]: the output is left in $dir/out
run() {
	rc=0
	echo "$2" >"$dir/p.gp"
	env -u GNUTERM ${4:+GNUTERM="$4"} "$gnuplot" "$dir/p.gp" >"$dir/out" 2>&1 || rc=$?
	echo "$1: exit $rc"
	[ "$rc" -eq "$3" ]
}

run "plot, no GNUTERM" 'set terminal dumb; plot x' 0
run "print, GNUTERM=nosuchterm" 'print "printed"' 1 nosuchterm
grep printed "$dir/out"
run "plot, GNUTERM=nosuchterm" 'set terminal dumb; plot x' 1 nosuchterm
grep -o "Can't plot with an empty y range" "$dir/out"
run "reset and plot, GNUTERM=nosuchterm" 'set terminal dumb; reset; plot x' 1 nosuchterm
if grep -q "empty y range" "$dir/out"; then
	exit 1
fi
