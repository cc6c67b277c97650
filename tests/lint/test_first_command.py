#!/usr/bin/env python3
"""Does what README's "your first command" says, word for word, in a copy of the tree: three new files, no existing one touched, and the
command is there."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from house import ROOT, read

blocks = dict(re.findall(r"^`([\w/.]+)`[^\n]*\n\n```\w*\n(.*?)```$", read("README.md"), re.S | re.M))
wanted = {"commands/hello.c", "help/hello.md", "tests/cli/hello/hello.t"}
if set(blocks) != wanted:
    sys.exit(f"README shows {sorted(blocks)}, not {sorted(wanted)}")

with tempfile.TemporaryDirectory(prefix="ntsh-first-") as folder:
    tree = os.path.join(folder, "ntsh")
    skip = shutil.ignore_patterns("build", ".git", "__pycache__", "corpus")
    shutil.copytree(ROOT, tree, ignore=skip, symlinks=True)
    for path, text in blocks.items():
        place = os.path.join(tree, path)
        if os.path.exists(place):
            sys.exit(f"{path} exists already")
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
    build = os.path.join(folder, "build")
    for command in (["cmake", "-G", "Ninja", "-S", tree, "-B", build, "-DBUILD_TESTING=OFF", "-DNTSH_WERROR=ON",
                     "-DCMAKE_BUILD_TYPE=Debug"], ["cmake", "--build", build]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout[-4000:] + done.stderr[-4000:])
    program = os.path.join(build, "ntsh")
    sys.exit(subprocess.run([sys.executable, "-B", os.path.join(tree, "tests/cli/run.py"), program,
                             os.path.join(tree, "tests/cli/hello")]).returncode)
