"""Starts one of the lecture's services as it is, except for a few replacements that it prints.

    with LectureService("in_process/service.py", {'"text-classification"': …}) as lecture:
        requests.post(f"{lecture.url}/predict", …)

A replacement that every service needs is made here: it listens on a free port of this computer
only, and not on port 5000 for the whole network.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import requests

from hostlab.errors import StartFailed
from hostlab.runtime.ports import free_port
from notebooks.lessons.lecture import FILES
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("lecture")

START_S = 180.0  # importing transformers and torch on a slow laptop ends well within it
_PROGRAM = Path(__file__).with_name("lecture_program.py")
_ADDRESS = re.compile(r"host='0\.0\.0\.0', port=\d+")


class LectureService:
    """A file of lecture_files/ that runs in a process of its own, for the duration of a block.

    Raises ValueError if the file lacks a text that `replaced` replaces, and StartFailed.
    """

    def __init__(self, name: str, replaced: Mapping[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        source = (FILES / name).read_text(encoding="utf-8")
        changes = {_ADDRESS.findall(source)[0]: f"host='127.0.0.1', port={port}", **replaced}
        for old, new in changes.items():
            if old not in source:
                raise ValueError(f"{name} has no {old!r} to replace.")
            source = source.replace(old, new)
        self._name, self._source, self._changes = name, source, changes
        self._printed: str | None = None  # once it has ended

    @property
    def log(self) -> str:
        """What the program has printed so far, and after the block, what it printed at all."""
        if self._printed is not None:
            return self._printed
        return self._log.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        program = Path(self._folder.name, Path(self._name).name)
        program.write_text(self._source, encoding="utf-8")
        self._log = program.with_suffix(".log")
        print(texts("starting", name=self._name), flush=True)
        for line in self._source.splitlines():
            if any(new in line for new in self._changes.values()):
                print("   ", line.strip(), flush=True)
        with open(self._log, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_PROGRAM), str(program)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()  # waits for its end and closes its input
        self._printed = self.log  # before the file is removed
        self._folder.cleanup()

    def _wait(self) -> None:
        """Return when it responds, even if only with a 404. Raises StartFailed."""
        deadline = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                requests.get(self.url, timeout=5)
                return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise StartFailed(texts("not_started", name=self._name), self.log)
