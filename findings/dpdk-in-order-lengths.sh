#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# dpdk-in-order-lengths.sh - DPDK 22.11, virtio-user: with IN_ORDER it counts received buffers whose used element was skipped as errors.
#
# A good guess: with VIRTIO_F_IN_ORDER a device that has written its buffers completely may return a batch by one used
# element, the id of its last, and the driver skips the others' (Virtio 1.4, 2.7.9). virtio-user negotiates IN_ORDER, and
# reads the length of each element, also of those that nobody wrote: of 32 packets, which fill their buffers, it delivers
# one. With an element each it delivers all. Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/dpdk.sh
. "$(dirname "$0")/dpdk.sh"
dpdk_get
cat >"$dir/return.py" <<'PY'
import struct, sys
from vhost_user_device import Device

path, elements = sys.argv[1], sys.argv[2]
device = Device(path, 1 << 35)
device.until_ready()
table, used, available = (device.at(address) for address in device.rings[0])
count = struct.unpack_from("=H", available[0], available[1] + 2)[0]
assert count >= 32, count
heads = struct.unpack_from("=32H", available[0], available[1] + 4)
for head in heads:
    address, size = struct.unpack_from("=QI", table[0], table[1] + 16 * head)
    device.packet(address, size)
for i, head in enumerate(heads[-1:] if elements == "one" else heads):
    struct.pack_into("=II", used[0], used[1] + 4 + 8 * i, head, size)
struct.pack_into("=H", used[0], used[1] + 2, 32)
device.until_gone()
PY
received() { # ELEMENTS: one for all, or each
	dpdk_before 6 "$dir/return.py" "$1" in_order=1,mrg_rxbuf=0
	sed -n 's/^ *RX-\(packets\|errors\): *\([0-9]*\).*/\1 \2/p' "$dir/log" | head -n 2 | paste -s -d ' '
}
one=$(received one)
each=$(received each)
# Output seen:
#   unpacked: dpdk-dev 22.11.11-0+deb12u1
#   a batch of 32, one used element: packets 1 errors 31
#   a batch of 32, an element each: packets 32 errors 0
echo "a batch of 32, one used element: $one"
echo "a batch of 32, an element each: $each"
[ "$one, $each" = "packets 1 errors 31, packets 32 errors 0" ]
