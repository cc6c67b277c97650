#!/usr/bin/env python3
"""route show against ip(8): the same routes, by every filter; one prefix by look-up; a table that changes while it is read."""
import json
import threading

from lab import Case, Topology, main

PAIR = Topology("client --lan-- gw", links={"lan": ("client", "gw"), "other": ("client", "gw")})

BATCH = """
route add 10.1.0.0/16 nexthop via 10.0.1.2 dev eth0 weight 3 nexthop via 10.0.2.9 dev eth1 onlink
route add blackhole 10.2.0.0/16 metric 7
route add unreachable 10.2.0.0/16 metric 9
route add 10.3.0.0/16 via inet6 fe80::1 dev eth0 mtu lock 1300 advmss 900
route add 10.4.0.0/16 via 10.0.1.2 table 4242 src 10.0.1.1 proto 77
nexthop add id 5 via 10.0.1.7 dev eth0
nexthop add id 9 group 5,2
route add 10.5.0.0/16 nhid 9
route add 10.6.0.0/16 dev eth1 scope link proto static metric 10
route add 10.6.0.0/16 dev eth0 scope link proto static metric 20
route add throw 10.7.0.0/16 table 7
route add default via 10.0.1.2 proto dhcp metric 100
route add 10.6.0.0/17 dev eth1 tos 0x10
"""
BATCH6 = """
route add 2001:db8:55::/48 via fe80::1 dev eth0 pref high expires 500
route add 2001:db8:56::/48 from 2001:db8::/32 dev eth0
route add unreachable 2001:db8:57::/48
route add 2001:db8:58::/48 nexthop via fe80::1 dev eth0 nexthop via fe80::2 dev eth1
route add default via 2001:db8:1::2 metric 77
"""


def whole(text, six):
    if text == "default":
        return "::/0" if six else "0.0.0.0/0"
    return text if "/" in text else f"{text}/{128 if six else 32}"


def bare(address):
    return address.split("%")[0] if address else None


def of_ip(routes, six, table):
    """What ip -j says, as comparable rows. It leaves the table out where that was asked for."""
    rows = []
    for r in routes:
        hops = [(bare(h.get("gateway") or h.get("via", {}).get("host")), h.get("dev"), h.get("weight", 1)) for h in r.get("nexthops", [])]
        if len(hops) < 2 and not (hops and r.get("nhid")):
            hops = []
        via = r.get("gateway") or r.get("via", {}).get("host")
        rows.append((whole(r["dst"], six), r.get("type", "unicast"), bare(via) if not hops else None, r.get("dev") if not hops else None,
                     r.get("protocol", "boot"), r.get("metric", 0), r.get("prefsrc"), r.get("table", "main" if table == "all" else table), tuple(hops)))
    return sorted(rows, key=repr)


def of_ours(routes):
    rows = []
    for r in routes:
        hops = tuple((bare(h["gateway"]), h["interface"], h["weight"]) for h in r.get("hops", []))
        rows.append((r["prefix"], r["type"], bare(r["gateway"]), r["interface"], r["protocol"], r["metric"], r["source"], r["table"], hops))
    return sorted(rows, key=repr)


