#!/usr/bin/env python3
"""traceroute on real routers: the hops are the topology's, with the limits of ICMP that Linux has by default; and the ends of ways."""
import json
import time

from lab import Case, Topology, main, program


def chain(hops, emulated=()):
    """client --l1-- r1 --l2-- ... --lN-- server: hop i answers as 10.0.i.2."""
    nodes = ["client"] + [f"r{i}" for i in range(1, hops)] + ["server"]
    links = {f"l{i}": (nodes[i - 1], nodes[i]) for i in range(1, hops + 1)}
    return Topology("client --- r1 --- r2 ... --- server", links=links, routers=nodes[1:-1], emulated=emulated)


LONG = chain(12, ("l6",))
SHORT = chain(6, ("l3",))


def hops(answer):
    return [hop["address"] for hop in answer["result"]["hops"]]


def kinds(answer):
    return [finding["kind"] for finding in answer["result"]["findings"]]


class Trace(Case):
    def trace(self, node, *words, **options):
        return node.ntsh("traceroute", "-n", *words, **options)

    def test_topology(self):
        """Limits are on: what is asked again and again is a hole in nobody's answer."""
        lab = self.lab(LONG)
        lab.link("l6").rtt(20)
        client, server = lab["client"], lab["server"]
        for user in (False, True):
            for words in ((), ("-I",), ("-T", "-p", "9"), ("--udplite",)):
                for target, form in ((server.addr4, "10.0.{}.2"), (server.addr6, "2001:db8:{}::2")):
                    answer = self.trace(client, *words, target, user=user)
                    self.assertEqual(hops(answer), [form.format(i) for i in range(1, 13)], (words, user, answer))
                    self.assertEqual((answer["exit"], answer["result"]["end"]), (0, "reached"))
                    self.assertNotIn("loss", kinds(answer))
                    self.assertEqual(answer["result"]["raw"], not user)
        delay = [f for f in answer["result"]["findings"] if f["kind"] == "delay"]
        self.assertEqual(delay[0]["hop"], 6)

    def test_ends(self):
        lab = self.lab(SHORT)
        client, server = lab["client"], lab["server"]
        for node in lab.topology.nodes:
            lab[node].sysctl(net__ipv4__icmp_ratelimit=0, net__ipv6__icmp__ratelimit=0)
        with self.subTest("a filter at the target"):
            server.nft("table inet t { chain c { type filter hook input priority 0; policy drop; "
                       "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; } }")
            for target in (server.addr4, server.addr6):
                answer = self.trace(client, target)
                self.assertEqual((answer["exit"], answer["result"]["end"], len(hops(answer))), (1, "silent", 5))
                self.assertEqual(answer["result"]["findings"][0]["hop"], 5)
            server.nft("flush ruleset")
        with self.subTest("rejected by a router"):
            lab["r3"].nft("table inet t { chain c { type filter hook forward priority 0; "
                          "tcp dport 80 reject with icmpx type admin-prohibited; } }")
            for user in (False, True):
                answer = self.trace(client, "-T", "-p", "80", server.addr4, user=user)
                first = answer["result"]["findings"][0]
                self.assertEqual((answer["result"]["end"], first["address"], first["fault"]), ("unreachable", "10.0.3.2", True))
                self.assertIn("administratively prohibited", first["says"])
            lab["r3"].nft("flush ruleset")
        with self.subTest("a loop"):
            lab["r4"].ip("route", "replace", "10.0.6.0/24", "via", "10.0.4.1")
            answer = self.trace(client, server.addr4)
            result = answer["result"]
            self.assertEqual((result["end"], result["end_hop"], result["loop_length"], answer["exit"]), ("loop", 3, 2, 1))
        with self.subTest("no route behind a router"):
            lab["r4"].ip("route", "del", "10.0.6.0/24")
            answer = self.trace(client, server.addr4)
            first = answer["result"]["findings"][0]
            self.assertEqual((answer["result"]["end"], first["address"]), ("unreachable", "10.0.4.2"))
            lab["r4"].ip("route", "add", "10.0.6.0/24", "via", "10.0.5.2")
        with self.subTest("no route here"):
            client.ip("route", "del", "default")
            answer = self.trace(client, server.addr4)
            self.assertEqual((answer["exit"], answer["result"]["end"]), (1, "refused"))

    def test_what_is_on_the_way(self):
        lab = self.lab(SHORT)
        client, server = lab["client"], lab["server"]
        for node in lab.topology.nodes:
            lab[node].sysctl(net__ipv4__icmp_ratelimit=0)
        with self.subTest("a proxy"):
            lab["r2"].nft("table ip n { chain c { type nat hook prerouting priority -100; tcp dport 80 redirect to :8080; } }")
            answer = self.trace(client, "-T", "-p", "80", server.addr4)
            proxy = [f for f in answer["result"]["findings"] if f["kind"] == "proxy"]
            self.assertEqual((proxy[0]["hop"], proxy[0]["fault"]), (2, True), answer)
            answer = self.trace(client, "-T", "-p", "81", server.addr4)
            self.assertNotIn("proxy", kinds(answer))
            lab["r2"].nft("flush ruleset")
        with self.subTest("another traffic class"):
            lab["r2"].nft("table ip m { chain c { type filter hook forward priority 0; ip dscp set af11; } }")
            answer = self.trace(client, server.addr4)
            rewriting = [f for f in answer["result"]["findings"] if f["kind"] == "rewriting"]
            self.assertEqual(rewriting[0]["hop"], 3, answer)
            lab["r2"].nft("flush ruleset")
        with self.subTest("a longer way back"):
            lab["r5"].nft("table ip m { chain c { type filter hook forward priority 0; ip ttl > 40 ip saddr 10.0.6.2 ip ttl set 55; } }")
            answer = self.trace(client, "-I", server.addr4)
            asymmetry = [f for f in answer["result"]["findings"] if f["kind"] == "asymmetry"]
            self.assertEqual(asymmetry[0]["hop"], 6, answer)
            self.assertIn("longer", asymmetry[0]["says"])
            lab["r5"].nft("flush ruleset")
        with self.subTest("loss, and a decoy"):
            lab["r2"].sysctl(net__ipv4__icmp_ratelimit=1000)
            lab.link("l3").set(loss=25)
            answer = self.trace(client, "-q", "30", "-I", server.addr4)
            loss = [f for f in answer["result"]["findings"] if f["kind"] == "loss"]
            self.assertIn(loss[0]["hop"], (3, 4), answer)
            limit = [f for f in answer["result"]["findings"] if f["kind"] == "icmp-limit"]
            self.assertEqual(limit[0]["hop"], 2, answer)
            lab.link("l3").clear()

    def test_names(self):
        lab = self.lab(SHORT)
        client, server = lab["client"], lab["server"]
        client.hosts("10.0.2.2 second.example", "10.0.6.2 target.example")
        answer = client.ntsh("traceroute", "target.example")
        self.assertEqual(answer["result"]["hops"][1]["name"], "second.example")
        self.assertEqual(answer["result"]["hops"][5]["name"], "target.example")
        # Servers that never answer make nobody wait for long.
        client.resolvers("10.0.1.77")
        begun = time.monotonic()
        answer = client.ntsh("traceroute", server.addr4)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertTrue(any("names" in note for note in answer["notes"]))


