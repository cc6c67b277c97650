#!/usr/bin/env python3
"""How often is `diagnose` right? Plays every scenario of the lab and its healthy twin with random distances and loads.

    diagnose.py [PROGRAM] [--runs 10] [--seed S] [--jobs 4] [--only NAME ...] [--no-twins] [--out FILE]

Prints the confusion matrix (classes, then causes), each misjudgement with the command that repeats it, and the time to the verdict.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))
import scenario  # noqa: E402
from scenarios import all_scenarios  # noqa: E402


def play(name, seed, twin, seconds=150):
    """One run in a process of its own. Returns its record; a run that breaks has "broken"."""
    popen = subprocess.Popen(scenario.worker_command(name, seed, twin), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, text=True)
    try:
        out, err = popen.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        popen.terminate()
        out, err = popen.communicate()
    try:
        return json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        return {"name": name, "seed": seed, "twin": twin, "expect": "?", "broken": (err or out or f"not done after {seconds} s")[-500:]}


def command_of(record):
    return f"tests/lab/scenario.py {record['name']} --seed {record['seed']}{' --twin' if record['twin'] else ''} --text"


def matrix(records, what, kind):
    """A table of expected against given, only as wide as what occurs."""
    pairs = collections.Counter((kind(r["expect"]), kind(r["cause"])) for r in records)
    rows = sorted({a for a, _ in pairs})
    columns = sorted({b for _, b in pairs})
    print(f"\n{what}: expected (rows), given (columns)\n")
    if len(columns) > 8:  # too wide for a table: a line for each row
        for row in rows:
            given = ", ".join(f"{b} {n}" for (a, b), n in sorted(pairs.items(), key=lambda p: -p[1]) if a == row)
            print(f"  {row:28} {given}")
        return
    print(" " * 26 + "".join(f"{c:>12}" for c in columns))
    for row in rows:
        print(f"  {row:24}" + "".join(f"{pairs[row, c] or '.':>12}" for c in columns))


def report(records):
    """Returns the number of runs that are not right."""
    whole = [r for r in records if "broken" not in r]
    wrong = [r for r in whole if r["wrong"]]
    if whole:
        matrix(whole, "classes", lambda cause: cause.split(".")[0])
        matrix(whole, "causes", str)
    for record in wrong:
        print(f"\nmisjudged: {record['name']}{' (healthy twin)' if record['twin'] else ''}: {record['wrong']}\n"
              f"    {json.dumps(record['facts'])}, took {record['took']} s\n    {command_of(record)}")
    for record in records:
        if "broken" in record:
            print(f"\nscenario broken: {record['name']}: {record['broken']}\n    {command_of(record)}")
    if whole:
        times = [r["took"] for r in whole]
        good = [r["took"] for r in whole if r["cause"] == "healthy"]
        print(f"\ntime to the verdict: median {statistics.median(times):.1f} s, longest {max(times):.1f} s" +
              (f"; of the healthy: median {statistics.median(good):.1f} s, longest {max(good):.1f} s" if good else ""))
    print(f"{len(whole) - len(wrong)} of {len(records)} right, {len(wrong)} misjudged, {len(records) - len(whole)} broken")
    return len(records) - len(whole) + len(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", help="ntsh (build/ntsh)")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--no-twins", action="store_true")
    parser.add_argument("--out", help="every record, one JSON object a line")
    args = parser.parse_args()
    if args.program:
        os.environ["NTSH"] = os.path.abspath(args.program)
        os.environ["LAB_EMU"] = os.path.join(os.path.dirname(os.environ["NTSH"]), "tests", "lab_emu")
    if os.geteuid() != 0:
        print("diagnose: SKIPPED: the lab needs root")
        sys.exit(0)
    known = all_scenarios()
    for name in args.only or []:
        if name not in known:
            parser.error(f"no scenario '{name}': one of {', '.join(known)}")
    todo = [(name, args.seed + run, twin) for run in range(args.runs) for name in args.only or known
            for twin in (False, True) if not twin or (known[name].twin and not args.no_twins)]
    print(f"{len(todo)} runs, seeds {args.seed} to {args.seed + args.runs - 1}", flush=True)
    records, out = [], open(args.out, "w", encoding="utf-8") if args.out else None
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for job in concurrent.futures.as_completed([pool.submit(play, *run) for run in todo]):
            record = job.result()
            records.append(record)
            mark = "!" if "broken" in record else "X" if record["wrong"] else "."
            print(mark, end="" if len(records) % 80 else "\n", flush=True)
            if out:
                out.write(json.dumps(record) + "\n")
                out.flush()
    print()
    sys.exit(1 if report(records) else 0)


if __name__ == "__main__":
    main()
