#!/usr/bin/env python3
"""ping of 4,096 hosts against fping (all alive) and nmap -sn (a quarter silent), and round trips against the packets on the wire, at 1 and 20 ms. Needs root."""
import os
import shutil
import signal
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
from lab import Lab, Topology, program  # noqa: E402
from test_ping import arrivals  # noqa: E402

RUNS = int(os.environ.get("RUNS", "9"))
WAY = Topology("client --- gw --- net", links={"a": ("client", "gw"), "b": ("gw", "net")}, routers=("gw",))
PAIR = Topology("client ~~~ middle --- server", links={"far": ("client", "middle"), "near": ("middle", "server")}, routers=("middle",),
                emulated=("far",))
PREFIX = "10.99.0.0/20"
PEERS = {"fping": ("fping", "-q", "-i", "0", "-r", "1", "-g", "10.99.0.0", "10.99.15.255"),
         "nmap": ("nmap", "-sn", "-n", "-PE", "--max-retries", "1", "-T5", "--min-parallelism", "1000", "--min-hostgroup", "4096",
                  "--max-rtt-timeout", "50ms", PREFIX)}


def took(node, *words):
    begun = time.perf_counter()
    node.run(*words)
    return time.perf_counter() - begun


def compare(name, client, peer):
    pairs = [(took(client, program(), "ping", PREFIX), took(client, *PEERS[peer])) for _ in range(RUNS)]
    a, b = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    print(f"{name:30} ntsh {a * 1000:7.1f} ms  {peer} {b * 1000:7.1f} ms  ratio {a / b:.2f}", flush=True)


def many():
    with Lab(WAY) as lab:
        client, gw, net = lab["client"], lab["gw"], lab["net"]
        gw.ip("route", "add", "10.99.0.0/16", "via", net.addresses4["b"])
        net.ip("route", "add", "local", PREFIX, "dev", "lo")
        compare("4,096 hosts, all alive", client, "fping")
        net.nft("table ip t { chain c { type filter hook input priority 0; ip daddr & 0.0.0.3 == 0.0.0.3 drop; } }")
        compare("4,096 hosts, a quarter silent", client, "nmap")


def wire(rtt):
    """Both stamps are taken at the far ends of the client's veth: at the emulator's end requests arrive as they leave, and replies leave for the client as they
    arrive there."""
    with Lab(PAIR) as lab:
        lab.link("far").rtt(rtt)
        client, server = lab["client"], lab["server"]
        paths = {name: os.path.join(lab.folder, name) for name in ("out", "in")}
        devices = {"out": (lab.wire, "w1a", "in"), "in": (client, "eth0", "in")}
        captures = []
        for name, (node, device, way) in devices.items():
            captures.append(node.start("tcpdump", "-i", device, "-Q", way, "-w", paths[name], "-U", "-Z", "root",
                                       "--time-stamp-precision=nano", "icmp"))
        for capture in captures:
            while "listening on" not in capture.output():
                time.sleep(0.02)
        probes = client.ntsh("ping", "-c", 200, "-i", "5ms", server.addr4)["result"]["probes"]
        time.sleep(1.5)
        for capture in captures:
            capture.stop(signal.SIGINT)
        left, came = arrivals(paths["out"], 8), arrivals(paths["in"], 0)
        errors = [abs(p["rtt_ms"] * 1e6 - (came[p["seq"]] - left[p["seq"]])) for p in probes if p["seq"] in came and p["seq"] in left]
        print(f"{f'round trip at {rtt} ms':30} median error {statistics.median(errors):.0f} ns over {len(errors)} probes")


def main():
    if os.geteuid() != 0 or not all(shutil.which(peer) for peer in ("fping", "nmap", "tcpdump")):
        print("SKIPPED: needs root, fping, nmap and tcpdump")
        return 77
    many()
    wire(1)
    wire(20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
