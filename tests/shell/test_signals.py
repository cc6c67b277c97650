#!/usr/bin/env python3
"""Ctrl-C and its kin: in a command, in a pipe, in a batch, beside a program; never the interactive shell."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import NTSH, Shell, case, ctrl, main  # noqa: E402


def batch(text, *options):
    """A batch on a terminal: (Shell, path of the file)."""
    file = tempfile.NamedTemporaryFile("w", suffix=".ntsh", delete=False)
    file.write(text)
    file.close()
    return Shell(*options, "-f", file.name, wait=False), file.name


def finish(shell, path):
    status = shell.wait_exit()
    os.unlink(path)
    return status


@case
def a_command_ends_and_the_shell_stays():
    with Shell() as shell:
        shell.line("sleep 60s")
        shell.pump(0.2)
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"^ntsh.*130", re.M))
        assert "alive" in shell.run("echo alive"), shell.picture()


@case
def a_loop_of_quick_commands_ends():
    with Shell() as shell:
        shell.line("repeat 1000000000 echo tick | cat > /dev/null")
        shell.pump(0.2)
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"^ntsh.*130", re.M))
        shell.line("repeat 1000000000 echo tick > /dev/null")
        shell.pump(0.2)
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"> /dev/null\n(\^C)?\n?ntsh.*130.*\Z", re.S))
        assert "alive" in shell.run("echo alive"), shell.picture()
        shell.pump(0.3)
        assert shell.screen.text().count("130]") == 2, "the interrupt hit the prompt too\n" + shell.picture()


@case
def the_rest_of_the_line_is_left_out():
    with Shell() as shell:
        shell.line("sleep 60s; echo ne''ver")
        shell.pump(0.2)
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"^ntsh.*130", re.M))
        assert "never" not in shell.screen.text(), shell.picture()


@case
def watch_ends():
    with Shell() as shell:
        shell.line("watch 100ms echo ti''ck")
        shell.wait("tick")
        shell.wait("Ctrl-C ends it")
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"^ntsh.*130", re.M))


@case
def a_program_beside_gets_it():
    with Shell() as shell:
        shell.line("!sleep 60")
        shell.pump(0.2)
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"^ntsh.*130", re.M))
        assert "alive" in shell.run("echo alive"), shell.picture()


@case
def a_program_may_handle_it():
    with Shell() as shell:
        shell.line("!(trap 'echo cau\"\"ght' INT; echo rea''dy; sleep 1; echo en''ded)")
        shell.wait("ready")
        shell.send(ctrl("c"))
        shell.wait("caught")
        shell.wait("ended")
        assert "alive" in shell.run("echo alive"), shell.picture()


@case
def both_ends_of_a_pipe_stop():
    with Shell() as shell:
        shell.line("sleep 60s | sleep 60")
        shell.pump(0.2)
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"^ntsh.*130", re.M))
        assert "alive" in shell.run("echo alive"), shell.picture()


@case
def the_partial_result_goes_through_the_pipe():
    for reader in ("cat", "cat | (cat; exit 0)", "sh -c 'cat'"):
        with Shell() as shell:
            shell.line("ping -i 100ms 127.0.0.1 | %s | tr a-z A-Z" % reader)
            shell.pump(0.5)
            shell.send(ctrl("c"))
            shell.wait("% LOST")
            shell.wait(re.compile(r"^ntsh.*130", re.M))


@case
def a_reader_that_does_not_end_is_ended():
    with Shell() as shell:
        shell.line("echo x | sleep 60")
        shell.pump(0.3)
        shell.send(ctrl("c"))
        shell.wait(re.compile(r"^ntsh.*130", re.M), patience=5)


@case
def a_pager_keeps_its_interrupt():
    with Shell() as shell:
        shell.line("help | (stty -icanon -echo; trap : INT; sleep 0.5; sleep 1; stty icanon echo; echo al''ive) < /dev/tty")
        shell.pump(0.3)
        shell.send(ctrl("c"))
        shell.wait("alive")
        shell.wait(re.compile(r"^ntsh", re.M))


@case
def a_pager_has_the_terminal():
    with Shell() as shell:
        shell.line("help | cat - /dev/tty")
        shell.wait("help COMMAND")
        shell.send("typed into cat\r")
        shell.wait("typed into cat\ntyped into cat")
        shell.send(ctrl("d"))
        shell.wait_prompt()
        assert "alive" in shell.run("echo alive"), shell.picture()


@case
def a_killed_program_leaves_a_good_terminal():
    with Shell() as shell:
        shell.run("!stty raw -echo; kill -KILL $$")
        assert "alive" in shell.run("echo alive"), shell.picture()


@case
def ctrl_backslash_ends_no_shell():
    with Shell() as shell:
        shell.line("sleep 500ms")
        shell.pump(0.1)
        shell.send("\x1c")
        shell.pump(0.6)
        shell.send("\r")
        shell.wait_prompt()
        assert "alive" in shell.run("echo alive"), shell.picture()


@case
def a_batch_ends_with_130():
    shell, path = batch("echo begun\nsleep 60s\necho ne''ver\n")
    with shell:
        shell.wait("begun")
        shell.pump(0.1)
        shell.send(ctrl("c"))
        assert finish(shell, path) == 130, shell.picture()
        assert "interrupted" in shell.screen.text(), shell.picture()
        assert "never" not in shell.screen.text(), shell.picture()


@case
def a_batch_with_keep_going_ends_too():
    shell, path = batch("echo begun\nsleep 60s\necho ne''ver\n", "-k")
    with shell:
        shell.wait("begun")
        shell.pump(0.1)
        shell.send(ctrl("c"))
        assert finish(shell, path) == 130, shell.picture()
        assert "never" not in shell.screen.text(), shell.picture()


@case
def a_batch_with_a_program_ends_with_130():
    for line in ("!sleep 60", "echo x | sleep 60", "sleep 60s | cat", "repeat 100 sleep 1s", "watch 1s echo x"):
        shell, path = batch("echo begun\n%s\necho ne''ver\n" % line)
        with shell:
            shell.wait(re.compile("begun|Ctrl-C"))
            shell.pump(0.2)
            shell.send(ctrl("c"))
            assert finish(shell, path) == 130, line + "\n" + shell.picture()
            assert "never" not in shell.screen.text(), shell.picture()


@case
def one_command_ends_with_130():
    with Shell("sleep", "60s", wait=False) as shell:
        shell.pump(0.3)
        shell.send(ctrl("c"))
        assert shell.wait_exit() == 130, shell.picture()


@case
def its_json_is_whole():
    with Shell("--json", "sleep", "60s", wait=False) as shell:
        shell.pump(0.3)
        shell.send(ctrl("c"))
        assert shell.wait_exit() == 130, shell.picture()
        text = "".join(shell.screen.text().split("\n"))
        assert '"slept_ms"' in text and '"status":130' in text, shell.picture()


def spawn(*args, **options):
    return subprocess.Popen([NTSH, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **options)


@case
def terminate_ends_a_batch_and_its_program():
    process = spawn("-c", "echo begun; !sleep 60; echo survived")
    lines = [process.stdout.readline()]
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, (process.returncode, lines, out, err)
    assert b"survived" not in out


@case
def terminate_ends_a_wait_for_lines():
    process = spawn("-f", "-")
    process.stdin.write(b"echo begun\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 130


@case
def lines_are_executed_as_they_come():
    process = spawn("-q", "-f", "-")
    for word in (b"one", b"two"):
        process.stdin.write(b"echo " + word + b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == word + b"\n"
    process.stdin.close()
    assert process.wait(timeout=20) == 0


@case
def an_ignored_interrupt_stays_ignored():
    process = spawn("-c", "sleep 300ms; echo done",
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and out == b"done\n", (process.returncode, out)


@case
def programs_start_with_default_signals():
    process = spawn("-c", "!grep -E 'Sig(Ign|Blk)' /proc/self/status")
    out, _ = process.communicate(timeout=20)
    masks = re.findall(rb"Sig(?:Ign|Blk):\s*([0-9a-f]+)", out)
    # Python itself ignores SIGPIPE and SIGXFSZ for its children's parents, and restores them in the child
    assert [int(mask, 16) for mask in masks] == [0, 0], out


@case
def a_closed_pipe_is_silent():
    process = spawn("help")
    process.stdout.close()
    err = process.stderr.read()
    process.wait(timeout=20)
    assert err == b"", err


@case
def hangup_ends_the_shell():
    with Shell() as shell:
        shell.kill(signal.SIGHUP)
        assert shell.wait_exit() != 0


main()
