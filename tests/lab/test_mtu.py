#!/usr/bin/env python3
"""mtu: routers that say so, one after the other, and a black hole in either direction, in both families."""
from lab import Case, Topology, main

WAY = Topology("""
    client --l1-- r1 --l2-- r2 ~~l3~~ r3 --l4-- server
""", links={"l1": ("client", "r1"), "l2": ("r1", "r2"), "l3": ("r2", "r3"), "l4": ("r3", "server")},
    routers=("r1", "r2", "r3"), emulated=("l3",))


class Mtu(Case):
    def ask(self, client, target, **options):
        answer = client.ntsh("mtu", "-n", target, **options)
        return answer["result"], answer["exit"]

    def test_narrower(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        targets = (server.addr4, server.addr6)
        for target in targets:
            result, status = self.ask(client, target)
            self.assertEqual((result["mtu"], result["verdict"], result["steps"], status), (1500, "full", [], 0))
        for link, ends, mtu in (("l2", ("r1", "r2"), 1450), ("l4", ("r3", "server"), 1300)):
            for name in ends:
                lab[name].ip("link", "set", lab[name].interface(link), "mtu", mtu)
        for target in targets:
            for user in (False, True):
                result, status = self.ask(client, target, user=user)
                self.assertEqual((result["mtu"], result["verdict"], status), (1300, "narrower", 0))
                self.assertEqual([(step["hop"], step["mtu"]) for step in result["steps"]], [(1, 1450), (3, 1300)])
                self.assertEqual([hop["mtu"] for hop in result["hops"]], [1500, 1450, 1450, 1300])
        self.assertEqual(result["cached_mtu"], 1300)  # learned by the run before

    def test_black_hole(self):
        lab = self.lab(WAY)
        client, server = lab["client"], lab["server"]
        # min counts the packet without its link header
        lab.link("l3").rule("hole", "min=1401 drop", "ab")
        for target in (server.addr4, server.addr6):
            result, status = self.ask(client, target)
            self.assertEqual((result["verdict"], status), ("black-hole", 1))
            step = result["steps"][-1]
            self.assertEqual((step["hop"], step["address"], step["black_hole"], result["mtu"]), (2, None, True, 1400))
        lab.link("l3").unrule("hole", "ab")
        lab.link("l3").rule("hole", "min=1401 drop", "ba")
        result, status = self.ask(client, server.addr4)
        self.assertEqual((result["mtu"], result["verdict"]), (1400, "black-hole"))
        self.assertEqual(result["steps"][-1]["hop"], 3)  # they get to the last router


if __name__ == "__main__":
    main()
