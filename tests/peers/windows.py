#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A session of scripts/peers on standard output, without DPDK: testpmd is this file, and probes say what they are told.

    windows.py PLACE...     the places of the probes, one more than there are windows; "near!": the probe itself saw it move
    windows.py ends         testpmd ends before its second window

Exit code 1 if a window is not what was counted, if anything of testpmd had a CPU while the placement was probed, or if any
of it is left at the end.
"""
import contextlib
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# 1000 packets an answer, so a window, at 10 million a second
ANSWER = "  TX-packets: {packets}     TX-errors: 0     TX-bytes: 0\n  Rx-pps:  7\n  Tx-pps:  10000000     Tx-bps: 0\n"


def testpmd(words):
    device = re.search(r"iface=([^,]*)", " ".join(words))
    if device:
        with open(device[1], "w", encoding="ascii"):
            pass
    packets = 0
    for _ in sys.stdin:
        packets += 1000
        if "FAKE_ENDS" in os.environ and packets > 4000:
            return
        print(ANSWER.format(packets=packets), end="", flush=True)


def children():
    """The state of each."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                state, parent = file.read().rsplit(") ", 1)[1].split()[:2]
            if int(parent) == os.getpid():
                yield state


def template():
    """Head, a cell, a sample of it, and the end, of some session."""
    kinds = {}
    with open(f"{ROOT}/results/reference/zen5-guest-main.jsonl", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row.get("cell", 0) == 0 or row["type"] == "end":
                kinds.setdefault(row["type"], row)
    return dict(kinds["session"], end_digest=True), kinds["cell"], kinds["sample"], dict(kinds["end"], cells=1, digest="0x1")


def main(places):
    loader = importlib.machinery.SourceFileLoader("peers", f"{ROOT}/scripts/peers")
    peers = importlib.util.module_from_spec(importlib.util.spec_from_loader("peers", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(peers)
    if places == ["ends"]:
        places = ["near"] * 4
        os.environ["FAKE_ENDS"] = "1"
    peers.huge_pages = contextlib.nullcontext
    peers.WINDOWS = len(places) - 1
    head, cell, sample, end = template()
    told = iter(["far", *places])  # the first is asked for its head alone

    def ours(_options, _folder):
        assert all(state == "T" for state in children()), "not stopped while the placement is probed"
        place = next(told)
        c2c = {"near": 30.5, "far": 110.25}[place.rstrip("!")]
        return [head, cell, dict(sample, place=place.rstrip("!"), c2c_before_ns=c2c, c2c_after_ns=c2c + 1,
                                 flags=["class-moved"] if place.endswith("!") else ["steal"]), dict(end)]

    peers.ours = ours
    try:
        rows = peers.session("testpmd-split-tx", "old")
    finally:
        assert not list(children()), "left behind"
    for i, row in enumerate(rows[2:-1]):
        before, after = places[i:i + 2]
        assert (row["buffers"], row["elapsed_ns"]) == (1000, 100000), row
        assert row["round"] == i and row["place"] == before.rstrip("!"), row
        assert (row["flags"] == []) == (before == after and "!" not in before), row
        assert row["drv"]["polls"] == row["dev"]["empty_polls"] == 0, row
    assert len(rows) == 2 + len(places)
    for row in rows:
        print(json.dumps(row))


if __name__ == "__main__":
    if os.path.basename(sys.argv[0]) == "dpdk-testpmd":
        testpmd(sys.argv)
    else:
        with tempfile.TemporaryDirectory() as bin_folder:
            os.symlink(os.path.abspath(__file__), f"{bin_folder}/dpdk-testpmd")
            os.environ["PATH"] = f"{bin_folder}:{os.environ['PATH']}"
            main(sys.argv[1:])
