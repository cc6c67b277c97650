"""The stage on which the scenarios for `diagnose` play: one small internet, healthy until a scenario breaks something.

                     resolver (10.0.4.2)          neighbour (10.0.5.2)
                         ~ dns                        | beside
    client --access-- gw ~~~~~~~~~~ path ~~~~~~~~~~ core --last-- server (www.lab.example)
    10.0.1.1      10.0.1.2                                10.0.3.2

Everything that is random comes from the seed: round trip (1 to 200 ms, log-uniform), distance of the resolver, think time of a good
server, size of the page, whether somebody else uses the path as well.
"""
import json
import math
import random
import re

import servers
from lab import Lab, LabError, Topology

INTERNET = Topology(__doc__.split("\n\n")[1], routers=("gw", "core"), emulated=("path", "dns"), links={
    "access": ("client", "gw"), "path": ("gw", "core"), "last": ("core", "server"), "dns": ("gw", "resolver"),
    "beside": ("gw", "neighbour")})
HOST = "www.lab.example"
QUIET = "table inet quiet { chain c { type filter hook %s priority 0; meta l4proto icmp drop; %s drop; } }"
NOT_NEIGHBOURS = "icmpv6 type != { nd-neighbor-solicit, nd-neighbor-advert }"


class NotReal(LabError):
    """A scenario's fault (or health) that its proof does not find: the scenario is wrong, whatever the verdict."""


class Stage:
    def __init__(self, name, seed):
        self.random = random.Random(f"{name} {seed}")
        self.lab = Lab(INTERNET, seed=self.random.randrange(1 << 30))
        self.client, self.server, self.resolver = self.lab["client"], self.lab["server"], self.lab["resolver"]
        self.gw, self.core, self.neighbour = self.lab["gw"], self.lab["core"], self.lab["neighbour"]
        self.path, self.dns = self.lab.link("path"), self.lab.link("dns")
        self.authority, self.httpd, self.facts = None, None, {}
        self.rtt = 0

    def close(self):
        self.lab.close()

    def between(self, low, high):
        return self.random.uniform(low, high)

    # What a scenario's prepare() builds: all of it healthy.

    def distance(self, low=1, high=200):
        self.rtt = math.exp(self.between(math.log(low), math.log(high)))
        self.path.rtt(self.rtt)
        self.dns.rtt(self.between(0.3, 20))
        self.facts["rtt_ms"] = round(self.rtt, 1)
        return self

    def names(self, config="", access="allow", **more):
        records = [f"{HOST}. A {self.server.addr4}", f"{HOST}. AAAA {self.server.addr6}"]
        servers.unbound(self.resolver, records, config=config, access=access, **more)
        self.client.resolvers(self.resolver.addr4)
        return self

    def web(self, tls_names=(HOST,), paths=None, days=60, self_signed=False, **behaviour):
        self.authority = servers.Authority(self.lab)
        certificate = self.authority.issue(*tls_names, days=days, self_signed=self_signed)
        self.authority.trust(self.client)
        self.listens = [80, {"port": 443, **certificate}]
        size = int(self.between(200, 12000 if self.rtt > 60 else 40000))
        self.facts["size"] = behaviour.get("size", size)
        self.httpd = servers.Httpd(self.server, self.listens, paths=paths, seed=self.random.randrange(1000),
                                   **{"think_ms": round(self.between(0, 40), 1), "size": size, **behaviour})
        return self

    def web_again(self, **behaviour):
        """The server in place of the one that was stopped."""
        self.httpd = servers.Httpd(self.server, self.listens, **behaviour)

    def load(self):
        """Somebody else on the same path, half of the time; far below what it carries."""
        if self.random.random() < 0.5:
            self.facts["load"] = rate = f"{int(self.between(20, 300))}k"
            servers.Httpd(self.server, [8088], size=400000)
            servers.fetch_forever(self.neighbour, f"http://{self.server.addr4}:8088/", rate)
        return self

    def standard(self, low=1, high=200, **web):
        return self.distance(low, high).names().web(**web).load()

    # What faults use.

    def quiet_icmp(self, *nodes, hook="forward"):
        for node in nodes:
            node.nft(QUIET % (hook, NOT_NEIGHBOURS))

    # What proofs use.

    def curl(self, url, *options, seconds=30):
        """What curl sees: its times in ms, status, and its own exit status ("exit") and complaint ("says")."""
        done = self.client.run("curl", "-sS", "-o", "/dev/null", "-m", str(seconds), "-w", "%{json}", *options, url,
                               timeout=seconds + 10)
        text = done.stdout[done.stdout.index("{"):] if "{" in done.stdout else "{}"
        seen = json.loads(text)
        answer = {k[5:]: round(v * 1000, 1) for k, v in seen.items() if k.startswith("time_")}
        answer.update(status=seen.get("http_code"), size=seen.get("size_download"), exit=done.returncode,
                      says=done.stderr.strip()[:200])
        return answer

    def dig(self, name=HOST, *options):
        """Status and time of one query, as dig tells them; status "" when there was no answer."""
        out = self.client.run("dig", "+tries=1", *options, name).stdout
        status, time_ms = re.search(r"status: (\w+)", out), re.search(r"Query time: (\d+) msec", out)
        return {"status": status.group(1) if status else "", "ms": int(time_ms.group(1)) if time_ms else None}

    def ping(self, address=None, count=20, *options):
        """Share that was lost, round trips in ms."""
        out = self.client.run("ping", "-q", "-i0.02", "-W2", f"-c{count}", *options, address or self.server.addr4).stdout
        lost = re.search(r"([\d.]+)% packet loss", out)
        times = re.search(r"= ([\d./]+) ms", out)
        low, mean, high, deviation = map(float, times.group(1).split("/")) if times else (None,) * 4
        return {"lost": float(lost.group(1)) if lost else 100.0, "min": low, "mean": mean, "max": high, "deviation": deviation}

    def prove(self, holds, what, seen=None):
        if not holds:
            raise NotReal(f"the proof fails: {what}; seen: {seen}")


class Scenario:
    """One fault. A subclass says what it is; `expect` is the cause, `accept` what would be as honest, `also` what must be found
    beside it. prepare() builds a healthy stage, target() is what the user asks about, fault() breaks it, prove() shows with other
    programs that it is broken. The twin is the same without fault()."""
    expect = "healthy"
    accept = ()
    also = ()
    twin = True
    near, far = 1, 200
    url = f"http://{HOST}/"

    def __init__(self, seed):
        self.seed, self.stage = seed, None

    @classmethod
    def title(cls):
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    def prepare(self, s):
        s.standard(self.near, self.far)

    def target(self, s, faulty):
        return self.url

    def fault(self, s):
        pass

    def prove(self, s):
        pass

    def prove_twin(self, s):
        seen = s.curl(self.target(s, False))
        # Beside machine work a healthy wait is its round trips: look-up, handshakes, request, and the page's windows.
        s.prove(seen["exit"] == 0 and seen["status"] == 200 and seen["total"] < 700 + 6 * s.rtt, "curl gets a quick 200", seen)
