#!/usr/bin/env python3
"""Where does loss begin? 200 random faults from a seed (RUNS, SEED): loss of 3 to 20 % at one link, in both directions or one, up to two routers that
limit their ICMP as decoys, healthy paths among them. `ping --path -i 10ms -c 200` must name the place within one hop in 95 % of the runs, and never
blame a healthy path. Needs root."""
import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
from lab import Lab  # noqa: E402
from path_faults import TOPOLOGY, run  # noqa: E402


def main():
    if os.geteuid() != 0:
        print("SKIPPED: needs root")
        return 77
    runs, seed = int(os.environ.get("RUNS", "200")), int(os.environ.get("SEED", "1"))
    counts = collections.Counter()
    with Lab(TOPOLOGY, seed=seed) as lab:
        for i in range(runs):
            fault, verdict, finding = run(lab, seed * 100000 + i)
            counts[verdict] += 1
            if verdict != "right":
                print(f"  {verdict}: {fault}: {finding[0]['says'] if finding else 'nothing said'}", flush=True)
    share = 100 * counts["right"] / runs
    print(f"place of loss within one hop: {counts['right']} of {runs} ({share:.1f} %), missed {counts['missed']}, off {counts['off']}, "
          f"healthy paths blamed {counts['blamed']}")
    return 0 if share >= 95 and not counts["blamed"] else 1


if __name__ == "__main__":
    sys.exit(main())
