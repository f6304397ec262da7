#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# qemu-tx-queue-size.sh - QEMU 7.2, virtio-net: tx_queue_size=1024 is taken without a word, and the queue has 256 entries.
#
# A good guess: both sizes are as asked for, or refused. QEMU does refuse 300, with "must be a power of 2 between 256 and
# 1024", and rx_queue_size=1024 is honoured; but with a network of its own (user, tap, hubport) a tx_queue_size of 512 or 1024
# becomes 256. So who compares ring sizes over it compares 256 with 256 where the guest transmits. Only asking the device tells.
# Needs apt-get download and the libraries of qemu-system-x86_64. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get_qemu seabios=1.16.2-1

# asked RX TX: what QEMU says of the two queues; nothing but its own words on stderr if it refuses
asked() {
	{
		echo '{"execute": "qmp_capabilities"}'
		for queue in 0 1; do
			echo '{"execute": "x-query-virtio-queue-status", "arguments":
				{"path": "/machine/peripheral/net/virtio-backend", "queue": '$queue'}}'
		done
		echo '{"execute": "quit"}'
	} | timeout 60 "$qemu" -L "$root/usr/share/seabios" -L "$root/usr/share/qemu" -machine q35 -accel tcg -m 64 -nodefaults \
		-display none -S -qmp stdio -netdev hubport,id=n,hubid=0 \
		-device "virtio-net-pci,id=net,netdev=n,romfile=,rx_queue_size=$1,tx_queue_size=$2" 2>&1 |
		grep -o '"vring-num": [0-9]*\|Invalid.*' | tr '\n' ' '
}
for tx in 300 512 1024; do
	echo "rx_queue_size=1024,tx_queue_size=$tx: $(asked 1024 $tx)" | tee -a "$dir/out"
done
# Output seen, of the receive and the transmit queue:
#   QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)
#   rx_queue_size=1024,tx_queue_size=300: Invalid tx_queue_size (= 300), must be a power of 2 between 256 and 1024
#   rx_queue_size=1024,tx_queue_size=512: "vring-num": 1024 "vring-num": 256
#   rx_queue_size=1024,tx_queue_size=1024: "vring-num": 1024 "vring-num": 256
[ "$(grep -c 'tx_queue_size=[15].*: "vring-num": 1024 "vring-num": 256 $' "$dir/out")" = 2 ]
grep -q 'tx_queue_size=300: Invalid tx_queue_size' "$dir/out"
