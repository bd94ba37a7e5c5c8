"""The log of a service: one line on stderr for each record."""

import logging
import sys

log = logging.getLogger("hostlab")


class OneLineFormatter(logging.Formatter):
    """Escapes what cannot be printed, such as line breaks, in the message of a record.

    Paths, texts of errors, and names of models come from clients and from other servers. With a
    line break in it, a path could add a line to the log that looks like a record of the service
    (https://cwe.mitre.org/data/definitions/117.html).
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = escape(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        # Records begin in the first column, so the lines of a traceback do not.
        lines = super().formatException(ei).split("\n")  # type: ignore[arg-type]
        return "\n".join(f"  {escape(line)}" for line in lines)


def escape(text: str) -> str:
    """Return the text with escape sequences, such as \\n, for what cannot be printed."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def log_to_stderr() -> None:
    """Set up logging for the whole process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # The format needs none of what these collect for each line. See "Optimization" in the
    # documentation of logging.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
