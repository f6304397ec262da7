#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# qemu-pmu-cycles.sh - QEMU 7.2, Arm PMUv3 in TCG: a cycle is a nanosecond, and any event opens.
#
# A good guess: cycles count what the processor in software executed, and an event that it cannot count
# is refused. Without -icount the cycle counter is the virtual clock at 1 GHz, whatever was executed, and
# a raw event that QEMU does not implement opens, runs all the time, and counts 0. A tool that takes such a
# 0 for "no cache line was refilled" prints a wrong number.
# Boots Debian's kernel. Needs apt-get download and the libraries of qemu-system. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get_arm qemu-system-arm=1:7.2+dfsg-7+deb12u18+b3 qemu-system-data=1:7.2+dfsg-7+deb12u18
cat >"$dir/init.c" <<'C'
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static int event(uint32_t type, uint64_t config)
{
	struct perf_event_attr a = {.type = type, .size = sizeof(a), .config = config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING};

	return (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
/* as fast as it can be, or as slow: a division in each round */
static uint64_t work(int slow)
{
	volatile uint64_t x = 1;
	const double since = now();
	uint64_t n = 0;

	while (now() - since < 0.5)
		for (int i = 0; i < 1000; i++, n++)
			x = slow ? (x + 12345678901) / (x | 3) : x + 1;
	return n;
}
int main(void)
{
	uint64_t c[3], r[3];
	int cycles, refills;

	mount("proc", "/proc", "proc", 0, "");
	for (int slow = 0; slow < 2; slow++) {
		double since = now();

		cycles = event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
		refills = event(PERF_TYPE_RAW, 0x3); /* L1D_CACHE_REFILL */
		work(slow);
		if (read(cycles, c, sizeof(c)) < 0 || read(refills, r, sizeof(r)) < 0)
			printf("no counters\n");
		since = now() - since;
		printf("%s: %.2f cycles a ns; refills %llu, ran %.0f %%\n", slow ? "slow" : "fast",
		       c[0] / 1e9 / since, (unsigned long long)r[0], 100. * r[2] / r[1]);
		close(cycles);
		close(refills);
	}
	printf("instructions: %s\n", event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS) < 0 ?
	       "refused" : "open");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
C
mkdir "$dir/initramfs"
$arm_cc -o "$dir/initramfs/init" "$dir/init.c"
unset LD_LIBRARY_PATH
debian_can_run "$root/usr/bin/qemu-system-aarch64"
command -v cpio >/dev/null || { echo "no cpio"; exit 77; }
(cd "$dir/initramfs" && find . | cpio -o -H newc --quiet) >"$dir/initrd"
mkdir -p "$dir/lists/partial"
: >"$dir/status"
set -- -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
	-o "Dir::State=$dir" -o "Dir::State::lists=$dir/lists" -o "Dir::State::status=$dir/status" \
	-o "Dir::Cache=$dir"
if ! (apt-get "$@" update && cd "$dir" && apt-get "$@" download linux-image-6.1.0-56-arm64=6.1.192-2) >"$dir/apt" 2>&1; then
	echo "linux-image-6.1.0-56-arm64: cannot be downloaded: $(tail -n 1 "$dir/apt")"
	exit 77
fi
dpkg-deb --fsys-tarfile "$dir"/linux-image-*.deb | tar -x -C "$dir" ./boot/vmlinuz-6.1.0-56-arm64
timeout 200 "$root/usr/bin/qemu-system-aarch64" -L "$root/usr/share/qemu" -M virt -cpu max -m 1024 -nic none \
	-nographic -no-reboot -kernel "$dir/boot/vmlinuz-6.1.0-56-arm64" -initrd "$dir/initrd" \
	-append 'console=ttyAMA0 quiet' </dev/null | tr -d '\r' | grep -E 'cycles|instructions' >"$dir/out"
cat "$dir/out"
grep -qE '^fast: (0.9|1.0). cycles a ns; refills 0, ran 100 %' "$dir/out"
grep -qE '^slow: (0.9|1.0). cycles a ns; refills 0, ran 100 %' "$dir/out"
grep -q '^instructions: refused' "$dir/out"
