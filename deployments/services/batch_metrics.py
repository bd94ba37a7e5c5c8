"""What a service with a model reports about its queue and its batches, beside telemetry.py.

A service without a model, such as the gateway, does not import this module, so it does not report
an empty queue that it does not have.
"""

from prometheus_client import Gauge, Histogram

from deployments.services.telemetry import SECONDS

QUEUED_TEXTS = Gauge("hostlab_queued_texts", "Texts that wait for the model.")
QUEUE_LIMIT_TEXTS = Gauge(
    "hostlab_queue_limit_texts", "Texts that may wait; more are rejected with status 503."
)
BATCH_TEXTS = Histogram(
    "hostlab_batch_texts", "Texts in one batch.", buckets=(1, 2, 4, 8, 16, 32, 64, 128)
)
BATCH_SECONDS = Histogram(
    "hostlab_batch_duration_seconds", "Time that the model takes for one batch.", buckets=SECONDS
)
