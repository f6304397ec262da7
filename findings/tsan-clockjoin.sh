#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# tsan-clockjoin.sh - ThreadSanitizer of gcc 12: a thread that pthread_clockjoin_np() has joined is a "thread leak".
#
# A good guess: a join is a join. The runtime intercepts pthread_join(), _tryjoin_np and _timedjoin_np, but not the one
# with a clock of glibc 2.31, so it takes the thread for one that nobody joined, and the program's exit status is 66.
# Needs gcc with -fsanitize=thread and apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get libtsan2=12.2.0-14+deb12u1
cat >"$dir/t.c" <<'C'
#include <pthread.h>
#include <stdio.h>
#include <time.h>
static void *none(void *arg)
{
	return arg;
}
int main(void)
{
	struct timespec until;
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, none, NULL);

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += 60;
	printf("created %d, joined %d\n", rc, JOIN);
	return 0;
}
C
addresses="setarch $(uname -m) -R" # not all kernels leave it those that it wants
for join in 'pthread_timedjoin_np(thread,NULL,&(struct timespec){.tv_sec=1LL<<40})' \
	'pthread_clockjoin_np(thread,NULL,CLOCK_MONOTONIC,&until)'; do
	gcc -D_GNU_SOURCE -DJOIN="$join" -fsanitize=thread -g -L"$libraries" -o "$dir/t" "$dir/t.c"
	debian_can_run "$dir/t"
	status=0
	$addresses "$dir/t" >"$dir/out" 2>"$dir/err" || status=$?
	echo "$join: exit status $status"
	cat "$dir/out"
	grep -q '^created 0, joined 0$' "$dir/out"
	case $join in
	pthread_clock*)
		grep '^WARNING: ThreadSanitizer: thread leak' "$dir/err"
		[ $status -eq 66 ]
		;;
	*)
		[ $status -eq 0 ]
		[ ! -s "$dir/err" ]
		;;
	esac
done
