#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# dpdk.sh - sourced by the findings: DPDK's testpmd, as a driver (virtio-user) before vhost_user_device.py, or as a device.
#
# DPDK loads its drivers from a folder of the system too, if there is one, which cannot be switched off: two of each
# end it. There the unpacked ones are mounted over it, for testpmd alone.
# shellcheck source=findings/debian.sh
. "$(dirname "$0")/debian.sh"

version=22.11.11-0+deb12u1
PYTHONPATH=$(cd "$(dirname "$0")" && pwd)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1

# dpdk_get: testpmd and what it needs, or exit 77
dpdk_get() {
	set -- dpdk-dev=$version
	for part in bitratestats23 bpf23 bus-auxiliary23 bus-dpaa23 bus-pci23 bus-vdev23 cmdline23 common-dpaax23 common-iavf23 \
		common-mlx5-23 crypto-scheduler23 cryptodev23 dmadev23 eal23 ethdev23 eventdev23 gro23 gso23 hash23 ip-frag23 kvargs23 \
		latencystats23 mbuf23 mempool-dpaa23 mempool-ring23 mempool23 meter23 metrics23 net-bnxt23 net-bond23 net-dpaa23 \
		net-i40e23 net-ice23 net-ixgbe23 net-mlx5-23 net-vhost23 net-virtio23 net23 pcapng23 pci23 pdump23 rcu23 reorder23 ring23 \
		sched23 security23 telemetry23 timer23 vhost23; do
		set -- "$@" librte-$part=$version
	done
	debian_get "$@" libibverbs1=44.0-2 ibverbs-providers=44.0-2 libnl-3-200=3.7.0-0.2+b1 libnl-route-3-200=3.7.0-0.2+b1 \
		libfdt1=1.6.1-4+b1 libpcap0.8=1.10.3-1 libdbus-1-3=1.14.10-1~deb12u1 libbsd0=0.11.7-2 libmd0=1.0.4-2 \
		libelf1=0.188-2.1 libjansson4=2.14-2 libnuma1=2.0.16-1 >"$dir/got"
	grep dpdk-dev "$dir/got"
	LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu
	export LD_LIBRARY_PATH
	debian_can_run "$root/usr/bin/dpdk-testpmd"
	drivers=$root/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0
	if [ -d "${drivers#"$root"}" ] && ! unshare -rm true; then
		echo "DPDK is installed, and no mount namespace to be had"
		exit 77
	fi
}

# dpdk_socket: waits for the socket $dir/socket of a device
dpdk_socket() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -S "$dir/socket" ] || sleep 0.25
	done
}

# dpdk_testpmd SECONDS VDEV [EAL-OPTION...]: testpmd receives for so long, and says then what it has counted.
dpdk_testpmd() {
	seconds=$1 vdev=$2
	shift 2
	set -- timeout 60 "$root/usr/bin/dpdk-testpmd" -l 0,1 --no-huge -m 128 --no-pci --file-prefix "finding$$" "$@" \
		--vdev "$vdev"
	if [ -d "${drivers#"$root"}" ]; then
		# shellcheck disable=SC2016 # of the inner shell
		set -- unshare -rm sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$drivers" "${drivers#"$root"}" "$@"
	else
		set -- "$@" -d "$drivers"
	fi
	{ sleep "$seconds"; echo show port stats 0; echo quit; } |
		"$@" -- --total-num-mbufs=2048 -i --auto-start --forward-mode=rxonly 2>&1
}

# dpdk_before SECONDS DEVICE ARGUMENT OPTIONS [EAL-OPTION...]: the same, its virtio-user with these options before the
# back-end DEVICE, a file of Python, which is called with the socket and ARGUMENT. Output: $dir/log
dpdk_before() {
	seconds=$1 options=$4
	timeout 90 python3 "$2" "$dir/socket" "$3" &
	backend=$!
	shift 4
	dpdk_socket
	dpdk_testpmd "$seconds" "net_virtio_user0,path=$dir/socket,queue_size=64,$options" "$@" >"$dir/log"
	wait $backend
	rm -f "$dir/socket"
}
