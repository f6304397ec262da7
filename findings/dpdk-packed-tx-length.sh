#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# dpdk-packed-tx-length.sh - DPDK 22.11, net_vhost: a packet that it took from a packed ring comes back with its own length as written.
#
# A good guess: the length of a used buffer is what the device wrote into it, nothing of one that it only read: 0, as the
# same device says of a split ring. In a packed ring it leaves what the driver had put there. That is allowed (Virtio 1.4, 2.8,
# Element Address and Length: reserved without the WRITE flag), so whoever sums lengths, or checks them, must look at the
# flag. Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/dpdk.sh
. "$(dirname "$0")/dpdk.sh"
dpdk_get
cat >"$dir/transmit.py" <<'PY'
import mmap, os, socket, struct, sys, time

path, packed = sys.argv[1], sys.argv[2] == "packed"
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(path)


def send(request, payload=b"", files=(), reply=False):
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(files), *files))] if files else []
    s.sendmsg([struct.pack("=III", request, 1, len(payload)) + payload], control)
    if not reply:
        return None
    _, _, size = struct.unpack("=III", s.recv(12, socket.MSG_WAITALL))
    return struct.unpack("=Q", s.recv(size, socket.MSG_WAITALL))[0]


offered = send(1, reply=True)
send(3)
wanted = 1 << 32 | 1 << 30 | (1 << 34 if packed else 0)
assert offered & wanted == wanted, hex(offered)
send(15, reply=True)
send(16, struct.pack("=Q", 0))
send(2, struct.pack("=Q", wanted))
file = os.memfd_create("ring")
size = 1 << 20
os.ftruncate(file, size)
memory = mmap.mmap(file, size)
base = 0x10000000
send(5, struct.pack("=IIQQQQ", 1, 0, 0, size, base, 0), [file])
for queue, ring in enumerate((0x10000, 0x20000)):  # descriptors, then 4096 bytes on avail, or what the driver suppresses, then used
    send(8, struct.pack("=II", queue, 64))
    send(10, struct.pack("=II", queue, 0x80008000 if packed else 0))
    send(9, struct.pack("=IIQQQQ", queue, 0, base + ring, base + ring + 8192, base + ring + 4096, 0))
    send(13, struct.pack("=Q", queue), [os.eventfd(0)])
    send(12, struct.pack("=Q", queue), [os.eventfd(0)])
for queue in (0, 1):
    send(18, struct.pack("=II", queue, 1))
buffer = 0x40000
memory[buffer:buffer + 72] = bytes(12) + b"\x02" * 12 + b"\x08\x00" + bytes(46)
if packed:
    struct.pack_into("=QIHH", memory, ring, buffer, 72, 5, 0x80)
else:
    struct.pack_into("=QIHH", memory, ring, buffer, 72, 0, 0)
    struct.pack_into("=HHH", memory, ring + 4096, 0, 1, 0)
end = time.monotonic() + 10
while True:
    length, = struct.unpack_from("=I", memory, ring + (8 if packed else 8192 + 8))
    flags, index = struct.unpack_from("=H", memory, ring + 14)[0], struct.unpack_from("=H", memory, ring + 8194)[0]
    if flags & 0x8080 == 0x8080 if packed else index == 1:
        break
    assert time.monotonic() < end, "the packet is not taken"
    time.sleep(0.01)
print(length)
PY
length() { # RING: packed or split
	dpdk_testpmd 8 "net_vhost0,iface=$dir/socket" >"$dir/log" &
	testpmd=$!
	dpdk_socket
	timeout 30 python3 "$dir/transmit.py" "$dir/socket" "$1"
	wait $testpmd
	grep -q 'RX-packets: 1 ' "$dir/log"
	rm -f "$dir/socket"
}
packed=$(length packed)
split=$(length split)
# Output seen:
#   unpacked: dpdk-dev 22.11.11-0+deb12u1
#   length of a used buffer of 72 bytes that was only read: packed ring 72, split ring 0
echo "length of a used buffer of 72 bytes that was only read: packed ring $packed, split ring $split"
[ "$packed $split" = "72 0" ]
