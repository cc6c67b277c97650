#!/usr/bin/env python3
"""ss against the ss of iproute2: the same sockets, in every state and both families, with filters; killing, owners, namespaces."""
import json
import re
import subprocess
import sys

from lab import Case, Topology, main, program

TWO = Topology("client --- server", links={"wire": ("client", "server")})

# Sockets in as many states as a program can bring about, in both families. "go" on standard input is answered when they stand.
PLAYER = r'''
import os, socket, struct, sys, time
mine, other, mine6, other6 = sys.argv[1:5]
keep = []
def pair(family, address, port):
    l = socket.socket(family); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); l.bind((address, port)); l.listen(5)
    c = socket.socket(family); c.connect((address, port)); s, _ = l.accept()
    keep.extend([l, c, s]); return l, c, s
for family, address in ((socket.AF_INET, mine), (socket.AF_INET6, mine6)):
    pair(family, address, 7001)
    _, c, s = pair(family, address, 7002); c.send(b"x" * 1000)           # unread bytes
    _, c, s = pair(family, address, 7003); c.shutdown(socket.SHUT_WR)    # FIN-WAIT-2, CLOSE-WAIT
    _, c, s = pair(family, address, 7004); c.close(); s.close()          # TIME-WAIT
    _, c, s = pair(family, address, 7005); s.close(); c.close()          # TIME-WAIT of the listener's side
    u = socket.socket(family, socket.SOCK_DGRAM); u.bind((address, 7100)); keep.append(u)
    v = socket.socket(family, socket.SOCK_DGRAM); v.connect((address, 7100)); v.send(b"hello"); keep.append(v)
    n = socket.socket(family); n.setblocking(False)                       # SYN-SENT: dropped at the other end
    try: n.connect((other if family == socket.AF_INET else other6, 7999))
    except BlockingIOError: pass
    keep.append(n)
    f = socket.socket(family); f.bind((address, 7200)); f.listen(1); keep.append(f)  # a full accept queue
    for _ in range(2):
        c = socket.socket(family); c.connect((address, 7200)); keep.append(c)
a = socket.socket(socket.AF_INET6); a.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0); a.bind(("::", 7300)); a.listen(9); keep.append(a)
m = socket.socket(); m.connect((mine, 7300)); keep.append(m)              # an IPv4-mapped end
r = socket.socket(socket.AF_INET, socket.SOCK_RAW, 89); keep.append(r)
p = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5)); keep.append(p)
x = socket.socket(socket.AF_UNIX); x.bind("\0ntsh-lab"); x.listen(4); y = socket.socket(socket.AF_UNIX); y.connect("\0ntsh-lab"); keep.extend([x, y, x.accept()[0]])
print("ready", flush=True)
for line in sys.stdin: pass
'''
# The kernel's words of ss, and ours where they are the same.
STATES = {"ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING"}


def end_of(text):
    """ss writes * for every address, and the device behind a %."""
    host, _, port = text.rpartition(":")
    host = host.split("%")[0].strip("[]")
    return (host, port)


def ours(end, raw=False):
    if end is None:
        return None
    host, port = (end, "*") if raw or not re.search(r"\]:\d+$|^[^:]+:\d+$", end) else end.rsplit(":", 1)
    return (host.split("%")[0].strip("[]"), port)


