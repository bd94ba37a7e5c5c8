"""Open the demo: `python -m demo [--port 7860] [--host 127.0.0.1] [--root-path /demo]`.

`hostlab demo` runs it.
"""

import argparse
import sys

from demo.app import main
from hostlab.errors import BadInput, HostingLabError

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="hostlab demo", description="Open the demo's page.")
    parser.add_argument("--port", type=int, default=7860, help="port of the page")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="127.0.0.1: this machine only; 0.0.0.0: the whole network",
    )
    parser.add_argument(
        "--root-path", default="", help="where a proxy shows the page: /demo, or a whole address"
    )
    arguments = parser.parse_args()
    try:
        main(arguments.host, arguments.port, arguments.root_path)
    except HostingLabError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if isinstance(error, BadInput) else 1)
