"""The words on the pictures of the methods, and how they write milliseconds, for translators."""

from hostlab.request_path import plain_ms as figure

__all__ = ["figure"]

CLIENT = "client"
HOP = "hop"
HTTP_SERVER = "HTTP\nserver"
GATEWAY = "gateway:\nchecks, waits"
QUEUE = "queue"
MODEL = "model"
LEGEND = {
    "client": "a client",
    "code": "code",
    "queue": "a queue",
    "model": "the model",
    "process": "a process",
    "container": "a container",
    "pod": "a pod",
    "provider": "a provider",
    "dead": "dead",
}
