#!/usr/bin/env python3
"""route get's explanation and route check, against a kernel that has what they speak of."""
from lab import Case, Topology, main

TWO = Topology("""
    client --one-- gw
    client --two-- other
""", links={"one": ("client", "gw"), "two": ("client", "other")})


class Explain(Case):
    def test_rules_and_losers(self):
        client = self.lab(TWO)["client"]
        for line in ("route add 10.9.0.0/16 via 10.0.1.2 metric 5", "route add 10.9.0.0/16 via 10.0.2.2 metric 9", "route add default via 10.0.1.2",
                     "route add 10.9.9.0/24 via 10.0.2.2 table 77", "rule add fwmark 7 lookup 77", "rule add from 10.0.2.1 lookup 78"):
            client.ip(*line.split())
        answer = client.ntsh("route", "get", "10.9.9.9", user=True)["result"]
        self.assertEqual([(r["priority"], r["outcome"]) for r in answer["rules"]],
                         [(0, "no route"), (32764, "skipped"), (32765, "skipped"), (32766, "decided"), (32767, "not reached")])
        self.assertEqual([(c["route"], c["wins"]) for c in answer["candidates"]],
                         [("10.9.0.0/16 via 10.0.1.2 dev eth0 metric 5", True), ("10.9.0.0/16 via 10.0.2.2 dev eth1 metric 9", False),
                          ("default via 10.0.1.2 dev eth0", False)])
        self.assertIn("metric 9 is higher than 5", answer["candidates"][1]["says"])
        self.assertIn("wider", answer["candidates"][2]["says"])
        marked = client.ntsh("route", "get", "10.9.9.9", "mark", 7)["result"]
        self.assertEqual((marked["route"]["table"], marked["route"]["prefix"], marked["interface"]), ("77", "10.9.9.0/24", "eth1"))
        self.assertEqual([r["outcome"] for r in marked["rules"]], ["no route", "skipped", "decided", "not reached", "not reached"])

    def test_ports_and_users(self):
        client = self.lab(TWO)["client"]
        client.ip("route", "add", "default", "via", "10.0.1.2")
        client.ip("route", "add", "default", "via", "10.0.2.2", "table", "80")
        client.ip("rule", "add", "ipproto", "tcp", "dport", "443", "lookup", "80")
        client.ip("rule", "add", "uidrange", "5-6", "lookup", "80")
        for words, interface in (((), "eth0"), (("ipproto", "tcp", "dport", 443), "eth1"), (("ipproto", "tcp", "dport", 80), "eth0"),
                                 (("uid", 5), "eth1"), (("uid", 7), "eth0")):
            answer = client.ntsh("route", "get", "192.0.2.7", *words)["result"]
            self.assertEqual((answer["interface"], sum(r["outcome"] == "decided" for r in answer["rules"])), (interface, 1), words)
            table = [r["action"] for r in answer["rules"] if r["outcome"] == "decided"]
            self.assertEqual(table, ["lookup 80" if interface == "eth1" else "lookup main"], words)

    def test_losers_of_a_large_table(self):
        client = self.lab(TWO)["client"]
        lines = [f"route add 10.{64 + (i >> 12)}.{i >> 4 & 255}.{(i & 15) << 4}/28 via 10.0.1.2" for i in range(24000)]
        lines += ["route add default via 10.0.1.2", "route add 10.64.0.0/12 via 10.0.2.2", "route add 10.69.200.0/21 via 10.0.2.2",
                  "route add 10.69.200.64/26 via 10.0.1.2"]
        client.run("ip", "-batch", "-", check=True, stdin="\n".join(lines) + "\n")
        answer = client.ntsh("route", "get", "10.69.200.65")["result"]
        found = [c["route"].split()[0] for c in answer["candidates"]]
        whole = client.ntsh("route", "get", "-a", "10.69.200.65")["result"]
        self.assertFalse(answer["candidates_complete"])
        self.assertTrue(whole["candidates_complete"])
        every = [c["route"].split()[0] for c in whole["candidates"]]
        self.assertEqual(every, ["10.69.200.64/28", "10.69.200.64/26", "10.69.200.0/21", "10.64.0.0/12", "default"])
        # The block around it is full of narrow routes; what covers more than that is found.
        self.assertEqual(found, [every[0], *every[3:]])

    def test_way_back(self):
        client = self.lab(TWO)["client"]
        client.ip("route", "add", "default", "via", "10.0.1.2")
        client.ip("route", "add", "default", "via", "10.0.2.2", "table", "80")
        client.ip("rule", "add", "fwmark", "7", "lookup", "80")
        good = client.ntsh("route", "get", "192.0.2.7")
        self.assertEqual((good["result"]["back"]["answered_by"], good["result"]["back"]["dropped"]), ("eth0", False))
        for rp_filter, dropped in ((0, False), (1, True), (2, False)):
            client.sysctl(**{"net__ipv4__conf__eth1__rp_filter": rp_filter})
            back = client.ntsh("route", "get", "192.0.2.7", "mark", 7)["result"]["back"]
            self.assertEqual((back["comes_in_by"], back["answered_by"], back["rp_filter"], back["dropped"]),
                             ("eth1", "eth0", rp_filter, dropped))
        client.ip("route", "del", "default")
        client.ip("route", "add", "default", "nexthop", "via", "10.0.1.2", "nexthop", "via", "10.0.2.2")
        client.sysctl(net__ipv4__conf__all__rp_filter=1)
        for last in range(1, 12):
            self.assertFalse(client.ntsh("route", "get", f"192.0.2.{last}")["result"]["back"]["dropped"])

    def test_forwarding(self):
        client = self.lab(TWO)["client"]
        client.ip("route", "add", "192.0.2.0/24", "via", "10.0.2.2")
        words = ("route", "get", "192.0.2.7", "iif", "eth0", "from", "10.0.1.2")
        answer = client.ntsh(*words)
        self.assertEqual(answer["exit"], 1)
        self.assertIn("does not forward", answer["result"]["refusal"]["message"])
        client.sysctl(net__ipv4__ip_forward=1)
        self.assertEqual(client.ntsh(*words)["result"]["interface"], "eth1")
        client.sysctl(net__ipv4__conf__eth0__rp_filter=1)
        answer = client.ntsh("route", "get", "192.0.2.7", "iif", "eth0", "from", "10.0.2.2")
        self.assertIn("rp_filter", answer["result"]["refusal"]["message"])

    def test_several_hosts(self):
        client = self.lab(TWO)["client"]
        with open(f"{client.lab.folder}/hosts", "w", encoding="ascii") as file:
            file.write("10.0.1.2 # gateway\n10.0.2.0/30\n192.0.2.7\n")
        answer = client.ntsh("route", "get", "-f", file.name, user=True)
        self.assertEqual(answer["exit"], 1)
        self.assertEqual((answer["result"]["count"], answer["result"]["refused"]), (6, 1))
        self.assertEqual([h["way"] for h in answer["result"]["hosts"]], ["link", "link", "local", "link", "link", "refused"])
        self.assertEqual(client.ntsh("route", "get", "10.0.1.2", "10.0.2.2")["exit"], 0)


