#!/usr/bin/env python3
"""Pastes docs/affiliates.md into a shell: affiliates_page_test.py CROUPIER [--write]

The blocks marked `sh` are run in one shell, in order, against a fresh server with the demo workspace. The block behind
each is what it must print, apart from ids, times, months, sequences and the width of columns. `--write` puts what is
printed into the page instead.
"""

import pathlib
import re
import sys

import pages
from croupier_process import ROOT, clean_environment, serving, temporary_folder

PAGE = ROOT / "docs" / "affiliates.md"
ADMIN_KEY = "rv_admin_key_of_the_affiliates_page"
MARK = "--- end of a block ---"
CHANCE = [(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>"),
          (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", "<time>"),
          (r'"month":"\d{4}-\d{2}"', '"month":<month>'), (r'"sequence":\d+', '"sequence":<n>'),
          (r"^ *\d+ +<time>", "<n> <time>"), (r" +", " ")]


def without_chance(text):
    for pattern, word in CHANCE:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return "\n".join(line.strip() for line in text.splitlines())


def printed_by(binary, scripts):
    """What each block prints."""
    environment = clean_environment(CROUPIER_ADMIN_KEY=ADMIN_KEY)
    with temporary_folder() as folder, serving(binary, folder, environment=environment) as server:
        script = f"echo '{MARK}'\n".join(scripts)
        return pages.paste(binary, server, folder, script, environment).split(MARK + "\n")


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    page = PAGE.read_text(encoding="utf-8")
    blocks = [found for found in pages.BLOCK.finditer(page) if found.group(1) in ("sh", "text", "json")]
    scripts = [found.group(2) for found in blocks if found.group(1) == "sh"]
    assert len(scripts) >= 9, "the commands are not where this test looks for them"
    outputs = iter(printed_by(binary, scripts))
    written, wrong, last, expected = "", 0, 0, None
    for found in blocks:
        if found.group(1) == "sh":
            assert not expected, f"the page does not show what is printed:\n{expected}"
            expected = next(outputs)
            continue
        if without_chance(found.group(2)) != without_chance(expected):
            print(f"the page says\n\n{found.group(2)}\nand printed is\n\n{expected}")
            wrong += 1
        written += page[last:found.start(2)] + expected
        last, expected = found.end(2), None
    assert not expected, f"the page does not show what is printed:\n{expected}"
    if "--write" in sys.argv:
        PAGE.write_text(written + page[last:], encoding="utf-8")
        return 0
    print(f"{len(scripts)} blocks of the page do what it says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
