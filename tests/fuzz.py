"""Send many generated requests to each method: what the schema allows, and what it forbids.

    make fuzz N=10000

No request may get a 500, a status that is not documented, or a body that does not follow the
schema. Methods whose tools this machine lacks are left out, and named. The seed is printed, and
`--seed` repeats it.
"""

import argparse
import random
import sys

import requests
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup

from hostlab import METHODS, get
from hostlab.errors import Unavailable
from tests.contract.generated import generate

SHOWN = 5  # failures of one method


def main() -> int:
    """Run, and return the exit status: 1 if a request failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=2_000, help="for each method")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    options = parser.parse_args()
    print(f"Seed {options.seed}", flush=True)
    failed = 0
    for method in METHODS:
        try:
            with get(method).start() as service:
                failed += fuzz(method, str(service.url), options.requests, options.seed)
        except Unavailable as error:
            print(f"{method} is left out. {error}", flush=True)
    return 1 if failed else 0


def fuzz(method: str, url: str, count: int, seed: int) -> int:
    """Send `count` requests, and return how many failed."""
    document = requests.get(f"{url}/openapi.json", timeout=30).json()
    sent, failures = 0, []
    for mode in GenerationMode:
        for case in generate(document, mode, count // 2, seed):
            sent += 1
            try:
                case.call_and_validate(base_url=url)
            except (Failure, FailureGroup) as failure:
                failures.append(failure)
    print(f"{method}: {sent} requests, {len(failures)} failed", flush=True)
    for failure in failures[:SHOWN]:
        print(f"  {failure}", flush=True)
    return len(failures)


if __name__ == "__main__":
    sys.exit(main())
