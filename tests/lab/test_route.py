#!/usr/bin/env python3
"""route get against the kernel: every kind of decision, and of refusal."""
from lab import Case, Topology, main

HOME = Topology("""
    client --lan-- gw --far-- server
""", links={"lan": ("client", "gw"), "far": ("gw", "server")}, routers=("gw",))


class RouteGet(Case):
    def ask(self, node, *words, status=0):
        answer = node.ntsh("route", "get", *words, user=True)
        self.assertEqual(answer["exit"], status, (words, answer))
        return answer["result"]

    def test_ways(self):
        lab = self.lab(HOME)
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        client.ip("route", "del", "default")
        client.ip("route", "add", "default", "via", gw.addr4, "metric", "100", "proto", "static")
        for far, via, near in ((server.addr4, gw.addr4, client.addr4), (server.addr6, gw.addr6, client.addr6)):
            result = self.ask(client, far)
            self.assertEqual((result["way"], result["gateway"], result["source"]), ("gateway", via, near))
            self.assertEqual((result["interface"], result["mtu"]), ("eth0", 1500))
            self.assertEqual(result["route"]["prefix"], "::/0" if ":" in far else "0.0.0.0/0")
            self.assertEqual(result["neighbour"]["address"], via)
            self.assertIn(result["neighbour"]["state"], ("reachable", "stale", "delay", "probe"))
            self.assertEqual(self.ask(client, via)["way"], "link")
            self.assertEqual(self.ask(client, near)["way"], "local")
        self.assertEqual(self.ask(client, server.addr4)["route"]["metric"], 100)
        self.assertEqual(self.ask(client, server.addr4)["route"]["protocol"], "static")
        self.assertEqual(self.ask(client, "10.0.1.255")["way"], "broadcast")
        self.assertEqual(self.ask(client, "224.0.0.5")["way"], "multicast")

    def test_refusals(self):
        lab = self.lab(HOME)
        client = lab["client"]
        kinds = {"unreachable": "EHOSTUNREACH", "blackhole": "EINVAL", "prohibit": "EACCES"}
        for number, (kind, code) in enumerate(kinds.items(), 7):
            client.ip("route", "add", kind, f"10.{number}.0.0/16")
            client.ip("-6", "route", "add", kind, f"fd0{number}::/32")
            for address, prefix in ((f"10.{number}.1.1", f"10.{number}.0.0/16"), (f"fd0{number}::1", f"fd0{number}::/32")):
                result = self.ask(client, address, status=1)
                self.assertEqual((result["way"], result["refusal"]["code"]), ("refused", code))
                self.assertIn(f"type {kind}", result["refusal"]["message"])
                self.assertEqual((result["route"]["prefix"], result["route"]["type"]), (prefix, kind))
        client.ip("route", "del", "default")
        client.ip("-6", "route", "del", "default")
        for address in ("192.0.2.1", "2001:db8:99::1"):
            result = self.ask(client, address, status=1)
            self.assertEqual(result["refusal"]["code"], "ENETUNREACH")

    def test_rules_and_words(self):
        lab = self.lab(HOME)
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        client.ip("addr", "add", "10.0.1.77/32", "dev", "eth0")
        client.ip("route", "add", "10.0.2.0/24", "via", gw.addr4, "table", "77", "mtu", "1300")
        client.ip("rule", "add", "from", "10.0.1.77", "table", "77")
        client.ip("route", "add", "10.0.2.0/25", "via", gw.addr4, "table", "78")
        client.ip("rule", "add", "fwmark", "5", "table", "78")
        result = self.ask(client, server.addr4, "from", "10.0.1.77")
        self.assertEqual((result["route"]["table"], result["mtu"], result["route"]["prefix"]), ("77", 1300, "10.0.2.0/24"))
        self.assertEqual(self.ask(client, server.addr4, "mark", 5)["route"]["prefix"], "10.0.2.0/25")
        self.assertEqual(self.ask(gw, server.addr4, "iif", "eth0", "from", client.addr4)["interface"], "eth1")

    def test_what_is_broken(self):
        lab = self.lab(HOME)
        client, gw = lab["client"], lab["gw"]
        client.run("ping", "-c1", "-W1", "10.0.1.99")
        for _ in range(30):
            answer = client.ntsh("route", "get", "10.0.1.99")
            if answer["result"]["neighbour"]["state"] == "failed":
                break
            client.run("sleep", "0.2")
        self.assertEqual((answer["result"]["neighbour"]["state"], answer["exit"]), ("failed", 1))
        gw.ip("link", "set", "eth0", "down")
        answer = client.ntsh("route", "get", "10.0.1.98")
        self.assertFalse(answer["result"]["carrier"])
        self.assertEqual(answer["exit"], 1)


if __name__ == "__main__":
    main()
