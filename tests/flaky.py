"""Run tests again and again, in random order and on a busy machine, to find the flaky ones.

    make flaky N=10 TESTS=tests/contract

Each round has another order and runs beside a process that uses a whole core. At the end, the
program prints how often each test failed, and exits with status 1 if one did. To repeat the order
of a round: `pytest -p randomly --randomly-seed=SEED TESTS`.
"""

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run the rounds, and print how often each test failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tests", nargs="+", help="files or folders")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    failed: Counter[str] = Counter()
    for number in range(1, options.rounds + 1):
        began, seed = time.monotonic(), time.time_ns() % 2**32
        print(f"Round {number} of {options.rounds}, seed {seed}", flush=True)
        found = run_round(options.tests, seed)
        failed.update(found)
        for test in found:
            print(f"  failed: {test}", flush=True)
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
    for test, times in failed.most_common():
        print(f"{times} of {options.rounds}: {test}")
    if not failed:
        print(f"No test failed in {options.rounds} rounds.")
    return 1 if failed else 0


def run_round(tests: list[str], seed: int) -> list[str]:
    """Run the tests once, and return the IDs of those that failed.

    Raises SystemExit if pytest could not run them.
    """
    busy = multiprocessing.Process(target=use_a_core, daemon=True)
    busy.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            options = ["-p", "randomly", f"--randomly-seed={seed}", "--numprocesses", "2"]
            command = [sys.executable, "-m", "pytest", "--quiet", "--junit-xml", str(report)]
            done = subprocess.run(
                [*command, *options, *tests], cwd=ROOT, capture_output=True, text=True, check=False
            )
            if done.returncode not in (0, 1):  # pytest's statuses for passed and failed
                sys.exit(f"pytest could not run the tests:\n{done.stdout[-4000:]}{done.stderr}")
            return failures(report)
    finally:
        busy.terminate()
        busy.join()


def failures(report: Path) -> list[str]:
    """Return the tests that failed, in setup or teardown, too, from a report in JUnit's format."""
    return sorted(
        {
            f"{case.get('classname')}::{case.get('name')}"
            for case in ElementTree.parse(report).iter("testcase")
            if case.find("failure") is not None or case.find("error") is not None
        }
    )


def use_a_core() -> None:
    """Compute until the process is terminated."""
    while True:
        sum(range(10_000))


if __name__ == "__main__":
    sys.exit(main())
