"""`hostlab check`: whether a service follows the HTTP contract."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from hostlab.cli.console import Json, out, print_json

if TYPE_CHECKING:
    from hostlab.guests.findings import Finding

EXAMPLE = (
    'For example, curl -H "Content-Type: application/json" -d \'{"text": "An utterly charming '
    'film."}\' http://127.0.0.1:5000/predict prints [{"label": "POSITIVE", "score": 0.97}].'
)


def check(
    url: Annotated[
        str,
        typer.Argument(help="Its address: of this machine, or of a private network."),
    ],
    as_json: Json = False,
) -> None:
    """Check whether a service follows the HTTP contract, and list the differences.

    A guest must respond to POST /predict. For example, the request body
    {"text": "An utterly charming film."} gets the response
    [{"label": "POSITIVE", "score": 0.97}].

    The other checks are about what would be better.

    The exit status is 0 only if there is no difference.
    """
    # Imported here because FastAPI, which defines the contract, takes a moment to import.
    from hostlab.guests.address import locate
    from hostlab.guests.contract_check import check_contract
    from hostlab.guests.findings import Finding

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
        out.print(_summary(findings), soft_wrap=True)
    else:
        out.print(f"\n{url} follows the contract: {len(findings)} of {len(findings)} checks.")
    sys.exit(1 if different else 0)


def _summary(findings: "list[Finding]") -> str:
    """Return what is missing, in two groups, and an example where the first one lacks something."""
    from hostlab.guests.findings import no_one_answers

    if no_one_answers(findings):
        return "Nobody answers there. Start the service, and check the port."
    must = sum(one.required and not one.conforms for one in findings)
    better = sum(not one.required and not one.conforms for one in findings)
    counts = f"Missing of what a guest must do: {must}. Of what would be better: {better}."
    return f"{counts}\n{EXAMPLE}" if must else counts


def _print(conforms: bool, title: str, explanation: list[str]) -> None:
    mark = Text("[OK]  " if conforms else "[DIFF]", "green" if conforms else "yellow")
    out.print(mark, title, soft_wrap=True)
    for sentence in explanation:
        out.print(f"       {sentence}", soft_wrap=True)
