#!/usr/bin/env python3
"""diagnose host: each fault of a machine with its proof, and the same machine without it."""
import json

from lab import Case, Topology, main

HOME = Topology("""
    client --lan-- gw --far-- server
    client --side-- other
""", links={"lan": ("client", "gw"), "far": ("gw", "server"), "side": ("client", "other")}, routers=("gw",))

RESOLVER = """import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 53))
while True:
    q, who = s.recvfrom(512)
    s.sendto(q[:2] + b"\\x81\\x80" + q[4:6] + bytes(6) + q[12:q.index(0, 12) + 5], who)
"""

BLAST = """import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end = time.time() + float(sys.argv[3])
while time.time() < end:
    for _ in range(20):
        try: s.sendto(bytes(1000), (sys.argv[1], int(sys.argv[2])))
        except OSError: pass
    time.sleep(0.02)
"""

FLOOD = """import socket, struct, sys, time
def total(data):
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    s = (s >> 16) + (s & 0xffff)
    return ~(s + (s >> 16)) & 0xffff
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
to = socket.inet_aton(sys.argv[1])
end, n = time.time() + float(sys.argv[3]), 0
while time.time() < end:
    n += 1
    source = bytes([198, 18, n >> 8 & 255, n & 255])
    tcp = struct.pack("!HHIIBBHHH", 1024 + n % 60000, int(sys.argv[2]), n, 0, 0x50, 2, 1000, 0, 0)
    check = total(source + to + struct.pack("!BBH", 0, 6, 20) + tcp)
    tcp = tcp[:16] + struct.pack("!H", check) + tcp[18:]
    raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, to) + tcp, (sys.argv[1], 0))
    time.sleep(0.002)
"""


# VXLAN packets whose marks of congestion contradict each other (RFC 6040 4.2): the receiver counts them as errors.
DAMAGED = """import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 3)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20, 0, 0, 64, 17, 0, bytes([10, 7, 0, 2]), bytes([10, 7, 0, 1]))
frame = bytes.fromhex(sys.argv[2].replace(":", "")) + bytes.fromhex("020000000001") + bytes([8, 0]) + ip
while True:
    s.sendto(struct.pack("!II", 0x08000000, 42 << 8) + frame, (sys.argv[1], 4789))
    time.sleep(0.02)
"""


