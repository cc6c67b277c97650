#!/usr/bin/env python3
"""capture on real interfaces: the same packets as tcpdump, several interfaces in one order, ring files, nothing lost at the end."""
import glob
import os
import re
import signal
import subprocess
import time

from lab import Case, Topology, main, program

PAIR = Topology("""
    client --lan-- gw --far-- server
""", links={"lan": ("client", "gw"), "far": ("gw", "server")}, routers=("gw",))

TRAFFIC = """
for i in 1 2 3; do curl -s -m 2 http://{0}:4/; done
bash -c 'for i in 1 2 3 4 5; do echo x > /dev/udp/{0}/5353; done'
ping -q -c 5 -i 0.02 -s 3000 {0}
ping -q -c 5 -i 0.02 {1}
"""


def peer_lines(path, *words):
    """tcpdump's lines, with its port separator made ours and without what only one of them says."""
    out = subprocess.run(["tcpdump", "-tnr", path, *words], capture_output=True, text=True).stdout
    return [re.sub(r"(\d+\.\d+\.\d+\.\d+)\.(\d+)", r"\1:\2", line) for line in out.splitlines()]


def packet_sockets(process):
    """Sockets of the process' namespace that capture."""
    try:
        with open(f"/proc/{process.pid}/net/packet", encoding="ascii") as file:
            return len(file.readlines()) - 1
    except OSError:
        return 0


class Capture(Case):
    def begin(self, node, *argv, sockets=1):
        """Starts a program and waits until it captures."""
        process = node.start(*argv)
        end = time.monotonic() + 20
        while packet_sockets(process) < sockets and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.2)
        return process

    def capture(self, node, *words, during, sockets=1):
        process = self.begin(node, program(), "capture", *words, sockets=sockets)
        during()
        process.stop(signal.SIGINT)
        return process.popen.returncode

    def count(self, path, *words):
        return int(subprocess.run([program(), "capture", "-r", path, *words], capture_output=True, text=True).stdout
                   .strip().splitlines()[-1].split()[0])

    def test_same_packets(self):
        """What both wrote at the same time is the same, by their own readers and by each other's."""
        lab = self.lab(PAIR)
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        ours, theirs = (os.path.join(lab.folder, n) for n in ("ours.pcap", "theirs.pcap"))
        wanted = f"host {client.addr4} or host {client.addr6}"
        peer = self.begin(gw, "tcpdump", "-i", "eth0", "-w", theirs, "-Z", "root", "-U", wanted)
        status = self.capture(gw, "-i", "eth0", "-w", ours, wanted, sockets=2,
                              during=lambda: (client.sh(TRAFFIC.format(server.addr4, server.addr6), check=False), time.sleep(1.5)))
        peer.stop(signal.SIGINT)
        self.assertEqual(status, 130)
        mine, other = peer_lines(ours), peer_lines(theirs)
        self.assertEqual(mine, other)
        self.assertGreater(len(mine), 30)
        for words in ((), ("tcp",), ("icmp",), ("ip[6:2] & 0x1fff != 0",), ("ip6",)):
            self.assertEqual(self.count(ours, *words), len(peer_lines(ours, *words)), words)
        # TCP is said in the very words of tcpdump.
        text = subprocess.run([program(), "capture", "-tS", "-r", ours, "tcp and ip"], capture_output=True, text=True).stdout
        self.assertEqual(text.splitlines()[:-2], peer_lines(ours, "-S", "tcp", "and", "ip"))

    def test_several(self):
        lab = self.lab(PAIR)
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        path = os.path.join(lab.folder, "both.pcapng")
        self.capture(gw, "-i", "eth0", "-i", "eth1", "-w", path, "icmp", sockets=2,
                     during=lambda: (client.run("ping", "-q", "-c", "20", "-i", "0.01", server.addr4), time.sleep(0.3)))
        info = subprocess.run([program(), "--json", "capture", "info", path], capture_output=True, text=True).stdout
        self.assertIn('"out_of_order":0', info)
        self.assertIn('"name":"eth1","link":"Ethernet"', info)
        self.assertEqual(self.count(path), 80)
        lines = subprocess.run([program(), "capture", "-t", "-r", path, "-c", "2"], capture_output=True, text=True).stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines[:2]], ["eth0", "eth1"])
        done = subprocess.run(["tshark", "-r", path], capture_output=True, text=True) if os.path.exists("/usr/bin/tshark") else None
        if done:
            self.assertEqual(len(done.stdout.splitlines()), 80)

    def test_ring(self):
        lab = self.lab(PAIR)
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        path = os.path.join(lab.folder, "ring.pcap")
        self.capture(gw, "-i", "eth0", "-w", path, "-C", "64K", "-W", "3", "icmp",
                     during=lambda: client.run("ping", "-q", "-c", "300", "-i", "0.002", "-s", "1000", server.addr4))
        files = sorted(glob.glob(os.path.join(lab.folder, "ring_*.pcap")))
        self.assertEqual(len(files), 3)
        self.assertRegex(files[-1], r"ring_00010_\d{14}\.pcap$")
        for name in files:
            self.assertLessEqual(os.path.getsize(name), 64 * 1024)
        self.assertEqual(sum(self.count(name) for name in files), sum(len(peer_lines(name)) for name in files))

    def test_any_and_privileges(self):
        lab = self.lab(PAIR)
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        process = self.begin(gw, program(), "--json", "capture", "-c", "4", "icmp")
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            effective = int(re.search(r"CapEff:\s*(\w+)", file.read()).group(1), 16)
        client.run("ping", "-q", "-c", "1", server.addr4)
        process.popen.wait(20)
        self.assertFalse(effective & (1 << 13 | 1 << 12 | 1 << 21), hex(effective))  # NET_RAW, NET_ADMIN, SYS_ADMIN
        rows = re.findall(r'"interface":"(\w+)".*?"says":"(\w+)', process.output())
        self.assertEqual(rows, [("eth0", "in"), ("eth1", "out"), ("eth1", "in"), ("eth0", "out")])


if __name__ == "__main__":
    main()
