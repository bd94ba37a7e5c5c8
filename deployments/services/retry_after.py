"""Read how long another server asks its clients to wait."""

import email.utils
import math
import time
from collections.abc import Mapping


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait that the headers ask for, or None.

    The headers are `retry-after-ms`, and Retry-After with seconds or a date (RFC 9110,
    section 10.2.3). `headers` has to find a name in lower case.
    """
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait_s = float(headers.get(name, "")) * unit_s
        except ValueError:
            continue
        return max(0.0, wait_s) if math.isfinite(wait_s) else None
    try:
        moment = email.utils.parsedate_to_datetime(headers["retry-after"])
        return max(0.0, moment.timestamp() - time.time())
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
