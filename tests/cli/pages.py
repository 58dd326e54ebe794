"""Pastes the pages of docs/ into a shell, as a reader would."""

import pathlib
import re
import subprocess

import croupier_process
from croupier_process import PATIENCE_S, ROOT, clean_environment

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(text, language="sh"):
    """The blocks of that language, in their order."""
    return [content for each, content in BLOCK.findall(text) if each == language]


def paste(binary, server, folder, script, environment=None):
    """Runs the text in one shell that knows `croupier` and the address of the server; gives what it printed. It must
    not fail or complain."""
    tools = pathlib.Path(folder) / "bin"
    tools.mkdir(exist_ok=True)
    if not (tools / "croupier").exists():
        (tools / "croupier").symlink_to(pathlib.Path(binary).resolve())
    environment = {"CROUPIER_URL": f"http://{server.address}", **(environment or clean_environment())}
    environment["PATH"] = f"{tools}:{environment['PATH']}"
    script = "set -euo pipefail\n" + script.replace("127.0.0.1:8080", server.address)
    result = subprocess.run(["bash"], input=script, capture_output=True, text=True, timeout=PATIENCE_S, cwd=folder,
                            env=environment, check=False)
    assert result.returncode == 0 and result.stderr == "", result.stdout + result.stderr
    return result.stdout


def printed_by(binary, name, environment=None):
    """What the page's commands print beside a fresh server with the demo workspace."""
    with croupier_process.temporary_folder() as folder, \
            croupier_process.serving(binary, folder, environment=environment) as server:
        return paste(binary, server, folder, "".join(blocks(text_of(name))), environment)
