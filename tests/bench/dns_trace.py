#!/usr/bin/env python3
"""`ntsh dns trace` against `dig +trace`: whole processes in turn, a name three levels below a private root, its servers 20 ms away (needs
root; nsd and unbound). dig gets the root's servers from the resolver; the floor is one round trip a level."""
import os
import shutil
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lab"))
import lab  # noqa: E402
from dnsworld import TOPOLOGY, World  # noqa: E402

RUNS = int(os.environ.get("RUNS", "40"))


def wall(node, *words):
    began = time.perf_counter()
    done = node.run(*words)
    took = (time.perf_counter() - began) * 1000
    if done.returncode:
        raise SystemExit(f"{words}: status {done.returncode}: {done.stdout[-500:]}")
    return took


def main():
    if os.geteuid() != 0 or not all(shutil.which(p) for p in ("nsd", "unbound", "dig", "dnssec-signzone")):
        print("SKIPPED: needs root, nsd, unbound, dig and dnssec-signzone")
        return 77
    lab.tidy()
    with lab.Lab(TOPOLOGY) as net:
        world = World(net)
        world.zone("site.corp", ["www A 192.0.2.80"])
        world.start().resolver()
        net.link("path").rtt(20)
        ours, theirs, nothing = [], [], []
        for _ in range(RUNS):
            ours.append(wall(world.client, lab.program(), "dns", "trace", "www.site.corp", "--root", world.hints))
            theirs.append(wall(world.client, "dig", "+trace", "www.site.corp"))
            nothing.append(wall(world.client, "true"))
        floor = statistics.median(nothing)  # what entering the namespace costs
        a, b = statistics.median(ours) - floor, statistics.median(theirs) - floor
        print(f"trace of three levels at 20 ms   ntsh {a:6.1f} ms  dig +trace {b:6.1f} ms  wall ratio {a / b:.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