class Ss(Case):
    def play(self):
        lab = self.lab(TWO)
        client, server = lab["client"], lab["server"]
        server.nft("table inet t { chain c { type filter hook input priority 0; tcp dport 7999 drop; } }")
        player = client.start(sys.executable, "-c", PLAYER, client.addr4, server.addr4, client.addr6, server.addr6,
                              stdout=subprocess.PIPE)
        self.assertEqual(player.popen.stdout.readline().strip(), b"ready", player.output())
        return client, player

    def theirs(self, node, *words):
        rows = set()
        for line in node.run("ss", "-H", "-n", *words, check=True).stdout.splitlines():
            fields = line.split()
            if not fields[0].isdigit() and fields[0] not in STATES:
                fields = fields[1:]
            if fields[0] not in STATES:
                fields = [None, *fields]  # one state only: ss does not repeat it
            rows.add((fields[0], int(fields[1]), int(fields[2]), end_of(fields[3]), end_of(fields[4])))
        return rows

    def mine(self, node, *words):
        answer = node.ntsh("ss", "-n", *words)
        self.assertEqual(answer["exit"], 0, answer)
        rows = set()
        for name in ("listeners", "connections", "datagram"):
            for row in answer["result"].get(name, []):
                queues = [row.get(k) for k in ("accept_queue", "unread_bytes") if k in row] + \
                         [row.get(k) for k in ("accept_queue_limit", "unacknowledged_bytes", "unsent_bytes") if k in row]
                rows.add((row["state"], *queues, ours(row["local"]), ours(row.get("peer"))))
        return rows

    def same(self, node, *words):
        """Sockets by state, queues and ends. A side without an address is * in ss, and nothing here."""
        def plain(rows):
            out = set()
            for state, a, b, local, peer in rows:
                if peer and peer[0] in ("0.0.0.0", "::", "*") and peer[1] in ("*", "0"):
                    peer = None
                out.add((state, a, b, ("*" if local[0] in ("::", "0.0.0.0") else local[0], local[1]), peer))
            return out
        theirs, mine = plain(self.theirs(node, *words)), plain(self.mine(node, *words))
        if any(row[0] is None for row in theirs):
            mine = {(None, *row[1:]) for row in mine}
        self.assertEqual(mine, theirs, words)
        return len(mine)

    def test_the_same_sockets(self):
        client, _ = self.play()
        counts = {words: self.same(client, *words.split()) for words in (
            "-t", "-ta", "-tl", "-ta4", "-ta -6", "-ua", "-ul", "-u", "-tua",
            "-t state established", "-t state time-wait", "-t state close-wait", "-t state fin-wait-2", "-t state syn-sent",
            "-t state bucket", "-t state big", "-t state connected", "-t state synchronized", "-t exclude established", "-t state all")}
        self.assertGreater(counts["-ta"], 25)
        for words in counts:
            self.assertGreater(counts[words], 0, f"{words} compares nothing")
        for expression in ("sport = :7001", "dport = :7001 or sport = :7002", "sport >= :7001 sport <= :7003", "not dport = :7001",
                           f"dst {client.addr4}", f"src {client.addr4}:7003", f"dst [{client.addr6}]", "dst 10.0.1.0/24",
                           "( sport = :7001 or sport = :7002 ) and dst 10.0.0.0/8", "dport > :65535 or sport < :7002", f"not dst {client.addr4}"):
            self.assertGreaterEqual(self.same(client, "-ta", expression), 1 if "65535" not in expression else 0, expression)
        self.same(client, "-ua", "sport = :7100 or dport = :7100")

    def test_what_it_says(self):
        client, player = self.play()
        answer = client.ntsh("ss", "-tanpi")["result"]
        full = [r for r in answer["listeners"] if r["local"].endswith(":7200")]
        self.assertEqual([r["accept_queue_full"] for r in full], [True, True])
        self.assertFalse(any(r["accept_queue_full"] for r in answer["listeners"] if not r["local"].endswith(":7200")))
        by_port = {r["local"].rsplit(":", 1)[1]: r for r in answer["listeners"]}
        self.assertEqual(by_port["7300"]["reach"], "anyone")
        self.assertTrue(by_port["7001"]["reach"].startswith("who reaches "))
        unread = [r for r in answer["connections"] if r["unread_bytes"] == 1000]
        self.assertEqual(len(unread), 2)
        for row in unread:
            self.assertEqual(row["processes"][0]["pid"], player.pid)
            self.assertEqual(row["tcp"]["received_bytes"], 1000)
            self.assertIn("received 1000 B", row["info"])
        text = client.ntsh_text("ss", "-tln").stdout
        self.assertIn("its accept queue is full", text)
        other = client.ntsh("ss", "-wax0", "-p")["result"]
        self.assertIn("@ntsh-lab", [r["path"] for r in other["unix"]])
        self.assertIn("@ntsh-lab", [r["peer_path"] for r in other["unix"]])
        self.assertEqual([r["protocol"] for r in other["datagram"] if r["proto"] == "raw"], [89])
        self.assertEqual([r["protocol"] for r in other["packet"] if r["protocol"] == 0x88b5], [0x88b5])
        self.assertEqual(client.ntsh("ss", "-xa", "src", "@ntsh*")["result"]["unix"][0]["path"], "@ntsh-lab")
        client.hosts(f"{client.addr4} web.lab.example")
        named = client.ntsh("ss", "-tr", "state", "established", f"dst {client.addr4}:7001")["result"]["connections"]
        self.assertRegex(named[0]["peer_name"], "^web.lab.example:(7001|afs3-callback)$")
        # By number, in another namespace, and as somebody else.
        inside = client.ntsh("ss", "-tln", by_option=True)["result"]["listeners"]
        self.assertEqual(len(inside), len(answer["listeners"]))
        done = subprocess.run([program(), "--json", "ss", "-tln", "-N", client.netns], capture_output=True, text=True, check=True)
        self.assertEqual(len(json.loads(done.stdout)["result"]["listeners"]), len(inside))
        user = client.ntsh("ss", "-tlnp", user=True)
        self.assertEqual([r["process"] for r in user["result"]["listeners"]], [None] * len(inside))
        self.assertIn("hide their sockets", user["notes"][0])

    def test_kill(self):
        client, _ = self.play()
        words = ("state", "established", f"dst {client.addr4}:7001")
        before = client.ntsh("ss", "-tn", *words)["result"]["connections"]
        self.assertEqual(len(before), 1)
        refused = client.ntsh("ss", "-K", "-tn", *words)
        self.assertEqual((refused["exit"], refused["error"]["code"]), (2, "EUSAGE"))
        self.assertEqual(len(client.ntsh("ss", "-tn", *words)["result"]["connections"]), 1)
        denied = client.ntsh("ss", "-K", "--yes", "-tn", *words, user=True)
        self.assertEqual((denied["exit"], denied["error"]["code"]), (3, "EPERM"))
        self.assertIn("cap_net_admin", denied["error"]["hint"])
        killed = client.ntsh("ss", "-K", "--yes", "-tn", *words)
        if (killed["error"] or {}).get("code") == "EOPNOTSUPP":
            self.skipTest("this kernel does not end sockets")
        self.assertEqual((killed["exit"], killed["result"]["killed"]), (0, 1))
        self.assertEqual(client.ntsh("ss", "-tn", *words)["result"].get("connections", []), [])

    def test_empty_namespace(self):
        client = self.lab(TWO)["client"]
        text = client.ntsh_text("ss", "-tuan")
        self.assertEqual((text.returncode, text.stdout.strip()), (0, "no socket is in such a state, or none matches"))


if __name__ == "__main__":
    main()
