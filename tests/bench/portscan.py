#!/usr/bin/env python3
"""How fast `ntsh portscan` is beside nmap (the best of several tunings) and zmap, and whether it sees the same ports: in namespaces of
its own, in the same run, each pair in turn. Prints ratios of medians and their limits.

Usage: portscan.py PROGRAM [ROUNDS] [SCENARIO...]      scenarios: closed filtered far net sixteen loss memory
"""
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lab"))
os.environ["NTSH"] = os.path.abspath(sys.argv[1])
from lab import Lab, Topology  # noqa: E402

NEAR = Topology("client --link-- server", links={"link": ("client", "server")})
FAR = Topology("client ~~link~~ server", links={"link": ("client", "server")}, emulated=("link",))
OPEN = sorted(random.Random(7).sample(range(1024, 60000), 25))
LISTEN = """
import socket, sys, time
held = []
for family in (socket.AF_INET, socket.AF_INET6):
    for port in map(int, sys.argv[1:]):
        s = socket.socket(family)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("", port)); s.listen(512); held.append(s)
print("ready", flush=True)
time.sleep(3600)
"""
# Each asks a silent port at least twice: with --max-retries 0 nmap misses what was lost once.
NMAP = [["-T4", "--host-timeout", "20s"], ["-T5", "--host-timeout", "20s", "--max-retries", "2", "--min-rtt-timeout", "10ms", "--initial-rtt-timeout", "50ms", "--max-rtt-timeout", "100ms"],
        ["-T5", "--min-rate", "100000", "--max-retries", "1", "--initial-rtt-timeout", "50ms", "--max-rtt-timeout", "100ms"]]
failures = []


