#!/usr/bin/env python3
"""Lists 100,000 TCP sockets (50,000 connections over the loopback, in a namespace of its own), beside ss of iproute2 in the same run.

Usage: ss.py PROGRAM [CONNECTIONS [PROCESSES]]

Prints medians and the ratio of ours to theirs for each listing, and fails when one is above its limit, when the sockets are not the
same, or when a listing does not do with little memory.
"""
import os
import resource
import statistics
import subprocess
import sys
import time

# What ss takes, times this, is what ours may take.
LIMITS = {"-tan": 0.6, "-tani": 0.5, "-tanp": 0.35, "-tln": 0.2}
RUNS = {"-tan": 9, "-tani": 7, "-tanp": 3, "-tln": 15}
# A listing must do with this much memory, whatever the number of sockets (owners, -p, need a number for each).
DATA_BYTES = 4 << 20

# One process of several: makes its connections, says so, and keeps them until its standard input ends.
MAKER = r'''
import socket, sys, resource
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
count, number = int(sys.argv[1]), int(sys.argv[2])
listener = socket.create_server((f"127.0.{number // 250}.{number % 250 + 1}", 8000), backlog=1000)
keep = []
for _ in range(count):
    near = socket.create_connection(listener.getsockname())
    keep += [near, listener.accept()[0]]
print("ready", flush=True)
sys.stdin.read()
'''


def enter_namespace():
    """Runs this script again inside a network namespace that ends with it."""
    if os.environ.get("SS_BENCH") != "inside":
        os.environ["SS_BENCH"] = "inside"
        os.execvp("unshare", ["unshare", "-n", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def run(args, data=None):
    """Seconds of a listing that nobody reads. data: with at most so many bytes of memory of its own."""
    def limit():
        if data:
            resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    began = time.perf_counter()
    done = subprocess.run(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=limit if data else None)
    if done.returncode:
        raise SystemExit(f"{' '.join(args)}: status {done.returncode} {done.stderr}")
    return time.perf_counter() - began


def pairs(args):
    """Both ends of every socket of a listing."""
    out = subprocess.run(args, capture_output=True, text=True, check=True).stdout
    ends = []
    for line in out.splitlines():
        fields = [f for f in line.split() if ":" in f and f.rsplit(":", 1)[1].isdigit()]
        ends.append(" ".join(fields[:2]))
    return sorted(e for e in ends if e.count(":") == 2)


def main():
    if os.geteuid() != 0:
        print("SKIPPED ss: needs root")
        return 77
    enter_namespace()
    program = os.path.abspath(sys.argv[1])
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 50000
    processes = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    # Two descriptors for each connection, and a few besides.
    room = resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2 - 50
    processes = max(processes, -(-connections // room))
    makers = [subprocess.Popen([sys.executable, "-c", MAKER, str(connections // processes), str(n)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE) for n in range(processes)]
    bad = 0
    try:
        for maker in makers:
            if maker.stdout.readline().strip() != b"ready":
                raise SystemExit("the connections could not be made")
        mine, theirs = pairs([program, "ss", "-tan"]), pairs(["ss", "-Htan"])
        same = mine == theirs
        bad += not same
        print(f"{len(mine)} sockets, {'the same as' if same else 'NOT THE SAME as the ' + str(len(theirs)) + ' of'} ss")
        for words, limit in LIMITS.items():
            ours, peer = [], []
            for _ in range(RUNS[words]):
                peer.append(run(["ss", "-H", words]))
                ours.append(run([program, "ss", words]))
            a, b = statistics.median(ours), statistics.median(peer)
            if "p" not in words:
                run([program, "ss", words], data=DATA_BYTES)
            bad += a / b > limit
            print(f"{words:6} ss {b * 1e3:8.1f} ms   ntsh {a * 1e3:8.1f} ms   ratio {a / b:.3f} (at most {limit})"
                  f"{'   TOO SLOW' if a / b > limit else ''}")
        print(f"memory: {DATA_BYTES >> 20} MB are enough for all but -p")
    finally:
        for maker in makers:
            maker.stdin.close()
            maker.wait()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
