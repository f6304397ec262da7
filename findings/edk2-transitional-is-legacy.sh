#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# edk2-transitional-is-legacy.sh - EDK2 2022.11 drives a transitional virtio device as a legacy one, though VERSION_1 is offered.
#
# A good guess: a driver that knows Virtio 1.0 accepts VERSION_1 where it is offered, as Linux does. EDK2 has a driver for
# 1.0, but binds it to device ids of 1.0 alone; a transitional device (QEMU's default on a root bus of q35) goes to its driver
# for 0.9.5, which sees the lower 32 feature bits. So a vhost-user back-end that serves UEFI guests meets legacy rings: no
# VERSION_1, and of a net device without MRG_RXBUF a header of 10 bytes. With disable-legacy=on it is as guessed.
# Needs apt-get download and the libraries of qemu-system-x86_64. Some 20 s. Exits 0 while that is so.
set -eu
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"
debian_get_qemu ovmf=2022.11-6+deb12u2

# driven OPTION: whether the driver that has started took VERSION_1
driven() {
	out=$dir/driven-$1
	: >"$out"
	cp "$root/usr/share/OVMF/OVMF_VARS_4M.fd" "$dir/vars"
	# shellcheck disable=SC2094 # it asks until the answer is there
	{
		echo '{"execute": "qmp_capabilities"}'
		until grep -q '"VIRTIO_CONFIG_S_DRIVER_OK' "$out"; do
			sleep 1
			echo '{"execute": "x-query-virtio-status", "arguments": {"path": "/machine/peripheral/disk/virtio-backend"}}'
		done
		echo '{"execute": "quit"}'
	} | timeout 240 "$qemu" -L "$root/usr/share/qemu" -machine q35,graphics=off -accel tcg -cpu max -m 256 -nodefaults -display none \
		-drive "if=pflash,format=raw,readonly=on,file=$root/usr/share/OVMF/OVMF_CODE_4M.fd" \
		-drive "if=pflash,format=raw,file=$dir/vars" \
		-blockdev driver=null-co,node-name=none,size=67108864,read-zeroes=on \
		-device "virtio-blk-pci,id=disk,drive=none,bootindex=0,disable-legacy=$1" -qmp stdio >>"$out" 2>&1 || true
	grep '"VIRTIO_CONFIG_S_DRIVER_OK' "$out" | grep -o '"guest-features": {[^}]*}' | head -n 1 >"$dir/features"
	case $(cat "$dir/features") in
	*VIRTIO_F_VERSION_1*) echo 'VERSION_1 accepted' ;;
	*features*) echo legacy ;;
	*) echo "no driver: $(tail -n 1 "$out")" ;;
	esac
}
for option in off on; do
	echo "disable-legacy=$option: $(driven $option)" | tee -a "$dir/out"
done
# Output seen:
#   QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)
#   disable-legacy=off: legacy
#   disable-legacy=on: VERSION_1 accepted
grep -qx 'disable-legacy=off: legacy' "$dir/out"
grep -qx 'disable-legacy=on: VERSION_1 accepted' "$dir/out"
