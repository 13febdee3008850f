#!/usr/bin/env python3
"""Runs clang-tidy on the sources of nn, widgets and app, several at a time.

A source found good is not checked again until it, one of its own headers or .clang-tidy changes.
Two things remember: build/lint/good/ on this machine, by content, and .ci/linted for everyone: the
commit at which all sources were good. --all trusts neither, and writes .ci/linted when all is good
and nothing is uncommitted.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "lint"
TIDY = "clang-tidy-16"
LINTED = ROOT / ".ci" / "linted"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def included(path, seen):
    """Adds the file and, recursively, what it includes from the repository to `seen`."""
    if path in seen or not path.is_file():
        return
    seen.add(path)
    for name in INCLUDE.findall(path.read_bytes()):
        included(ROOT / name.decode(), seen)


def fingerprint(source, config):
    files = set()
    included(source, files)
    digest = hashlib.sha256(config)
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def git(*arguments):
    result = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True,
                            check=False)
    return result.stdout if result.returncode == 0 else None


def changed_since_linted():
    """The files that differ from the commit of .ci/linted; None when that cannot be told."""
    if not LINTED.is_file():
        return None
    commit = LINTED.read_text().strip()
    changed = git("diff", "--name-only", commit, "--")
    added = git("ls-files", "--others", "--exclude-standard")
    if changed is None or added is None:
        return None
    names = changed.splitlines() + added.splitlines()
    return None if ".clang-tidy" in {Path(name).name for name in names} else \
        {ROOT / name for name in names}


def is_unchanged(source, changed):
    files = set()
    included(source, files)
    return files.isdisjoint(changed)


def record_linted():
    if git("status", "--porcelain") == "":
        LINTED.write_text(git("rev-parse", "HEAD"))
        print(f"clang-tidy: all good at this commit, written to {LINTED.relative_to(ROOT)}",
              file=sys.stderr)


def check(source):
    started = time.monotonic()
    result = subprocess.run(
        [TIDY, "--quiet", "--warnings-as-errors=*", "-p", str(BUILD), str(source)],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return result, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="check every source again")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--times", action="store_true", help="print the seconds of each source")
    options = parser.parse_args()

    config = (ROOT / ".clang-tidy").read_bytes() + subprocess.check_output([TIDY, "--version"])
    good = BUILD / "good"
    good.mkdir(parents=True, exist_ok=True)
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    sources = {Path(command["file"]) for command in commands}
    folders = tuple(ROOT / name for name in ("nn", "widgets", "app"))
    marks = {source: good / fingerprint(source, config) for source in sorted(sources)
             if source.suffix == ".cpp" and any(folder in source.parents for folder in folders)}
    waiting = [source for source, mark in marks.items() if options.all or not mark.exists()]
    changed = None if options.all else changed_since_linted()
    if changed is not None:
        waiting = [source for source in waiting if not is_unchanged(source, changed)]

    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for source, (result, seconds) in zip(waiting, pool.map(check, waiting)):
            if options.times:
                print(f"{seconds:6.1f} s  {source.relative_to(ROOT)}")
            if result.returncode == 0:
                marks[source].touch()
                continue
            bad += 1
            print(result.stdout or result.stderr, flush=True)
    print(f"clang-tidy: {len(waiting)} of {len(marks)} sources checked, {bad} with findings",
          file=sys.stderr)
    if options.all and not bad:
        record_linted()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
