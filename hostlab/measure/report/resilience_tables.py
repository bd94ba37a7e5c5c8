"""The tables of scalability and fault tolerance."""

from hostlab.measure.report.table import Data, Table, figure, number, row


def faults(result: Data) -> list[Table]:
    """Return the table of a FaultResult."""
    rows = [_fault(one) for one in result["rows"]]
    notes = [
        f"Open loop, {result['rate_per_s']:g} requests a second, or fewer where that is over 30 % "
        "of what the method can do.",
        f"Lost: no prediction within {result['client_timeout_s']:g} s. Means of repeats, with 95 % "
        "t intervals.",
        "Recovery: until the last lost request was due and all components were back. Three times "
        "too much: the requests of the flood that were rejected or lost.",
    ]
    columns = ["method", "fault", "requests lost", "seconds to full strength"]
    return [Table("Fault tolerance", columns, rows, notes)]


def _fault(one: Data) -> list[str]:
    if one["error"]:
        return [one["method"], one["fault"], "–", one["error"]]
    lost = f"{figure(one['lost'])} of {number(one['sent']['value'])}"
    recovery = figure(one["recovery_s"])
    if not one["by_itself"]:
        recovery = f"not by itself within {one['waited_s']:.0f} s"
        if one["restart_s"]:
            recovery += f", then in {number(one['restart_s']['value'])} s by a manual restart"
    if one["note"]:
        recovery += f". {one['note']}"
    return [one["method"], one["fault"], lost, recovery]


def scalability(result: Data) -> list[Table]:
    """Return the tables of a ScalabilityResult: measured, the simulation's check, and beyond."""
    rows, checks = [], []
    for one in result["rows"]:
        efficiency = f"{one['efficiency']:.0%}" if one["efficiency"] is not None else "–"
        replicas = str(one["replicas"])
        rows.append(row(one, [replicas, figure(one["per_s"]), efficiency]))
        for check in one["checks"]:
            share, rate = f"{check['share_of_maximum']:.0%}", number(check["rate_per_s"])
            p95s = [figure(check["p95_ms"]), number(check["simulated_p95_ms"])]
            checks.append([one["method"], replicas, share, rate, *p95s])
    columns = ["method", "replicas", "texts/s", "of linear growth"]
    found = [Table("Scalability", columns, rows, [result["bound"]])]
    if checks:
        note = (
            "Open loop, Poisson arrivals. The simulation models batching and the gateway's choice, "
            "with the times of model and hop under the same load."
        )
        columns = ["method", "replicas", "of its maximum", "texts/s", "p95 ms", "p95 ms, simulated"]
        found.append(
            Table("The simulation compared with what was measured", columns, checks, [note])
        )
    if result["needed"]:
        needed = [
            [one["method"], number(one["rate_per_s"]), str(one["replicas"] or "no number suffices")]
            for one in result["needed"]
        ]
        note = (
            f"Simulated, for a p99 of at most {result['p99_ms']:g} ms, with a core for each "
            "replica, and gateways and a network that grow with the load."
        )
        found.append(Table("Replicas needed", ["method", "texts/s", "replicas"], needed, [note]))
    return found
