"""The report as plain tables: text in cells, for the terminal, Markdown and HTML alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Data = Mapping[str, Any]


@dataclass
class Table:
    """A title, column heads, rows of text as long as the heads, and sentences to stand below."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)


def number(value: float | None) -> str:
    """Return a number with three digits that count, a dash for None."""
    if value is None:
        return "–"
    return (
        f"{value:,.0f}"
        if abs(value) >= 100 or value == 0
        else f"{value:.1f}"
        if abs(value) >= 10
        else f"{value:.2f}"
    )


def about(report: Data) -> str:
    """Return in one line when, how and on what a report was measured."""
    machine = report["machine"]
    system = f"{machine['processor']}, {machine['threads']} threads, {machine['memory_gb']} GB, {machine['system']}"
    load = ", ".join(map(str, machine["load_average_before"]))
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    sentences = [
        f"{report['measured_at']}, {report['effort']} effort.",
        f"{system}.",
        f"Load average before: {load}.",
        f"Model: {machine['model']}.",
    ]
    return " ".join([*sentences, f"{versions}.", *report["remarks"]])


def figure(data: Data | None) -> str:
    """Return a figure with its interval, and a star where something else than the service bounds
    it.
    """
    if data is None:
        return "–"
    between = f" [{number(data['low'])}–{number(data['high'])}]" if data["low"] is not None else ""
    return f"{number(data['value'])}{' *' if data['note'] else ''}{between}"


def _cold_start(result: Data) -> list[Table]:
    rows = [
        _row(one, [figure(one["start_s"]), figure(one["first_request_ms"])])
        for one in result["rows"]
    ]
    return [
        Table(
            "Cold start",
            ["method", "until it is ready, s", "first request, ms"],
            rows,
            ["Means of repeats, with 95 % t intervals."],
        )
    ]


def _latency(result: Data) -> list[Table]:
    rows = []
    for one in result["rows"]:
        percentiles = [figure(one[name]) for name in ("p50_ms", "p95_ms", "p99_ms")]
        split = one["split_ms"] or {}
        rows.append(
            _row(
                one,
                [
                    *percentiles,
                    *(number(split.get(part)) for part in ("hop", "queue", "model", "upstream")),
                ],
            )
        )
    columns = ["method", "p50 ms", "p95 ms", "p99 ms", "hop", "queue", "model", "upstream"]
    notes = [
        (
            "One request at a time, the methods in turn; the first rounds are dropped. 95 % "
            "intervals "
            "from a block bootstrap over requests."
        ),
        "hop, queue, model and upstream are means in ms and sum to the mean latency.",
    ]
    return [Table("Latency, one request at a time", columns, rows, notes)]


def _throughput(result: Data) -> list[Table]:
    limit = figure(result["limit_per_s"])
    most, open_loop = [], []
    for one in result["rows"]:
        most.append(
            _row(
                one,
                [
                    figure(one["per_s"]),
                    str(one["users"] or "–"),
                    figure(one["cpu_s_per_1000"]),
                    figure(one["peak_memory_mb"]),
                    str(one["lost"]),
                ],
            )
        )
        for point in sorted(one["open_loop"], key=lambda point: point["share_of_maximum"]):
            percentiles = [figure(point[name]) for name in ("p50_ms", "p95_ms", "p99_ms")]
            cells = [
                f"{point['share_of_maximum']:.0%}",
                number(point["rate_per_s"]),
                *percentiles,
                f"{point['lost']} of {point['sent']}",
            ]
            open_loop.append([one["method"], *cells])
    notes = [
        (
            "Closed loop, means of repeats with 95 % t intervals. The load generator itself does "
            f"{limit} requests a second here; * marks what it bounds."
        ),
        "CPU and memory are of all processes, containers or pods of the method, at its maximum.",
        (
            "A program's model uses all cores, at most 4 (MODEL_THREADS); a model container or pod "
            "has one core, as its limit says (MODEL_CPUS)."
        ),
    ]
    columns = ["method", "texts/s", "users", "CPU s per 1,000 texts", "peak memory MB", "lost"]
    open_notes = [
        "Open loop, Poisson arrivals, latency from when a request was due. 95 % intervals from a "
        "block bootstrap over requests."
    ]
    open_columns = ["method", "of its maximum", "texts/s", "p50 ms", "p95 ms", "p99 ms", "lost"]
    return [
        Table("Throughput at saturation", columns, most, notes),
        Table("Latency under load", open_columns, open_loop, open_notes),
    ]


