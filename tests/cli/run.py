#!/usr/bin/env python3
"""What a user sees: transcripts in tests/cli/NAME/*.t, played against the real program.

    # a comment
    @needs root netns          skip the file (loudly) where this is missing
    $ ntsh route get 127.0.0.1 run by sh in a scratch folder; $NTSH is the program; two spaces continue it
    > 127.0.0.1 is *           a line of standard output, in order; * stands for anything
    > ...                      any number of lines
    ! ntsh: route get: *       the same for standard error (not looked at without a ! line)
    ? 0                        the exit status; 0 when there is no such line
    j .result.interface == "lo"
                               standard output is one JSON object, and this holds (==, !=, <, <=, >, >=, ~ regex,
                               exists, absent); a number in the path is an index, -1 the last

Usage: run.py PROGRAM FOLDER-OR-FILE...
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77


def needs_missing(words):
    root = os.geteuid() == 0
    have = {
        "root": root,
        "user": not root,
        "netns": root and subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0,
        "devfull": os.path.exists("/dev/full"),
    }
    return [w for w in words if not have.get(w, shutil.which(w) is not None)]


class Step:
    def __init__(self, command, number):
        self.command, self.number = command, number
        self.out, self.err, self.checks, self.status = [], None, [], 0


def parse(path):
    steps, needs = [], []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            mark, rest = line[:2], line[2:]
            if not line or line.startswith("#"):
                continue
            if line.startswith("@needs "):
                needs += line.split()[1:]
            elif mark == "$ ":
                steps.append(Step(rest, number))
            elif not steps:
                raise SystemExit(f"{path}:{number}: a line before the first command")
            elif line[0] == ">":
                steps[-1].out.append(rest)
            elif line[0] == "!":
                steps[-1].err = (steps[-1].err or []) + [rest]
            elif mark == "? ":
                steps[-1].status = int(rest)
            elif mark == "j ":
                steps[-1].checks.append(rest)
            elif mark == "  ":
                steps[-1].command += "\n" + rest
            else:
                raise SystemExit(f"{path}:{number}: what is this? {line}")
    return steps, needs


def line_matches(pattern, line):
    return re.fullmatch(".*".join(re.escape(p) for p in pattern.split("*")), line, re.S) is not None


def lines_match(patterns, lines, p=0, l=0):
    """None when they match, else the index of the pattern that found no line (their number: too many lines)."""
    while p < len(patterns):
        if patterns[p].strip() == "...":
            worst = p + 1
            for start in range(l, len(lines) + 1):
                found = lines_match(patterns, lines, p + 1, start)
                if found is None:
                    return None
                worst = max(worst, found)
            return worst
        if l >= len(lines) or not line_matches(patterns[p], lines[l]):
            return p
        p, l = p + 1, l + 1
    return None if l == len(lines) else p


MISSING = object()


def look_up(value, path):
    for part in re.findall(r"[^.\[\]]+", path):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return MISSING
    return value


COMPARE = {"==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
           "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


def check_holds(check, document):
    path, op, *rest = check.split(None, 2)
    found = look_up(document, path)
    if op in ("exists", "absent"):
        return (found is MISSING) == (op == "absent"), found
    if found is MISSING:
        return False, "nothing there"
    if op == "~":
        return re.search(rest[0], found if isinstance(found, str) else json.dumps(found)) is not None, found
    try:
        return COMPARE[op](found, json.loads(rest[0])), found
    except TypeError:
        return False, found


def check_json(out, checks):
    try:
        document = json.loads(out)
    except ValueError as error:
        return [f"not JSON: {error}"]
    wrong = ["JSON is not on exactly one line"] if out.count("\n") != 1 else []
    for check in checks:
        holds, found = check_holds(check, document)
        if not holds:
            wrong.append(f"JSON: {check} (found {found!r})")
    return wrong


def play(step, env, folder):
    """Returns a list of complaints."""
    try:
        done = subprocess.run(["sh", "-c", step.command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return ["it did not end within 60 s"]
    out, err = done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "surrogateescape")
    wrong = []
    if done.returncode != step.status:
        wrong.append(f"exit status {done.returncode}, expected {step.status}")
    for what, patterns, text in (("output", step.out or None, out), ("error", step.err, err)):
        at = lines_match(patterns, text.splitlines()) if patterns is not None else None
        if at is not None:
            wrong.append(f"{what}: " + (f"no line for: {patterns[at]}" if at < len(patterns) else "more lines than expected"))
    if step.checks:
        wrong += check_json(out, step.checks)
    if "Sanitizer" in err or "runtime error:" in err:
        wrong.append("a sanitizer complained")
    if wrong:
        wrong.append("--- output\n" + out[:4000] + "--- error\n" + err[:4000])
    return wrong


def environment(program, folder):
    bin_folder = os.path.join(folder, ".bin")
    os.mkdir(bin_folder)
    os.symlink(program, os.path.join(bin_folder, "ntsh"))
    os.chmod(folder, 0o777)
    env = {"PATH": bin_folder + ":" + os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "HOME": folder,
           "NTSH": program, "LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "80"}
    env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
    return env


def play_file(path, program):
    steps, needs = parse(path)
    missing = needs_missing(needs)
    if missing:
        print(f"SKIPPED {path}: needs {' '.join(missing)}")
        return "skipped"
    if not steps:
        print(f"FAILED  {path}: nothing in it")
        return "failed"
    with tempfile.TemporaryDirectory(prefix="ntsh-cli-") as folder:
        env = environment(program, folder)
        for step in steps:
            wrong = play(step, env, folder)
            if wrong:
                print(f"FAILED  {path}:{step.number}: $ {step.command}")
                print("\n".join("    " + line for item in wrong for line in item.splitlines()))
                return "failed"
    print(f"passed  {path}")
    return "passed"


def main():
    program, places = os.path.abspath(sys.argv[1]), sys.argv[2:]
    files = []
    for place in places:
        if os.path.isdir(place):
            files += [os.path.join(root, n) for root, _, names in os.walk(place) for n in names if n.endswith(".t")]
        else:
            files.append(place)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(files):
        counts[play_file(path, program)] += 1
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    if not files or counts["failed"]:
        return 1
    return SKIPPED if counts["skipped"] and not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
