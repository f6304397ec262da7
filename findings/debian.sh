#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# debian.sh - sourced by the findings: packages of Debian 12, unpacked beside the installed ones.
#
# Sets dir, a temporary folder that is removed at the end, and root, what is unpacked in it.
# Exit status of a finding: 0 it is still so, 1 it is not, 77 it could not be tried here.
dir=$(mktemp -d)
root=$dir/root
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM # dash does not come to the first otherwise

# debian_get PACKAGE=VERSION...: exactly these, or exit 77
debian_get() {
	if ! (cd "$dir" && apt-get download "$@") >"$dir/apt" 2>&1; then
		echo "cannot be downloaded: $(grep '^E: ' "$dir/apt" || cat "$dir/apt")"
		exit 77
	fi
	for deb in "$dir"/*.deb; do
		dpkg-deb -x "$deb" "$root"
		# shellcheck disable=SC2016 # dpkg expands them
		dpkg-deb -W --showformat='unpacked: ${Package} ${Version}\n' "$deb"
		package=$(dpkg-deb -f "$deb" Package)
		dpkg-query -W -f 'installed: ${Package} ${Version}\n' "$package" 2>/dev/null ||
			echo "installed: no $package"
	done
	libraries=$(dirname "$(find "$root" -name '*.so*' | head -n 1)")
	[ "$libraries" = . ] || export LD_LIBRARY_PATH="$libraries"
}

# debian_can_run FILE: what it is linked to is here, or exit 77
debian_can_run() {
	if ldd "$1" | grep 'not found'; then
		exit 77
	fi
}

# debian_get_qemu PACKAGE=VERSION...: QEMU for x86-64 and these; $qemu is it
debian_get_qemu() {
	debian_get qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3 qemu-system-common=1:7.2+dfsg-7+deb12u18+b3 \
		qemu-system-data=1:7.2+dfsg-7+deb12u18 "$@"
	unset LD_LIBRARY_PATH
	export QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu"
	qemu=$root/usr/bin/qemu-system-x86_64
	debian_can_run "$qemu"
	"$qemu" --version | head -n 1
}

# debian_get_arm: a cross compiler and a static libc for 64-bit Arm; $arm_cc calls it
debian_get_arm() {
	cross=12.2.0-14cross1
	debian_get gcc-12-aarch64-linux-gnu=$cross cpp-12-aarch64-linux-gnu=$cross \
		binutils-aarch64-linux-gnu=2.40-2 libgcc-12-dev-arm64-cross=$cross \
		libc6-dev-arm64-cross=2.36-8cross1 linux-libc-dev-arm64-cross=6.1.4-1cross1 "$@"
	LD_LIBRARY_PATH=$(find "$root" -name 'libopcodes*' -printf %h -quit)
	export LD_LIBRARY_PATH
	arm_cc="$root/usr/bin/aarch64-linux-gnu-gcc-12 -static -O1 -B$root/usr/aarch64-linux-gnu/bin
		-isystem $root/usr/aarch64-linux-gnu/include -B$root/usr/aarch64-linux-gnu/lib
		-L$root/usr/aarch64-linux-gnu/lib"
	debian_can_run "$root/usr/bin/aarch64-linux-gnu-gcc-12"
}

# arm_differs SOURCE HERE ARM: what the program prints here, and by the unpacked qemu-aarch64
arm_differs() {
	$arm_cc -o "$dir/arm" "$1"
	cc -o "$dir/host" "$1"
	unset LD_LIBRARY_PATH
	echo "this kernel: $("$dir/host")"
	echo "qemu-user:   $("$root/usr/bin/qemu-aarch64" "$dir/arm" | tee "$dir/out")"
	[ "$("$dir/host")" = "$2" ]
	[ "$(cat "$dir/out")" = "$3" ]
}
