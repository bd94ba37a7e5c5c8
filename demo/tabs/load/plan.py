"""What load to put on which methods."""

from dataclasses import dataclass

from hostlab.errors import BadInput
from hostlab.measure.load.isolated import LoadKind
from hostlab.measure.single_load import MAX_LEVEL

MIN_RATE = 0.1  # requests per second
MAX_SECONDS = 300.0


@dataclass(frozen=True)
class Plan:
    """A load on each of `methods` for `seconds`, after a ramp-up of `ramp_s` seconds.

    `level` is the number of users (closed) or the requests per second (open). With `in_turn`, the
    methods alternate, in a new order each round; otherwise, one follows the other. With `spend`,
    the load may use a provider that charges for requests.
    """

    methods: tuple[str, ...]
    kind: LoadKind
    level: float
    seconds: float = 10.0
    ramp_s: float = 0.0
    in_turn: bool = False
    spend: bool = False

    @property
    def total_s(self) -> float:
        """How long each method is under load, the ramp-up included."""
        return self.ramp_s + self.seconds

    def check(self) -> None:
        """Raise BadInput if the load is impossible."""
        if not self.methods:
            raise BadInput("There is no method to put the load on. Name at least one.")
        check_level(self.kind, self.level)
        if not 1 <= self.seconds <= MAX_SECONDS or not 0 <= self.ramp_s <= MAX_SECONDS:
            raise BadInput(
                f"A load takes 1 to {MAX_SECONDS:.0f} seconds, and its ramp-up at most "
                f"{MAX_SECONDS:.0f} seconds more. Change the duration or the ramp-up."
            )

    def ramped(self, level: float, elapsed_s: float) -> float:
        """Return the level to apply after `elapsed_s` seconds: in the ramp-up, a share of it."""
        if elapsed_s >= self.ramp_s:
            return level
        reached = level * elapsed_s / self.ramp_s
        return max(1.0, round(reached)) if self.kind == "closed" else max(0.5, reached)


def check_level(kind: LoadKind, level: float) -> None:
    """Raise BadInput for a load that the generator cannot produce."""
    if kind not in MAX_LEVEL:
        raise BadInput(
            f"There is no kind of load {kind!r}. "
            "The kinds are: closed (users), open (requests per second)."
        )
    lowest = 1 if kind == "closed" else MIN_RATE
    if not lowest <= level <= MAX_LEVEL[kind] or (kind == "closed" and level != round(level)):
        raise BadInput(
            f"A load of {level:g} is not possible. Use 1 to {MAX_LEVEL['closed']} users in a "
            f"closed loop, or {MIN_RATE} to {MAX_LEVEL['open']} requests per second in an open one."
        )
