#!/usr/bin/env python3
"""traceroute and mtr against their namesakes: whole processes in turn, 12 hops at 48 ms. Limits of ICMP are off where times are compared, on where hops
are. Needs root."""
import os
import shutil
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
from lab import Lab, Topology, program  # noqa: E402

HOPS, RUNS = 12, int(os.environ.get("RUNS", "15"))
NODES = ["client"] + [f"r{i}" for i in range(1, HOPS)] + ["server"]
WAY = Topology("client --- r1 --- ... --- server", links={f"l{i}": (NODES[i - 1], NODES[i]) for i in range(1, HOPS + 1)}, routers=NODES[1:-1],
               emulated=("l6",))


def took(node, *words):
    begun = time.perf_counter()
    out = node.run(*words).stdout
    return time.perf_counter() - begun, out


def limits(lab, limit):
    for name in NODES:
        lab[name].sysctl(net__ipv4__icmp_ratelimit=limit, net__ipv6__icmp__ratelimit=limit)


def compare(name, node, ours, theirs, runs=RUNS):
    pairs = [(took(node, *ours)[0], took(node, *theirs)[0]) for _ in range(runs)]
    a, b = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    print(f"{name:34} ntsh {a * 1000:7.1f} ms  {theirs[0]} {b * 1000:7.1f} ms  ratio {a / b:.2f}", flush=True)


def exact(lab, target):
    right = 0
    for _ in range(10):
        found = [hop["address"] for hop in lab["client"].ntsh("traceroute", "-n", target)["result"]["hops"]]
        right += found == [f"10.0.{i}.2" for i in range(1, HOPS + 1)]
    print(f"{'hops exact, limits on, no pause':34} {right} of 10")


def main():
    if os.geteuid() != 0 or not shutil.which("traceroute") or not shutil.which("mtr"):
        print("SKIPPED: needs root, traceroute and mtr")
        return 77
    with Lab(WAY) as lab:
        lab.link("l6").rtt(48)
        client, server = lab["client"], lab["server"]
        limits(lab, 0)
        ours = (program(), "traceroute", "-n")
        compare("all answer, UDP", client, (*ours, server.addr4), ("traceroute", "-n", "-N", "64", server.addr4))
        compare("all answer, ICMP", client, (*ours, "-I", server.addr4), ("traceroute", "-n", "-I", "-N", "64", server.addr4))
        compare("mtr, 10 rounds at 0.1 s", client, (program(), "mtr", "-n", "--report", "-c", "10", "-i", "0.1", server.addr4),
                ("mtr", "-n", "-r", "-c", "10", "-i", "0.1", "-G", "1", server.addr4), 3)
        server.nft("table inet t { chain c { type filter hook input priority 0; policy drop; } }")
        silent = statistics.median(took(client, *ours, server.addr4)[0] for _ in range(5))
        print(f"{'target behind a filter':34} ntsh {silent * 1000:7.1f} ms")
        server.nft("flush ruleset")
        limits(lab, 1000)
        exact(lab, server.addr4)
    return 0


if __name__ == "__main__":
    sys.exit(main())
