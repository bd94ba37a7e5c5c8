"""Run the parts of a measurement for the command line, and show and write the report."""

import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hostlab.cli.console import err, out, print_json
from hostlab.errors import BadInput
from hostlab.registry import METHODS, get

if TYPE_CHECKING:
    from hostlab.measure.report.table import Data


@dataclass(frozen=True)
class Output:
    """What the user wants to see, and where."""

    compare_with: "Data | None"
    as_json: bool
    progress_json: bool
    folder: Path | None


def run_parts(
    parts: list[str],
    methods: list[str] | None,
    output: Output,
    quick: bool = False,
    *,
    spend: bool = False,
    machine_hour: float | None = None,
    p99_ms: float = 200.0,
) -> None:
    """Measure the parts, write and show what was measured, and exit with 130 after Ctrl-C.

    What was measured before an error is written, too, and then the error is raised.
    """
    from hostlab.cli.measure_progress import errors_as_json, progress_report, report_files
    from hostlab.measure.job import FULL, QUICK
    from hostlab.measure.report.files import default_folder, require_writable, write
    from hostlab.measure.suite import measure

    report, ended_by = None, None
    effort = QUICK if quick else FULL
    with errors_as_json(output.progress_json):
        require_writable(output.folder)
        services = [get(name) for name in dict.fromkeys(methods or METHODS)]
        try:
            # closing: wherever it is interrupted, what was started for it is stopped
            with (
                closing(measure(parts, services, effort, spend, machine_hour, p99_ms)) as steps,
                progress_report(output.progress_json) as progress,
            ):
                for step in steps:
                    report = step.result
                    progress(step)
        except (KeyboardInterrupt, Exception) as error:
            ended_by = error
        if isinstance(ended_by, Exception) and not (report and report.results):
            raise ended_by
        if report is None:
            raise BadInput("Nothing was measured.")
        data = report.as_dict()
        try:
            files = write(data, output.folder or default_folder(report.measured_at))
        finally:
            _show(data, output)
        report_files(files, output.progress_json)
        if isinstance(ended_by, Exception):
            raise ended_by
    if ended_by:
        if not output.progress_json:
            err.print("Stopped by Ctrl-C. This is what had been measured by then.")
        sys.exit(130)


def _show(data: "Data", output: Output) -> None:
    from hostlab.measure.report.files import all_tables
    from hostlab.measure.report.terminal import show

    if output.as_json:
        print_json(data)
        return
    show(all_tables(data), out)
    if output.compare_with:
        show_changes(output.compare_with, data)


def show_changes(old: "Data", new: "Data") -> None:
    from hostlab.measure.report.diff import compare
    from hostlab.measure.report.terminal import show

    show([compare(old, new)], out)
