#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# dpdk-packed-base.sh - DPDK 22.11, virtio-user: the base of a new packed ring is 0x8000, with a used wrap counter of 0.
#
# A good guess: SET_VRING_BASE of a packed ring holds two positions (vhost-user: bits 0 to 15 where the device takes, 16 to 31
# where it returns, each with its wrap counter on top), and both counters of a new ring are 1: 0x80008000. virtio-user sends
# 0x8000. A device that goes on from there marks what it returns for the lap before, and the driver waits for good;
# one that takes the upper half from the lower delivers. Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/dpdk.sh
. "$(dirname "$0")/dpdk.sh"
dpdk_get
cat >"$dir/return.py" <<'PY'
import struct, sys
from vhost_user_device import Device

path, from_lower = sys.argv[1], sys.argv[2] == "lower"
device = Device(path, 1 << 34)
device.until_ready()
base = device.bases[0]
print("base of the receive queue: %#x" % base, file=sys.stderr)
used = base & 0x8000 if from_lower else base >> 16 & 0x8000
memory, ring = device.at(device.rings[0][0])
for i in range(32):
    address, _, buffer, flags = struct.unpack_from("=QIHH", memory, ring + 16 * i)
    assert flags & 0x8080 == 0x80, "not available"
    device.packet(address)
    struct.pack_into("=IHH", memory, ring + 16 * i + 8, 76, buffer, (0x8080 if used else 0) | flags & 2)
device.until_gone()
PY
received() { # HALF: of the base, by which the device goes on
	dpdk_before 6 "$dir/return.py" "$1" packed_vq=1
	sed -n 's/^ *RX-packets: \([0-9]*\).*/\1/p' "$dir/log" | head -n 1
}
upper=$(received upper)
lower=$(received lower)
# Output seen:
#   unpacked: dpdk-dev 22.11.11-0+deb12u1
#   base of the receive queue: 0x8000
#   base of the receive queue: 0x8000
#   of 32 packets the driver receives 0 by the base as it was sent, 32 by its lower half
echo "of 32 packets the driver receives $upper by the base as it was sent, $lower by its lower half"
[ "$upper $lower" = "0 32" ]
