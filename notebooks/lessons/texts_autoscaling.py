"""The texts of the plots and of the check on autoscaling in lesson 04, for translators."""

# kubernetes_autoscaling.py
CALIBRATING = "Measuring what one pod can do at most, for {seconds:.0f} s."
AFTER = "{seconds:.0f} s."
NEVER = "the rush hour, or never."
RUSHING = "The rush hour: {rate:.0f} requests per second for {seconds:.0f} s."
NO_METRICS = (
    "No metrics server here, so an autoscaler would not know the pods' CPU usage. {reason} Then "
    "run this cell again. Until then, the text below says what came of it on another computer."
)

# plots_autoscaling.py
PODS = "pods"
WANTED = "wanted"
READY = "ready"
SIMULATED = "wanted (simulated)"
NEEDED = "needed"
OVER = "more than needed"
UNDER = "fewer than needed"
CPU_PERCENT = "CPU, % of\nrequest"
UNKNOWN = "<unknown>: the metrics server has no figure of new pods yet"
CPU_TARGET = "target: {percent}%"
LATENCY_MS = "latency, ms"
ONE_REQUEST = "one request"
P95_OF = "p95 of {seconds} s"
SECONDS = "time since the load began, seconds"
HOUR = "hour of the day"
TEXTS_PER_S = "texts per\nsecond"
P99_MS = "p99, ms"
BOUND = "bound: {bound:.0f} ms"
RUSH = "{requests} requests, {lost} lost. The pods cost {cost:.0f} pod-seconds"
COST_COLUMNS = ("target", "most pods", "pod-hours", "not needed", "too few for", "p99 over bound")
COST_TARGET = "{target}%"
COST_SECONDS = "{seconds} s"
COST_LATE = "{share:.2%} of texts"

# check_target
TARGET_UNSOLVED = "Set target_percent to a whole number."
TARGET_NO_NUMBER = (
    "target_percent is {found!r}. Use a whole number from {low} to {high}: the CPU usage to hold, "
    "in percent of what a pod requests."
)
TARGET_UNKNOWN = (
    "The cluster never reported the pods' CPU usage, so the autoscaler did nothing. Is the machine "
    "very busy? Run the check again."
)
TARGET_SHORT = (
    "The pods came and went too fast to measure p95. Is the machine very busy? Run the check again."
)
TARGET_HIGH = (
    "With a target of {target}%, the autoscaler kept one pod, and p95 was {p95:.0f} ms. The bound "
    "is {bound:.0f} ms. How much did that pod use, and what does the formula make of it?"
)
TARGET_SLOW = (
    "With a target of {target}%, the autoscaler ended with {pods} of at most {most} pods, and p95 "
    "was {p95:.0f} ms. The bound is {bound:.0f} ms. Which target makes it add one more?"
)
TARGET_NO_HELP = (
    "The autoscaler ended with all {pods} pods, and p95 was still {p95:.0f} ms; the bound is "
    "{bound:.0f} ms. More pods don't help here, so something else uses this machine's cores. Close "
    "other programs, and run the check again."
)
TARGET_WASTEFUL = (
    "With a target of {target}%, the autoscaler ended with {pods} pods, and p95 was {p95:.0f} ms. "
    "But while there were {fewer}, it was {fewer_p95:.0f} ms, below the bound of {bound:.0f} ms. "
    "You paid for {cost:.0f} pod-seconds. Which target stops at {fewer}?"
)
TARGET_OK = (
    "One pod had a p95 of {alone:.0f} ms, so the bound is {bound:.0f} ms. With a target of "
    "{target}%, the autoscaler ended with {pods} pods, and p95 was {p95:.0f} ms. Cost: {cost:.0f} "
    "pod-seconds for {sent} requests, {lost} lost."
)
