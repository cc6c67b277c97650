#!/usr/bin/env python3
"""The house's own rules that no compiler knows: pages, tests, headers, and nothing built in the tree."""
import os
import re
import subprocess

from house import ROOT, finish, read, sources

complaints = []

commands = list(sources("commands", endings=(".c",)))
for path in commands:
    name = os.path.basename(path)[:-2]
    if f"const struct command command_{name} " not in read(path):
        complaints.append(f"{path}: must export command_{name}")
    # Tables (options, fields, columns) are kept out of clang-format's hands, and do not count: they are what a command declares.
    code = re.sub(r"/\* clang-format off \*/.*?/\* clang-format on \*/", "", read(path), flags=re.S)
    if len(code.splitlines()) > 300:
        complaints.append(f"{path}: over 300 lines; a command only asks and emits")
    if not any(n.endswith(".t") for n in os.listdir(os.path.join(ROOT, "tests/cli", name))):
        complaints.append(f"tests/cli/{name}: no transcript (*.t) in it")
if not commands:
    complaints.append("no command was found: the test looks in the wrong place")

for path in sources("help", endings=(".md",)):
    if path == os.path.join("help", "json.md"):
        continue
    front = re.match(r"---\n(.*?)\n---\n", read(path), re.S)
    keys = set(re.findall(r"^(\w+):", front.group(1), re.M)) if front else set()
    if not {"name", "summary", "group"} <= keys:
        complaints.append(f"{path}: the front matter needs name, summary and group")

for path in sources("include", "src", endings=(".h",)):
    if not re.search(r"#ifndef (\w+)\n#define \1\n", read(path)):
        complaints.append(f"{path}: no include guard")
    if not read(path).startswith("/*"):
        complaints.append(f"{path}: a header begins with what it is for")

tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
for path in tracked.stdout.splitlines():
    if re.search(r"(^|/)(build|__pycache__)/|\.(o|a|so|pyc)$", path):
        complaints.append(f"{path}: build output is tracked")
finish(complaints, "house rules")
