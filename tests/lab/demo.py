#!/usr/bin/env python3
"""demo.py NTSH [--keep]: a server that thinks for 1.8 s behind a path of 20 ms, in namespaces of this machine, and what
`ntsh diagnose` says about it. Everything is gone afterwards; --keep leaves you at ntsh's prompt in the client first."""
import os
import signal
import subprocess
import sys

import lab
from stage import HOST, Stage


def inside(node, *words):
    """ntsh in a node, at this terminal. Ctrl-C is for ntsh; the lab goes down when it has ended."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    status = subprocess.call(["ip", "netns", "exec", node.netns, lab.program(), *words])
    signal.signal(signal.SIGINT, before)
    return status


def play(keep):
    url = f"https://{HOST}/"
    stage = Stage("demo", 1)
    stage.path.rtt(20)
    stage.dns.rtt(4)
    stage.names().web(think_ms=1800, size=20000)
    print("Built in network namespaces: a client, two routers, a resolver, and an HTTPS server behind a path of 20 ms.\n"
          f"The server thinks for 1.8 s before it answers. Network or server? The client asks:\n\n$ ntsh diagnose {url}\n", flush=True)
    status = inside(stage.client, "diagnose", url)
    if keep:
        print(f"\nYou are at ntsh's prompt in the client. Try: ping {HOST}, http {url}, dns dig {HOST}.\n`exit` takes it all down.\n", flush=True)
        inside(stage.client)
    stage.close()
    return status


def main():
    words = [w for w in sys.argv[1:] if w != "--keep"]
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    os.environ["NTSH"] = os.path.abspath(words[0])
    os.environ.setdefault("LAB_EMU", os.path.join(os.path.dirname(os.environ["NTSH"]), "tests", "lab_emu"))
    if os.geteuid() != 0:
        print("the demo builds network namespaces, and that needs root: sudo ./dev demo", file=sys.stderr)
        return 3
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    lab.tidy()
    # 1 is the verdict "not healthy": what this demo is about.
    return 0 if play("--keep" in sys.argv[1:]) in (0, 1) else 1


if __name__ == "__main__":
    sys.exit(main())
