"""Compares the throughput of one service as our generator and as wrk measure it, in turn.

Run it: `python -m benchmarks.against_wrk`.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from hostlab import get
from hostlab.measure.load.generator import ClosedLoad
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.parts.throughput import rate, run
from hostlab.measure.report.table import figure
from hostlab.measure.statistics import Figure, mean

USERS, SECONDS, ROUNDS = 16, 6.0, 4


def wrk(url: str, script: Path) -> float:
    """Return the requests a second that wrk measures."""
    command = ["wrk", "-t1", f"-c{USERS}", f"-d{SECONDS:.0f}s", "-s", str(script), f"{url}/predict"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if match is None:
        sys.exit(f"wrk printed no rate: {output}")
    return float(match[1])


def main() -> None:
    """Measure in rounds, and print the rates and their ratio."""
    if not shutil.which("wrk"):
        sys.exit(
            "This needs wrk: `apt install wrk` on Debian and Ubuntu, `brew install wrk` on macOS."
        )
    bodies = ", ".join(f"[==[{json.dumps({'text': text})}]==]" for text in TEXTS)
    lua = f"""local bodies, turn = {{ {bodies} }}, 0
wrk.method, wrk.headers["Content-Type"] = "POST", "application/json"
request = function() turn = turn % #bodies + 1; return wrk.format(nil, nil, nil, bodies[turn]) end
"""
    with tempfile.TemporaryDirectory() as folder, get("in-process").start() as service:
        script = Path(folder) / "post.lua"
        script.write_text(lua)
        ours, theirs = [], []
        for number in range(ROUNDS + 1):  # the first round is the warm-up
            mine = rate(run(ClosedLoad(service.url, users=USERS), SECONDS).samples, SECONDS)
            other = wrk(service.url, script)
            if number:
                ours.append(mine)
                theirs.append(other)
    for name, values in (("ours", ours), ("wrk", theirs)):
        rate_per_s = figure(asdict(mean(values, "1/s") or Figure(0.0, "1/s")))
        print(f"{name:5} {rate_per_s} texts/s  rounds: {', '.join(f'{one:.1f}' for one in values)}")
    print(f"ours over wrk: {sum(ours) / sum(theirs):.3f}")


if __name__ == "__main__":
    main()
