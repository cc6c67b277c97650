#!/usr/bin/env python3
"""What the language does at the prompt only: shortened names, carets, lines that go on, a session that remembers."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Shell, case, main  # noqa: E402


@case
def names_may_be_shortened():
    with Shell() as shell:
        assert shell.run("ech hi") == ["hi"]
        assert shell.run("rep 2 ech x") == ["x", "x"]
        assert shell.run("forea i in 1 2 do ech n$i") == ["n1", "n2"]
        shell.run("route g 127.0.0.1 > /dev/null")
        assert shell.run("expec interface == lo") == ["ok  interface == lo: lo"]


@case
def ambiguous_names_say_between_what():
    with Shell(cols=120) as shell:
        lines = shell.run("ex x")
        assert "ambiguous" in lines[0] and "exit" in lines[0] and "explain" in lines[0], lines
        assert lines[1:] == ["  ex x", "  ^"], lines


@case
def a_caret_shows_the_place():
    with Shell(cols=120) as shell:
        lines = shell.run("echo a; echo b > c > d")
        assert lines[0].startswith("ntsh: output goes into a file already"), lines
        assert lines[1:] == ["  echo a; echo b > c > d", " " * 21 + "^"], lines
        lines = shell.run("sleep soon")
        assert lines[0].startswith("ntsh: sleep:") and lines[-1] == " " * 8 + "^", lines


@case
def variables_and_settings_stay():
    with Shell() as shell:
        shell.run("set x one two")
        assert shell.run("echo $x") == ["one two"]
        shell.run("set json on")
        assert shell.run("echo a")[0].startswith('{"command":"echo"')
        shell.run("unset json")
        assert shell.run("echo a") == ["a"]


@case
def a_bad_status_does_not_end_the_line():
    with Shell() as shell:
        assert shell.run("!false; echo on") == ["on"]
        assert shell.run("!false && echo on; echo then") == ["then"]


@case
def a_sourced_file_ends_at_its_first_bad_status():
    with Shell() as shell:
        with open(os.path.join(shell.home, "f"), "w") as file:
            file.write("echo a\n!false\necho never\n")
        assert shell.run("source f") == ["a"]
        assert shell.prompt() == "ntsh [1]>"


@case
def exit_gives_its_status():
    for line, status in (("exit 7", 7), ("exit", 3)):
        with Shell() as shell:
            shell.run("!exit 3")
            shell.line(line)
            assert shell.wait_exit() == status


main()
