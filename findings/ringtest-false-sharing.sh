#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# ringtest-false-sharing.sh - Linux's tools/virtio/ringtest: what one side writes for each buffer shares a
# cache line with what the other reads for each buffer.
#
# A good guess: a benchmark of virtio rings by virtio's authors measures the ring. In virtio_ring_0_9 the
# pointers to the ring, `ring`, which both threads read for each buffer, lie in one line with `guest`, whose
# counters the driver's thread writes for each buffer: nothing in the source aligns them. So each buffer moves a
# line that is not the ring's.
# Needs a C compiler, make, xz and apt-get download (140 MB). Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get linux-source-6.1=6.1.192-2
unset LD_LIBRARY_PATH
tar -xJf "$root/usr/src/linux-source-6.1.tar.xz" -C "$dir" --wildcards '*/tools/virtio/ringtest/*'
make -s -C "$dir/linux-source-6.1/tools/virtio/ringtest" virtio_ring_0_9
cc --version | head -n 1
nm "$dir/linux-source-6.1/tools/virtio/ringtest/virtio_ring_0_9" >"$dir/symbols"
line() { # of a symbol
	at=$(sed -n "s/^\([0-9a-f]*\) [a-zA-Z] $1\$/\1/p" "$dir/symbols")
	[ -n "$at" ] && echo $((0x$at / 64))
}
for name in host guest ring data; do
	at=$(line $name)
	echo "$name: begins in line $at"
done
[ "$(line ring)" = "$(line guest)" ]
