"""What prometheus.py and its plot say, separate from the code for translation."""

RECORDED = (
    "There is no program `prometheus` here, or no Docker. The figures below are from a machine "
    "that has both, where the same kill was recorded."
)
STARTING = "Prometheus starts: about 6 s"
ALL_WELL = "everything works, and Prometheus collects figures"
AFTERWARDS = "it works again, and the alert has to notice"
KILL = "kill the only one"
HEALTHY = "all healthy"
CLIENT = "the client:\nrequests per second"
SUCCEEDED = "succeeded"
FAILED = "failed"
SHARE = "Prometheus:\nfailed requests, %"
LIMIT = "limit: {percent:.0f} %"
STATES = ("the alert", "the API's metrics")
PENDING = "pending: over the limit, but not for long enough"
FIRING = "firing: somebody gets a message"
UP = "could be read"
SECONDS = "time, seconds"
