"""Random faults on a path, from a seed: where loss begins, which way it works, which routers are decoys that limit their ICMP. Used by the lab's
own small sample and by tests/bench/path.py."""
import random

from lab import Topology

HOPS = 8
LINKS = {f"l{i}": (("client" if i == 1 else f"r{i - 1}"), ("server" if i == HOPS else f"r{i}")) for i in range(1, HOPS + 1)}
TOPOLOGY = Topology("client ~~ r1 ~~ r2 ... ~~ server", links=LINKS, routers=[f"r{i}" for i in range(1, HOPS)],
                    emulated=tuple(LINKS))


class Fault:
    def __init__(self, seed):
        chance = random.Random(seed)
        self.hop = chance.randint(1, HOPS)  # the first hop behind the loss
        self.loss = round(chance.uniform(3, 20), 1)
        self.side = chance.choice(("both", "ab", "ba"))
        self.decoys = chance.sample(range(1, HOPS), chance.randint(0, 2))
        self.healthy = chance.random() < 0.15
        self.family = chance.choice((4, 6))

    def __repr__(self):
        return (f"{'healthy' if self.healthy else f'loss {self.loss} % ({self.side}) before hop {self.hop}'}, decoys {self.decoys}, "
                f"IPv{self.family}")


def run(lab, seed):
    """Returns (fault, verdict, finding): verdict is right, off (by more than one hop), missed, or blamed (a healthy path)."""
    fault = Fault(seed)
    for i in range(1, HOPS):
        limit = 1000 if i in fault.decoys else 0
        lab[f"r{i}"].sysctl(net__ipv4__icmp_ratelimit=limit, net__ipv6__icmp__ratelimit=limit)
    link = lab.link(f"l{fault.hop}")
    if not fault.healthy:
        link.set(fault.side, loss=fault.loss)
    try:
        target = lab["server"].addr4 if fault.family == 4 else lab["server"].addr6
        answer = lab["client"].ntsh("ping", "--path", "-n", "-i", "10ms", "-c", "200", target)
    finally:
        link.clear()
    loss = [f for f in answer["result"]["path"]["findings"] if f["kind"] == "loss"]
    if fault.healthy:
        return fault, "blamed" if loss else "right", loss[:1]
    if not loss:
        return fault, "missed", loss
    hop = loss[0]["hop"]
    return fault, "right" if hop is not None and abs(hop - fault.hop) <= 1 else "off", loss[:1]
