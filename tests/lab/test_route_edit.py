#!/usr/bin/env python3
"""route add and del: what they say, what they do, and that undo undoes it."""
import json

from lab import Case, Topology, main, program

TWO = Topology("""
    client --one-- gw
    client --two-- other
""", links={"one": ("client", "gw"), "two": ("client", "other")})


class Edit(Case):
    def routes(self, client):
        return json.loads(client.ip("-j", "route", "show", "10.9.0.0/16") or "[]")

    def test_add_and_undo(self):
        client = self.lab(TWO)["client"]
        shown = client.ntsh("route", "add", "10.9.0.0/16", "via", "10.0.1.2", "metric", "7")
        self.assertEqual((shown["exit"], shown["result"]["done"], self.routes(client)), (0, False, []))
        done = client.ntsh("route", "add", "-y", "10.9.0.0/16", "via", "10.0.1.2", "metric", "7")
        self.assertTrue(done["result"]["done"])
        self.assertEqual([(r["gateway"], r["metric"]) for r in self.routes(client)], [("10.0.1.2", 7)])
        again = client.ntsh("route", "add", "-y", "10.9.0.0/16", "via", "10.0.2.2", "metric", "7")
        self.assertEqual((again["exit"], again["error"]["code"]), (1, "EEXIST"))
        self.assertIn("File exists", again["error"]["message"])
        replaced = client.ntsh("route", "add", "-y", "--replace", "10.9.0.0/16", "via", "10.0.2.2", "metric", "7")
        self.assertEqual(self.routes(client)[0]["gateway"], "10.0.2.2")
        self.undo(client, replaced)
        self.assertEqual(self.routes(client)[0]["gateway"], "10.0.1.2")
        removed = client.ntsh("route", "del", "-y", "10.9.0.0/16")
        self.assertEqual((removed["exit"], self.routes(client)), (0, []))
        self.undo(client, removed)
        self.assertEqual([(r["gateway"], r["metric"]) for r in self.routes(client)], [("10.0.1.2", 7)])
        self.undo(client, done)
        self.assertEqual(self.routes(client), [])
        missing = client.ntsh("route", "del", "-y", "10.9.0.0/16")
        self.assertEqual((missing["exit"], missing["error"]["code"]), (1, "ESRCH"))

    def undo(self, client, answer):
        words = answer["result"]["undo"].split()
        self.assertEqual(words[0], "ntsh")
        self.assertEqual(client.run(program(), *words[1:]).returncode, 0, words)

    def test_kinds(self):
        client = self.lab(TWO)["client"]
        for words in (("10.9.0.0/16", "nexthop", "via", "10.0.1.2", "weight", "3", "nexthop", "via", "10.0.2.2", "dev", "eth1"),
                      ("blackhole", "10.9.0.0/16"), ("10.9.0.0/16", "dev", "eth1", "src", "10.0.1.1", "proto", "static", "mtu", "1300"),
                      ("10.9.0.0/16", "via", "192.0.2.9", "dev", "eth0", "onlink"), ("10.9.0.0/16", "via", "inet6", "2001:db8:1::2")):
            self.assertEqual(client.ntsh("route", "add", "-y", *words)["exit"], 0, words)
            ours = self.routes(client)
            removed = client.ntsh("route", "del", "-y", "10.9.0.0/16")
            self.assertEqual((removed["exit"], self.routes(client)), (0, []), words)
            self.undo(client, removed)
            self.assertEqual(self.routes(client), ours)
            client.ip("route", "del", "10.9.0.0/16")
        self.assertEqual(client.ntsh("route", "add", "-y", "2001:db8:9::/48", "via", "2001:db8:1::2")["exit"], 0)
        self.assertEqual(client.ntsh("route", "add", "-y", "default", "via", "2001:db8:1::2")["exit"], 0)
        self.assertIn("default", client.ip("-6", "route"))

    def test_refusals(self):
        client = self.lab(TWO)["client"]
        for words, text in ((("10.9.0.0/16", "via", "192.0.2.1"), "on no link"), (("10.9.0.0/16", "via", "10.0.1.2", "src", "192.0.2.9"), "source")):
            answer = client.ntsh("route", "add", "-y", *words)
            self.assertEqual(answer["exit"], 1)
            self.assertIn(text, answer["error"]["message"])
        answer = client.ntsh("route", "add", "-y", "10.9.0.0/16", "via", "10.0.1.2", user=True)
        self.assertEqual((answer["exit"], answer["error"]["code"]), (3, "EPERM"))


if __name__ == "__main__":
    main()
