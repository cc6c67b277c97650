#!/usr/bin/env python3
"""portscan and connect on real networks: the same ports as nmap, each state with its reason and who gave it, losses made good."""
import re
import time

from lab import Case, Topology, main

WAY = Topology("""
    client --access-- gw ~~path~~ server
""", links={"access": ("client", "gw"), "path": ("gw", "server")}, routers=("gw",), emulated=("path",))
LISTEN = """
import socket, sys, time
held = []
for family, zero in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    for port in map(int, sys.argv[2:]):
        s = socket.socket(family, socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((zero, port))
        if sys.argv[1] != "udp":
            s.listen(0 if sys.argv[1] == "full" else 256)
        held.append(s)
print("ready", flush=True)
import select
while True:
    for s in select.select(held if sys.argv[1] == "udp" else [], [], [], 3600)[0]:
        data, peer = s.recvfrom(2000)
        s.sendto(b"yes", peer)
"""


class Portscan(Case):
    def listen(self, node, kind, *ports):
        process = node.start("python3", "-u", "-c", LISTEN, kind, *ports)
        end = time.monotonic() + 10
        while "ready" not in process.output() and time.monotonic() < end:
            time.sleep(0.02)
        return process

    def states(self, result):
        return {row["port"]: (row["state"], row["reason"]) for row in result["ports"]}

    def test_every_state_and_who_says_so(self):
        lab = self.lab(WAY)
        client, server, gw = lab["client"], lab["server"], lab["gw"]
        self.listen(server, "tcp", 22, 443)
        server.nft("table inet t { chain c { type filter hook input priority 0; tcp dport 80 drop; "
                   "tcp dport 81 reject with icmpx type admin-prohibited; } }")
        gw.nft("table inet t { chain c { type filter hook forward priority 0; tcp dport 82 reject with icmpx type host-unreachable; } }")
        for address, routers, admin, unreachable in (
                (server.addr4, gw.addresses4, "icmp 3/13", "icmp 3/1"), (server.addr6, gw.addresses6, "icmp 1/1", "icmp 1/3")):
            for how, user in (("--syn", False), ("--connect", True)):
                answer = client.ntsh("portscan", how, "-p", "22,80-82,443,9999", address, user=user)
                rows = {row["port"]: row for row in answer["result"]["ports"]}
                self.assertEqual(self.states(answer["result"]), {
                    22: ("open", "syn-ack"), 443: ("open", "syn-ack"), 9999: ("closed", "reset"), 80: ("filtered", "no response"),
                    81: ("filtered", admin), 82: ("filtered", unreachable)}, (address, how))
                self.assertEqual(rows[81]["from"], address)
                self.assertIn(rows[82]["from"], routers.values())
                self.assertEqual(answer["exit"], 0)

    def test_the_same_ports_as_nmap(self):
        self.need("nmap")
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        ports = [1, 22, 53, 80, 443, 1000, 1023, 1500, 2000]
        self.listen(server, "tcp", *ports)
        out = client.run("nmap", "-n", "-Pn", "-p", "1-2000", "--open", server.addr4).stdout
        theirs = {int(port) for port in re.findall(r"^(\d+)/tcp +open", out, re.M)}
        answer = client.ntsh("portscan", "-p", "1-2000", "--rate", "max", server.addr4)
        ours = {port for port, (state, _) in self.states(answer["result"]).items() if state == "open"}
        self.assertEqual((ours, theirs), (set(ports), set(ports)))
        self.assertEqual(answer["result"]["closed"], 2000 - len(ports))
        self.assertIn("Linux", answer["result"]["hosts"][0]["system"])

    def test_losses_are_made_good(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        ports = list(range(1000, 1500, 20))
        self.listen(server, "tcp", *ports)
        lab.link("path").rtt(10).set(loss=4)
        answer = client.ntsh("portscan", "-p", "1-3000", "--rate", "max", server.addr4)
        self.assertEqual([row["port"] for row in answer["result"]["ports"] if row["state"] == "open"], ports)
        self.assertGreater(answer["result"]["recovered"], 0)

    def test_udp(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        self.listen(server, "udp", 53, 4000)
        server.nft("table inet t { chain c { type filter hook input priority 0; udp dport 161 drop; } }")
        for address, closed in ((server.addr4, "icmp 3/3"), (server.addr6, "icmp 1/4")):
            answer = client.ntsh("portscan", "--udp", "-p", "53,161,4000,4001", address, user=True)
            self.assertEqual(self.states(answer["result"]), {
                53: ("open", "udp reply"), 161: ("open|filtered", "no response"), 4000: ("open", "udp reply"),
                4001: ("closed", closed)})

    def test_dead_neighbours_take_nothing_from_the_living(self):
        lab = self.lab(WAY)
        client, gw = lab["client"], lab["gw"]
        answer = client.ntsh("portscan", "-p", "1-300", "--rate", "max", gw.addr4.rsplit(".", 1)[0] + ".0/27")
        result = answer["result"]
        self.assertEqual((result["closed"], result["not_sent"], result["hosts_answered"]), (600, 0, 2))

    def test_limited_icmp_is_waited_for(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        server.sysctl(net__ipv4__icmp_ratelimit=200)
        answer = client.ntsh("portscan", "--udp", "-p", "1-9", server.addr4)
        self.assertEqual(answer["result"]["closed"], 9)
        self.assertGreater(answer["result"]["recovered"], 0)

    def test_a_host_that_answers_every_port(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        self.listen(server, "tcp", 7)
        server.nft("table ip t { chain c { type nat hook prerouting priority -100; tcp dport 1-500 redirect to :7; } }")
        answer = client.ntsh("portscan", "-p", "1-200", "--rate", "max", server.addr4)
        self.assertTrue(answer["result"]["hosts"][0]["answers_every_port"])
        self.assertEqual(answer["result"]["ports"], [])

    def test_a_network_with_excludes(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        server.ip("route", "add", "local", "10.99.0.0/24", "dev", "lo")
        lab["gw"].ip("route", "add", "10.99.0.0/24", "via", server.addresses4["path"])
        self.listen(server, "tcp", 80)
        answer = client.ntsh("portscan", "-p", "80,81", "--rate", "max", "10.99.0.0/24", "--exclude", "10.99.0.128/25")
        self.assertEqual((answer["result"]["open"], answer["result"]["hosts_answered"]), (128, 128))

    def test_connect_explains_silence(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        self.listen(server, "full", 5000)
        server.nft("table inet t { chain c { type filter hook input priority 0; tcp dport 80 drop; } }")
        fill = client.start("python3", "-c", "import socket,time\nh=[]\nfor i in range(4):\n s=socket.socket();s.setblocking(0)\n"
                            f" s.connect_ex(('{server.addr4}',5000));h.append(s)\ntime.sleep(60)")
        time.sleep(0.5)
        full = client.ntsh("connect", "-w", "2500ms", f"{server.addr4}:5000")
        self.assertEqual((full["result"]["outcome"], full["exit"]), ("queue full", 1))
        fill.stop()
        filtered = client.ntsh("connect", "-w", "2500ms", f"{server.addr4}:80")
        self.assertEqual(filtered["result"]["outcome"], "filtered")
        self.assertIn(filtered["result"]["syns"], (2, 3))  # Linux 6.5 repeats each second
        again = [e for e in filtered["result"]["events"] if "number 2" in e["says"]]
        self.assertTrue(900 < again[0]["after_ms"] < 1400)
        plain = client.ntsh("connect", "-w", "1200ms", f"{server.addr4}:80", user=True)
        self.assertEqual(plain["result"]["outcome"], "no answer")
        gw = lab["gw"]
        gw.ip("route", "replace", "prohibit", f"{server.addr4}/32")
        rejected = client.ntsh("connect", f"{server.addr4}:80")
        self.assertEqual(rejected["result"]["outcome"], "unreachable")
        self.assertIn(gw.addr4, rejected["result"]["says"])

    def test_connect_names_a_late_syn(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        self.listen(server, "tcp", 5000)
        lab.link("path").rule("first", "tcp flags=syn nth=2", side="ab")
        outcomes = [client.ntsh("connect", f"{server.addr4}:5000", "-b", "0")["result"] for _ in range(2)]
        late = [r for r in outcomes if r["syns"] == 2]
        self.assertEqual(len(late), 1)
        self.assertIn("SYN number 2", late[0]["says"])


if __name__ == "__main__":
    main()
