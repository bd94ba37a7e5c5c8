"""`hostlab check`: whether a service follows the HTTP contract."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from hostlab.cli.console import Json, out, print_json


def check(
    url: Annotated[
        str,
        typer.Argument(help="Its address: of this machine, or of a private network."),
    ],
    as_json: Json = False,
) -> None:
    """Check whether a service follows the HTTP contract, and list the differences.

    The exit status is 0 only if there is none.
    """
    # Imported here because FastAPI, which defines the contract, takes a moment to import.
    from hostlab.guests.address import locate
    from hostlab.guests.contract_check import Finding, check_contract

    findings: list[Finding] = []
    for finding in check_contract(locate(url)):
        findings.append(finding)
        if not as_json:
            _print(finding.conforms, finding.title("en"), finding.explanation("en"))
    different = sum(not finding.conforms for finding in findings)
    if as_json:
        print_json(
            [
                {
                    "check": one.check,
                    "conforms": one.conforms,
                    "title": one.title("en"),
                    "explanation": " ".join(one.explanation("en")) or None,
                }
                for one in findings
            ]
        )
    elif different:
        out.print(f"\n{url} differs from the contract in {different} of {len(findings)} checks.")
    else:
        out.print(f"\n{url} follows the contract: {len(findings)} of {len(findings)} checks.")
    sys.exit(1 if different else 0)


def _print(conforms: bool, title: str, explanation: list[str]) -> None:
    mark = Text("[OK]  " if conforms else "[DIFF]", "green" if conforms else "yellow")
    out.print(mark, title, soft_wrap=True)
    for sentence in explanation:
        out.print(f"       {sentence}", soft_wrap=True)
