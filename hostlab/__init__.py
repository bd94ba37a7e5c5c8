"""One text classifier, hosted in five ways.

from hostlab import METHODS, get, running

service = get("in-process").start()
service.predict("a lovely film")       # [Prediction(label='POSITIVE', score=0.97)]
service.stop()
"""

from deployments.services.prediction import Prediction
from hostlab.errors import (
    BadInput,
    HostingLabError,
    NotRunning,
    RequestFailed,
    StartFailed,
    Unavailable,
    Unsupported,
)
from hostlab.registry import METHODS, get, running

__all__ = [
    "METHODS",
    "BadInput",
    "HostingLabError",
    "NotRunning",
    "Prediction",
    "RequestFailed",
    "StartFailed",
    "Unavailable",
    "Unsupported",
    "get",
    "running",
]
