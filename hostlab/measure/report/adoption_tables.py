"""The tables of simplicity, difficulty of adoption, and the first setup."""

from hostlab.measure.report.table import Data, Table, figure, number, row


def simplicity(result: Data) -> list[Table]:
    """Return the table of a SimplicityResult."""
    rows = []
    for one in result["rows"]:
        counts = [str(one[name]) for name in ("files", "lines", "moving_parts")]
        commands = [str(one["commands"].get(what, "–")) for what in ("start", "look", "stop")]
        rows.append(row(one, [*counts, *commands, figure(one["first_answer_s"])]))
    notes = [
        "Counted from the project's files: those that exist only for this method; lines without "
        "comments. Moving parts: programs that run at the same time.",
        "First answer: seconds from nothing to the first prediction, from the cold starts; a dash "
        "where those were not measured.",
    ]
    counts = ["files", "lines", "moving parts"]
    commands = ["commands to start", "to inspect", "to stop"]
    columns = ["method", *counts, *commands, "first answer, s"]
    return [Table("Simplicity", columns, rows, notes)]


def difficulty(result: Data) -> list[Table]:
    """Return the table of a DifficultyResult."""
    rows = []
    for one in result["rows"]:
        tools = ", ".join(one["tools"]) or "none"
        tokens = f"{number(one['token_cost_per_million'])} {one['currency']}".strip()
        costs = [number(one["machine_cost_per_million"]), tokens]
        cells = [f"{len(one['tools'])}: {tools}", number(one["disk_mb"]), *costs]
        rows.append(row(one, cells, one["error"] or one["missing"]))
    price = "no price given (--machine-hour)"
    if result["machine_hour"] is not None:
        price = f"{number(result['machine_hour'])} a machine hour, at full use"
    notes = [
        "Disk: packages and weights, or both images with shared layers counted twice. Machine: "
        f"{price}. Tokens: by the price table of the method api."
    ]
    costs = ["machine, per million requests", "tokens, per million requests"]
    columns = ["method", "tools besides Python", "disk MB", *costs]
    return [Table("Difficulty of adoption", columns, rows, notes)]


def setup(result: Data) -> list[Table]:
    """Return the table of a SetupResult."""
    rows = [row(one, [figure(one["setup_s"]), one["how"] or "–"]) for one in result["rows"]]
    notes = [
        "Measured once, with everything downloaded again over this network. pip in the images may "
        "find downloads of an earlier build.",
        "kubernetes runs the images that docker builds. A cluster with an image store of its own "
        "also has to load them.",
    ]
    return [Table("First setup", ["method", "seconds", "what was set up"], rows, notes)]
