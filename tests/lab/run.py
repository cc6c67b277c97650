#!/usr/bin/env python3
"""Runs the lab's test files: run.py [-j N] [FILE ...]. Each file runs on its own, at most its own time; the last line counts the
tests of all: 'N passed, N failed, N skipped'. CTest runs the files by itself; this is for working on them."""
import argparse
import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def run_file(path, seconds):
    """Returns (file, output, counts)."""
    began = time.monotonic()
    popen = subprocess.Popen([sys.executable, "-B", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace")
    try:
        out = popen.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        popen.send_signal(signal.SIGTERM)  # it cleans up
        try:
            out = popen.communicate(timeout=20)[0]
        except subprocess.TimeoutExpired:
            popen.kill()
            out = popen.communicate()[0]
        out += f"\n{path}: not done after {seconds} s\n"
        popen.returncode = 1
    found = re.search(r"(\d+) passed, (\d+) failed, (\d+) skipped", out)
    counts = [int(n) for n in found.groups()] if found else [0, int(popen.returncode not in (0, 77)), int(popen.returncode == 77)]
    if popen.returncode not in (0, 77) and not counts[1]:
        counts[1] = 1
    return os.path.basename(path), out, counts, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-j", type=int, default=1)
    parser.add_argument("-t", type=int, default=600, help="seconds for a file")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    files = args.files or sorted(glob.glob(os.path.join(HERE, "test_*.py")))
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        for job in concurrent.futures.as_completed([pool.submit(run_file, f, args.t) for f in files]):
            name, out, counts, took = job.result()
            if counts[1] or counts[2]:
                print(out)
            print(f"{name}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped ({took:.1f} s)", flush=True)
            total = [a + b for a, b in zip(total, counts)]
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    sys.exit(1 if total[1] else 0)


if __name__ == "__main__":
    main()
