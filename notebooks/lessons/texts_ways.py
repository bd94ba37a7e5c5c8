"""The words in the pictures of request_ways.py, separate from the code for translation."""

from hostlab.request_path import Symbol

MS = "{:.1f} ms"
CLIENT = "client"
HTTP_SERVER = "HTTP server:\nchecks requests"
GATEWAY = "gateway: checks\nrequests, waits"
QUEUE = "queue"
MODEL = "model"
HOP = "hop"
HOPS = "both hops"
YOURS = "your service"
PROVIDER = "the provider"
UPSTREAM = "upstream"
METHODS = {
    "in-process": "In one process",
    "separate-process": "In a separate process",
    "docker": "Docker services",
    "kubernetes": "Kubernetes cluster",
    "api": "System through an API",
}
LEGEND: dict[Symbol, str] = {
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
