"""The report of `hostlab doctor` on the terminal."""

from rich.text import Text

from hostlab.doctor.checks import checks
from hostlab.doctor.verdicts import FAIL, MISSING, OK
from hostlab.terminal import PlainConsole

_STYLES = {OK: "green", MISSING: "yellow", FAIL: "red"}


def report(out: PlainConsole) -> int:
    """Print a line for each check as it is made; return 1 if one of them failed, else 0."""
    verdicts = set()
    for check in checks():
        verdicts.add(check.verdict)
        mark = Text(f"[{check.verdict}]".ljust(7), _STYLES[check.verdict])
        out.print(mark, f"{check.subject:<17}", check.sentence, soft_wrap=True)
    if FAIL in verdicts:
        out.print(
            "\nFirst fix what is marked FAIL, because nothing starts without it. `make setup` "
            "installs the packages."
        )
        return 1
    out.print(
        "\nReady. To start the first service, run `hostlab up in-process`. To open the page, run "
        "`hostlab demo`."
    )
    return 0
