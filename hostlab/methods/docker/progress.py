"""What `docker compose` prints, as progress for a person who waits.

BuildKit prints every step of a build when it finds that step in its cache, too: twenty lines in
half a second, in an order of its own. So a step is reported only if it takes a while.
"""

import re
import time
from collections.abc import Callable

from hostlab.runtime.progress import Progress, Sentence

SLOW_S = 1.0  # a step that takes less is no news
LARGE_MB = 10.0  # nor is a download of less

# #9 [model-service torch 1/1] RUN pip …
_STEP = re.compile(r"\[(?P<image>[\w-]+) (?:(?P<stage>[\w-]+) )?(?P<step>\d+/\d+)\] \w+")
_NUMBERED = re.compile(r"#(?P<number>\d+) (?P<rest>.*)")
_ENDED = re.compile(r"CACHED|DONE|ERROR|CANCELED")
_PIP = re.compile(
    r"[\d.]+ +(?P<verb>Downloading|Processing|Installing collected packages)"
    r"(?:: | )(?P<what>\S+)(?: \((?P<size>[^)]+)\))?"
)
_CONTAINER = re.compile(r"Container (?P<name>\S+)\s+(?P<verb>Starting|Healthy|Stopping)\b")


class ComposeProgress:
    """Reports the progress of one run of `docker compose` for a project.

    Call `read` with each line of the output, and `tick` repeatedly in between.
    """

    def __init__(
        self, project: str, progress: Progress, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._project, self._progress, self._clock = project, progress, clock
        self._steps: dict[str, tuple[float, Sentence]] = {}  # running, by number: since when
        self._reported: set[Sentence] = set()

    def read(self, line: str) -> None:
        """Take one line of the output."""
        if numbered := _NUMBERED.match(line):
            self._read_step(numbered["number"], numbered["rest"])
        elif container := _CONTAINER.search(line):
            name = container["name"].removeprefix(f"{self._project}-")
            self._report(_container_sentence(name, container["verb"]))

    def tick(self) -> None:
        """Report each step that has been running for a while."""
        now = self._clock()
        for number, (since, sentence) in list(self._steps.items()):
            if now - since >= SLOW_S:
                del self._steps[number]
                self._report(sentence)

    def _read_step(self, number: str, rest: str) -> None:
        if step := _STEP.match(rest):
            stage = step["stage"] if step["stage"] != step["image"] else None
            place = f"{step['image']}, {stage}" if stage else step["image"]
            sentence = Sentence("images.step", image=place, step=step["step"])
            self._steps[number] = (self._clock(), sentence)
        elif rest.startswith("exporting to image"):
            self._steps[number] = (self._clock(), Sentence("images.writing"))
        elif _ENDED.match(rest):
            self._steps.pop(number, None)
        elif (pip := _PIP.match(rest)) and (news := _pip_sentence(pip)):
            self._report(news)

    def _report(self, sentence: Sentence) -> None:
        # Compose repeats itself, for example for each container that waits for another one.
        if sentence not in self._reported:
            self._reported.add(sentence)
            self._progress(sentence)


def _container_sentence(name: str, verb: str) -> Sentence:
    match verb:
        case "Starting":
            return Sentence("containers.starts", name=name)
        case "Healthy":
            return Sentence("containers.ready", name=name)
    return Sentence("containers.stops", name=name)


def _pip_sentence(pip: re.Match[str]) -> Sentence | None:
    """Return a sentence for a line of pip, or None for a small file: there are dozens of them."""
    file = pip["what"].rpartition("/")[2]
    if pip["verb"] == "Installing collected packages":
        return Sentence("images.installing")
    if pip["verb"] == "Processing":
        return Sentence("images.unpacking", file=file)
    amount, _, unit = (pip["size"] or "").partition(" ")
    is_large = unit == "GB" or (unit == "MB" and float(amount) >= LARGE_MB)
    return Sentence("images.downloading", file=file, size=pip["size"]) if is_large else None
