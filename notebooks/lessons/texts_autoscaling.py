"""The texts of the plots and of the check on autoscaling in lesson 04, for translators."""

# plots_autoscaling.py
PODS = "pods"
WANTED = "wanted"
READY = "ready"
NEEDED = "needed"
OVER = "too many"
UNDER = "too few"
CPU_PERCENT = "CPU, % of\nrequest"
CPU_TARGET = "target: {percent} %"
LATENCY_MS = "latency, ms"
ONE_REQUEST = "one request"
P95_OF = "p95 of {seconds} s"
SECONDS = "time since the load began, seconds"
HOUR = "hour of the day"
TEXTS_PER_S = "texts per\nsecond"
P99_MS = "p99, ms"
BOUND = "bound: {bound:.0f} ms"
RUSH = "{requests} requests, {lost} lost. The pods cost {cost:.0f} pod-seconds"
COSTS = ("target", "most pods", "pod-hours", "of these needed", "too few for", "late", "refused")
COST_ROW = "{seconds:,} s"

# check_target
TARGET_UNSOLVED = "Set target_percent to a whole number."
TARGET_NO_NUMBER = (
    "target_percent is {found!r}. Use a whole number from {low} to {high}: the CPU usage to hold, "
    "in percent of what a pod requests."
)
TARGET_CALIBRATING = "Measuring how much one pod can do on this machine, for {seconds:.0f} s."
TARGET_RUNNING = (
    "Sending {rate:.0f} requests per second for {seconds:.0f} s, to an autoscaler with your target."
)
TARGET_FEWER = "It ended with {pods} pods. Would {fewer} hold the bound, too?"
TARGET_UNKNOWN = (
    "The cluster never reported the pods' CPU usage, so the autoscaler did nothing. {reason}"
)
TARGET_SLOW = (
    "With a target of {target}%, the autoscaler ended with {pods} of at most {most} pods, and p95 "
    "was {p95:.0f} ms. The bound is {bound:.0f} ms. Which target makes it add a pod?"
)
TARGET_NO_HELP = (
    "The autoscaler ended with all {pods} pods, and p95 was still {p95:.0f} ms; the bound is "
    "{bound:.0f} ms. More pods don't help here: this machine's cores are busy with something else. "
    "Close other programs, and run the check again."
)
TARGET_WASTEFUL = (
    "With a target of {target}%, the autoscaler ended with {pods} pods, and p95 was {p95:.0f} ms. "
    "But with {fewer}, it was {fewer_p95:.0f} ms, and the bound is {bound:.0f} ms. You pay for "
    "{seconds:.0f} pod-seconds; {fewer} would have cost less."
)
TARGET_OK = (
    "With a target of {target}%, the autoscaler ended with {pods} pods, and p95 was {p95:.0f} ms; "
    "the bound is {bound:.0f} ms. With {fewer}, it was {fewer_p95:.0f} ms. Cost: {seconds:.0f} "
    "pod-seconds for {sent} requests, {lost} lost."
)
