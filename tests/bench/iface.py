#!/usr/bin/env python3
"""Interfaces and connections beside the tools that show them: `ntsh --json iface` against `ip -s -d -j link` and `ip -j addr` together at 1000
interfaces, `ntsh --json conntrack` against `conntrack -L` at 100,000 entries. In namespaces of its own; both in turn, in the same run. Prints
ratios of medians; the limits are 1.0 each, and the counts must agree.

Usage: iface.py PROGRAM [ROUNDS]   (root)
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

INTERFACES, ENTRIES, LIMIT = 1000, 100000, 1.0
NETNS = f"ntshbench{os.getpid()}"


def inside(*argv, **options):
    return subprocess.run(["ip", "netns", "exec", NETNS, *argv], check=True, **options)


def wall(commands):
    begin = time.perf_counter_ns()
    for argv in commands:
        inside(*argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter_ns() - begin) / 1e6


def compare(what, ours, theirs, rounds):
    """Each side starts through `ip netns exec` once for each command; what that costs alone is taken off."""
    empty = statistics.median(wall([["true"]]) for _ in range(rounds))
    times = {"ours": [], "theirs": []}
    for turn in range(rounds):
        pair = [("ours", ours), ("theirs", theirs)]
        for name, commands in pair if turn % 2 else reversed(pair):
            times[name].append(wall(commands) - empty * len(commands))
    a, b = statistics.median(times["ours"]), statistics.median(times["theirs"])
    print(f"{what}: ntsh {a:.1f} ms, {theirs[0][0]} {b:.1f} ms (medians of {rounds}), ratio {a / b:.2f}, limit {LIMIT}")
    return a / b <= LIMIT


def interfaces(program, rounds):
    lines = "".join(f"link add v{i} type veth peer name w{i}\n" for i in range(INTERFACES // 2))
    inside("ip", "-batch", "-", input=lines, text=True)
    found = json.loads(inside(program, "--json", "iface", capture_output=True, text=True).stdout)["result"]
    said = json.loads(inside("ip", "-j", "link", capture_output=True, text=True).stdout)
    if {r["name"] for r in found["interfaces"]} != {r["ifname"] for r in said}:
        sys.exit("ntsh and ip see different interfaces")
    return compare(f"{len(said)} interfaces", [[program, "--json", "iface"]],
                   [["ip", "-s", "-d", "-j", "link"], ["ip", "-j", "addr"]], rounds)


def connections(program, rounds):
    if not shutil.which("conntrack"):
        print("SKIPPED: no conntrack to compare with (package conntrack)")
        return True
    with tempfile.NamedTemporaryFile("w", suffix=".ct") as file:
        for i in range(ENTRIES):
            file.write(f"-A -p udp -s 198.18.{i >> 8 & 255}.{i & 255} -d 198.19.0.{i >> 16} --sport 1000 --dport 2000 -t 600\n")
        file.flush()
        inside("conntrack", "--load-file", file.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ours = [program, "--json", "conntrack", "--for", "0"]
    found = json.loads(inside(*ours, capture_output=True, text=True).stdout)["result"]
    if found["entries"] != found["count"] or found["count"] < ENTRIES:
        sys.exit(f"{found['entries']} entries were read, {found['count']} are there")
    return compare(f"{found['count']} connections", [ours], [["conntrack", "-L"]], rounds)


def main():
    program = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    if os.geteuid():
        print("SKIPPED: needs root")
        return 0
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    subprocess.run(["ip", "netns", "add", NETNS], check=True)
    try:
        good = interfaces(program, rounds)
        good &= connections(program, rounds)
        return 0 if good else 1
    finally:
        subprocess.run(["ip", "netns", "del", NETNS], check=False)


sys.exit(main())
