#!/usr/bin/env python3
"""diagnose route: every cause once, its fault proved by another program, and the same network without the fault, which is healthy."""
import concurrent.futures
import unittest

from lab import Lab, Topology, main

CHAIN = Topology("""
    client --lan-- gw --mid-- core --far-- server
    client --other-- spare --back-- server
""", links={"lan": ("client", "gw"), "mid": ("gw", "core"), "far": ("core", "server"), "other": ("client", "spare"), "back": ("spare", "server")},
    routers=("gw", "core", "spare"), emulated=("mid",))


class Way:
    """One network. fault() breaks it; proof() says what another program sees then."""

    def __init__(self, name, cause, fault, where=None, target=None, proved=True):
        self.name, self.cause, self.fault, self.where, self.target, self.proved = name, cause, fault, where, target, proved

    def build(self):
        lab = Lab(CHAIN)
        client, gw = lab["client"], lab["gw"]
        client.ip("route", "flush", "table", "main", "proto", "boot")
        client.ip("-6", "route", "flush", "table", "main", "proto", "boot")
        client.ip("route", "add", "default", "via", gw.addresses4["lan"])
        client.ip("-6", "route", "add", "default", "via", gw.addresses6["lan"])
        lab["server"].ip("route", "replace", "10.0.1.0/24", "via", lab["core"].addresses4["far"])
        lab["server"].ip("-6", "route", "replace", "2001:db8:1::/64", "via", lab["core"].addresses6["far"])
        lab["server"].start("python3", "-c", "import socket, time\ns = socket.create_server(('::', 443), family=socket.AF_INET6, dualstack_ipv6=True)\n"
                            "while True: s.accept()[0].close()").wait_listening(443)
        return lab

    def host(self, lab):
        return self.target(lab) if self.target else lab["server"].addresses4["far"]


def nft(where, chain, rule):
    return lambda lab: lab[where].nft(f"table inet t {{ chain c {{ type filter hook {chain} priority 0; {rule}; }} }}")


def loop(lab):
    lab["core"].ip("route", "replace", "10.0.3.0/24", "via", lab["gw"].addresses4["mid"])
    lab["core"].ip("addr", "del", "10.0.3.1/24", "dev", lab["core"].interface("far"))
    lab["core"].ip("route", "replace", "10.0.3.0/24", "via", lab["gw"].addresses4["mid"])


def dead_gateway(lab):
    lab["client"].ip("route", "replace", "default", "via", "10.0.1.77")
    lab["client"].run("ping", "-c1", "-W1", "10.0.3.2")


def wrong_route(lab):
    """A narrow route leads into a black hole behind the spare router's side; the default would work."""
    lab["client"].ip("route", "add", "10.0.3.0/25", "via", lab["spare"].addresses4["other"])
    lab["spare"].ip("route", "replace", "blackhole", "10.0.3.0/24")


def two_defaults(lab):
    client = lab["client"]
    lab["spare"].ip("route", "replace", "blackhole", "10.0.3.0/24")
    client.ip("route", "prepend", "default", "via", lab["spare"].addresses4["other"])


def rp_filter(lab):
    """The server answers by the spare router; strict filters take it for forged."""
    client = lab["client"]
    lab["server"].ip("route", "replace", "10.0.1.0/24", "via", lab["spare"].addresses4["back"])
    client.sysctl(net__ipv4__conf__all__rp_filter=1)


def small_mtu(lab):
    """The path between the routers carries 1400 bytes, and nobody says so."""
    lab["gw"].ip("link", "set", lab["gw"].interface("mid"), "mtu", "1400")
    lab["gw"].nft("table inet t { chain c { type filter hook output priority 0; icmp type destination-unreachable drop; } }")


def gone(lab):
    """Nobody has the address any more, and what the client knew of it is forgotten."""
    lab["gw"].ip("addr", "del", "10.0.1.2/24", "dev", lab["gw"].interface("lan"))
    lab["client"].ip("neigh", "flush", "all")