def _simplicity(result: Data) -> list[Table]:
    rows = []
    for one in result["rows"]:
        counts = [str(one[name]) for name in ("files", "lines", "moving_parts")]
        rows.append(
            _row(
                one,
                [
                    *counts,
                    *(str(one["commands"].get(what, "–")) for what in ("start", "look", "stop")),
                    figure(one["first_answer_s"]),
                ],
            )
        )
    notes = [
        (
            "Counted from the project's files: those that exist only for this way of hosting; "
            "lines "
            "without comments. Moving parts: programs that run at once."
        ),
        (
            "First answer: seconds from nothing to the first prediction, from the cold starts; a "
            "dash "
            "where those were not measured."
        ),
    ]
    columns = [
        "method",
        "files",
        "lines",
        "moving parts",
        "commands to start",
        "to look",
        "to stop",
        "first answer, s",
    ]
    return [Table("Simplicity", columns, rows, notes)]


def _difficulty(result: Data) -> list[Table]:
    rows = []
    for one in result["rows"]:
        tools = ", ".join(one["tools"]) or "none"
        tokens = f"{number(one['token_cost_per_million'])} {one['currency']}".strip()
        cells = [
            f"{len(one['tools'])}: {tools}",
            number(one["disk_mb"]),
            number(one["machine_cost_per_million"]),
            tokens,
        ]
        rows.append(
            _row({**one, "error": one["error"] or one["missing"]}, cells)
            if one["missing"]
            else _row(one, cells)
        )
    price = (
        "no price given (--machine-hour)"
        if result["machine_hour"] is None
        else f"{number(result['machine_hour'])} a machine hour, at full use"
    )
    notes = [
        "Disk: packages and weights, or both images with shared layers counted twice. Machine: "
        f"{price}. Tokens: by the price table of the method api."
    ]
    columns = [
        "method",
        "tools besides Python",
        "disk MB",
        "machine, per million requests",
        "tokens, per million requests",
    ]
    return [Table("Difficulty of introduction", columns, rows, notes)]


def _setup(result: Data) -> list[Table]:
    rows = [_row(one, [figure(one["setup_s"]), one["how"] or "–"]) for one in result["rows"]]
    notes = [
        (
            "Measured once, everything fetched anew over this network; pip in the images may find "
            "downloads of an earlier build."
        ),
        (
            "kubernetes runs the images that docker builds; a cluster with an image store of its "
            "own "
            "loads them besides."
        ),
    ]
    return [Table("First set-up", ["method", "seconds", "what was set up"], rows, notes)]


def _faults(result: Data) -> list[Table]:
    rows = []
    for one in result["rows"]:
        if one["error"]:
            rows.append([one["method"], one["fault"], "–", one["error"]])
            continue
        lost = f"{figure(one['lost'])} of {number(one['sent']['value'])}"
        mended = (
            f", then in {number(one['mend_s']['value'])} s by starting it again"
            if one["mend_s"]
            else ""
        )
        back = (
            figure(one["recovery_s"])
            if one["by_itself"]
            else f"not by itself within {one['waited_s']:.0f} s{mended}"
        )
        rows.append([one["method"], one["fault"], lost, back])
    notes = [
        (
            f"Open loop, {result['rate_per_s']:g} requests a second, or fewer where that is over "
            "30 % "
            "of what the method can do."
        ),
        (
            f"Lost: no prediction within {result['client_timeout_s']:g} s. Means of repeats, with "
            "95 "
            "% t intervals."
        ),
        (
            "Recovery: until the last lost request was due and all parts were back. Three times "
            "too "
            "much: refused or lost of the flood alone."
        ),
    ]
    return [
        Table(
            "Fault tolerance",
            ["method", "what was done to it", "requests lost", "seconds to full strength"],
            rows,
            notes,
        )
    ]


