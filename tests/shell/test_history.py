#!/usr/bin/env python3
"""History: kept across runs, safe with several shells, harmless without a home."""
import os
import stat
import tempfile
import shutil

from harness import UP, Shell, case, ctrl, main, need


def path(shell):
    return os.path.join(shell.home, ".local/state/ntsh/history")


def lines(shell):
    return open(path(shell)).read().splitlines()


@case
def kept_across_runs():
    with Shell("-q") as first:
        first.run("echo remembered")
        first.send(ctrl("d"))
        assert first.wait_exit() == 0
        with Shell("-q", home=first.home) as second:
            second.send(UP)
            second.wait_typed("echo remembered")


@case
def file_is_private():
    with Shell("-q") as shell:
        shell.run("echo a")
        assert stat.S_IMODE(os.stat(path(shell)).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(os.path.dirname(path(shell))).st_mode) == 0o700
        os.chmod(path(shell), 0o644)
        shell.run("echo b")
        assert stat.S_IMODE(os.stat(path(shell)).st_mode) == 0o600


@case
def state_home_of_xdg():
    with Shell("-q") as shell:
        state = os.path.join(shell.home, "elsewhere")
        with Shell("-q", home=shell.home, env={"XDG_STATE_HOME": state}) as other:
            other.run("echo there")
            assert open(os.path.join(state, "ntsh/history")).read() == "echo there\n"
        with Shell("-q", home=shell.home, env={"XDG_STATE_HOME": "not/absolute"}) as other:
            other.run("echo here")
            assert "echo here" in lines(other)


@case
def several_shells_at_once():
    with Shell("-q") as one, Shell("-q", home=one.home) as two:
        for i in range(5):
            one.run("echo one%d" % i)
            two.run("echo two%d" % i)
        one.send(ctrl("d"))
        one.wait_exit()
        two.send(ctrl("d"))
        two.wait_exit()
        assert lines(two) == ["echo %s%d" % (who, i) for i in range(5) for who in ("one", "two")], lines(two)


@case
def what_is_not_kept():
    with Shell("-q") as shell:
        shell.run("echo twice")
        shell.run("echo twice")
        shell.line(" echo secret")
        shell.wait("\nsecret")
        shell.wait_prompt()
        shell.line("   ")
        shell.wait_prompt()
        shell.run("echo end")
        assert lines(shell) == ["echo twice", "echo end"], lines(shell)


@case
def bounded():
    with Shell("-q") as shell:
        os.makedirs(os.path.dirname(path(shell)), exist_ok=True)
        with open(path(shell), "w") as file:
            for i in range(5000):
                file.write("echo %d\n" % i)
        with Shell("-q", home=shell.home) as other:
            other.send(UP)
            other.wait_typed("echo 4999")
            kept = lines(other)
            assert len(kept) == 2000 and kept[0] == "echo 3000" and kept[-1] == "echo 4999", len(kept)


@case
def several_lines_in_one_entry():
    with Shell("-q") as shell:
        shell.line("echo 'a\\b")
        shell.wait(lambda: shell.screen.cursor_row() == "...>")
        shell.line("c'")
        shell.wait_prompt()
        assert lines(shell) == ["echo 'a\\\\b\\nc'"], lines(shell)
        with Shell("-q", home=shell.home) as other:
            other.send(UP)
            other.wait("echo 'a\\b\nc'")


@case
def rubbish_in_the_file():
    with Shell("-q") as shell:
        with open(path(shell), "wb") as file:
            file.write(b"echo good\n\xff\xfe\x00\x1b[31m\n\\\n" + b"x" * 100000 + b"\nno newline")
        with Shell("-q", home=shell.home) as other:
            assert other.run("echo alive") == ["alive"]
            for _ in range(6):
                other.send(UP)
            other.wait_typed("echo good")


@case
def no_home_is_silent():
    for home in ("/nonexistent", None, "relative"):
        with Shell("-q", env={"HOME": home}, cwd="/") as shell:
            assert shell.screen.text() == "ntsh>", shell.picture()
            assert shell.run("echo a") == ["a"]
            shell.send(UP)
            shell.wait_typed("echo a")


@case
def no_home_is_said_once_with_v():
    with Shell("-v", env={"HOME": "/nonexistent"}) as shell:
        assert shell.screen.text().count("history") == 1, shell.picture()
        shell.run("echo a")
        shell.run("echo b")
        assert shell.screen.text().count("history") == 1, shell.picture()


@case
def a_home_that_cannot_be_written():
    need(os.geteuid() == 0, "needs root")
    home = tempfile.mkdtemp(prefix="ntsh-home-")
    try:
        os.chown(home, 65534, 65534)
        os.chmod(home, 0o555)
        with Shell("-q", home=home, user=65534) as shell:
            assert shell.screen.text() == "ntsh>", shell.picture()
            assert shell.run("echo a") == ["a"]
        with Shell("-q", home=home) as shell:  # root with the home of somebody else leaves no file behind
            shell.run("echo a")
            assert os.listdir(home) == []
    finally:
        shutil.rmtree(home)


@case
def a_file_that_is_none():
    with Shell("-q") as shell:
        os.unlink(path(shell))
        os.mkfifo(path(shell))
        with Shell("-q", home=shell.home) as other:
            assert other.run("echo a") == ["a"]


@case
def history_lists_numbered_lines():
    with Shell() as shell:
        shell.run("echo one")
        shell.run("echo two")
        out = shell.run("history")
        assert [line.split(None, 1) for line in out] == [["1", "echo one"], ["2", "echo two"], ["3", "history"]], out
        assert [line.split(None, 1)[1] for line in shell.run("history 2")] == ["history", "history 2"]


main()
