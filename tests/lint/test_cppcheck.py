#!/usr/bin/env python3
"""Static analysis: cppcheck over the rooms and commands."""
import os
import shutil
import subprocess
import sys

from house import ROOT

if not shutil.which("cppcheck"):
    print("SKIPPED: cppcheck is not installed")
    sys.exit(77)
# normalCheckLevelMaxBranches and the like only say that cppcheck itself gave up; knownConditionTrueFalse sees one room at a time.
QUIET = ["missingIncludeSystem", "missingInclude", "unusedFunction", "unmatchedSuppression", "normalCheckLevelMaxBranches",
         "checkersReport", "knownConditionTrueFalse", "constParameterCallback", "constParameterPointer", "constVariablePointer",
         "funcArgOrderDifferent"]
command = ["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability", "--inline-suppr", "-j2",
           "--error-exitcode=1", "-Iinclude", "-Isrc", "-D_GNU_SOURCE", "--template={file}:{line}: {id}: {message}"]
command += [f"--suppress={name}" for name in QUIET] + ["src", "commands"]
done = subprocess.run(command, cwd=ROOT)
print("cppcheck: " + ("good" if done.returncode == 0 else "complaints"))
sys.exit(done.returncode)
