#!/usr/bin/env python3
"""The smallest lab: start here to write your own."""
from lab import Case, Topology, main

NEAR_AND_FAR = Topology("""
    client --access-- gw ~~path~~ core --last-- server
""", links={"access": ("client", "gw"), "path": ("gw", "core"), "last": ("core", "server")},
    routers=("gw", "core"), emulated=("path",))


class Example(Case):
    def test_ping(self):
        lab = self.lab(NEAR_AND_FAR)
        lab.link("path").rtt(20)
        for address in (lab["server"].addr4, lab["server"].addr6):
            out = lab["client"].run("ping", "-c2", "-i0.2", address).stdout
            self.assertIn("2 received", out)
            self.assertGreater(float(out.split("= ")[1].split("/")[0]), 19.9)

    def test_drop(self):
        lab = self.lab(NEAR_AND_FAR)
        lab.link("path").rule("no-ping", "icmp drop", side="ab")
        self.assertIn("0 received", lab["client"].run("ping", "-c1", "-W1", lab["server"].addr4).stdout)
        self.assertEqual(lab.link("path").stats()["ab"]["rules"]["no-ping"]["acted"], 1)


if __name__ == "__main__":
    main()
