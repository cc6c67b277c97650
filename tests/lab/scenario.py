#!/usr/bin/env python3
"""Plays scenarios for `diagnose`.

    scenario.py --list
    scenario.py NAME [--seed N] [--twin]     builds it, proves the fault with other programs, asks ntsh, judges; one line of JSON
                [--proof]                    without ntsh      [--text]  shows what a person sees
                [--keep]                     then waits, with the commands to look around

Exit status: 0 right, 1 misjudged, 3 the scenario itself is wrong.
"""
import argparse
import json
import os
import subprocess
import sys
import time
import traceback

import lab
from scenarios import all_scenarios
from stage import Stage

LIMIT_SECONDS, HEALTHY_SECONDS = 15.0, 5.0


def judge(scenario, twin, answer, took, near):
    """Returns what is wrong with the answer, or ""."""
    result = answer.get("result") or {}
    verdict = result.get("verdict")
    if not verdict:
        return f"no verdict; exit status {answer['exit']}; error {answer.get('error')}; {answer['stderr'][-300:]}"
    wanted = ["healthy"] if twin else [scenario.expect, *scenario.accept]
    cause = verdict["cause"]
    if cause not in wanted:
        return f"{cause} instead of {' or '.join(wanted)}"
    if verdict["class"] != cause.split(".")[0]:
        return f"class {verdict['class']} with cause {cause}"
    also = [a["cause"] for a in result.get("also", [])]
    missing = [] if twin else [a for a in scenario.also if a not in also]
    if missing:
        return f"{', '.join(missing)} is not in also {also}"
    ledger = dict(result.get("ledger") or {})
    total = ledger.pop("total_ms", None)
    if total is not None and abs(sum(v or 0 for v in ledger.values()) - total) > 0.01:
        return f"the ledger's parts are {sum(v or 0 for v in ledger.values())}, not {total}"
    if answer["exit"] != (0 if cause == "healthy" else 1):
        return f"exit status {answer['exit']} with {cause}"
    limit = HEALTHY_SECONDS if cause == "healthy" and near else LIMIT_SECONDS
    return f"took {took:.1f} s" if took > limit + 0.5 else ""


def play(name, seed, twin=False, proof_only=False, keep=False, text=False):
    scenario = all_scenarios()[name](seed)
    record = {"name": name, "seed": seed, "twin": twin, "expect": "healthy" if twin else scenario.expect}
    stage = None
    try:
        stage = scenario.stage = Stage(name, seed)
        user = stage.random.random() < 0.4
        scenario.prepare(stage)
        if not twin:
            scenario.fault(stage)
        (scenario.prove_twin if twin else scenario.prove)(stage)
        target = scenario.target(stage, not twin)
        record.update(target=target, facts={**stage.facts, "user": user}, proved=True)
        if keep:
            show(stage, target)
        if not proof_only:
            ask(scenario, stage, target, user, twin, record, text)
    except Exception as error:
        record.update(broken=f"{type(error).__name__}: {error}", where=traceback.format_exc(limit=-3))
    finally:
        if stage:
            stage.close()
    return record


def ask(scenario, stage, target, user, twin, record, text):
    if text:
        print(stage.client.ntsh_text("--color", "always", "diagnose", target, user=user).stdout)
    began = time.monotonic()
    try:
        answer = stage.client.ntsh("diagnose", target, user=user, timeout=45)
    except (lab.LabError, subprocess.TimeoutExpired, ValueError) as error:
        answer = {"exit": None, "stderr": str(error)}
    took = time.monotonic() - began
    wrong = judge(scenario, twin, answer, took, stage.rtt < 60)
    verdict = (answer.get("result") or {}).get("verdict") or {}
    record.update(took=round(took, 2), cause=verdict.get("cause", "none"), confidence=verdict.get("confidence"),
                  wrong=wrong, answer=answer)


def show(stage, target):
    print(f"target {target}; facts {stage.facts}; look around with:")
    for node in stage.lab.nodes.values():
        print(f"    ip netns exec {node.netns} sh")
    input("Enter ends it ")


def worker_command(name, seed, twin):
    return [sys.executable, "-B", os.path.abspath(__file__), name, "--seed", str(seed), *(["--twin"] if twin else [])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    for flag in ("list", "twin", "proof", "keep", "text"):
        parser.add_argument(f"--{flag}", action="store_true")
    args = parser.parse_args()
    if args.list:
        for name, scenario in all_scenarios().items():
            print(f"{name:24} {scenario.expect:28} {(scenario.__doc__ or '').strip().splitlines()[0] if scenario.__doc__ else ''}")
        return 0
    lab.tidy()
    status = 0
    for name in args.name or all_scenarios():
        if args.twin and not all_scenarios()[name].twin:
            continue
        record = play(name, args.seed, args.twin, args.proof, args.keep, args.text)
        print(json.dumps(record), flush=True)
        status = max(status, 3 if "broken" in record else 1 if record.get("wrong") else 0)
    return status


if __name__ == "__main__":
    sys.exit(main())
