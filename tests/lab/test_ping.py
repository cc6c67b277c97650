#!/usr/bin/env python3
"""ping on real faults: what is lost is shown, who says so is named, and the round trips are those on the wire."""
import json
import os
import re
import signal
import statistics
import struct
import time

from lab import Case, Topology, main, program

NEAR_AND_FAR = Topology("""
    client --access-- gw ~~path~~ core --last-- server
""", links={"access": ("client", "gw"), "path": ("gw", "core"), "last": ("core", "server")},
    routers=("gw", "core"), emulated=("path",))

PAIR = Topology("""
    client --link-- server
""", links={"link": ("client", "server")})


def outcomes(result):
    return [probe["outcome"] for probe in result["probes"]]


def arrivals(path, kind):
    """Arrival times in ns of echo requests (8) or replies (0) by sequence number, from a capture with nanoseconds."""
    with open(path, "rb") as file:
        data = file.read()
    assert struct.unpack_from("=I", data)[0] == 0xA1B23C4D
    at, seen = 24, {}
    while at + 16 <= len(data):
        seconds, nanos, length, _ = struct.unpack_from("=IIII", data, at)
        packet = data[at + 16:at + 16 + length]
        at += 16 + length
        if packet[34] == kind:
            seen[struct.unpack_from("!H", packet, 40)[0]] = seconds * 10**9 + nanos
    return seen