class DiagnoseHost(Case):
    def build(self):
        lab = self.lab(HOME)
        client, gw = lab["client"], lab["gw"]
        client.ip("route", "add", "default", "via", gw.addr4)
        client.ip("-6", "route", "add", "default", "via", gw.addr6)
        for node in (gw, lab["other"]):
            resolver = node.start("python3", "-c", RESOLVER)
            resolver.wait_listening(53, "udp")
        client.resolvers(gw.addr4)
        lab["server"].resolvers(gw.addresses4["far"])
        return lab

    def ask(self, node, *words, user=False):
        answer = node.ntsh("diagnose", "host", "--for", "1s", *words, user=user)
        verdict = answer["result"]["verdict"]
        self.assertEqual(answer["exit"], 0 if verdict["class"] == "healthy" else 1, answer)
        return answer["result"]

    def healthy(self, node, **options):
        result = self.ask(node, **options)
        self.assertEqual(result["verdict"]["cause"], "healthy", result)
        self.assertEqual(result["also"], [])
        return result

    def found(self, node, cause, where=None, says=None):
        """The verdict is the cause, proved; what is ruled out does not hold it."""
        result = self.ask(node)
        verdict = result["verdict"]
        self.assertEqual(verdict["cause"], cause, result)
        self.assertGreaterEqual(verdict["confidence"], 0.7)
        self.assertTrue(verdict["evidence"] and verdict["next"], verdict)
        self.assertNotIn(cause, [r["cause"] for r in verdict["ruled_out"]])
        if where:
            self.assertIn(where, verdict["where"])
        if says:
            self.assertIn(says, " ".join([verdict["summary"], *(e["says"] for e in verdict["evidence"])]))
        return result

    def test_links_and_routes(self):
        lab = self.build()
        client, gw = lab["client"], lab["gw"]
        self.healthy(client)
        client.ip("link", "set", "lo", "down")
        self.found(client, "client.link-down", "lo", "switched off")
        client.ip("link", "set", "lo", "up")
        client.ip("link", "set", "eth0", "down")
        self.found(client, "client.link-down", "eth0", "is switched off")
        client.ip("link", "set", "eth0", "up")
        client.ip("addr", "replace", client.addr6 + "/64", "dev", "eth0", "nodad")
        client.ip("route", "add", "default", "via", gw.addr4)
        client.ip("-6", "route", "add", "default", "via", gw.addr6)
        gw.ip("link", "set", "eth0", "down")
        self.found(client, "client.link-down", "eth0", "other end is switched off")
        gw.ip("link", "set", "eth0", "up")
        gw.ip("addr", "replace", gw.addr6 + "/64", "dev", "eth0", "nodad")
        client.ip("route", "del", "default")
        client.ip("-6", "route", "del", "default")
        self.found(client, "client.no-route", says="no default route")
        client.ip("route", "add", "blackhole", "default")
        self.found(client, "client.no-route", says="blackhole")
        client.ip("route", "del", "blackhole", "default")
        # a way by another table is one
        client.ip("route", "add", "default", "via", gw.addr4, "table", "100")
        client.ip("rule", "add", "from", "all", "lookup", "100")
        self.assertEqual(self.healthy(client)["gateways"], 1)
        client.ip("rule", "del", "from", "all", "lookup", "100")
        gw.ip("addr", "add", "10.0.1.3/24", "dev", "eth0")
        client.ip("route", "add", "default", "via", gw.addr4)
        self.healthy(client)
        client.ip("route", "append", "default", "via", "10.0.1.3")
        self.found(client, "client.duplicate-default-route", says="10.0.1.3")
        client.ip("route", "del", "default", "via", "10.0.1.3")
        client.ip("route", "add", "default", "via", "10.0.1.3", "metric", "500")  # a reserve is no duplicate
        self.healthy(client)

    def test_link_errors(self):
        lab = self.build()
        client, gw = lab["client"], lab["gw"]
        client.ip("link", "add", "vx0", "type", "vxlan", "id", "42", "remote", gw.addr4, "dstport", "4789", "dev", "eth0")
        client.ip("addr", "add", "10.7.0.1/24", "dev", "vx0")
        client.ip("link", "set", "vx0", "up")
        mac = json.loads(client.ip("-j", "link", "show", "vx0"))[0]["address"]
        damaged = gw.start("python3", "-c", DAMAGED, client.addr4, mac)
        self.found(client, "client.link-errors", "vx0", "errors just now")
        damaged.stop()
        # what was counted is history
        self.healthy(client)

    def test_gateway_and_address(self):
        lab = self.build()
        client, gw = lab["client"], lab["gw"]
        gw.ip("addr", "add", client.addr4 + "/32", "dev", "eth0")
        self.found(client, "client.duplicate-address", client.addr4, "answers ARP")
        gw.ip("addr", "del", client.addr4 + "/32", "dev", "eth0")
        gw.ip("link", "set", "eth0", "mtu", "1400")
        self.found(client, "client.mtu", "eth0", "1500 bytes")
        gw.ip("link", "set", "eth0", "mtu", "1500")
        gw.ip("addr", "add", gw.addr6 + "/64", "dev", "eth0", "nodad", check=False)
        self.healthy(client)
        gw.ip("addr", "del", gw.addr4 + "/24", "dev", "eth0")
        client.ip("neigh", "flush", "all")
        self.found(client, "client.gateway-unreachable", gw.addr4, "IPv4 fails")

    def test_resolvers(self):
        lab = self.build()
        client, gw = lab["client"], lab["gw"]
        client.resolvers("10.0.1.77", gw.addr4)
        self.found(client, "dns.first-resolver-dead", "10.0.1.77")
        client.etc("resolv.conf", "# nothing\n")
        self.found(client, "dns.resolver-unreachable", says="names no server")
        client.resolvers(client.addr4)
        self.found(client, "dns.resolver-unreachable", client.addr4)

    def test_firewall(self):
        self.need("nft")
        lab = self.build()
        client, gw = lab["client"], lab["gw"]
        client.nft("table inet t { chain output { type filter hook output priority 0; policy accept; udp dport 53 counter drop; } }")
        self.found(client, "client.firewall", "inet t output", "EPERM")
        client.run("nft", "flush", "ruleset", check=True)
        client.nft("table inet t { chain input { type filter hook input priority 0; policy accept; "
                   "ip protocol icmp counter drop; ip6 nexthdr icmpv6 icmpv6 type echo-reply counter drop; "
                   "udp sport 53 counter drop; } }")
        self.found(client, "client.firewall", "inet t input", "drop")
        client.run("nft", "flush", "ruleset", check=True)
        # rules that do not count, chains of any name, a user who may not read them
        client.nft("table inet t { chain a { type filter hook input priority 0; policy drop; ip6 nexthdr icmpv6 accept; iif lo accept; } }")
        result = self.ask(client, user=True)
        self.assertEqual(result["verdict"]["cause"], "client.firewall", result)
        self.assertIn("reached no program", str(result["verdict"]["evidence"]))
        self.found(client, "client.firewall", says="the policy of inet t a")
        client.run("nft", "flush", "ruleset", check=True)
        client.nft("table inet t { chain a { type filter hook output priority 0; policy accept; tcp dport 80 drop; } }")
        tries = client.start("python3", "-c", f"import socket, time\nl = []\nwhile True:\n s = socket.socket(); s.setblocking(False); "
                             f"s.connect_ex(('{gw.addr4}', 80)); l.append(s); time.sleep(0.1)")
        self.found(client, "client.firewall", says="before they reached a link")
        tries.stop()
        client.run("nft", "flush", "ruleset", check=True)
        # a firewall that turns strangers away does its work
        client.nft("table inet t { chain input { type filter hook input priority 0; policy accept; udp dport 9 counter drop; } }")
        blast = gw.start("python3", "-c", BLAST, client.addr4, 9, 20)
        result = self.healthy(client)
        self.assertTrue(any("may be its duty" in remark for remark in result["remarks"]), result["remarks"])
        blast.stop()

    def test_rp_filter(self):
        lab = self.build()
        client, other, server = lab["client"], lab["other"], lab["server"]
        other.ip("addr", "add", server.addr4 + "/32", "dev", "lo")
        other.ip("route", "add", "default", "via", client.addresses4["side"])
        ping = other.start("ping", "-i0.05", "-q", "-I", server.addr4, client.addresses4["side"])
        self.healthy(client)
        client.sysctl(net__ipv4__conf__all__rp_filter=1)
        self.found(client, "client.rp-filter")
        ping.stop()

    def test_sockets(self):
        lab = self.build()
        client, server = lab["client"], lab["server"]
        hangs_up = server.start("python3", "-c", "import socket\ns = socket.create_server(('', 80), backlog=200)\nwhile True: s.accept()[0].close()")
        hangs_up.wait_listening(80)
        leaks = client.start("python3", "-c", f"import socket, time\nl = [socket.create_connection(('{server.addr4}', 80)) "
                             "for _ in range(30)]\ntime.sleep(60)")
        client.run("sh", "-c", "for i in $(seq 50); do [ $(ss -tnH state close-wait | wc -l) = 30 ] && exit; sleep 0.1; done")
        self.found(client, "client.socket-leak", "python3", "30 of its sockets")
        leaks.stop()
        client.sysctl(net__ipv4__ip_local_port_range="40000 40039")
        keeps = server.start("python3", "-c", "import socket, time\ns = socket.create_server(('', 81), backlog=200)\nl = []\nwhile True: l.append(s.accept())")
        keeps.wait_listening(81)
        self.healthy(client)
        uses = client.start("python3", "-c", f"import socket, time\nl = [socket.create_connection(('{server.addr4}', 81)) "
                            "for _ in range(40)]\ntime.sleep(60)")
        client.run("sh", "-c", "for i in $(seq 50); do [ $(ss -tnH dport = 81 | wc -l) = 40 ] && exit; sleep 0.1; done")
        self.found(client, "client.port-exhaustion", f"{server.addr4}:81", "40 of the 40")
        uses.stop()

    def test_servers(self):
        lab = self.build()
        client, gw, server = lab["client"], lab["gw"], lab["server"]
        lazy = server.start("python3", "-c", "import socket, time\ns = socket.create_server(('', 82), backlog=2)\ntime.sleep(60)")
        lazy.wait_listening(82)
        self.healthy(server)
        knocks = client.start("python3", "-c", f"import socket, time\nl = []\nwhile True:\n s = socket.socket(); s.setblocking(False); "
                              f"s.connect_ex(('{server.addr4}', 82)); l.append(s); time.sleep(0.1)")
        client.run("sleep", "1")
        self.found(server, "server.listen-overflow", "82", "waiting to be accepted")
        knocks.stop()
        lazy.stop()
        busy = server.start("python3", "-c", "import socket\ns = socket.create_server(('', 83), backlog=8)\nwhile True: s.accept()")
        busy.wait_listening(83)
        self.healthy(server)
        flood = gw.start("python3", "-c", FLOOD, server.addr4, 83, 20)
        self.found(server, "server.syn-flood", says="SYN queue was full")
        flood.stop()

    def test_buffers(self):
        lab = self.build()
        client, server = lab["client"], lab["server"]
        lazy = server.start("python3", "-c", "import socket, time\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                            "s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)\ns.bind(('', 9))\ntime.sleep(60)")
        lazy.wait_listening(9, "udp")
        blast = client.start("python3", "-c", BLAST, server.addr4, 9, 20)
        self.found(server, "client.drops", "UDP 0.0.0.0:9", "reads too slowly")
        blast.stop()
        self.healthy(server)

    def test_conntrack(self):
        self.need("nft", "conntrack")
        lab = self.build()
        client = lab["client"]
        client.nft("table inet t { chain c { type filter hook input priority 0; policy accept; ct state invalid counter; } }")
        self.healthy(client)
        most = int(client.run("cat", "/proc/sys/net/netfilter/nf_conntrack_max").stdout)
        if most > 300000:
            self.skipTest("the table of this machine is too large to be filled here")
        with open(f"{lab.folder}/entries", "w", encoding="ascii") as file:
            for i in range(int(most * 0.97)):
                file.write(f"-A -p udp -s 198.18.{i >> 8 & 255}.{i & 255} -d 198.19.0.{i >> 16} --sport 1000 --dport 2000 -t 600 -u UNSET\n"
                           .replace(" -u UNSET", ""))
        client.run("conntrack", "--load-file", f"{lab.folder}/entries", timeout=80)
        self.found(client, "client.conntrack-full", says="entries are in use")

    def test_user_and_nothing(self):
        lab = self.build()
        result = self.healthy(lab["client"], user=True)
        self.assertTrue(any("cap_net_raw" in remark for remark in result["remarks"]), result["remarks"])
        self.found(lab.wire, "client.no-route", says="no interface but the loopback")


if __name__ == "__main__":
    main()