def timed(node, *argv, timeout=200):
    begin = time.perf_counter()
    done = subprocess.run(["ip", "netns", "exec", node.netns, *map(str, argv)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout)
    return time.perf_counter() - begin, done.stdout


def ours(lab, target, ports, *more):
    took, out = timed(lab["client"], os.environ["NTSH"], "--json", "portscan", "-p", ports, "--rate", "max", *more, target)
    result = json.loads(out)["result"]
    return took, {(row["address"], row["port"]) for row in result["ports"] if row["state"] == "open"}, result


def nmap(lab, target, ports, tuning):
    took, out = timed(lab["client"], "nmap", "-n", "-Pn", "-sS", "-p", ports, "--open", "-oG", "-", *tuning, target)
    found = set()
    for line in out.splitlines():
        match = re.match(r"Host: (\S+) .*Ports: (.*)", line)
        if match:
            found |= {(match[1], int(p.split("/")[0])) for p in match[2].split(", ") if "/open/" in p}
    return took, found


def verdict(name, ratio, limit, more=""):
    good = ratio <= limit
    if not good:
        failures.append(name)
    print(f"{name}: ratio {ratio:.2f}, limit {limit} {'' if good else '  TOO SLOW '}{more}", flush=True)


def against_nmap(name, lab, target, ports, limit, rounds, expected):
    tunings = {}
    for number, tuning in enumerate(NMAP):
        try:
            took, found = nmap(lab, target, ports, tuning)
        except subprocess.TimeoutExpired:
            continue
        if found == expected:
            tunings[number] = took
    best = min(tunings, key=tunings.get)
    pairs = [[], []]
    for _ in range(rounds):
        took, found, _ = ours(lab, target, ports)
        pairs[0].append(took)
        if found != expected:
            failures.append(f"{name}: ports")
            print(f"{name}: WRONG: missed {expected - found}, invented {found - expected}")
        pairs[1].append(nmap(lab, target, ports, NMAP[best])[0])
    mine, theirs = map(statistics.median, pairs)
    verdict(name, mine / theirs, limit, f"(ntsh {mine:.3f} s, nmap {' '.join(NMAP[best])} {theirs:.3f} s)")


def listen(node, ports):
    node.start("python3", "-c", LISTEN, *ports)
    time.sleep(0.5)


def run_near(rounds, wanted):
    with Lab(NEAR) as lab:
        server = lab["server"]
        listen(server, OPEN)
        expected = {(server.addr4, port) for port in OPEN}
        if "closed" in wanted:
            against_nmap("65,535 closed ports", lab, server.addr4, "1-65535", 0.7, rounds, expected)
        if "net" in wanted:
            server.ip("route", "add", "local", "10.77.0.0/24", "dev", "lo")
            lab["client"].ip("route", "add", "10.77.0.0/16", "via", server.addr4)
            ports = f"{OPEN[0]}-{OPEN[0] + 98},{OPEN[1]}"
            held = {p for p in OPEN if OPEN[0] <= p <= OPEN[0] + 98 or p == OPEN[1]}
            against_nmap("/24 x 100 ports", lab, "10.77.0.0/24", ports, 0.6, rounds,
                         {(f"10.77.0.{n}", p) for n in range(256) for p in held})
        if "sixteen" in wanted:
            server.ip("route", "add", "local", "10.78.0.0/16", "dev", "lo")
            lab["client"].ip("route", "add", "10.78.0.0/16", "via", server.addr4)
            sixteen(lab, rounds)
        if "filtered" in wanted:
            server.nft("table inet t { chain c { type filter hook input priority 0; meta l4proto tcp drop; } }")
            against_nmap("65,535 filtered ports", lab, server.addr4, "1-65535", 0.5, rounds, set())


def sixteen(lab, rounds):
    client, port = lab["client"], OPEN[3]
    mac = lab["server"].run("cat", f"/sys/class/net/{lab['server'].interface('link')}/address").stdout.strip()
    times = [[], []]
    for _ in range(rounds):
        took, _, result = ours(lab, "10.78.0.0/16", str(port))
        times[0].append(took)
        if result["open"] != 65536:
            failures.append("a /16: ports")
            print(f"one port of a /16: WRONG: {result['open']} open")
        took, out = timed(client, "zmap", "-p", port, "-i", client.interface("link"), "-G", mac, "-B", "1G", "-c", "0", "-q",
                          "--blacklist-file=/dev/null", "10.78.0.0/16")
        times[1].append(took)
        found = len(set(out.split()))
    mine, theirs = map(statistics.median, times)
    verdict("one port of a /16", mine / theirs, 0.5, f"(ntsh {mine:.3f} s, zmap {theirs:.3f} s and {found} found)")


def run_far(rounds, wanted):
    with Lab(FAR) as lab:
        server = lab["server"]
        listen(server, OPEN)
        expected = {(server.addr4, port) for port in OPEN}
        lab.link("link").rtt(20)
        if "far" in wanted:
            against_nmap("65,535 ports at 20 ms", lab, server.addr4, "1-65535", 0.4, rounds, expected)
        if "loss" in wanted:
            lab.link("link").set(loss=1)
            wrong, took = 0, []
            for _ in range(20):
                seconds, found, _ = ours(lab, server.addr4, "1-65535")
                took.append(seconds)
                wrong += found != expected
            print(f"1 % loss each way: {wrong} of 20 runs wrong, median {statistics.median(took):.2f} s", flush=True)
            if wrong:
                failures.append("loss")


def run_memory():
    with Lab(NEAR) as lab:
        lab["client"].ip("route", "add", "10.79.0.0/16", "via", lab["server"].addr4)
        lab["server"].nft("table inet t { chain c { type filter hook prerouting priority 0; meta l4proto tcp drop; } }")
        ours(lab, "10.79.0.0/16", "1-100")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        verdict("memory of a /16 x 100 ports", peak / 200, 1, f"({peak:.0f} MB)")


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    wanted = set(sys.argv[3:]) or {"closed", "filtered", "far", "net", "sixteen", "loss", "memory"}
    if wanted & {"memory"}:
        run_memory()
    if wanted & {"closed", "filtered", "net", "sixteen"}:
        run_near(rounds, wanted)
    if wanted & {"far", "loss"}:
        run_far(rounds, wanted)
    return 1 if failures else 0


sys.exit(main())
