#!/usr/bin/env python3
"""Budgets: a function fits a screen (60 lines), a file has one duty (500 lines). The lists of old sinners only shrink."""
import re

from house import code_only, finish, read, sources

FUNCTION_LINES, FILE_LINES = 60, 500
OLD_FUNCTIONS = {}
OLD_FILES = {}

complaints = []
for path in sources("src", "commands", "include", "tests"):
    lines = code_only(read(path)).splitlines()
    if len(lines) > OLD_FILES.get(path, FILE_LINES):
        complaints.append(f"{path}: {len(lines)} lines, the budget is {OLD_FILES.get(path, FILE_LINES)}")
    start = name = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
            found = re.findall(r"(\w+)\s*\(", " ".join(lines[max(0, number - 4):number - 1]))
            name = found[-1] if found else "?"
        elif line.startswith("}") and start:
            budget = OLD_FUNCTIONS.get(f"{path}:{name}", FUNCTION_LINES)
            if number - start - 1 > budget:
                complaints.append(f"{path}:{start}: {name} has {number - start - 1} lines, the budget is {budget}")
            start = None
finish(complaints, "sizes")
