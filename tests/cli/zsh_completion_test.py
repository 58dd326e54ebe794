#!/usr/bin/env python3
"""The completion in a real zsh on a terminal, against the help texts: zsh_completion_test.py CROUPIER

Exit code 77: there is no zsh, and the test says so.
"""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import unittest

import help_texts
from croupier_process import PATIENCE_S, clean_environment, run, temporary_folder

BINARY = ""
# ^G puts everything that zsh would offer into the line and tells the line; ^T tells it as it is.
SETUP = """
autoload -Uz compinit _generic; {load}
zle -C offered complete-word _generic
zstyle ':completion:offered:*' insert yes
zstyle ':completion:offered::::' completer _all_matches _complete
tell() {{ print -r -u {told} -- "$BUFFER"; BUFFER= }}
tell_offered() {{ zle offered -w; tell }}
zle -N tell; zle -N tell_offered; bindkey '^T' tell; bindkey '^G' tell_offered
print -r -u {told} -- ready
"""
SOURCED = "compinit -D -i; source {folder}/_croupier"
SOURCED_FIRST = "source {folder}/_croupier"
INSTALLED = "fpath=({folder} $fpath); compinit -D -i"


class Zsh:
    """An interactive zsh without anybody's settings, in a folder with the script."""

    def __init__(self, folder, load):
        script = run(BINARY, "completion", "zsh")
        assert script.returncode == 0, script.stderr
        (folder / "_croupier").write_text(script.stdout)
        self.told, told_by_zsh = os.pipe()
        self.terminal, theirs = pty.openpty()
        self.drawn = b""
        self.process = subprocess.Popen(["zsh", "-f", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder,
                                        pass_fds=(told_by_zsh,), start_new_session=True,
                                        env=clean_environment(TERM="xterm", HOME=str(folder), ZDOTDIR=str(folder)))
        os.close(theirs)
        os.close(told_by_zsh)
        (folder / "setup").write_text(SETUP.format(load=load.format(folder=folder), told=told_by_zsh))
        self.type("source ./setup\r")
        first = self.line()
        assert first == "ready", first + self.drawn.decode()

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)
        os.close(self.told)

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def line(self):
        """The next line that is told. What is drawn meanwhile is taken, or zsh would wait to draw on."""
        text = b""
        while not text.endswith(b"\n"):
            ready = select.select([self.told, self.terminal], [], [], PATIENCE_S)[0]
            if self.terminal in ready:
                self.drawn += os.read(self.terminal, 4096)
            elif self.told in ready:
                text += os.read(self.told, 1)
            else:
                raise AssertionError("zsh tells nothing; it has drawn\n" + self.drawn.decode(errors="replace"))
        return text.decode().rstrip("\n")

    def offered(self, words):
        """What may stand in the place of the last one of these words."""
        self.type(words + "\x07")
        whole, begun = self.line(), words.rpartition(" ")[0] + " "
        assert whole.startswith(begun), whole
        return whole[len(begun):].split()

    def after_tab(self, line):
        self.type(line + "\t\x14")
        return self.line()


class Completion(unittest.TestCase):
    def zsh(self, load=SOURCED):
        folder = temporary_folder()
        self.folder = folder.__enter__()
        self.addCleanup(folder.__exit__, None, None, None)
        shell = Zsh(self.folder, load)
        self.addCleanup(shell.close)
        return shell

    def test_a_tab_completes_however_the_script_is_loaded(self):
        for load in (SOURCED, SOURCED_FIRST, INSTALLED):
            with self.subTest(load):
                shell = self.zsh(load)
                # The first one too, which is when zsh loads what is installed.
                self.assertEqual(shell.after_tab("croupier sta"), "croupier statement ")
                self.assertEqual(shell.after_tab("croupier restore --nu"), "croupier restore --number ")
                self.assertNotIn(b"_croupier:", shell.drawn, "zsh complains")

    def test_every_command_and_every_option_of_the_help_is_offered(self):
        shell = self.zsh()
        commands = help_texts.commands(BINARY)
        self.assertGreater(len(commands), 15)
        self.assertEqual(sorted(shell.offered("croupier ")), sorted(commands))
        for command in (*commands, "keys create", "completion zsh"):
            with self.subTest(command):
                options = help_texts.options(BINARY, *command.split())
                self.assertIn("--help", options)
                self.assertLessEqual(set(options), set(shell.offered(f"croupier {command} --")))

    def test_only_what_was_begun_is_offered_and_says_what_it_is_for(self):
        shell = self.zsh()
        self.assertEqual(sorted(shell.offered("croupier ver")), ["verify", "version"])
        self.assertEqual(shell.offered("croupier keys gen"), ["generate"])
        self.assertEqual(sorted(shell.offered("croupier keys ")), ["create", "generate", "hash", "list", "revoke"])
        self.assertIn("--follow", shell.offered("croupier tail "))  # nothing else may stand there
        shell.drawn = b""
        self.assertEqual(shell.after_tab("croupier ver"), "croupier ver")
        self.assertIn(b"Prove that a data folder", shell.drawn)

    def test_values_are_choices_folders_and_files(self):
        shell = self.zsh()
        self.assertEqual(sorted(shell.offered("croupier serve --durability ")), ["async", "sync"])
        self.assertEqual(shell.after_tab("croupier serve --log-level w"), "croupier serve --log-level warning ")
        self.assertEqual(shell.offered("croupier serve --in-flight-max "), [])
        (self.folder / "data").mkdir()
        (self.folder / "dump.ndjson").write_text("")
        self.assertEqual(shell.after_tab("croupier verify d"), "croupier verify data/")
        self.assertEqual(sorted(shell.offered("croupier import d")), ["data", "dump.ndjson"])
        self.assertEqual(shell.offered("croupier import --map"), ["--mapping"])


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    if shutil.which("zsh") is None:
        print("zsh is not installed: its completion is not tested", file=sys.stderr)
        sys.exit(77)
    unittest.main()
