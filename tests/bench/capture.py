#!/usr/bin/env python3
"""capture beside tcpdump, in the same run.

Offline: lines of a file of 300 MB (limit: 3 times as fast), and of a file with many hosts of one network (10 times).
Live: small packets over a veth, both writing to memory: no packet lost in the kernel where tcpdump loses none, CPU per packet at most
tcpdump's, and everything there at the end by Ctrl-C.

Usage: capture.py PROGRAM [MEGABYTES, 0: live only] [SECONDS]        (the live part needs root)
"""
import ctypes
import json
import os
import random
import re
import resource
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROUNDS, BATCH = 3, 64


def write_file(path, megabytes, hosts, flow_count):
    """TCP segments of many flows, as a busy server sees them."""
    random.seed(1)
    pool = random.randbytes(65536)
    flows = [[0x0a010000 + random.randrange(1, hosts), 0x0a020000 + random.randrange(1, max(5, hosts // 4)),
              random.randrange(20000, 60000), random.choice((80, 443, 5432)), random.getrandbits(32), random.getrandbits(32)]
             for _ in range(flow_count)]
    size, now = 24, 1700000000 * 1000000
    with open(path, "wb", buffering=1 << 20) as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        while size < megabytes * 1000000:
            flow = random.choice(flows)
            length = random.choice((0, 0, 100, 512, 1448, 1448))
            if random.random() < 0.6:
                src, dst, sport, dport, seq, ack, flow[5] = flow[1], flow[0], flow[3], flow[2], flow[5], flow[4], flow[5] + length & 0xffffffff
            else:
                length = min(length, 300)
                src, dst, sport, dport, seq, ack, flow[4] = flow[0], flow[1], flow[2], flow[3], flow[4], flow[5], flow[4] + length & 0xffffffff
            at = random.randrange(60000)
            packet = (b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + struct.pack(">BBHHHBBHII", 0x45, 0, 52 + length, at, 0x4000, 64, 6, 0, src, dst) +
                      struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x80, 0x18 if length else 0x10, 502, 0x1234, 0) +
                      b"\1\1\x08\x0a" + struct.pack(">II", now // 1000 & 0xffffffff, 77) + pool[at:at + length])
            now += random.randrange(1, 20)
            file.write(struct.pack("<IIII", now // 1000000, now % 1000000, len(packet), len(packet)) + packet)
            size += 16 + len(packet)


def wall(argv):
    begin = time.perf_counter()
    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def offline(program, folder, name, megabytes, hosts, flows, limit, rounds):
    path = os.path.join(folder, name)
    write_file(path, megabytes, hosts, flows)
    ours, theirs = [], []
    for turn in range(rounds):
        for times, argv in sorted([(ours, [program, "capture", "-r", path]), (theirs, ["tcpdump", "-nr", path])],
                                  key=lambda pair: pair[1][0], reverse=bool(turn % 2)):
            times.append(wall(argv))
    os.unlink(path)
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"lines, {name}, {megabytes} MB: ntsh {statistics.median(ours):.2f} s, tcpdump {statistics.median(theirs):.2f} s, "
          f"{ratio:.1f} times as fast, limit {limit}")
    return ratio >= limit


class Sender:
    """Small UDP packets out of one end of a veth, many with each call (sendmmsg)."""

    def __init__(self, interface, destination):
        class Iovec(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

        class Message(ctypes.Structure):
            _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.POINTER(Iovec)), ("iovlen", ctypes.c_size_t),
                        ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t), ("flags", ctypes.c_int), ("length", ctypes.c_uint)]

        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.bind((interface, 0x800))
        packet = bytes.fromhex(destination.replace(":", "")) + b"\2\0\0\0\0\1\x08\0" + struct.pack(
            ">BBHHHBBH4s4sHHHH", 0x45, 0, 46, 7, 0x4000, 64, 17, 0, b"\x0a\7\7\1", b"\x0a\7\7\2", 5000, 9, 26, 0) + b"x" * 18
        self.buffer = ctypes.create_string_buffer(packet, len(packet))
        self.iovec = Iovec(ctypes.addressof(self.buffer), len(packet))
        self.messages = (Message * BATCH)(*[Message(None, 0, ctypes.pointer(self.iovec), 1, None, 0, 0, 0) for _ in range(BATCH)])
        self.call = ctypes.CDLL(None, use_errno=True).sendmmsg

    def send(self, seconds, rate):
        """Returns how many left. rate 0: as many as possible."""
        begin, sent = time.perf_counter(), 0
        while (now := time.perf_counter() - begin) < seconds:
            if rate and sent > now * rate:
                continue
            done = self.call(self.socket.fileno(), self.messages, BATCH, 0)
            sent += max(done, 0)
        return sent


def live(name, argv, sender, seconds, rate, path, program):
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    sent = sender.send(seconds, rate)
    child.send_signal(signal.SIGINT)
    stderr = child.communicate()[1]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    counted = subprocess.run([program, "--json", "capture", "info", path], capture_output=True, text=True).stdout
    there = int(re.search(r'"count":(\d+)', counted).group(1))
    os.unlink(path)
    return {"name": name, "sent": sent, "there": there, "cpu_us": cpu / max(there, 1) * 1e6, "stderr": stderr}


def live_all(program, folder, seconds):
    subprocess.run("ip link add ntb0 type veth peer name ntb1 && ip link set ntb0 up && ip link set ntb1 up && "
                   "nft add table netdev ntb && nft 'add chain netdev ntb c { type filter hook ingress device ntb1 priority 0; policy drop; }'",
                   shell=True, check=True)
    address = json.loads(subprocess.run(["ip", "-j", "link", "show", "ntb1"], capture_output=True, check=True).stdout)[0]["address"]
    sender = Sender("ntb0", address)
    good = True
    for rate in (100000, 300000, 600000, 0):
        rounds = {"ntsh": [], "tcpdump": []}
        for turn in range(ROUNDS):
            path = os.path.join(folder, "live.pcap")
            pair = [("ntsh", [program, "capture", "-i", "ntb1", "-w", path, "udp"]),
                    ("tcpdump", ["tcpdump", "-B", "65536", "-i", "ntb1", "-w", path, "-Z", "root", "udp"])]
            for name, argv in pair if turn % 2 else reversed(pair):
                rounds[name].append(live(name, argv, sender, seconds, rate, path, program))
        lost = {name: statistics.median(r["sent"] - r["there"] for r in runs) for name, runs in rounds.items()}
        cpu = {name: statistics.median(r["cpu_us"] for r in runs) for name, runs in rounds.items()}
        per_second = statistics.median(r["sent"] for r in rounds["ntsh"]) / seconds
        print(f"live, {per_second:,.0f} packets/s: not in the file: ntsh {lost['ntsh']:,.0f}, tcpdump {lost['tcpdump']:,.0f}; "
              f"CPU per packet: ntsh {cpu['ntsh']:.2f} us, tcpdump {cpu['tcpdump']:.2f} us")
        good &= lost["ntsh"] <= lost["tcpdump"] and (rate == 100000 or cpu["ntsh"] <= cpu["tcpdump"] * 1.05)
    return good


def main():
    program = os.path.abspath(sys.argv[1])
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 2
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    good = True
    with tempfile.TemporaryDirectory(prefix="ntsh-bench-", dir=memory) as folder:
        os.chmod(folder, 0o777)
        good &= megabytes == 0 or offline(program, folder, "flows", megabytes, 50, 2000, 3, ROUNDS)
        good &= megabytes == 0 or offline(program, folder, "hosts", min(megabytes, 40), 60000, 100000, 10, 1)
        if os.geteuid() == 0:
            # A network of its own: nobody else's packets, nothing left behind.
            ctypes.CDLL(None, use_errno=True).unshare(0x40000000)
            good &= live_all(program, folder, seconds)
        else:
            print("SKIPPED: live capture (needs root)")
    return 0 if good else 1


sys.exit(main())