def _scalability(result: Data) -> list[Table]:
    rows, checks = [], []
    for one in result["rows"]:
        efficiency = f"{one['efficiency']:.0%}" if one["efficiency"] is not None else "–"
        rows.append(_row(one, [str(one["replicas"]), figure(one["per_s"]), efficiency]))
        for check in one["checks"]:
            cells = [
                f"{check['share_of_maximum']:.0%}",
                number(check["rate_per_s"]),
                figure(check["p95_ms"]),
                number(check["simulated_p95_ms"]),
            ]
            checks.append([one["method"], str(one["replicas"]), *cells])
    found = [
        Table(
            "Scalability",
            ["method", "replicas", "texts/s", "of linear growth"],
            rows,
            [result["bound"]],
        )
    ]
    if checks:
        note = "Open loop, Poisson arrivals. The simulation plays batching and the gateway's choice, with the times of model and hop under the same load."
        columns = ["method", "replicas", "of its maximum", "texts/s", "p95 ms", "p95 ms, simulated"]
        found.append(Table("The simulation beside what was measured", columns, checks, [note]))
    if result["needed"]:
        needed = [
            [one["method"], number(one["rate_per_s"]), str(one["replicas"] or "no number would do")]
            for one in result["needed"]
        ]
        note = f"Simulated, for a p99 of at most {result['p99_ms']:g} ms, a core for each replica, and gateways and network that grow with the load."
        found.append(Table("Replicas needed", ["method", "texts/s", "replicas"], needed, [note]))
    return found


def load_table(result: Data) -> Table:
    """Return what one load came to: the plain data of a LoadResult."""
    rows = []
    for one in result["rows"]:
        figures = one["figures"]
        percentiles = (
            [figure(figures[name]) for name in ("p50_ms", "p95_ms", "p99_ms")]
            if figures
            else ["–"] * 3
        )
        rows.append(
            _row(
                one,
                [number(figures["per_s"]), *percentiles, f"{figures['lost']} of {figures['sent']}"]
                if figures
                else ["–"] * 5,
            )
        )
    what = (
        f"{result['level']:g} users, each sends when it has its answer"
        if result["kind"] == "closed"
        else f"{result['level']:g} requests a second (Poisson)"
    )
    notes = [
        f"{what}. Latency from when a request was due; the warm-up is left out. Brackets: 95 % "
        "intervals, * bounded by the load generator."
    ]
    return Table(
        "Under load", ["method", "texts/s", "p50 ms", "p95 ms", "p99 ms", "lost"], rows, notes
    )


_TABLES: Mapping[str, Callable[[Data], list[Table]]] = {
    "cold-start": _cold_start,
    "latency": _latency,
    "throughput": _throughput,
    "scalability": _scalability,
    "faults": _faults,
    "simplicity": _simplicity,
    "difficulty": _difficulty,
    "setup": _setup,
}


def tables(report: Data) -> list[Table]:
    """Return the tables of a report's plain data (Report.as_dict(), or its JSON), in the order of
    the parts.
    """
    return [
        table
        for name, make in _TABLES.items()
        if name in report["results"]
        for table in make(report["results"][name])
    ]


def _row(data: Data, cells: list[str]) -> list[str]:
    """Return a row; where there is an error, it stands in the first cell that is empty."""
    if data["error"]:
        empty = cells.index("–") if "–" in cells else len(cells) - 1
        cells[empty] = data["error"]
    return [data["method"], *cells]
