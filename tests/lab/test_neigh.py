#!/usr/bin/env python3
"""neigh, netns, conntrack and iface drops against ip, conntrack and what was done to the packets."""
import json
import os

from lab import Case, Topology, main

HOME = Topology("""
    client --lan-- gw --far-- server
""", links={"lan": ("client", "gw"), "far": ("gw", "server")}, routers=("gw",))

BLAST = """import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(int(sys.argv[3])):
    try: s.sendto(bytes(int(sys.argv[4])), (sys.argv[1], int(sys.argv[2])))
    except OSError: pass"""


class Neigh(Case):
    def test_table_as_ip_says(self):
        lab = self.lab(HOME)
        gw = lab["gw"]
        gw.ip("neigh", "add", "10.0.1.77", "lladdr", "00:00:0c:01:02:03", "dev", "eth0", "nud", "permanent")
        gw.run("ping", "-c1", "-W1", "10.0.1.99")
        for way in (False, True):
            result = gw.ntsh("neigh", by_option=way)["result"]
            wanted = {(n["dst"], n["dev"]): n for n in json.loads(gw.ip("-j", "neigh")) if "NOARP" not in n["state"]}
            found = {(n["address"].split("%")[0], n["interface"]): n for n in result["neighbours"]}
            self.assertEqual(set(found), set(wanted))
            for key, row in found.items():
                if row["state"] not in ("failed", "incomplete"):
                    self.assertEqual(row["mac"], wanted[key].get("lladdr"))
            if os.path.exists("/usr/share/ieee-data/oui.txt"):
                self.assertIn("Cisco", found[("10.0.1.77", "eth0")]["vendor"])
            self.assertEqual(found[("10.0.1.77", "eth0")]["state"], "permanent")
            self.assertIn(found[("10.0.1.99", "eth0")]["state"], ("failed", "incomplete"))
            self.assertGreaterEqual(result["dead"], 1)

    def test_duplicates(self):
        lab = self.lab(HOME)
        client, gw = lab["client"], lab["gw"]
        healthy = client.ntsh("neigh", "--probe")
        self.assertEqual((healthy["exit"], healthy["result"]["duplicates"]), (0, []), healthy)
        self.assertGreaterEqual(healthy["result"]["asked"], 2)
        gw.ip("addr", "add", client.addr4 + "/32", "dev", "eth0")
        answer = client.ntsh("neigh", "--probe")
        self.assertEqual(answer["exit"], 1)
        twin = answer["result"]["duplicates"][0]
        mac = json.loads(gw.ip("-j", "link", "show", "eth0"))[0]["address"]
        self.assertEqual((twin["address"], twin["own"], twin["macs"]), (client.addr4, True, [mac]))
        denied = client.ntsh("neigh", "--probe", user=True)
        self.assertEqual(denied["exit"], 3)
        self.assertIn("cap_net_raw", denied["error"]["hint"])

    def test_namespaces(self):
        lab = self.lab(HOME)
        rows = {r["name"]: r for r in lab["client"].ntsh("netns", by_option=True)["result"]["namespaces"]}
        for node in (lab["client"], lab["gw"], lab["server"]):
            row = rows[node.netns]
            self.assertEqual(row["inode"], os.stat(f"/run/netns/{node.netns}").st_ino)
            self.assertEqual(row["interfaces"], len(json.loads(node.ip("-j", "link"))))
            self.assertIn(node.addr4, row["addresses"])
        self.assertTrue(rows[lab["client"].netns]["current"])
        out = lab["client"].ntsh_text("netns", "all", "iface", "kind", "veth").stdout
        self.assertIn(f"== {lab['server'].netns}\n", out)

    def test_conntrack_as_conntrack_says(self):
        self.need("conntrack", "nft")
        lab = self.lab(HOME)
        gw = lab["gw"]
        self.assertEqual(gw.ntsh("conntrack", "--for", "10ms")["exit"], 0)
        gw.nft("table inet t { chain c { type filter hook forward priority 0; policy accept; ct state invalid drop; } }")
        lab["client"].run("ping", "-c1", lab["server"].addr4)
        server = lab["server"].start("python3", "-m", "http.server", "80")
        server.wait_listening(80)
        for _ in range(5):
            lab["client"].run("curl", "-s", "-o", "/dev/null", f"http://{lab['server'].addr4}/")
        result = gw.ntsh("conntrack", "--for", "10ms")["result"]
        said = [line for line in gw.run("conntrack", "-L").stdout.splitlines() if line.strip()]
        self.assertEqual(result["entries"], len(said))
        states = {(s["protocol"], s["state"]): s["count"] for s in result["states"]}
        self.assertEqual(states.get(("tcp", "TIME_WAIT"), 0), sum("TIME_WAIT" in line for line in said))
        self.assertEqual(sum(states.values()), len(said))
        self.assertEqual(result["sources"][0]["address"], lab["client"].addr4)
        self.assertEqual(result["targets"][0]["address"], lab["server"].addr4)
        self.assertEqual(result["verdict"], "good")
        self.assertEqual(result["count"], int(gw.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count").stdout))
        denied = gw.ntsh("conntrack", "--for", "10ms", user=True)
        self.assertEqual(denied["exit"], 0)
        self.assertIn("cap_net_admin", denied["notes"][0])


class Drops(Case):
    def drops(self, node, *words):
        answer = node.ntsh("iface", "drops", *words)
        places = {p["place"]: p for p in answer["result"]["places"]}
        return answer, places

    def during(self, node, sender, target, port, count=300, size=100):
        """iface drops while packets are sent: starts first, so that all of them are seen."""
        process = node.start("sh", "-c", f"{os.environ.get('NTSH', 'build/ntsh')} --json iface drops --for 1s > {node.lab.folder}/out")
        sender.run("sh", "-c", "sleep 0.3", check=True)
        sender.run("python3", "-c", BLAST, target, port, count, size, check=True)
        process.popen.wait(20)
        with open(f"{node.lab.folder}/out", encoding="utf-8") as file:
            answer = json.loads(file.read())
        return answer, {p["place"]: p for p in answer["result"]["places"]}

    def test_places(self):
        self.need("nft")
        lab = self.lab(HOME)
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        answer, places = self.drops(server, "--for", "200ms")
        self.assertEqual((answer["exit"], answer["result"]["lost"]), (0, 0), answer)
        # a rule
        server.nft("table inet t { chain input { type filter hook input priority 0; policy accept; udp dport 9 counter drop; } }")
        answer, places = self.during(server, client, server.addr4, 9)
        self.assertEqual(answer["result"]["worst"], "netfilter")
        self.assertEqual((places["netfilter"]["lost"], places["netfilter"]["wanted"]), (300, 300))
        self.assertIn("inet t input", places["netfilter"]["verdict"])
        server.run("nft", "flush", "ruleset", check=True)
        # a program that does not read
        reader = server.start("python3", "-c", "import socket, time\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                              "s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)\ns.bind(('', 9))\ntime.sleep(60)")
        reader.wait_listening(9, "udp")
        answer, places = self.during(server, client, server.addr4, 9, 300, 1000)
        self.assertEqual(answer["result"]["worst"], "socket")
        self.assertGreater(places["socket"]["lost"], 250)
        socket = [c for c in answer["result"]["counters"] if c["name"] == "drops" and c["delta"]][0]
        self.assertEqual((socket["where"], socket["delta"]), ("UDP 0.0.0.0:9", places["socket"]["lost"]))
        # a queue that is too short
        server.run("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "64kbit", "burst", "2000", "limit", "3000", check=True)
        answer, places = self.during(server, server, gw.addr4, 9, 100, 1000)
        self.assertEqual(answer["result"]["worst"], "qdisc", places)
        self.assertGreater(places["qdisc"]["lost"], 80)
        # no route
        answer, places = self.during(gw, client, "192.0.2.1", 9, 50)
        self.assertEqual(answer["result"]["worst"], "ip", places)

    def test_silent_rules_and_user(self):
        self.need("nft")
        lab = self.lab(HOME)
        server = lab["server"]
        server.nft("table inet t { chain input { type filter hook input priority 0; policy drop; udp dport 9 drop; } }")
        answer, _ = self.drops(server, "--for", "50ms")
        self.assertEqual(answer["result"]["silent_rules"], 2)
        self.assertIn("the policy of inet t input", answer["notes"][0])
        answer, places = self.during(server, lab["client"], server.addr4, 9, 200)
        self.assertEqual(answer["result"]["worst"], "netfilter", places)
        self.assertTrue(195 <= answer["result"]["uncounted"] <= 210, answer["result"]["uncounted"])
        answer = server.ntsh("iface", "drops", "--for", "50ms", user=True)
        self.assertIn("cap_net_admin", answer["notes"][0])


if __name__ == "__main__":
    main()
