#!/usr/bin/env python3
"""Checks the sources against the rules of the house: tidy_test.py ROOT. Prints every breach; none: exit code 0."""

import pathlib
import sys

import house_rules as rules

SOURCE_SUFFIXES = {".cpp", ".hpp", ".py", ".js", ".css", ".html"}
TEXT_SUFFIXES = SOURCE_SUFFIXES | {".txt", ".md", ".toml", ".cmake", ".json", ".sh"}
NOT_OURS = {"build", "data", "__pycache__", "node_modules"}

# A rule that catches nothing is not one: each of these must be a breach, under the name of the file that it is in.
BREACHES = {
    "engine/a.hpp": ["#pragma once\n#include <thread>\n", "#pragma once\n#include \"config/settings.hpp\"\n",
                     "#pragma once\n#include <boost/json.hpp>\n", "#pragma once\nstatic double rate;\n", "int x;\n"],
    "http/a.cpp": ["#include <caf/actor.hpp>\n", "#include <rocksdb/db.h>\n", "#include \"actors/lane.hpp\"\n",
                   "#include \"persistence/leaky.hpp\"\n", "#include \"actors/gateway.hpp\"\n"],
    "engine/a.cpp": ["auto now = std::chrono::system_clock::now();\n", "x" * 121 + "\n"],
    "persistence/a.cpp": ["#include <caf/actor.hpp>\n", "float f();\n", "#include \"actors/gateway.hpp\"\n"],
    "config/a.cpp": ["#include \"persistence/leaky.hpp\"\n", "#include \"no/such.hpp\"\n"],
    "cli/a.cpp": ["// TO" + "DO\n", "auto p = \"/" + "home/me/x\";\n", "//" + "x" * 120 + "\n", "int x;\t\n"],
    "tests/a.cpp": ["std::this_thread::sleep" + "_for(1s);\n"],
}
CLEAN = {
    "engine/a.hpp": "#pragma once\n#include <vector>\n#include \"engine/b.hpp\"\n// a double is not here\n",
    "persistence/a.cpp": "#include <rocksdb/db.h>\nauto text = \"float\";\n",
}
HEADERS = {
    "engine/b.hpp": "#pragma once\n",
    "config/settings.hpp": "#pragma once\n",
    "actors/lane.hpp": "#pragma once\n#include <caf/actor.hpp>\n",
    "actors/gateway.hpp": "#pragma once\n#include \"persistence/leaky.hpp\"\n",
    "persistence/leaky.hpp": "#pragma once\n#include <rocksdb/db.h>\n",
}


def problems_of(sources):
    found = list(rules.include_problems(sources))
    for path, text in sorted(sources.items()):
        found += rules.text_problems(path, text)
        found += rules.source_problems(path, text)
    return found


def self_test():
    for path, texts in BREACHES.items():
        for text in texts:
            if not any(line.startswith(path) for line in problems_of({**HEADERS, path: text})):
                yield f"the rules do not see what is wrong with {path}: {text!r}"
    for path, text in CLEAN.items():
        for line in problems_of({**HEADERS, path: text}):
            if line.startswith(path):
                yield f"the rules see something wrong where nothing is: {line}"


def files_of(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not any(part in NOT_OURS or (part.startswith(".") and part != ".ci") for part in parts):
            yield path, "/".join(parts)


def page_problems(root):
    """Every page is found by its readers, and its commands are somebody's test."""
    tests = "".join(path.read_text(encoding="utf-8") for path in (root / "tests").rglob("*.py"))
    for page in sorted((root / "docs").glob("*.md")):
        if page.name == "README.md":
            continue
        for index in ("README.md", "docs/README.md"):
            if f"{page.name})" not in (root / index).read_text(encoding="utf-8"):
                yield f"{index}: no link to docs/{page.name}"
        if "\n```sh\n" in page.read_text(encoding="utf-8") and page.name not in tests:
            yield f"docs/{page.name}: no test runs its commands"


def main():
    root = pathlib.Path(sys.argv[1])
    problems = list(self_test())
    sources, folders = {}, set()
    for path, name in files_of(root):
        if "/" in name:
            folders.add(name.split("/")[0])
        script = name.startswith(("scripts/", ".ci/"))
        if path.suffix not in TEXT_SUFFIXES and not script:
            continue
        text = path.read_text(encoding="utf-8")
        problems += rules.text_problems(name, text)
        if path.suffix in SOURCE_SUFFIXES or script:
            problems += rules.source_problems(name, text)
        if path.suffix in (".cpp", ".hpp"):
            sources[name] = text
    problems += rules.include_problems(sources)
    for folder in sorted(folders - {".ci"}):
        if not (root / folder / "README.md").is_file():
            problems.append(f"{folder}/: no README.md that says what it is for")
    problems += page_problems(root)
    for line in problems:
        print(line)
    print(f"{len(sources)} sources, {len(problems)} breaches")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
