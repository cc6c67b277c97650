#!/usr/bin/env python3
"""The link emulator is itself an instrument: what it promises, measured by the nodes at its ends (kernel stamps, datagram counts)."""
import math
import subprocess
import sys
import textwrap
import time

from lab import Case, Topology, main

LINK = Topology("""
    left ~~link~~ right
""", links={"link": ("left", "right")}, emulated=("link",))

# Sent in one node and stamped by the kernel in the other; both read the same clock.
SEND = textwrap.dedent("""
    import socket, struct, sys, time
    host, port, count, size, gap = sys.argv[1], *map(int, sys.argv[2:5]), float(sys.argv[5])
    s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
    next_at = time.monotonic()
    for i in range(count):
        s.sendto(struct.pack('!Qd', i, time.time()) + bytes(size - 16), (host, port))
        next_at += gap
        wait = next_at - time.monotonic()
        if wait > 0: time.sleep(wait)
""")
RECEIVE = textwrap.dedent("""
    import json, socket, struct, sys
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)                 # SO_RCVBUFFORCE
    s.setsockopt(socket.SOL_SOCKET, 35, 1)                        # SO_TIMESTAMPNS
    s.bind(('::', int(sys.argv[1])))
    print('[]', flush=True)
    seen = []
    s.settimeout(float(sys.argv[2]))
    try:
        while True:
            data, extra, _, _ = s.recvmsg(2048, 256)
            number, sent = struct.unpack('!Qd', data[:16])
            stamp = struct.unpack('qq', extra[0][2])
            seen.append((number, (stamp[0] + stamp[1] / 1e9 - sent) * 1000, stamp[0] + stamp[1] / 1e9))
    except TimeoutError:
        print(json.dumps(seen), flush=True)
""")


