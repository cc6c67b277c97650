#!/usr/bin/env python3
"""How long a whole `ntsh route get 127.0.0.1` takes beside `ip route get 127.0.0.1`: both started in turn, many times, in the
same run. Prints the ratio; the limit is 1.5.

Usage: startup.py PROGRAM [ROUNDS]
"""
import os
import shutil
import statistics
import sys
import time

LIMIT = 1.5


def wall(argv, quiet):
    begin = time.perf_counter_ns()
    pid = os.posix_spawn(argv[0], argv, os.environ,
                         file_actions=[(os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)])
    status = os.waitpid(pid, 0)[1]
    if status:
        sys.exit(f"{' '.join(argv)}: status {status}")
    return time.perf_counter_ns() - begin


def main():
    program = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    ip = shutil.which("ip", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not ip:
        sys.exit("SKIPPED: no ip(8) to compare with (package iproute2)")
    ours, theirs = [program, "route", "get", "127.0.0.1"], [ip, "route", "get", "127.0.0.1"]
    quiet = os.open("/dev/null", os.O_WRONLY)
    times = {"ours": [], "theirs": []}
    for turn in range(rounds + 20):
        pair = [("ours", ours), ("theirs", theirs)]
        for name, argv in pair if turn % 2 else reversed(pair):
            taken = wall(argv, quiet)
            if turn >= 20:
                times[name].append(taken)
    ours_us, theirs_us = (statistics.median(times[name]) / 1000 for name in ("ours", "theirs"))
    ratio = ours_us / theirs_us
    print(f"start-up: ntsh {ours_us:.0f} us, ip {theirs_us:.0f} us (medians of {rounds}), ratio {ratio:.2f}, "
          f"limit {LIMIT}")
    return 0 if ratio <= LIMIT else 1


sys.exit(main())
