#!/usr/bin/env python3
"""stats against nstat and netstat -s on the same counters, and a listener that does not accept."""
import json

from lab import Case, Topology, main

PAIR = Topology("client --lan-- server", links={"lan": ("client", "server")})
# A listener with a queue of one that never accepts.
DEAF = "import socket, time; s = socket.socket(); s.bind(('', 80)); s.listen(0); print('{}', flush=True); time.sleep(60)"


class Stats(Case):
    def counters(self, node, *words):
        return {c["name"].replace(".", ""): c["value"] for c in node.ntsh("stats", *words)["result"]["counters"]}

    def test_same_as_nstat(self):
        self.need("nstat", "netstat")
        lab = self.lab(PAIR)
        client, server = lab["client"], lab["server"]
        client.run("ping", "-c3", "-i0.2", server.addr4)
        client.run("ping", "-c3", "-i0.2", server.addr6)
        theirs = json.loads(client.run("nstat", "-a", "-s", "-j", env={"NSTAT_HISTORY": "/dev/null"}).stdout)["kernel"]
        ours = self.counters(client)
        self.assertGreater(len(theirs), 15)
        moving = ("Octets", "Pkts", "InReceives", "Delivers", "OutRequests", "Transmits", "Msgs", "Type")
        for name, value in theirs.items():
            if value and not any(part in name for part in moving):
                self.assertEqual(ours.get(name), value, name)
        with open(f"{lab.folder}/saved", "w", encoding="ascii") as file:
            file.write(client.run("netstat", "-s").stdout)
        answer = client.ntsh("stats", "--file", file.name)["result"]
        self.assertEqual(answer["unread"], 0)
        live = self.counters(client)
        saved = {c["name"].replace(".", ""): c["value"] for c in answer["counters"]}
        for name in ("IcmpInEchoReps", "IcmpOutEchos", "IpInReceives"):
            self.assertEqual(saved[name], live[name], name)

    def test_deaf_listener(self):
        lab = self.lab(PAIR)
        client, server = lab["client"], lab["server"]
        healthy = server.ntsh("stats")
        self.assertNotIn("listen-overflow", [f["id"] for f in healthy["result"]["findings"]])
        server.start("python3", "-c", DEAF).wait_listening(80)
        client.run("python3", "-c", "import socket, time\nss = [socket.socket() for _ in range(6)]\n"
                   f"[(s.setblocking(False), s.connect_ex(('{server.addr4}', 80))) for s in ss]\ntime.sleep(2.5)")
        result = server.ntsh("stats", user=True)["result"]
        self.assertEqual(result["findings"][0]["id"], "listen-overflow")
        self.assertEqual(result["findings"][0]["severity"], "bad")


if __name__ == "__main__":
    main()
