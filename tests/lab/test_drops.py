#!/usr/bin/env python3
"""drops against real drops: a closed port, a firewall rule, a full socket, the reverse path filter, a dead next hop, loss on the path."""
import json
import subprocess
import time

from lab import Case, Topology, main, program

PAIR = Topology("""
    client --lan-- server
""", links={"lan": ("client", "server")})

# Each provokes a drop in a node; the trace is the machine's, so each is recognised by its own addresses, or by its reason.
FULL = """
import socket
r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
r.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
r.bind(("127.0.0.1", 7777))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(50):
    s.sendto(b"x" * 1000, ("127.0.0.1", 7777))
"""


class Drops(Case):
    def listen(self, node, *words, during, least=1):
        """Runs drops while something happens, again if the machine was too busy to see it; returns its result."""
        for seconds in ("2s", "4s", "8s"):
            listener = subprocess.Popen([program(), "--json", "drops", "--for", seconds, *words], stdout=subprocess.PIPE, text=True)
            time.sleep(0.7)
            during()
            out = listener.communicate(timeout=60)[0]
            result = json.loads(out)["result"]
            if result["dropped"] + result["retransmitted"] >= least:
                return result
        self.fail(f"{words}: {result}")

    def test_reasons(self):
        lab = self.lab(PAIR)
        client, server = lab["client"], lab["server"]
        for target in (server.addr4, server.addr6):
            wanted = f"[{target}]" if ":" in target else target
            result = self.listen(client, "NO_SOCKET", target, during=lambda: client.run("curl", "-s", "-m", "2", f"http://{wanted}:4/"))
            row = result["drops"][0]
            self.assertEqual((row["reason"], row["destination"]), ("NO_SOCKET", f"{wanted}:4"))
            self.assertEqual(row["source"], client.addr6 if ":" in target else client.addr4)
            self.assertIn("nobody listens", row["says"])
            self.assertFalse(row["normal"])
            self.assertEqual(result["top"], "NO_SOCKET")
        result = self.listen(server, "SOCKET_RCVBUFF", during=lambda: server.run("python3", "-c", FULL), least=30)
        self.assertIn("udp", result["drops"][0]["place"])
        server.nft("table inet t { chain c { type filter hook input priority 0; udp dport 4444 drop; } }")
        send = f"for i in 1 2 3; do echo x > /dev/udp/{server.addr4}/4444; done"
        result = self.listen(server, "NETFILTER_DROP", during=lambda: client.run("bash", "-c", send), least=3)
        self.assertIn("firewall", result["drops"][0]["says"])
        self.assertIn("nft", result["drops"][0]["cure"])

    def test_route(self):
        lab = self.lab(PAIR)
        client, server = lab["client"], lab["server"]
        server.sysctl(net__ipv4__conf__all__rp_filter=1, net__ipv4__conf__eth0__rp_filter=1)
        client.ip("addr", "add", "192.0.2.77/32", "dev", "eth0")
        result = self.listen(server, "IP_RPFILTER", during=lambda: client.run("ping", "-c", "2", "-W", "1", "-I", "192.0.2.77", server.addr4))
        self.assertIn("rp_filter", result["drops"][0]["cure"])
        self.assertEqual(result["drops"][0]["protocol"], "IPv4")

    def test_interface_and_end(self):
        lab = self.lab(PAIR)
        client, server = lab["client"], lab["server"]
        result = self.listen(client, "-i", "NO_SOCKET", server.addr4, during=lambda: client.run("curl", "-s", "-m", "2", f"http://{server.addr4}:4/"))
        self.assertEqual(result["drops"][0]["interface"], "eth0")
        text = subprocess.run([program(), "drops", "--for", "100ms", "-a"], capture_output=True, text=True, timeout=60)
        self.assertIn(text.returncode, (0, 1))


if __name__ == "__main__":
    main()
