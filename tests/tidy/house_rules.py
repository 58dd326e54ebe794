"""What may include what, and the habits of the house that a program can check. See ARCHITECTURE.md."""

import re

# Folders in which a source file may include headers of ours, by folder or by file.
OWN = {
    "engine": ["engine/"],
    "config": ["config/", "engine/"],
    "persistence": ["persistence/", "engine/"],
    "actors": ["actors/", "engine/", "config/", "persistence/"],
    "http": ["http/", "engine/", "config/", "actors/gateway.hpp", "actors/books.hpp", "actors/billing.hpp",
             "actors/wall_clock.hpp", "persistence/delivery_files.hpp"],
    "cli": ["cli/", "http/", "actors/", "persistence/", "config/", "engine/", "benchmarks/load/"],
}

# Libraries that a folder may use. A header's includes count for everyone who includes it, however indirectly, so a
# library stays where it is allowed.
LIBRARIES = {
    "engine": [],
    "config": ["toml++"],
    "persistence": ["rocksdb", "openssl", "posix"],
    "actors": ["caf", "posix"],
    "http": ["httplib", "boost.json", "openssl", "zlib", "spdlog", "nats", "posix"],
    "cli": ["httplib", "boost.json", "openssl", "spdlog", "cli11", "posix"],
}

# The engine is pure: nothing that tells the time, waits, or reaches outside of the process.
ENGINE_WITHOUT = [
    "atomic", "condition_variable", "filesystem", "fstream", "future", "iostream", "mutex", "random", "shared_mutex",
    "thread",
]
CLOCK = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock|gettimeofday|clock_gettime)\b")

LIBRARY_OF_HEADER = [
    (r"caf/", "caf"),
    (r"rocksdb/", "rocksdb"),
    (r"httplib\.h$", "httplib"),
    (r"boost/json", "boost.json"),
    (r"boost/", "boost (other than JSON)"),
    (r"openssl/", "openssl"),
    (r"zlib\.h$", "zlib"),
    (r"nats/", "nats"),
    (r"toml\+\+/", "toml++"),
    (r"spdlog/", "spdlog"),
    (r"fmt/", "fmt"),
    (r"CLI/", "cli11"),
    (r"[a-z0-9_/]+\.h$", "posix"),
    (r"[a-z_0-9]+$", None),  # the standard library
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
OPEN_WORK = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
HOST_PATH = re.compile(r"(?<![\w.])/(work|home|root|Users)/")
FLOATING = re.compile(r"\b(float|double|stod|stof|strtod|strtof)\b")
SLEEPING = re.compile(r"\b(sleep" r"_for|sleep" r"_until|usl" r"eep|nanosl" r"eep|time\.sl" r"eep)\b")
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)

LINE_LENGTH_MAX = 120
FILE_LINES_MAX = 450


def library_of(header):
    """The library of a header in angle brackets; None: the standard library; "unknown" when no rule knows it."""
    for pattern, library in LIBRARY_OF_HEADER:
        if re.match(pattern, header):
            return library
    return "unknown"


def code_of(text):
    """The text without comments and literals, with its lines in place."""
    return COMMENT_OR_TEXT.sub(lambda found: "\n" * found.group().count("\n"), text)


def includes_of(text):
    """(line number, is ours, header) of every include."""
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def include_problems(sources):
    """Of the dependency law; `sources` are texts by path from the root."""
    reached = {}

    def libraries_through(path):
        """Libraries that including `path` brings along, each with the chain of headers that does."""
        if path in reached:
            return reached[path]
        reached[path] = {}
        found = {}
        for _, ours, header in includes_of(sources.get(path, "")):
            if ours:
                for library, chain in libraries_through(header).items():
                    found.setdefault(library, [header] + chain)
            elif library_of(header):
                found.setdefault(library_of(header), [])
        reached[path] = found
        return found

    for path, text in sorted(sources.items()):
        folder = path.split("/")[0]
        if folder not in OWN:
            continue
        for number, ours, header in includes_of(text):
            if ours and header not in sources:
                yield f"{path}:{number}: there is no {header}; includes start at the root"
            elif ours and not any(header.startswith(allowed) for allowed in OWN[folder]):
                yield f"{path}:{number}: {folder}/ must not include {header}"
            elif not ours and library_of(header) and library_of(header) not in LIBRARIES[folder]:
                yield f"{path}:{number}: {folder}/ must not use {library_of(header)} (<{header}>)"
            elif not ours and folder == "engine" and header in ENGINE_WITHOUT:
                yield f"{path}:{number}: engine/ must not use <{header}>"
        for library, chain in libraries_through(path).items():
            if chain and library not in LIBRARIES[folder]:
                yield f"{path}: reaches {library} through {' -> '.join(chain)}, which {folder}/ must not"


def text_problems(path, text):
    """Of one file of any kind."""
    for number, line in enumerate(text.splitlines(), 1):
        if OPEN_WORK.search(line):
            yield f"{path}:{number}: work left open"
        if HOST_PATH.search(line):
            yield f"{path}:{number}: a path of somebody's machine"


def source_problems(path, text):
    """Of one file of code."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        # A table of a test may hold texts as they are; the code around them may not be long.
        measured = COMMENT_OR_TEXT.sub("", line) if "tests/" in path else line
        if len(measured) > LINE_LENGTH_MAX:
            yield f"{path}:{number}: {len(line)} columns"
        if "\t" in line or line != line.rstrip():
            yield f"{path}:{number}: a tab, or space at the end of the line"
    if len(lines) > FILE_LINES_MAX:
        yield f"{path}: {len(lines)} lines; split it where its subjects part"
    if path.endswith(".hpp") and "#pragma once" not in lines[:3]:
        yield f"{path}: no #pragma once at the top"
    folder = path.split("/")[0]
    code = code_of(text) if path.endswith((".cpp", ".hpp")) else text
    for number, line in enumerate(code.splitlines(), 1):
        if folder in ("engine", "persistence") and FLOATING.search(line):
            yield f"{path}:{number}: floating point near money"
        if folder == "engine" and CLOCK.search(line):
            yield f"{path}:{number}: engine/ must not read a clock"
        # Killing at a random moment is what the crash tests are about.
        if folder == "tests" and not path.startswith("tests/crash/") and SLEEPING.search(line):
            yield f"{path}:{number}: a test that waits by the clock"
