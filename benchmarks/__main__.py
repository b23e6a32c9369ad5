"""`make bench`: build, serve, measure, and write `benchmarks/results.md`."""

# ruff: noqa: T201 - a command that says what it did

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import machine
from benchmarks.report import report

HERE = Path(__file__).resolve().parent
SIZES = [1_000, 10_000, 100_000, 1_000_000]


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", help=f"therapists; else {SIZES}")
    parser.add_argument("--requests", type=int, default=100, help="of each page; else 100")
    parser.add_argument("--to", type=Path, default=HERE / "results.md", help="where to write")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="measure the directories as the last run left them: no new copy, no new index",
    )
    asked = parser.parse_args()
    sizes = sorted(asked.sizes or SIZES)
    about = machine.facts(HERE.parent)  # before the run, which has a load of its own
    asked.to.write_text(report(about, [measured(size, asked) for size in sizes]))
    print(f"Written to {asked.to}")


def measured(size, asked):
    """The figures of one size, from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks.harness", str(size), str(file)]
        command += ["--requests", str(asked.requests), *(["--keep"] if asked.keep else [])]
        if subprocess.run(command, cwd=HERE.parent).returncode:
            raise SystemExit(f"The run with {size:,} therapists did not end well.")
        return json.loads(file.read_text())


if __name__ == "__main__":
    main()
