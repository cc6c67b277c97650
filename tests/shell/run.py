#!/usr/bin/env python3
"""Runs tests/shell/test_*.py (or those named) against the program in $NTSH, and counts their cases.

    NTSH=build/ntsh tests/shell/run.py [-v] [test_prompt ...]"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def scripts(names):
    found = sorted(name for name in os.listdir(HERE) if name.startswith("test_") and name.endswith(".py"))
    if not names:
        return found
    wanted = {os.path.basename(name).removesuffix(".py") for name in names}
    unknown = wanted - {name.removesuffix(".py") for name in found}
    if unknown:
        sys.exit("run.py: no such script: " + " ".join(sorted(unknown)))
    return [name for name in found if name.removesuffix(".py") in wanted]


def main():
    passed = failed = skipped = 0
    top = os.path.dirname(os.path.dirname(HERE))
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    env["NTSH"] = os.path.abspath(env.get("NTSH", os.path.join(top, "build", "ntsh")))
    if not os.access(env["NTSH"], os.X_OK):
        sys.exit("run.py: no program at %s: build it, or set NTSH" % env["NTSH"])
    names = [arg for arg in sys.argv[1:] if not arg.startswith("-")]
    for script in scripts(names):
        child = subprocess.Popen([sys.executable, os.path.join(HERE, script)], env=env, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        cases = bad = 0
        for line in child.stdout:
            passed += line.startswith("ok ")
            skipped += line.startswith("skip ")
            bad += line.startswith("not ok ")
            cases += line.startswith(("ok ", "skip ", "not ok "))
            if not line.startswith("ok ") or "-v" in sys.argv:
                print(script + ": " + line, end="", flush=True)
        child.wait()
        if child.returncode and not bad or not cases:
            print("%s: ended with status %d after %d cases" % (script, child.returncode, cases))
            bad += 1
        failed += bad
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
