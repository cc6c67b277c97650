#!/usr/bin/env python3
"""A million routes in a namespace: `ntsh route show` beside `ip route show`, into a file and into nothing, in the same run, and the memory of
both a large and a small table; one exact prefix; `route get`. Needs root and about two minutes (most of it to make the routes).

Usage: route.py PROGRAM [ROUNDS] [ROUTES]
"""
import os
import shutil
import stat
import statistics
import subprocess
import sys
import tempfile
import time

SHOW_LIMIT, EXACT_LIMIT, GET_LIMIT, MEMORY_LIMIT = 0.5, 0.05, 5.0, 2 * 1024
SMALL, LARGE = f"ntbs{os.getpid()}", f"ntbl{os.getpid()}"


def run(argv, out):
    """Wall seconds of one run."""
    begin = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
    status = os.waitpid(pid, 0)[1]
    if status:
        sys.exit(f"{' '.join(argv)}: status {status}")
    return time.perf_counter() - begin


def memory_of(argv):
    """Largest resident KiB, as long as it wrote (what wait4 tells holds the parent's as well), and the lines with a /28."""
    most = lines = 0
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        while chunk := child.stdout.read1(1 << 16):
            lines += chunk.count(b"/28 ")
            with open(f"/proc/{child.pid}/status", encoding="ascii") as status:
                most = max([most] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
    return most, lines


def pair(name, ours, theirs, out, rounds, limit):
    times = {"ours": [], "theirs": []}
    for turn in range(rounds + 1):
        both = [("ours", ours), ("theirs", theirs)]
        for who, argv in both if turn % 2 else reversed(both):
            if stat.S_ISREG(os.fstat(out).st_mode):
                os.lseek(out, 0, os.SEEK_SET)
                os.ftruncate(out, 0)
            took = run(argv, out)
            if turn:
                times[who].append(took)
    mine, other = (statistics.median(times[w]) * 1000 for w in ("ours", "theirs"))
    print(f"{name}: ntsh {mine:.1f} ms, ip {other:.1f} ms (medians of {rounds}), ratio {mine / other:.3f}"
          + (f", limit {limit}" if limit else ""))
    return mine / other


def build(ip, netns, count):
    subprocess.run([ip, "netns", "add", netns], check=True)
    lines = ["link set lo up", "link add v0 type veth peer name v1", "link set v0 up", "link set v1 up", "addr add 192.0.2.254/24 dev v0"]
    with subprocess.Popen([ip, "-n", netns, "-batch", "-"], stdin=subprocess.PIPE, text=True) as batch:
        batch.stdin.write("\n".join(lines) + "\n")
        for i in range(count):
            batch.stdin.write(f"route add {10 + (i >> 20)}.{i >> 12 & 255}.{i >> 4 & 255}.{(i & 15) << 4}/28 via 192.0.2.{1 + i % 200} "
                              f"dev v0 proto bird metric {i % 3 * 10 + 10}\n")
    if batch.returncode:
        sys.exit(f"the routes cannot be made: status {batch.returncode}")


def main():
    program = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
    ip = shutil.which("ip", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if os.geteuid() != 0 or not ip:
        sys.exit("SKIPPED: needs root and ip(8)")
    bad = []
    try:
        build(ip, SMALL, 3)
        build(ip, LARGE, count)
        nothing = os.open("/dev/null", os.O_WRONLY)
        with tempfile.TemporaryFile(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as file:
            show, theirs = [program, "-4", "-n", LARGE, "route", "show"], [ip, "-n", LARGE, "route", "show"]
            ratio = pair(f"{count} routes into a file", show, theirs, file.fileno(), rounds, SHOW_LIMIT)
            bad += ["show"] if ratio > SHOW_LIMIT else []
            pair(f"{count} routes into nothing", show, theirs, nothing, rounds, None)
            (large, ours), (small, _) = memory_of(show), memory_of([program, "-4", "-n", SMALL, "route", "show"])
            print(f"memory: {large} KiB with {count} routes, {small} KiB with 4")
            bad += ["memory"] if large > small + MEMORY_LIMIT else []
        print(f"{ours} of {count} routes were shown")
        bad += ["count"] if ours != count else []
        exact = f"{10 + (count // 2 >> 20)}.{count // 2 >> 12 & 255}.{count // 2 >> 4 & 255}.{(count // 2 & 15) << 4}/28"
        ratio = pair("one exact prefix", [program, "-n", LARGE, "route", "show", exact], [ip, "-n", LARGE, "route", "show", exact],
                        nothing, rounds, EXACT_LIMIT)
        bad += ["exact"] if ratio > EXACT_LIMIT else []
        host = exact.split("/")[0]
        ratio = pair("route get, explained", [program, "-n", LARGE, "-q", "route", "get", host], [ip, "-n", LARGE, "route", "get", host],
                        nothing, rounds * 5, None)
        ratio = pair("route get of two hosts", [program, "-n", LARGE, "route", "get", host, "192.0.2.1"],
                        [ip, "-n", LARGE, "route", "get", host], nothing, rounds * 5, GET_LIMIT)
        bad += ["get"] if ratio > GET_LIMIT else []
    finally:
        for netns in (SMALL, LARGE):
            subprocess.run([ip, "netns", "del", netns], capture_output=True)
    print("missed: " + ", ".join(bad) if bad else "all limits are met")
    return 1 if bad else 0


sys.exit(main())
