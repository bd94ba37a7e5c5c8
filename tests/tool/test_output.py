"""What the command prints: whole and as it is, in any encoding; a sentence instead of a traceback.

tests/unit/hostlab/test_terminal.py and runtime/test_state.py have the details.
"""

import json
import sys

import pytest

from tests.programs import NO_TOOLS, hostlab


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_brackets_and_letters_in_any_encoding(encoding: str) -> None:
    done = hostlab("up", "Ж [/x] [red]", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 2 and "[/x] [red]" in done.stderr
    status = hostlab("status", "--json", PYTHONIOENCODING=encoding, PYTHONUTF8="0", **NO_TOOLS)
    assert status.returncode == 0 and len(json.loads(status.stdout)) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="needs /sys of Linux")
@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("up", "in-process"), 1),
        (("down", "--all"), 1),
        (("doctor", "--class"), 1),
        (("measure", "simplicity", "--out", "/sys/report"), 2),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_folder_that_cannot_be_written_is_a_sentence(
    command: tuple[str, ...], status: int
) -> None:
    done = hostlab(*command, HOSTLAB_HOME="/sys/hosting-lab", **NO_TOOLS)
    output = done.stdout + done.stderr
    assert done.returncode == status and "Traceback" not in output
    assert "--out" in output if "--out" in command else "state" in output