def typical(seen):
    """Mean delay without the slowest tenth: the sender is a program like any other and may be made to wait between its reading of
    the clock and its sending."""
    delays = sorted(d for _, d, _ in seen)
    kept = delays[:max(1, len(delays) * 9 // 10)]
    return sum(kept) / len(kept)


class Emulator(Case):
    def setUp(self):
        self.net = self.lab(LINK, seed=20261121)
        self.link, self.left, self.right = self.net.link("link"), self.net["left"], self.net["right"]

    def stream(self, count, size=100, gap=0.002, port=9000, back=False, family=4, idle=0.7):
        """Datagrams from left to right (back: right to left). Returns [(number, delay in ms, arrival)]."""
        sender, receiver = (self.right, self.left) if back else (self.left, self.right)
        process = receiver.start(sys.executable, "-BSc", RECEIVE, port, idle, stdout=subprocess.PIPE)
        process.read_reply()
        sender.run(sys.executable, "-BSc", SEND, receiver.addr4 if family == 4 else receiver.addr6, port, count, size, gap,
                   check=True)
        seen = process.read_reply()
        process.stop()
        return seen

    def assert_share(self, part, whole, expected):
        """A binomial count within four standard deviations."""
        allowed = 4 * math.sqrt(whole * expected * (1 - expected)) + 1
        self.assertLessEqual(abs(part - whole * expected), allowed, f"{part} of {whole}, expected {expected:.1%}")

    def test_nothing_ordered_nothing_done(self):
        seen = self.stream(300)
        self.assertEqual([n for n, _, _ in seen], list(range(300)))
        self.assertLess(typical(seen), 0.5)

    def test_delay_is_held(self):
        for family in (4, 6):
            self.link.clear()
            without = typical(self.stream(300, family=family))
            self.link.set(delay="20ms")
            seen = self.stream(400, family=family)
            delays = sorted(d for _, d, _ in seen)
            print(f"  20 ms ordered over IPv{family}: {delays[0]:.3f} least, {typical(seen):.3f} typical, {delays[-1]:.3f} most; "
                  f"{without:.3f} ms without the order")
            self.assertEqual(len(delays), 400)
            self.assertLess(abs(typical(seen) - without - 20), 0.3)
            self.assertGreater(delays[0], 19.95)
        self.assertLess(self.link.stats()["ab"]["late_mean_ms"], 0.3)

    def test_directions_are_apart(self):
        self.link.set("ab", delay="15ms").set("ba", delay="3ms", loss=100)
        there, back = self.stream(50), self.stream(50, back=True, port=9001)
        self.assertAlmostEqual(typical(there), 15, delta=0.5)
        self.assertEqual(back, [])

    def test_jitter_has_its_distribution(self):
        for distribution, mean, deviation in (("uniform", 10 + 4, 8 / math.sqrt(12)), ("normal", 20, 4), ("exp", 14, 4)):
            text = {"uniform": ("10ms", "8ms"), "normal": ("20ms", "4ms"), "exp": ("10ms", "4ms")}[distribution]
            self.link.set("ab", delay=text[0], jitter=text[1], dist=distribution, unordered=1)
            delays = [d for _, d, _ in self.stream(1500, gap=0.001)]
            got = sum(delays) / len(delays)
            spread = math.sqrt(sum((d - got) ** 2 for d in delays) / len(delays))
            print(f"  {distribution}: mean {got:.2f} (ordered {mean:.2f}), deviation {spread:.2f} ({deviation:.2f}) ms")
            self.assertAlmostEqual(got, mean, delta=0.3 + 4 * deviation / math.sqrt(1500))
            self.assertAlmostEqual(spread, deviation, delta=0.15 * deviation)

    def test_jitter_keeps_the_order(self):
        self.link.set("ab", delay="5ms", jitter="10ms")
        numbers = [n for n, _, _ in self.stream(500, gap=0.001)]
        self.assertEqual(numbers, sorted(numbers))

    def test_loss_rate(self):
        for percent in (1, 5, 30):
            self.link.set("ab", loss=percent)
            self.assert_share(3000 - len(self.stream(3000, gap=0.0003)), 3000, percent / 100)

    def test_loss_repeats_with_its_seed(self):
        runs = []
        for _ in range(2):
            self.link.rule("some", "udp dport=9000 loss=20", "ab")  # not of neighbour discovery, which comes when it likes
            runs.append([n for n, _, _ in self.stream(200, gap=0.0005)])
            self.setUp()
        self.assertEqual(*runs)

    def test_bursts(self):
        self.link.set("ab", ge="2,25")  # bad 2/(2+25) of the time, for 4 frames on average
        there = {n for n, _, _ in self.stream(4000, gap=0.0003)}
        lost = [n not in there for n in range(4000)]
        runs = sum(1 for a, b in zip([False] + lost, lost) if b and not a)
        self.assertAlmostEqual(sum(lost) / 4000, 2 / 27, delta=0.03)
        self.assertAlmostEqual(sum(lost) / runs, 4, delta=1.2)

    def test_rate_and_queue_delay(self):
        self.link.set("ab", rate="8mbit", limit="60kb")
        seen = self.stream(400, size=958, gap=0.0002)  # 1000 bytes a frame: 1 ms each; 40 Mbit/s offered
        span = seen[-1][2] - seen[0][2]
        rate = (len(seen) - 1) * 8000 / span
        wait = max(d for _, d, _ in seen)
        print(f"  8 Mbit/s ordered: {rate / 1e6:.3f}; 60 kB queue: {wait:.2f} ms at most, {400 - len(seen)} dropped")
        self.assertAlmostEqual(rate, 8e6, delta=0.02 * 8e6)
        self.assertAlmostEqual(wait, 60, delta=2)
        stats = self.link.stats()["ab"]
        self.assertEqual(stats["dropped_queue"], 400 - len(seen))

    def test_queue_limit_in_time(self):
        self.link.set("ab", rate="8mbit", limit="30ms")
        self.assertAlmostEqual(max(d for _, d, _ in self.stream(200, size=958, gap=0.0002)), 31, delta=2)

    def test_reordering(self):
        self.link.set("ab", delay="5ms", reorder=10, reorder_by="8ms")
        numbers = [n for n, _, _ in self.stream(1000, gap=0.001)]
        late, highest = 0, -1
        for number in numbers:
            late += number < highest
            highest = max(highest, number)
        self.assertEqual(len(numbers), 1000)
        self.assert_share(late, 1000, 0.10)

    def test_duplicates(self):
        self.link.set("ab", dup=10)
        self.assert_share(len(self.stream(1000, gap=0.0005)) - 1000, 1000, 0.10)

    def test_mtu_is_a_black_hole(self):
        self.link.set(mtu=1300)
        ping = ["ping", "-c1", "-W1", "-Mdo", "-s"]
        self.assertEqual(self.left.run(*ping, 1272, self.right.addr4).returncode, 0)
        lost = self.left.run(*ping, 1273, self.right.addr4)
        self.assertEqual(lost.returncode, 1)
        self.assertNotIn("Frag needed", lost.stdout + lost.stderr)
        self.assertEqual(self.link.stats()["ab"]["dropped_mtu"], 1)

    def test_rules_hit_what_they_name(self):
        self.link.rule("web", "tcp dport=443 flags=syn,!ack drop", "ab").rule("frags", "fragment drop")
        self.link.rule("slow-dns", "udp port=53 delay=40ms", "ab").rule("third", "icmp nth=3", "ab")
        self.assertEqual(len(self.stream(50, port=53)), 50)
        fast, slow = self.stream(50, port=54), self.stream(50, port=53)
        self.assertLess(typical(fast), 20)
        self.assertAlmostEqual(typical(slow), 40, delta=1)
        self.assertIn("4 received", self.left.run("ping", "-c6", "-i0.05", "-W1", self.right.addr4).stdout)
        self.assertNotIn("1 received", self.left.run("ping", "-c1", "-W1", "-s3000", self.right.addr4).stdout)
        for port, status in ((443, 28), (444, 7)):
            self.assertEqual(self.left.run("curl", "-sm1", f"http://{self.right.addr4}:{port}/").returncode, status)
        rules = self.link.stats()["ab"]["rules"]
        self.assertGreaterEqual(rules["web"]["acted"], 1)
        self.link.unrule("web", "ab")
        self.assertEqual(self.left.run("curl", "-sm1", f"http://{self.right.addr4}:443/").returncode, 7)

    def test_icmp6_and_fragments_of_ipv6(self):
        self.link.rule("no-frag", "v6 fragment drop")
        self.assertEqual(self.left.run("ping", "-c1", "-W1", self.right.addr6).returncode, 0)
        self.assertEqual(self.left.run("ping", "-c1", "-W1", "-s3000", self.right.addr6).returncode, 1)
        self.link.unrule().rule("no-icmp6", "v6 icmp drop", "ab")
        self.assertEqual(self.left.run("ping", "-c1", "-W1", self.right.addr6).returncode, 1)
        self.assertEqual(self.left.run("ping", "-c1", "-W1", self.right.addr4).returncode, 0)

    def test_offloads_are_off_and_checksums_whole(self):
        with open(self.net.folder + "/big", "wb") as file:
            file.write(bytes(4 << 20))
        self.right.start(sys.executable, "-m", "http.server", "80", "-d", self.net.folder).wait_listening(80)
        began = time.monotonic()
        got = self.left.run("curl", "-s", f"http://{self.right.addr4}/big", "-o", "/dev/null", "-w", "%{size_download}").stdout
        print(f"  4 MiB by TCP: {(4 << 20) * 8 / (time.monotonic() - began) / 1e6:.0f} Mbit/s")
        self.assertEqual(got, str(4 << 20))
        for side in self.link.stats().values():
            self.assertEqual((side["partial_checksums"], side["dropped_send"]), (0, 0))
            self.assertLess(side["in_bytes"] / max(side["in_frames"], 1), 1515)

    def test_nonsense_is_refused(self):
        for text in ("delay=fast", "loss=-1", "speed=3", "delay"):
            with self.assertRaisesRegex(Exception, "not understood"):
                self.net.emulate.ask(f"set link both {text}")
        for text in ("rule link both r tcp", "rule link both r flags=foo drop", "set nolink both loss=1", "dance", "set link up loss=1"):
            with self.assertRaisesRegex(Exception, "not understood"):
                self.net.emulate.ask(text)


if __name__ == "__main__":
    main()
