#!/usr/bin/env python3
"""iface against ip and ethtool on the same state: kinds, other ends, addresses, counters, faults; also by ntsh -n."""
import json

from lab import Case, Topology, main

HOME = Topology("""
    client --lan-- gw --far-- server
""", links={"lan": ("client", "gw"), "far": ("gw", "server")}, routers=("gw",))


class Iface(Case):
    def links(self, node):
        return {link["ifname"]: link for link in json.loads(node.ip("-s", "-d", "-j", "link"))}

    def listed(self, node, **options):
        answer = node.ntsh("iface", **options)
        self.assertEqual(answer["exit"], 0, answer)
        return {row["name"]: row for row in answer["result"]["interfaces"]}

    def test_list_as_ip_says(self):
        lab = self.lab(HOME)
        gw = lab["gw"]
        for words in ("link add br0 type bridge", "link add p0 type veth peer name p1", "link set p0 master br0",
                      "link set p0 up", "link set p1 up", "link set br0 up", "tuntap add tap0 mode tap", "link set tap0 up",
                      "link add vx0 type vxlan id 42 remote 10.0.2.2 dstport 4789 dev eth1",
                      "addr add 10.9.9.1 peer 10.9.9.2/32 dev p1", "link set p1 mtu 1400"):
            gw.ip(*words.split())
        gw.run("ping", "-c3", "-i0.05", lab["server"].addr4)
        for way in (False, True):  # ip netns exec, and ntsh -n, whose /sys is that of another namespace
            found, wanted = self.listed(gw, by_option=way), self.links(gw)
            self.assertEqual(set(found), set(wanted))
            for name, link in wanted.items():
                row = found[name]
                self.assertEqual((row["index"], row["mtu"], row["mac"]), (link["ifindex"], link["mtu"], link["address"]))
                kind = link.get("linkinfo", {}).get("info_kind", "loopback")
                self.assertEqual(row["kind"], "tap" if kind == "tun" else kind)
                self.assertEqual(row["master"], link.get("master"))
                self.assertEqual(row["state"] == "up", "UP" in link["flags"] and "LOWER_UP" in link["flags"], row)
            self.assertEqual((found["p0"]["peer"], found["p0"]["peer_namespace"]), ("p1", None))
            self.assertEqual((found["eth1"]["peer"], found["eth1"]["peer_namespace"]), ("eth0", lab["server"].netns))
            self.assertIn("members p0", found["br0"]["detail"])
            self.assertIn("VNI 42", found["vx0"]["detail"])
            self.assertIn("10.0.2.2", found["vx0"]["detail"])
            self.assertEqual((found["tap0"]["state"], found["tap0"]["health"]), ("no carrier", "off"))
            addresses = {(a["local"], a["prefixlen"]) for link in json.loads(gw.ip("-j", "addr")) for a in link["addr_info"]}
            self.assertEqual(addresses, {(a["address"].split("%")[0], a["prefix_length"])
                                         for row in found.values() for a in row["addresses"]})
        self.assertEqual(found["p1"]["addresses"][0]["peer"], "10.9.9.2")

    def test_counters_as_ip_says(self):
        lab = self.lab(HOME)
        client = lab["client"]
        client.run("ping", "-c5", "-i0.02", lab["server"].addr4)
        stats = client.ntsh("iface", "stats", "eth0", "--for", "50ms")["result"]["interfaces"][0]
        counters = {c["name"]: c["value"] for c in stats["counters"]}
        said = self.links(client)["eth0"]["stats64"]
        for way in ("rx", "tx"):
            for ours, theirs in (("packets", "packets"), ("bytes", "bytes"), ("errors", "errors"), ("dropped", "dropped")):
                self.assertEqual(counters[f"{way}_{ours}"], said[way][theirs])
        self.assertGreater(counters["rx_packets"], 4)

    def test_rates(self):
        lab = self.lab(HOME)
        client = lab["client"]
        ping = client.start("ping", "-i0.01", "-c200", "-q", lab["server"].addr4)
        row = client.ntsh("iface", "stats", "eth0", "--for", "1s")["result"]["interfaces"][0]
        ping.stop()
        self.assertGreater(row["rx_pps"], 20)
        self.assertGreater(row["tx_bps"], 20 * 98 * 8)
        self.assertEqual((row["errors"], row["health"]), (0, "good"))

    def test_info_as_ethtool_says(self):
        self.need("ethtool")
        lab = self.lab(HOME)
        client = lab["client"]
        client.ip("link", "set", "eth0", "alias", "up{name}link")
        for way in (False, True):
            result = client.ntsh("iface", "info", "eth0", by_option=way)["result"]
            self.assertEqual(result["alias"], "up{name}link")
            driver = dict(line.split(": ", 1) for line in client.run("ethtool", "-i", "eth0").stdout.splitlines() if ": " in line)
            self.assertEqual((result["driver"]["name"], result["driver"]["version"]), (driver["driver"], driver["version"]))
            wanted = {}
            for line in client.run("ethtool", "-k", "eth0").stdout.splitlines()[1:]:
                name, value = line.strip().split(": ", 1)
                wanted[name] = value
            for feature in result["features"]:
                if feature["name"] in wanted:
                    text = ("on" if feature["on"] else "off") + (" [fixed]" if feature["fixed"] else "")
                    self.assertEqual(text, wanted[feature["name"]].replace(" [requested on]", "").replace(
                        " [requested off]", ""), feature)
            self.assertGreater(sum(f["name"] in wanted for f in result["features"]), 10)
            stats = {}
            for line in client.run("ethtool", "-S", "eth0").stdout.splitlines()[1:]:
                name, value = line.strip().rsplit(": ", 1)
                stats[name] = int(value)
            self.assertEqual({s["name"]: s["value"] for s in result["statistics"]}, {n: v for n, v in stats.items() if v})
            self.assertEqual({(q["direction"], q["number"]) for q in result["queues"]}, {("rx", 0), ("tx", 0)})
            self.assertEqual(result["link"]["speed_bps"], 10000000000)
        client.sh("echo 3 > /sys/class/net/eth0/queues/rx-0/rps_cpus")
        for way in (False, True):
            self.assertEqual(client.ntsh("iface", "info", "eth0", by_option=way)["result"]["queues"][0]["cpus"], "3")

    def test_qdiscs_as_tc_says(self):
        lab = self.lab(HOME)
        client = lab["client"]
        client.run("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "64kbit", "burst", "2000", "limit", "3000", check=True)
        client.run("python3", "-c", f"""import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(100):
    try: s.sendto(bytes(1000), ("{lab["gw"].addr4}", 9))
    except OSError: pass""", check=True)
        qdisc = client.ntsh("iface", "info", "eth0")["result"]["qdiscs"][0]
        said = [q for q in json.loads(client.run("tc", "-s", "-j", "qdisc", "show", "dev", "eth0").stdout) if q["kind"] == "tbf"][0]
        self.assertEqual((qdisc["kind"], qdisc["drops"]), ("tbf", said["drops"]))
        self.assertLessEqual(abs(qdisc["packets"] - said["packets"]), 2)  # it goes on sending what it holds
        self.assertGreater(qdisc["drops"], 10)

    def test_faults(self):
        lab = self.lab(HOME)
        client, gw = lab["client"], lab["gw"]
        self.assertEqual(client.ntsh("iface", "info", "eth0")["exit"], 0)
        gw.ip("link", "set", "eth0", "down")
        answer = client.ntsh("iface", "info", "eth0")
        self.assertEqual((answer["exit"], answer["result"]["health"]), (1, "bad"))
        self.assertIn(answer["result"]["state"], ("no carrier", "lower down"))
        self.assertIn("other end", answer["result"]["says"])
        text = client.ntsh_text("iface").stdout
        self.assertIn("other end is switched off", text)
        client.ip("link", "set", "eth0", "down")
        self.assertEqual(client.ntsh("iface", "info", "eth0")["result"]["health"], "off")

    def test_ordinary_user(self):
        lab = self.lab(HOME)
        rows = {r["name"]: r for r in lab["client"].ntsh("iface", user=True)["result"]["interfaces"]}
        self.assertEqual(rows["eth0"]["kind"], "veth")
        self.assertEqual(lab["client"].ntsh("iface", "info", "eth0", user=True)["exit"], 0)


if __name__ == "__main__":
    main()