class Watched(Case):
    """mtr: what begins where, and that it survives."""

    def test_loss_and_limits(self):
        lab = self.lab(SHORT)
        client, server = lab["client"], lab["server"]
        for name in ("r1", "r3", "r4", "r5"):
            lab[name].sysctl(net__ipv4__icmp_ratelimit=0)
        lab.link("l3").set(loss=5)
        answer = client.ntsh("mtr", "-n", "--report", "-c", "100", "-i", "20ms", server.addr4)
        result = answer["result"]
        self.assertEqual([hop["address"] for hop in result["hops"]], [f"10.0.{i}.2" for i in range(1, 7)])
        loss = [f for f in result["findings"] if f["kind"] == "loss"]
        self.assertIn(loss[0]["hop"], (2, 3, 4), result["findings"])
        limits = [f for f in result["findings"] if f["kind"] == "icmp-limit"]
        self.assertIn("hop 2 ", limits[0]["says"], result["findings"])
        self.assertTrue(result["hops"][1]["limits_icmp"])

    def test_the_network_goes_and_comes_back(self):
        lab = self.lab(SHORT)
        client, server = lab["client"], lab["server"]
        process = client.start(program(), "--json", "mtr", "-n", "-i", "50ms", "-c", "100", server.addr4)
        time.sleep(1.5)
        client.ip("link", "set", "eth0", "down")
        time.sleep(1)
        client.ip("link", "set", "eth0", "up")
        client.ip("addr", "replace", client.addr4 + "/24", "dev", "eth0")
        client.ip("route", "replace", "default", "via", "10.0.1.2")
        process.popen.wait(30)
        answer = json.loads(process.output().splitlines()[-1])
        rows = answer["result"]["probes"]
        target = [row for row in rows if row["hop"] == 6]
        self.assertTrue(target[0]["address"] and target[-1]["address"], target)
        self.assertTrue(any(row["address"] is None for row in target))
        self.assertEqual((answer["status"], answer["result"]["hops"][5]["sent"]), (0, 100))


class Many(Case):
    """ping of many hosts, and of a path."""

    def test_prefix(self):
        lab = self.lab(SHORT)
        client, server = lab["client"], lab["server"]
        for name in ("r1", "r2", "r3", "r4", "r5"):
            lab[name].ip("route", "add", "10.99.0.0/16", "via", f"10.0.{int(name[1]) + 1}.2")
        server.ip("route", "add", "local", "10.99.0.0/22", "dev", "lo")
        server.nft("table ip t { chain c { type filter hook input priority 0; ip daddr & 0.0.0.3 == 0.0.0.3 drop; } }")
        for user in (False, True):
            result = client.ntsh("ping", "10.99.0.0/22", user=user)["result"]
            self.assertEqual((result["hosts_total"], result["hosts_alive"], result["hosts_silent"]), (1024, 768, 256))
            self.assertTrue(all(int(row["address"].split(".")[3]) % 4 == 3 for row in result["silent"]))
        lab["r3"].ip("route", "add", "prohibit", "10.99.8.0/30")
        result = client.ntsh("ping", "10.99.8.0/30")
        states = {(host["state"], host["from"]) for host in result["result"]["hosts"]}
        self.assertEqual((states, result["exit"]), ({("unreachable", "10.0.3.2")}, 1))  # it limits how often it says so

    def test_path(self):
        lab = self.lab(SHORT)
        client, server = lab["client"], lab["server"]
        for name in ("r1", "r2", "r3", "r4", "r5"):
            lab[name].sysctl(net__ipv4__icmp_ratelimit=0)
        lab.link("l3").set(delay="10ms", jitter="0ms")
        lab.link("l3").set("ab", loss=6)  # on the way there only
        answer = client.ntsh("ping", "--path", "-n", "-i", "20ms", "-c", "100", server.addr4)
        findings = answer["result"]["path"]["findings"]
        loss = [f for f in findings if f["kind"] == "loss"]
        self.assertIn(loss[0]["hop"], (2, 3, 4), findings)
        delay = [f for f in findings if f["kind"] == "delay"]
        self.assertEqual(delay[0]["hop"], 3, findings)


if __name__ == "__main__":
    main()
