#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# dpdk-vectorized.sh - DPDK 22.11, virtio-user: vectorized=1 gives another loop without a word, unless other options fit.
#
# A good guess: who asks for the vectorized driver gets it, or is told. With mergeable buffers, which are on by
# default, or IN_ORDER, which wins, a split ring is received by another loop, and transmitted by another one always; only
# log messages of level "info", which are off by default, say so. (A packed ring needs AVX-512 and
# --force-max-simd-bitwidth=512 besides.) Needs apt-get download. Exits 0 while that is so.
set -eu
# shellcheck source=findings/dpdk.sh
. "$(dirname "$0")/dpdk.sh"
dpdk_get
cat >"$dir/offer.py" <<'PY'
import sys
from vhost_user_device import Device

device = Device(sys.argv[1], 1 << 35 | 1 << 15)
device.until_ready()
device.until_gone()
PY

# loops OPTIONS [EAL-OPTION...]: those of a driver with vectorized=1, as its log has them
loops() {
	options=$1
	shift
	dpdk_before 5 "$dir/offer.py" "" "vectorized=1,$options" "$@"
	sed -n 's/.*virtio: using \(.*\) path on port 0/\1/p' "$dir/log" | sort | paste -s -d ,
}
info='--log-level=pmd.net.virtio.*:info'
silent=$(loops mrg_rxbuf=1,in_order=0)
merged=$(loops mrg_rxbuf=1,in_order=0 "$info")
ordered=$(loops mrg_rxbuf=0,in_order=1 "$info")
neither=$(loops mrg_rxbuf=0,in_order=0 "$info")
# Output seen:
#   unpacked: dpdk-dev 22.11.11-0+deb12u1
#   vectorized=1, log as it is by default: nothing
#   vectorized=1,mrg_rxbuf=1: mergeable buffer Rx,standard Tx
#   vectorized=1,in_order=1: inorder Rx,inorder Tx
#   vectorized=1, neither: standard Tx,vectorized Rx
echo "vectorized=1, log as it is by default: ${silent:-nothing}"
echo "vectorized=1,mrg_rxbuf=1: $merged"
echo "vectorized=1,in_order=1: $ordered"
echo "vectorized=1, neither: $neither"
[ "$silent|$merged|$ordered|$neither" = \
	"|mergeable buffer Rx,standard Tx|inorder Rx,inorder Tx|standard Tx,vectorized Rx" ]
