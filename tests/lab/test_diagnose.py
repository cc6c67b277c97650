#!/usr/bin/env python3
"""Every scenario and its healthy twin once: `diagnose` names class and cause. The seed is LAB_SEED, or one fixed for everybody."""
import concurrent.futures
import json
import os
import sys
import unittest

import lab

sys.path.insert(0, os.path.join(os.path.dirname(lab.HERE), "bench"))
import diagnose  # noqa: E402
from scenarios import all_scenarios  # noqa: E402

SEED = int(os.environ.get("LAB_SEED", "1"))
JOBS = int(os.environ.get("LAB_JOBS", "4"))


class Diagnose(unittest.TestCase):
    """The tests are made below, one for each scenario and one for each twin. All run at once; each test waits for its own."""
    pool, runs = None, {}

    @classmethod
    def setUpClass(cls):
        cls.pool = concurrent.futures.ThreadPoolExecutor(JOBS)
        wanted = [getattr(cls, name).run_of for name in unittest.defaultTestLoader.getTestCaseNames(cls)]
        words = [w.split(".")[-1] for w in sys.argv[1:] if not w.startswith("-")]
        for run in wanted:
            if not words or any(test_name(*run) == w or w == "Diagnose" for w in words):
                cls.runs[run] = cls.pool.submit(diagnose.play, run[0], SEED, run[1])

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown(cancel_futures=True)

    def check(self, run):
        """A run that another program on the machine disturbed may be played again, twice, alone: both must be right. How often that
        happens is the business of tests/bench/diagnose.py."""
        complaint = complaint_of(self.runs[run].result())
        if complaint:
            print(f"{test_name(*run)}: played again: {complaint}", file=sys.stderr)
            for _ in range(2):
                self.assertEqual(complaint_of(diagnose.play(run[0], SEED, run[1])), "")


def complaint_of(record):
    hint = f"\n    {json.dumps(record.get('facts'))}\n    {diagnose.command_of(record)}"
    if "broken" in record:
        return f"the scenario itself: {record['broken']}{hint}"
    verdict = (record["answer"].get("result") or {}).get("verdict")
    return f"{record['wrong']}{hint}\n    {json.dumps(verdict)}" if record["wrong"] else ""


def test_name(name, twin):
    return f"test_{name.replace('-', '_')}{'_healthy_twin' if twin else ''}"


for title, scenario in all_scenarios().items():
    for is_twin in (False, True):
        if is_twin and not scenario.twin:
            continue

        def test(self, run=(title, is_twin)):
            self.check(run)
        test.run_of = (title, is_twin)
        test.__doc__ = None
        setattr(Diagnose, test_name(title, is_twin), test)


if __name__ == "__main__":
    lab.main()
