"""This machine is at fault."""
import subprocess
import sys

from stage import HOST, Scenario

HOLD = """
import socket, sys
held, port = [], int(sys.argv[1])
for host in sys.argv[2:]:
    try:
        while True:
            held.append(socket.create_connection((host, port), 5))
    except OSError as error:
        held.append(error)
print('[%d]' % len(held), flush=True)
sys.stdin.read()
"""


class NoRoute(Scenario):
    expect = "client.no-route"

    def target(self, s, faulty):
        return f"http://{s.server.addr4}/"

    def fault(self, s):
        s.client.ip("route", "del", "default")
        s.client.ip("-6", "route", "del", "default")

    def prove(self, s):
        out = s.client.run("ip", "route", "get", s.server.addr4)
        s.prove("unreachable" in out.stderr, "ip route get finds no route", out.stderr)


class NoRouteName(NoRoute):
    """The same with a name: that the resolver is out of reach as well is a consequence."""
    def target(self, s, faulty):
        return f"http://{HOST}/"


class LinkDown(Scenario):
    """The interface is down, or its cable is out."""
    expect = "client.link-down"

    def fault(self, s):
        self.cable = s.random.random() < 0.5
        if self.cable:
            s.gw.ip("link", "set", s.gw.interface("access"), "down")
        else:
            s.client.ip("link", "set", "eth0", "down")

    def prove(self, s):
        out = s.client.ip("link", "show", "eth0")
        s.prove(("NO-CARRIER" in out) if self.cable else ("state DOWN" in out and "UP" not in out.split(">")[0]),
                "ip link shows it", out)
        s.prove(s.curl(f"http://{s.server.addr4}/", seconds=4)["exit"] != 0, "curl fails")


class GatewayUnreachable(Scenario):
    """The gateway does not answer ARP and neighbour solicitations."""
    expect = "client.gateway-unreachable"

    def target(self, s, faulty):
        return f"http://{s.server.addr4}/"

    def fault(self, s):
        s.gw.ip("addr", "flush", "dev", s.gw.interface("access"))
        s.client.ip("neigh", "flush", "all")

    def prove(self, s):
        s.curl(f"http://{s.server.addr4}/", seconds=5)
        out = s.client.ip("neigh", "show", s.gw.addresses4["access"])
        s.prove("FAILED" in out or "INCOMPLETE" in out, "the gateway's neighbour entry failed", out)


class FirewallDrop(Scenario):
    """Our own output chain drops what goes to the server."""
    expect = "client.firewall"

    def fault(self, s):
        s.client.nft("table inet f { chain o { type filter hook output priority 0; ip daddr %s counter drop; ip6 daddr %s "
                     "counter drop; } }" % (s.server.addr4, s.server.addr6))

    def prove(self, s):
        out = s.client.run("bash", "-c", f"echo x > /dev/udp/{s.server.addr4}/9")
        s.prove("not permitted" in out.stderr, "a datagram may not be sent", out)
        s.prove(s.curl(f"http://{s.server.addr4}/", seconds=3)["exit"] in (7, 28), "curl fails")
        s.prove("packets 0" not in s.client.run("nft", "list", "ruleset").stdout.split("ip6")[0], "the rule counted")


class FirewallReject(Scenario):
    """Our own output chain rejects the port: an ICMP error that comes from this machine."""
    expect = "client.firewall"

    def fault(self, s):
        kind = s.random.choice(["icmpx type admin-prohibited", "icmpx type port-unreachable"])
        s.client.nft("table inet f { chain o { type filter hook output priority 0; meta l4proto tcp th dport { 80, 443 } "
                     "counter reject with %s; } }" % kind)

    def prove(self, s):
        seen = s.curl(f"http://{s.server.addr4}/", seconds=5)
        s.prove(seen["exit"] == 7 and seen["total"] < s.rtt + 50, "curl is refused at once", seen)
        s.prove(s.ping(count=3)["lost"] == 0, "ping is fine")


class PortExhaustion(Scenario):
    """Every local port to the server is in use."""
    expect = "client.port-exhaustion"
    far = 60

    def fault(self, s):
        s.client.sysctl(net__ipv4__ip_local_port_range="40000 40019")
        holder = s.client.start(sys.executable, "-c", HOLD, 80, s.server.addr4, s.server.addr6, stdout=subprocess.PIPE)
        self.held = holder.read_reply()[0]

    def prove(self, s):
        seen = s.curl(f"http://{s.server.addr4}/", seconds=5)
        s.prove(self.held >= 40 and seen["exit"] in (7, 45), "ports are held and curl cannot connect", (self.held, seen))
        out = s.client.run("ss", "-Htn", "state", "established").stdout
        s.prove(out.count("\n") >= 40, "ss counts the sockets", out.count("\n"))