WAYS = [
    Way("no_route", "client.no-route", lambda lab: lab["client"].ip("route", "del", "default")),
    Way("forbidden", "client.no-route", lambda lab: lab["client"].ip("route", "add", "blackhole", "10.0.3.0/24")),
    Way("link_down", "client.link-down", lambda lab: lab["gw"].ip("link", "set", lab["gw"].interface("lan"), "down")),
    Way("wrong_route", "client.wrong-route", wrong_route),
    Way("two_defaults", "client.duplicate-default-route", two_defaults),
    Way("rp_filter", "client.rp-filter", rp_filter),
    Way("firewall", "client.firewall", nft("client", "output", "ip daddr 10.0.3.0/24 drop")),
    Way("dead_gateway", "client.gateway-unreachable", dead_gateway, where=lambda lab: "10.0.1.77"),
    Way("loop", "network.routing-loop", loop),
    Way("rejected", "network.rejected", nft("core", "forward", "ip daddr 10.0.3.0/24 reject with icmp type admin-prohibited"),
        where=lambda lab: lab["core"].addresses4["mid"]),
    Way("unreachable", "network.unreachable", lambda lab: lab["core"].ip("route", "add", "unreachable", "10.0.3.2/32"),
        where=lambda lab: lab["core"].addresses4["mid"]),
    Way("filtered", "network.filtered", nft("core", "forward", "ip daddr 10.0.3.0/24 drop")),
    Way("blackhole", "network.pmtu-blackhole", small_mtu, proved=False),
    Way("loss", "network.loss", lambda lab: lab.link("mid").set(loss=40), proved=False),
    Way("ipv6", "network.ipv6-broken", nft("core", "forward", "ip6 daddr 2001:db8:3::/64 drop"), target=lambda lab: "both.lab", proved=False),
    Way("neighbour", "network.unreachable", gone,
        target=lambda lab: lab["gw"].addresses4["lan"]),
]


def play(way, faulty):
    """Returns what is wrong, or ""."""
    lab = way.build()
    try:
        client, server = lab["client"], lab["server"]
        client.hosts(f"{server.addresses4['far']} both.lab", f"{server.addresses6['far']} both.lab")
        if faulty:
            way.fault(lab)
            if way.proved and client.run("ping", "-c2", "-i0.3", "-W1", way.host(lab)).returncode == 0:
                return "the fault is none: ping gets there"
        answer = client.ntsh("diagnose", "route", way.host(lab), timeout=40)
        verdict = (answer["result"] or {}).get("verdict") or {}
        wanted = way.cause if faulty else "healthy"
        if verdict.get("cause") != wanted or answer["exit"] != (1 if faulty else 0):
            return f"{verdict.get('cause')} instead of {wanted}: {verdict.get('summary')}; {verdict.get('evidence')} {answer['stderr']}"
        if faulty and way.where and way.where(lab) not in verdict["where"]:
            return f"at {verdict['where']}, not {way.where(lab)}"
        return "" if answer["result"]["took_ms"] < 15000 else f"took {answer['result']['took_ms']} ms"
    finally:
        lab.close()


class DiagnoseRoute(unittest.TestCase):
    """All run side by side; each test waits for its own. A run that a busy machine disturbed is played again."""
    @classmethod
    def setUpClass(cls):
        cls.pool = concurrent.futures.ThreadPoolExecutor(4)
        cls.runs = {(w.name, f): cls.pool.submit(play, w, f) for w in WAYS for f in (True, False) if f or w.name in ("no_route", "ipv6", "neighbour")}

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown(cancel_futures=True)


def make(way, faulty):
    def test(self):
        wrong = self.runs[way.name, faulty].result()
        self.assertEqual("" if not wrong else play(way, faulty), "", wrong)
    return test


for one in WAYS:
    setattr(DiagnoseRoute, f"test_{one.name}", make(one, True))
    # The others have the same healthy network.
    if one.name in ("no_route", "ipv6", "neighbour"):
        setattr(DiagnoseRoute, f"test_{one.name}_healthy_twin", make(one, False))


if __name__ == "__main__":
    main()
