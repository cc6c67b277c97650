#!/usr/bin/env python3
"""The guide: diagnose alone at a terminal asks, runs what it shows, and offers what comes next."""
import subprocess

from harness import NTSH, Shell, case, ctrl, main


def asks(shell):
    """It waits for an answer: what is typed earlier is echoed in the wrong place."""
    def here():
        lines, at = shell.screen.logical()
        return lines[at].rstrip().endswith(">")
    shell.wait(here, why="a question of the guide")


def ask(shell, text, wanted):
    shell.send(text + "\r")
    shell.wait(wanted)
    asks(shell)


def begin(shell):
    ask(shell, "diagnose", "number>")
    shell.wait("What hurts?")
    shell.wait("7  I have a capture file")
    asks(shell)


@case
def from_pain_to_verdict():
    with Shell("-q", rows=50, cols=100) as shell:
        begin(shell)
        ask(shell, "1", "HOST:PORT?>")
        ask(shell, "why", "time stamps")
        ask(shell, "127.0.0.1:1", "Enter begins")
        assert shell.holds("ntsh> diagnose 127.0.0.1:1")
        ask(shell, "", "What next?")
        assert shell.holds("REFUSED")
        ask(shell, "why", "client.no-route: ")
        shell.send("q\r")
        shell.wait_prompt()
        shell.run("echo $?")
        assert shell.holds("1")


@case
def back_and_forth_and_taken_up_again():
    with Shell("-q", rows=60, cols=100) as shell:
        begin(shell)
        ask(shell, "nonsense", "A number from the list")
        ask(shell, "2", "Which name?>")
        ask(shell, "back", "number>")
        ask(shell, "1", "HOST:PORT?>")
        ask(shell, "", "cannot be guessed")
        ask(shell, "two words", "One word")
        ask(shell, "127.0.0.1:1", "Enter begins")
        ask(shell, "", "What next?")
        shell.send("q\r")
        shell.wait_prompt()
        begin(shell)
        shell.wait("8  go on where you left: diagnose 127.0.0.1:1")
        shell.send("\x04")
        shell.wait_prompt()


@case
def interrupt_leaves_the_guide_and_not_the_shell():
    with Shell("-q", rows=40, cols=100) as shell:
        begin(shell)
        shell.send(ctrl("c"))
        shell.wait_prompt()
        shell.run("echo here")


@case
def asks_nobody_without_a_terminal():
    for words in (["diagnose"], ["--json", "diagnose"]):
        done = subprocess.run([NTSH, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        assert done.returncode == 2, done


if __name__ == "__main__":
    main()
