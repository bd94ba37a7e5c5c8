"""The command `hostlab measure engines`."""

import sys
from dataclasses import asdict

from hostlab.cli.console import Json, out, print_json
from hostlab.cli.measure_options import ProgressJson, Quick


def engines(
    quick: Quick = False, as_json: Json = False, progress_json: ProgressJson = False
) -> None:
    """Run the model with each installed engine, in turn, and name the best one for this machine.

    Prints start, memory, latency, throughput, and how many labels agree with torch's. It starts no
    service and writes no report. MODEL_ID chooses the model.
    """
    from hostlab.cli.measure_progress import errors_as_json, progress_report
    from hostlab.measure.parts.engines import FULL, QUICK, measure_engines
    from hostlab.measure.report.engine_tables import best_sentence
    from hostlab.measure.report.engine_tables import engines as table_of
    from hostlab.measure.report.terminal import show
    from hostlab.measure.steps import finish

    with errors_as_json(progress_json), progress_report(progress_json) as progress:
        result = finish(measure_engines(QUICK if quick else FULL), progress)
    data = asdict(result)
    if as_json:
        print_json(data)
    else:
        show([table_of(data)], out)
        out.print(best_sentence(data), soft_wrap=True)
    sys.exit(result.best is None)
