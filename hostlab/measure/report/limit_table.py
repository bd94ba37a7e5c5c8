"""The table of a search for a limit, and its result in a sentence."""

from hostlab.measure.report.table import Data, Table, number, row

_ENDINGS = {
    "budget": " The time was up before the search was finished.",
    "failed": " The search ended with an error: {error}",
    None: " The search was stopped.",
}


def limit(result: Data) -> Table:
    """Return the table of a LimitResult."""
    bound, rows = result["plan"]["bound"], []
    for one in result["rows"]:
        cells = [number(one["held_per_s"]), number(one["broke_per_s"]), number(one["latency_ms"])]
        rows.append(row(one, [*cells, str(len(one["trials"]))]))
    notes = [
        f"The highest rate at which {stated(bound)}, and the lowest tried above it at which it did "
        "not hold.",
        "Open loop (Poisson), latency from when a request was due; the warm-up is excluded. A "
        "trial near the bound is repeated, and two of three decide.",
    ]
    percentile = f"p{bound['percent']} ms there"
    columns = ["method", "held, requests/s", "broke, requests/s", percentile, "trials"]
    return Table("Limit", columns, rows, notes)


def stated(bound: Data) -> str:
    """Return the bound in words."""
    latency = f"p{bound['percent']} is at most {bound['latency_ms']:g} ms"
    return f"{latency} and at most {bound['errors_percent']:g} % of requests are lost"


def sentence(row: Data, plan: Data) -> str:
    """Return the result of one LimitRow."""
    held, broke, bound = row["held_per_s"], row["broke_per_s"], stated(plan["bound"])
    if held and broke:
        found = f"{held:g} requests a second held, {broke:g} did not ({bound})."
    elif held:
        found = f"{held:g} requests a second held ({bound})."
        if row["ending"] == "highest":
            found += " The load generator sends no more than that."
    elif broke:
        found = f"Not even {broke:g} requests a second held ({bound})."
    else:
        found = "Nothing was found."
    if row["generator_bound"]:
        found += " The load generator was at its own limit, so the service may do more."
    ending = _ENDINGS.get(row["ending"], "").format(error=row["error"])
    return f"{row['method']}: {found}{ending}"