class Routes(Case):
    def build(self):
        lab = self.lab(PAIR)
        client = lab["client"]
        for family, text in (("-4", BATCH), ("-6", BATCH6)):
            for line in text.strip().splitlines():
                words = line.split()
                client.ip(*([] if words[0] == "nexthop" else [family]), *words)
        return client

    def compare(self, client, six, *words):
        theirs = json.loads(client.ip("-d", "-j", "-6" if six else "-4", "route", "show", *words, check=False).strip("[ \n") and client.ip("-d", "-j", "-6" if six else "-4", "route", "show", *words) or "[]")
        table = words[words.index("table") + 1] if "table" in words else "main"
        answer = client.ntsh("-6" if six else "-4", "route", "show", *words, user=True)
        self.assertEqual(answer["exit"], 0 if theirs else 1, words)
        ours = answer["result"]["routes"]
        if "dev" in words or "via" in words:  # ip shows no route of several next hops then
            ours = [r for r in ours if not r.get("hops")]
        # ip leaves out what was asked for.
        left_out = {"dev": ("interface", None), "proto": ("protocol", "boot"), "src": ("source", None), "via": ("gateway", None),
                    "metric": ("metric", 0)}
        for word, (member, value) in left_out.items():
            if word in words:
                ours = [{**r, member: value} for r in ours]
        self.assertEqual(of_ours(ours), of_ip(theirs, six, table), words)
        return len(theirs)

    def test_same_routes_as_ip(self):
        client = self.build()
        for six in (False, True):
            self.assertGreater(self.compare(client, six, "table", "all"), 8)
            for words in ((), ("table", "local"), ("table", "4242"), ("dev", "eth0"), ("dev", "eth1"), ("proto", "kernel"), ("proto", "dhcp"),
                          ("scope", "link"), ("type", "unreachable"), ("metric", "20"), ("table", "999"), ("exact", "default")):
                self.compare(client, six, *words)
        for words in (("exact", "10.6.0.0/16"), ("10.2.0.0/16",), ("match", "10.6.1.1"), ("root", "10.0.0.0/13"), ("via", "10.0.1.2"),
                      ("src", "10.0.1.1"), ("root", "10.6.0.0/16"), ("exact", "10.99.0.0/16")):
            self.compare(client, False, *words)
        for words in (("exact", "2001:db8:58::/48"), ("match", "2001:db8:57::7"), ("root", "2001:db8::/40"), ("via", "2001:db8:1::2")):
            self.compare(client, True, *words)

    def test_rows_for_people(self):
        client = self.build()
        text = client.run("env", "COLUMNS=80", self.program(), "route", "show", "10.1.0.0/16").stdout
        self.assertIn("nexthop via 10.0.1.2 dev eth0 weight 3", text)
        self.assertIn("1 route of table main", text)

    def program(self):
        from lab import program
        return program()

    def fill(self, client, count):
        lines = [f"route add 10.{64 + (i >> 12)}.{i >> 4 & 255}.{(i & 15) << 4}/28 via 10.0.1.2" for i in range(count)]
        client.run("ip", "-batch", "-", check=True, stdin="\n".join(lines + [
            "route add 10.64.0.0/16 dev eth1 proto static metric 5", "route add 10.64.0.0/16 dev eth0 metric 9",
            "route add 10.200.0.0/16 dev eth1", "route add 10.200.0.0/24 dev eth0"]) + "\n")

    def test_stopped(self):
        """A long list that is stopped says that it is not whole."""
        client = self.build()
        self.fill(client, 20000)
        done = client.run(self.program(), "-t", "1ms", "route", "show", "table", "all")
        self.assertIn("this list is not whole", done.stdout)

    def test_exact_by_look_up(self):
        client = self.build()
        self.fill(client, 6000)
        for words, interface, looked_up in ((("10.64.0.16/28",), "eth0", True), (("10.200.0.0/16",), "eth1", True),
                                            (("10.200.0.0/24",), "eth0", True), (("10.2.0.0/16",), None, False)):
            result = client.ntsh("route", "show", *words)["result"]
            self.assertEqual((result["routes"][0]["prefix"], result["routes"][0]["interface"], result["looked_up"]),
                             (words[0], interface, looked_up))
        # A prefix that is not there, and all of one prefix.
        answer = client.ntsh("route", "show", "10.64.0.16/29")
        self.assertEqual((answer["exit"], answer["result"]["looked_up"]), (1, True))
        self.assertEqual(client.ntsh("route", "show", "-a", "10.64.0.0/16")["result"]["count"], 2)
        # Its first address lies in a narrower route all the way: too many steps, so that the table is read.
        self.assertEqual(client.ntsh("route", "show", "10.64.0.0/16")["result"]["count"], 2)

    def test_changing_table(self):
        """Never wrong and silent: either the list is whole, or it says that it may not be."""
        client = self.build()
        self.fill(client, 20000)
        stop = threading.Event()

        def churn():
            lines = "\n".join(f"route {verb} 10.250.{i % 200}.0/24 via 10.0.1.2" for i in range(4000) for verb in ("add", "del"))
            while not stop.is_set():
                client.run("ip", "-batch", "-", stdin=lines + "\n")
        thread = threading.Thread(target=churn)
        thread.start()
        try:
            seen = set()
            for _ in range(12):
                answer = client.ntsh("route", "show", "root", "10.64.0.0/10")
                result = answer["result"]
                seen.add(result["complete"])
                self.assertEqual(answer["exit"], 0 if result["complete"] else 1)
                if result["complete"]:
                    self.assertEqual(sum(r["prefix"].endswith("/28") for r in result["routes"]), 20000)
        finally:
            stop.set()
            thread.join()
        self.assertIn(False, seen, "the table never changed under the reader: the test proves nothing")


if __name__ == "__main__":
    main()
