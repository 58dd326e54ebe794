"""What the help texts say, for whoever compares something with them."""

import re

from croupier_process import run


def commands(binary):
    section = run(binary, "--help").stdout.split("Subcommands:\n")[1].split("\n\n")[0]
    return re.findall(r"(?m)^  (\w+)", section)


def options(binary, *command):
    """The long names of a command's options."""
    return re.findall(r"(?m)^  (?:-\w,)?(--[\w-]+)", run(binary, *command, "--help").stdout)