class Ping(Case):
    def capture_arrivals(self, node, path):
        capture = node.start("tcpdump", "-i", "eth0", "-Q", "in", "-w", path, "-U", "-Z", "root",
                             "--time-stamp-precision=nano", "icmp")
        end = time.monotonic() + 10
        while "listening on" not in capture.output() and time.monotonic() < end:
            time.sleep(0.02)
        return capture

    def errors_of(self, lab, measure):
        """Differences in ns between what measure(client, address) says and the packets on the wire. A packet leaves the client
        when it arrives at the other end of the veth: the same instant, seen by somebody else. (A tap at the client's own
        departures would delay what it measures.)"""
        paths = {name: os.path.join(lab.folder, f"{name}.pcap") for name in ("client", "server")}
        captures = [self.capture_arrivals(lab[name], path) for name, path in paths.items()]
        measured = measure(lab["client"], lab["server"].addr4)
        time.sleep(1.5)  # tcpdump gathers for up to a second
        for capture in captures:
            capture.stop(signal.SIGINT)
        asked, answered = arrivals(paths["server"], 8), arrivals(paths["client"], 0)
        errors = [abs(ms * 1e6 - (answered[seq] - asked[seq])) for seq, ms in measured.items()
                  if seq in asked and seq in answered]
        self.assertGreater(len(errors), 180)
        return statistics.median(errors)

    def test_round_trips_are_those_on_the_wire(self):
        self.need("tcpdump", "ping")
        lab = self.lab(PAIR)

        def ours(client, address):
            answer = client.ntsh("ping", "-c", 200, "-i", "5ms", address)
            self.assertEqual(answer["result"]["clock"], "kernel")
            return {p["seq"]: p["rtt_ms"] for p in answer["result"]["probes"]}

        def theirs(client, address):
            out = client.run("ping", "-n", "-c", 200, "-i", "0.005", address).stdout
            return {int(seq): float(ms) for seq, ms in re.findall(r"icmp_seq=(\d+) .*time=([0-9.]+) ms", out)}

        best = [min(self.errors_of(lab, measure) for _ in range(2)) for measure in (ours, theirs)]
        print(f"  median difference to the packets on the wire: ntsh {best[0]:.0f} ns, ping {best[1]:.0f} ns")
        self.assertLess(best[0], best[1] / 2)

    def test_distance(self):
        lab = self.lab(NEAR_AND_FAR)
        lab.link("path").rtt(20)
        for address, family in ((lab["server"].addr4, 4), (lab["server"].addr6, 6)):
            answer = lab["client"].ntsh("ping", "-c", 5, "-i", "20ms", address, user=True)
            result = answer["result"]
            self.assertEqual((answer["exit"], result["verdict"], result["method"]), (0, "steady", "ping socket"), family)
            self.assertAlmostEqual(result["rtt_ms"]["p50"], 20, delta=2)
            self.assertEqual(result["probes"][0]["ttl"], 62)

    def test_each_lost_probe_is_shown(self):
        lab = self.lab(NEAR_AND_FAR)
        lab.link("path").rtt(10).rule("third", "icmp nth=3", side="ab")
        answer = lab["client"].ntsh("ping", "-c", 9, "-i", "20ms", lab["server"].addr4)
        result = answer["result"]
        self.assertEqual((result["sent"], result["lost"], answer["exit"]), (9, 3, 0))
        self.assertAlmostEqual(result["loss_percent"], 33.3, delta=0.1)
        self.assertEqual(result["verdict"], "losses")
        self.assertEqual([p["seq"] for p in result["probes"] if p["outcome"] == "lost"], [3, 6, 9])
        self.assertEqual(result["outages"], [])
        text = lab["client"].ntsh_text("ping", "-c", 3, "-i", "20ms", lab["server"].addr4).stdout
        self.assertIn("LOST", text)

    def test_outage(self):
        lab = self.lab(NEAR_AND_FAR)
        lab.link("path").rtt(10)
        run = lab["client"].start(program(), "--json", "ping", "-c", 40, "-i", "50ms", lab["server"].addr4)
        time.sleep(0.6)
        lab.link("path").rule("cut", "icmp drop", side="ab")
        began = time.time()
        time.sleep(0.5)
        lab.link("path").unrule("cut", side="ab")
        run.popen.wait(20)
        result = json.loads(run.output())["result"]
        self.assertEqual(result["verdict"], "outage")
        self.assertEqual(len(result["outages"]), 1)
        outage = result["outages"][0]
        self.assertAlmostEqual(outage["duration_ms"], 500, delta=120)
        self.assertEqual(outage["lost"], result["lost"])
        second = float(outage["begin"][17:-1])
        self.assertLess(abs((second - began) % 60), 0.2 if second >= began % 60 else 60)

    def test_a_router_says_no(self):
        lab = self.lab(NEAR_AND_FAR)
        core, client, server = lab["core"], lab["client"], lab["server"]
        core.ip("route", "replace", "unreachable", f"{server.addr4}/32")
        core.ip("route", "add", "prohibit", f"{server.addr6}/128")
        for address, says, router in ((server.addr4, "host unreachable", core.addresses4["path"]),
                                      (server.addr6, "administratively prohibited", core.addresses6["path"])):
            answer = client.ntsh("ping", "-c", 2, "-i", "1.1s", address)
            result = answer["result"]
            self.assertEqual((answer["exit"], result["verdict"]), (1, "unreachable"))
            self.assertEqual(result["error_from"], router)
            self.assertIn(says, result["error_says"])
            self.assertEqual(outcomes(result)[0], "unreachable")
            self.assertEqual(result["probes"][0]["from"], router)

    def test_icmp_filtered_but_tcp_answers(self):
        lab = self.lab(NEAR_AND_FAR)
        lab.link("path").rtt(5)
        lab["server"].nft("table inet t { chain c { type filter hook input priority 0; meta l4proto { icmp } drop; } }")
        answer = lab["client"].ntsh("ping", "-c", 3, "-i", "100ms", lab["server"].addr4, user=True)
        result = answer["result"]
        self.assertEqual((answer["exit"], result["verdict"], result["method"]), (0, "filtered", "TCP"))
        self.assertEqual((result["sent"], result["received"]), (3, 3))
        self.assertIn(result["port"], (443, 80))
        self.assertIn("ICMP echo is not answered", answer["notes"][0])
        self.assertAlmostEqual(result["rtt_ms"]["p50"], 5, delta=2)

    def test_nothing_answers(self):
        lab = self.lab(NEAR_AND_FAR)
        lab["server"].nft("table inet t { chain c { type filter hook input priority 0; drop; } }")
        answer = lab["client"].ntsh("ping", "-c", 2, "-i", "50ms", lab["server"].addr4)
        self.assertEqual((answer["exit"], answer["result"]["verdict"]), (1, "silent"))
        self.assertIsNone(answer["result"]["dead_hop"])

    def test_nobody_on_the_link(self):
        lab = self.lab(PAIR)
        answer = lab["client"].ntsh("ping", "-c", 1, "10.0.1.99")
        self.assertEqual(answer["exit"], 1)
        self.assertEqual(answer["result"]["dead_hop"], "10.0.1.99")

    def test_no_route(self):
        lab = self.lab(PAIR)
        answer = lab["client"].ntsh("ping", "-c", 2, "-i", "10ms", "192.0.2.1")
        self.assertEqual((answer["exit"], answer["result"]["verdict"], answer["result"]["refused"]), (1, "refused", 2))

    def test_late_and_double(self):
        lab = self.lab(NEAR_AND_FAR)
        lab.link("path").rtt(120).set("ab", delay="60ms", dup=100)
        result = lab["client"].ntsh("ping", "-c", 2, "-i", "300ms", "-W", "50ms", lab["server"].addr4)["result"]
        self.assertEqual((result["received"], result["late"], result["lost"]), (1, 1, 1))
        result = lab["client"].ntsh("ping", "-c", 2, "-i", "300ms", lab["server"].addr4)["result"]
        self.assertEqual((result["received"], result["lost"]), (2, 0))
        self.assertGreaterEqual(result["duplicates"], 1)

    def test_without_any_privilege(self):
        lab = self.lab(NEAR_AND_FAR)
        lab["client"].sysctl(net__ipv4__ping_group_range="1 0")
        answer = lab["client"].ntsh("ping", "-c", 2, "-i", "10ms", lab["server"].addr4, user=True)
        self.assertEqual((answer["exit"], answer["result"]["method"]), (0, "TCP"))
        self.assertIn("neither ping sockets nor raw sockets", answer["notes"][0])

    def test_link_local(self):
        lab = self.lab(PAIR)
        text = lab["server"].ip("-6", "-o", "addr", "show", "dev", "eth0", "scope", "link")
        address = text.split("inet6 ")[1].split("/")[0] + "%eth0"
        for _ in range(20):
            answer = lab["client"].ntsh("ping", "-c", 3, "-i", "10ms", address, user=True)
            if answer["exit"] == 0:
                break
        self.assertEqual((answer["exit"], answer["result"]["received"]), (0, 3))
        self.assertEqual(answer["result"]["address"], address)

    def test_large_ones(self):
        lab = self.lab(PAIR)
        for address in (lab["server"].addr4, lab["server"].addr6):
            for size in (0, 1, 1472, 20000, 65000):
                result = lab["client"].ntsh("ping", "-c", 2, "-i", "10ms", "-s", size, address)["result"]
                self.assertEqual((result["received"], result["lost"]), (2, 0), (address, size))

    def test_the_network_goes_and_comes_back(self):
        lab = self.lab(PAIR)
        client = lab["client"]
        run = client.start(program(), "--json", "ping", "-c", 20, "-i", "100ms", lab["server"].addr4)
        time.sleep(0.45)
        client.ip("link", "set", "eth0", "down")
        time.sleep(0.5)
        client.ip("link", "set", "eth0", "up")
        run.popen.wait(20)
        result = json.loads(run.output())["result"]
        self.assertIn("refused", outcomes(result))
        self.assertEqual(outcomes(result)[-1], "reply")
        self.assertEqual(result["verdict"], "outage")

    def test_until_stopped(self):
        lab = self.lab(PAIR)
        run = lab["client"].start(program(), "--json", "ping", "-c", 0, "-i", "50ms", lab["server"].addr4)
        time.sleep(0.6)
        run.popen.send_signal(signal.SIGINT)
        self.assertEqual(run.popen.wait(5), 130)
        lines = [json.loads(line) for line in run.output().splitlines()]
        self.assertGreater(len(lines), 5)
        self.assertEqual(lines[0]["row"]["outcome"], "reply")
        self.assertEqual(lines[-1]["result"]["lost"], 0)
        run = lab["client"].start(program(), "--json", "ping", "-c", 100, "-i", "50ms", lab["server"].addr4)
        time.sleep(0.4)
        run.popen.send_signal(signal.SIGINT)
        self.assertEqual(run.popen.wait(5), 130)
        self.assertGreater(json.loads(run.output())["result"]["received"], 2)

    def test_deadline(self):
        lab = self.lab(PAIR)
        began = time.monotonic()
        answer = lab["client"].ntsh("ping", "-c", 1000, "-i", "20ms", "-w", "300ms", lab["server"].addr4)
        self.assertLess(time.monotonic() - began, 1.5)
        self.assertEqual(answer["exit"], 0)
        self.assertGreater(answer["result"]["received"], 5)


if __name__ == "__main__":
    main()
