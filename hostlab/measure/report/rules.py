"""The rule of each column of the lecture's table: which figure gets how many pluses.

The limits are round numbers, and a rule is stated in words, so that you can disagree with it.
Lesson 06 lets its readers set other limits.
"""

from collections.abc import Mapping

from hostlab.errors import BadInput

# For each column, the limits of +++, ++, and +. In scalability and fault tolerance, more is better;
# in the other columns, less.
Three = tuple[float, float, float]
Limits = Mapping[str, Three]
LIMITS: Limits = {
    "simplicity": (6, 12, 20),
    "scalability": (2.5, 1.5, 0),
    "performance": (1.5, 3, 6),
    "fault tolerance": (1, 2 / 3, 1 / 3),
    "difficulty of adoption": (1, 3, 6),
}
RULES = {
    "simplicity": (
        "files + commands to start, inspect, and stop + moving parts: up to 6 is +++, up to "
        "12 ++, up to 20 +, more -."
    ),
    "scalability": (
        "throughput with 3 replicas over throughput with one: 2.5 or more is +++, 1.5 or more "
        "++, less +; a method without replicas -."
    ),
    "performance": (
        "p50 over the best method's p50: up to 1.5 times is +++, up to 3 times ++, up to 6 "
        "times +, more -."
    ),
    "fault tolerance": (
        "share of the faults that it recovered from by itself (a rolling update: losing at "
        "most 1 %): all +++, 2/3 ++, 1/3 +, less -."
    ),
    "difficulty of adoption": (
        "tools besides Python + GB on disk: up to 1 is +++, up to 3 ++, up "
        "to 6 +, more -. The more pluses, the easier."
    ),
}


def check_limits(limits: Limits) -> None:
    """Raise BadInput if a column lacks its three numbers, or they are not in order."""
    for column, default in LIMITS.items():
        found = limits.get(column)
        rising = default[0] < default[2]
        if not (
            isinstance(found, (tuple, list))
            and len(found) == 3
            and all(isinstance(one, (int, float)) for one in found)
            and sorted(found, reverse=not rising) == list(found)
        ):
            order = "smallest" if rising else "largest"
            raise BadInput(
                f"The limits of {column!r} are {found!r}. Give three numbers, for +++, ++, and +, "
                f"the {order} first, such as {default}."
            )


def up_to(value: float, limits: Three) -> str:
    """Return the mark for a value of which less is better."""
    grades = zip(("+++", "++", "+"), limits, strict=True)
    return next((mark for mark, limit in grades if value <= limit), "-")


def at_least(value: float, limits: Three) -> str:
    """Return the mark for a value of which more is better."""
    grades = zip(("+++", "++", "+"), limits, strict=True)
    return next((mark for mark, limit in grades if value >= limit), "-")