class Check(Case):
    def ids(self, node, status=None):
        answer = node.ntsh("route", "check", user=True)
        if status is not None:
            self.assertEqual(answer["exit"], status, answer)
        return sorted({f["id"] for f in answer["result"]["findings"]})

    def test_healthy(self):
        lab = self.lab(TWO)
        client = lab["client"]
        client.ip("route", "add", "default", "via", "10.0.1.2")
        self.assertEqual(self.ids(client, 0), [])

    def test_faults(self):
        lab = self.lab(TWO)
        client = lab["client"]
        client.ip("route", "add", "default", "via", "10.0.1.2", "metric", "100")
        client.ip("route", "append", "default", "via", "10.0.2.2", "metric", "100")
        found = client.ntsh("route", "check")["result"]["findings"]
        self.assertEqual(found[0]["id"], "duplicate-default")
        self.assertEqual(sorted({f["id"] for f in found}), ["duplicate-default", "way-back"])
        client.sysctl(net__ipv4__conf__eth1__rp_filter=1)
        self.assertEqual(self.ids(client, 1), ["duplicate-default", "rp-filter", "way-back"])
        # Policy routing cures it.
        client.ip("route", "add", "default", "via", "10.0.2.2", "table", "100")
        client.ip("rule", "add", "from", "10.0.2.1", "lookup", "100")
        client.ip("route", "del", "default", "via", "10.0.2.2", "metric", "100")
        client.ip("route", "add", "default", "via", "10.0.2.2", "metric", "200")
        self.assertEqual(self.ids(client), ["rp-filter", "standby-default"] if "rp-filter" in self.ids(client) else ["standby-default"])

    def test_dead_gateway_and_links(self):
        lab = self.lab(TWO)
        client = lab["client"]
        client.ip("route", "add", "10.9.0.0/16", "via", "10.0.1.99")
        client.run("ping", "-c1", "-W1", "10.9.9.9")
        for _ in range(30):
            found = self.ids(client)
            if "dead-gateway" in found:
                break
            client.run("sleep", "0.2")
        self.assertEqual(found, ["dead-gateway", "no-default"])
        lab["other"].ip("link", "set", "eth0", "down")
        client.ip("route", "add", "blackhole", "10.8.0.0/16")
        client.ip("route", "add", "10.7.0.0/16", "via", "10.0.1.2", "mtu", "1400")
        client.ip("route", "add", "10.6.0.0/16", "via", "10.0.1.2")
        client.ip("route", "add", "10.6.0.0/17", "via", "10.0.1.2")
        client.ip("route", "add", "10.6.128.0/17", "via", "10.0.1.2")
        client.ip("route", "add", "10.5.0.0/16", "via", "10.0.1.55", "dev", "eth0", "onlink")
        client.ip("route", "add", "10.4.0.0/16", "via", "192.0.2.1", "dev", "eth0", "onlink")
        for _ in range(30):
            found = self.ids(client, 1)
            if "dead-nexthop" in found:
                break
            client.run("sleep", "0.2")
        self.assertEqual(found, ["blackhole", "dead-gateway", "dead-nexthop", "mtu", "no-default", "shadowed"])


if __name__ == "__main__":
    main()
