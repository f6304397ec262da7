#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# libvhost-user-polling.sh - qemu-storage-daemon 7.2 (libvhost-user): a queue without a kick descriptor is accepted, and never polled.
#
# A good guess: a front-end that has no descriptor for kicks says so (SET_VRING_KICK with bit 8, "polling should be used
# instead of waiting for the kick"), and a back-end that cannot poll refuses that message. libvhost-user acknowledges it, and
# looks at the ring never: a read request lies there for good. With a descriptor the same request is done.
# Needs apt-get download and the libraries of qemu-storage-daemon. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get qemu-system-common=1:7.2+dfsg-7+deb12u18+b3
unset LD_LIBRARY_PATH
daemon=$root/usr/bin/qemu-storage-daemon
debian_can_run "$daemon"
cat >"$dir/client.py" <<'PY'
import os, socket, struct, sys, time, mmap

def run(path, kick):
    """A read of sector 0 through a ring of 4. Was it done within two seconds?"""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(path)

    def send(request, payload=b"", files=(), reply=0):
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(files), *files))] if files else []
        s.sendmsg([struct.pack("=III", request, 1 | (0 if reply else 8 * acks), len(payload)) + payload], control)
        if reply or acks:
            _, _, size = struct.unpack("=III", s.recv(12, socket.MSG_WAITALL))
            value = struct.unpack("=Q", s.recv(size, socket.MSG_WAITALL))[0]
            assert reply or not value, "message %d was refused" % request
            return value
        return None

    acks = 0
    send(3)
    features = send(1, reply=1)
    protocol = send(15, reply=1) if features >> 30 & 1 else 0
    assert protocol & 8, "no REPLY_ACK"
    send(16, struct.pack("=Q", 8))
    acks = 1
    send(2, struct.pack("=Q", 1 << 32 | 1 << 30))
    file = os.memfd_create("ring")
    os.ftruncate(file, 65536)
    memory = mmap.mmap(file, 65536)
    base = 0x10000000
    # header, data, status; then the ring: head 0 is available
    struct.pack_into("=QIHH", memory, 4096, 16384, 16, 1, 1)
    struct.pack_into("=QIHH", memory, 4112, 20480, 512, 3, 2)
    struct.pack_into("=QIHH", memory, 4128, 24576, 1, 2, 0)
    memory[24576] = 0xff
    struct.pack_into("=HHH", memory, 8192, 0, 0, 0)
    send(5, struct.pack("=IIQQQQ", 1, 0, 0, 65536, base, 0), [file])
    event, call = os.eventfd(0), os.eventfd(0)
    send(13, struct.pack("=Q", 0), [call])
    send(8, struct.pack("=II", 0, 4))
    send(10, struct.pack("=II", 0, 0))
    send(9, struct.pack("=IIQQQQ", 0, 0, base + 4096, base + 12288, base + 8192, 0))
    send(12, struct.pack("=Q", 0 if kick else 0x100), [event] if kick else ())
    send(18, struct.pack("=II", 0, 1))
    struct.pack_into("=H", memory, 8194, 1)
    if kick:
        os.eventfd_write(event, 1)
    since = time.monotonic()
    while struct.unpack_from("=H", memory, 12290)[0] != 1 and time.monotonic() - since < 2:
        time.sleep(0.01)
    done = struct.unpack_from("=H", memory, 12290)[0] == 1 and memory[24576] == 0
    s.close()
    return done

polled, kicked = run(sys.argv[1], False), run(sys.argv[1], True)
print("without a kick descriptor: the message is acknowledged, the request is %s" % ("done" if polled else "not done"))
print("with one: the request is %s" % ("done" if kicked else "not done"))
sys.exit(0 if kicked and not polled else 1)
PY
truncate -s 1M "$dir/disk"
"$daemon" --blockdev "file,node-name=f,filename=$dir/disk" \
	--export "vhost-user-blk,id=e,addr.type=unix,addr.path=$dir/socket,node-name=f" >"$dir/log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -S "$dir/socket" ] || sleep 0.25
done
"$daemon" --version | head -n 1
if ! [ -S "$dir/socket" ]; then
	cat "$dir/log"
	exit 77
fi
# Output seen:
#   qemu-storage-daemon version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)
#   without a kick descriptor: the message is acknowledged, the request is not done
#   with one: the request is done
timeout 60 python3 "$dir/client.py" "$dir/socket"
