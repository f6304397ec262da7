# SPDX-License-Identifier: BSD-3-Clause
"""A vhost-user back-end as small as it can be: what the findings put before a foreign driver."""
import mmap
import os
import socket
import struct
import time


class Device:
    """A vhost-user back-end for one driver: it answers until the driver has filled its receive ring, and keeps what was said."""

    def __init__(self, path, features):
        self.features, self.bases, self.rings, self.regions, self.enabled = features, {}, {}, [], set()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(30)
        self.s = listener.accept()[0]

    def answer(self, seconds):
        """One message. False if the driver is gone; True, too, if none came in that time."""
        self.s.settimeout(seconds)
        try:
            head, control, _, _ = self.s.recvmsg(12, socket.CMSG_SPACE(64))
        except TimeoutError:
            return True
        if len(head) < 12:
            return False
        files = [f for _, _, d in control for f in struct.unpack("=%di" % (len(d) // 4), d)]
        request, flags, size = struct.unpack("=III", head)
        body = self.s.recv(size, socket.MSG_WAITALL) if size else b""
        if request == 5:  # memory
            self.regions = []
            for i in range(struct.unpack_from("=I", body)[0]):
                guest, length, user, offset = struct.unpack_from("=QQQQ", body, 8 + 32 * i)
                self.regions.append((guest, length, user, mmap.mmap(files[i], length + offset), offset))
        elif request == 9:  # addresses of a ring: descriptors, used, available
            self.rings[struct.unpack_from("=I", body)[0]] = struct.unpack_from("=QQQ", body, 8)
        elif request == 10:  # the position to go on from
            queue, base = struct.unpack("=II", body)
            self.bases[queue] = base
        elif request == 18:
            self.enabled.add(struct.unpack_from("=I", body)[0])
        answers = {1: self.features | 1 << 32 | 1 << 30, 15: 8, 17: 1}
        if request == 11:
            self.s.sendall(struct.pack("=IIIII", 11, 5, 8, struct.unpack_from("=I", body)[0], 0))
        elif request in answers or flags & 8:
            self.s.sendall(struct.pack("=IIIQ", request, 5, 8, answers.get(request, 0)))
        for f in files:
            os.close(f)
        return True

    def until_ready(self):
        """Both queues are enabled, and the driver had a second to post its receive buffers."""
        while len(self.enabled) < 2:
            assert self.answer(30), "the driver went away"
        end = time.monotonic() + 1
        while time.monotonic() < end:
            self.answer(0.1)

    def until_gone(self):
        while self.answer(1):
            pass

    def at(self, address, guest=False):
        """The mapping, and the offset in it, of an address of the driver."""
        for start, length, user, memory, offset in self.regions:
            first = start if guest else user
            if first <= address < first + length:
                return memory, address - first + offset
        raise ValueError(hex(address))

    def packet(self, address, size=76):
        """Writes a header and a packet there, so many bytes together."""
        memory, at = self.at(address, True)
        memory[at:at + size] = bytes(12) + b"\x02" * 12 + b"\x08\x00" + bytes(size - 26)
