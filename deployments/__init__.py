"""One text classifier, hosted in five ways.

    from deployments import METHODS, get, running

    service = get("in-process").start()
    service.predict("a lovely film")       # [Prediction(label='POSITIVE', score=0.97)]
    service.stop()

The names are loaded when first used (PEP 562): a container that runs one program needs only what that program imports.
"""

import importlib

_NAMES = {
    "METHODS": "registry",
    "get": "registry",
    "running": "registry",
    "Prediction": "client",
    "HostingLabError": "errors",
    "BadInput": "errors",
    "Unavailable": "errors",
    "StartFailed": "errors",
    "NotRunning": "errors",
    "RequestFailed": "errors",
    "ModelUnusable": "errors",
}
__all__ = list(_NAMES)


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_NAMES[name]}", __name__), name)
