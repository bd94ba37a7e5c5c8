"""The table of engines, and the sentence that names the best one."""

from hostlab.measure.report.table import Data, Table, number


def engines(result: Data) -> Table:
    """Return the table of an EnginesResult."""
    rows = [_row(one) for one in result["rows"]]
    features = result["features"]
    known = ", ".join(features) or "none of the instructions that speed up a network"
    has = f" ({known})" if features is not None else ""
    notes = [
        f"{result['processor']}{has}; batches at the same time: {result['threads'] or '–'}. "
        f"Model: {result['model']}.",
        f"Medians; rounds: {result['rounds']}, each in a new process, the engines in turn. Start: "
        "from nothing to the first prediction. Texts/s: in batches of 16. Labels: those that are "
        f"the same as torch's, of {result['texts']} texts.",
    ]
    columns = ["engine", "start, s", "peak memory MB", "p50 of one text, ms", "texts/s", "labels"]
    return Table("Engines", columns, rows, notes)


def best_sentence(result: Data) -> str:
    """Return a sentence that names the best engine for this machine."""
    rows = {one["engine"]: one for one in result["rows"]}
    best, default = result["best"], rows.get("onnx")
    if best is None:
        return "No engine could run here. The table says why."
    if best == "onnx":
        return (
            "The best engine for this machine is onnx, the default: no other one with the same "
            "labels is clearly faster."
        )
    gain = ""
    if default and default["per_s"]:
        gain = f", with {rows[best]['per_s'] / default['per_s']:.1f} times the texts/s of onnx"
    return (
        f"The best engine for this machine is {best}{gain}. To use it, set MODEL_ENGINE={best}, or "
        f"run `hostlab up in-process --engine {best}`."
    )


def _row(one: Data) -> list[str]:
    if one["error"]:
        return [one["engine"], "–", "–", "–", "–", one["error"]]
    figures = [number(one[name]) for name in ("start_s", "peak_mb", "p50_ms", "per_s")]
    agreement = "–" if one["agreement"] is None else f"{one['agreement']:.1%}"
    return [one["engine"], *figures, agreement]
