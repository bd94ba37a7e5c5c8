"""The tables of cold starts, latency, throughput, and a given load."""

from hostlab.measure.report.table import Data, Table, figure, number, percentiles, row

_PERCENTILES = ("p50 ms", "p95 ms", "p99 ms")


def cold_start(result: Data) -> list[Table]:
    """Return the table of a ColdStartResult."""
    columns = ["method", "until it is ready, s", "first request, ms"]
    rows = [row(x, [figure(x["start_s"]), figure(x["first_request_ms"])]) for x in result["rows"]]
    return [Table("Cold start", columns, rows, ["Means of repeats, with 95 % t intervals."])]


def latency(result: Data) -> list[Table]:
    """Return the table of a LatencyResult."""
    parts = ("hop", "queue", "model", "upstream")
    rows = []
    for one in result["rows"]:
        split = one["split_ms"] or {}
        rows.append(row(one, [*percentiles(one), *(number(split.get(part)) for part in parts)]))
    notes = [
        "One request at a time, the methods in turn. The first rounds are excluded. 95 % intervals "
        "from a block bootstrap over requests.",
        "hop, queue, model, and upstream are means in ms, and sum to the mean latency.",
    ]
    columns = ["method", *_PERCENTILES, *parts]
    return [Table("Latency, one request at a time", columns, rows, notes)]


def throughput(result: Data) -> list[Table]:
    """Return the tables of a ThroughputResult: the maximum, and latency below it."""
    maximum, open_loop = [], []
    for one in result["rows"]:
        usage = [figure(one["cpu_s_per_1000"]), figure(one["peak_memory_mb"])]
        users = str(one["users"] or "–")
        maximum.append(row(one, [figure(one["per_s"]), users, *usage, str(one["lost"])]))
        for point in sorted(one["open_loop"], key=lambda point: point["share_of_maximum"]):
            share, rate = f"{point['share_of_maximum']:.0%}", number(point["rate_per_s"])
            lost = f"{point['lost']} of {point['sent']}"
            open_loop.append([one["method"], share, rate, *percentiles(point), lost])
    notes = [
        "Closed loop, means of repeats with 95 % t intervals. On this machine, the load generator "
        f"itself can send {figure(result['limit_per_s'])} requests a second; * marks what it "
        "bounds.",
        "CPU and memory are of all processes, containers, or pods of the method, at its maximum.",
        "The model of a program runs one batch on each core, at most on seven of eight "
        "(MODEL_THREADS). A model container or pod has one core, as its limit says (MODEL_CPUS).",
    ]
    columns = ["method", "texts/s", "users", "CPU s per 1,000 texts", "peak memory MB", "lost"]
    open_notes = [
        "Open loop, Poisson arrivals, latency from when a request was due. 95 % intervals from a "
        "block bootstrap over requests."
    ]
    open_columns = ["method", "of its maximum", "texts/s", *_PERCENTILES, "lost"]
    return [
        Table("Throughput at saturation", columns, maximum, notes),
        Table("Latency under load", open_columns, open_loop, open_notes),
    ]


def load(result: Data) -> Table:
    """Return the table of a LoadResult."""
    rows = []
    for one in result["rows"]:
        cells = ["–"] * 5
        if figures := one["figures"]:
            lost = f"{figures['lost']} of {figures['sent']}"
            cells = [number(figures["per_s"]), *percentiles(figures), lost]
        rows.append(row(one, cells))
    what = f"{result['level']:g} requests a second (Poisson)"
    if result["kind"] == "closed":
        what = f"{result['level']:g} users, each of which sends after its last response"
    notes = [
        f"{what}. Latency from when a request was due; the warm-up is excluded. Brackets: 95 % "
        "intervals; * bounded by the load generator."
    ]
    return Table("Under load", ["method", "texts/s", *_PERCENTILES, "lost"], rows, notes)
