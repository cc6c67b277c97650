#!/usr/bin/env python3
"""speed against a real iperf3 server: the rate of the link, what held it back, and what load does to the round trip."""
import re
import time

from lab import Case, Topology, main

PAIR = Topology("client ~~link~~ server", links={"link": ("client", "server")}, emulated=("link",))


class Speed(Case):
    def server(self, node):
        self.need("iperf3")
        return node.start("iperf3", "-s").wait_listening(5201)

    def by_direction(self, answer):
        return {test["direction"]: test for test in answer["result"]["tests"]}

    def test_a_full_link_and_its_queue(self):
        lab = self.lab(PAIR)
        self.server(lab["server"])
        lab.link("link").set(delay="5ms", rate="20mbit", limit="300ms")
        answer = lab["client"].ntsh("speed", "-t", "3s", lab["server"].addr4, user=True)
        for direction, test in self.by_direction(answer).items():
            self.assertTrue(12e6 < test["rate_bps"] < 20.5e6, (direction, test["rate_bps"]))
            self.assertEqual(test["limit"], "path", direction)
            self.assertIn(test["grade"], "CDF", direction)
            self.assertGreater(test["rtt_ms"], answer["result"]["idle_rtt_ms"] * 3)
        self.assertEqual((answer["exit"], answer["error"]), (0, None))

    def test_losses(self):
        lab = self.lab(PAIR)
        self.server(lab["server"])
        lab.link("link").set(delay="10ms", loss=1)
        test = self.by_direction(lab["client"].ntsh("speed", "--up", "-t", "3s", lab["server"].addr6))["up"]
        self.assertEqual((test["limit"], test["grade"]), ("loss", "A+"))
        self.assertGreater(test["retransmits"], 0)

    def test_a_small_window_of_the_receiver(self):
        lab = self.lab(PAIR)
        lab["server"].sysctl(net__ipv4__tcp_rmem="4096 16384 16384")
        self.server(lab["server"])
        lab.link("link").set(delay="20ms")
        test = self.by_direction(lab["client"].ntsh("speed", "--up", "-t", "2s", lab["server"].addr4))["up"]
        self.assertEqual(test["limit"], "receiver")

    def test_udp(self):
        lab = self.lab(PAIR)
        self.server(lab["server"])
        lab.link("link").set(delay="2ms", rate="5mbit", limit="50ms")
        tests = self.by_direction(lab["client"].ntsh("speed", "-u", "-b", "10M", "-t", "2s", lab["server"].addr4))
        for direction, test in tests.items():
            self.assertTrue(35 < test["loss_percent"] < 60, (direction, test))
            self.assertEqual(test["limit"], "path")

    def test_several_streams_and_the_same_as_iperf3(self):
        lab = self.lab(PAIR)
        self.server(lab["server"])
        lab.link("link").set(delay="2ms", rate="40mbit", limit="20ms")
        theirs = lab["client"].run("iperf3", "-c", lab["server"].addr4, "-t", 3, "-P", 2, "-f", "m").stdout
        rate = float(re.findall(r"SUM.* ([0-9.]+) Mbits/sec.*receiver", theirs)[0]) * 1e6
        time.sleep(0.3)
        test = self.by_direction(lab["client"].ntsh("speed", "--up", "-P", "2", "-t", "3s", lab["server"].addr4))["up"]
        self.assertAlmostEqual(test["rate_bps"] / rate, 1, delta=0.15)

    def test_who_is_no_server(self):
        lab = self.lab(PAIR)
        answer = lab["client"].ntsh("speed", lab["server"].addr4)
        self.assertEqual((answer["exit"], answer["error"]["code"]), (1, "ECONNREFUSED"))


if __name__ == "__main__":
    main()
