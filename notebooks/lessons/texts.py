"""The texts of the lessons' code, separate from the code so that they can be translated."""

# verdict.py
RAISED = "Your code raised {kind}: {message}"
SERVICE_ERROR = (
    "The service that this exercise needs did not respond. "
    "Run the cell that starts it, and then run this one again. ({message})"
)

PRINTED = (
    "Your function printed {text!r} but returned nothing. print() only shows a value on the "
    "screen; `return` gives it to the caller. Replace the print() with a `return`."
)

# guesses.py
YOUR_GUESS = "Your guess: {guess}."
NO_GUESS = "You wrote down no guess."

# environment.py
READY = (
    "You are ready: the whole lesson works here. "
    "(Python {version}, {free:.1f} GB of memory free{tools})"
)
PACKAGE_MISSING = (
    "package {name} is missing: {purpose}. "
    "Run `make setup` (or see CONTRIBUTING.md), and then choose Kernel > Restart Kernel."
)
MODEL_MISSING = (
    "the model's weights are missing from {folder}. Is the clone of the project complete? "
    "Try `git checkout deployments/model/weights`."
)
MEMORY_LOW = "only {free:.1f} GB of memory are free: close some programs if the lesson becomes slow"
CURL_MISSING = (
    "curl is missing. Read the cells that use it; the Python cells next to them do the same."
)
RUNNING = (
    "already running: {methods}. You or the demo started it. "
    "It keeps running unless the lesson says that it stops it."
)
TOOLS = {"docker": "Docker", "kubernetes": "a Kubernetes cluster"}
TOOL_MISSING = "{name}: not available here. {why}"
IMAGES_MISSING = (
    "the images are not built yet: the first start builds them, "
    "which takes several minutes and needs the internet"
)
WORKS_WITHOUT = (
    "You can begin. Without {tools}, the cells that need it say so and do nothing else. "
    "Everything else works: texts, diagrams, files, and questions."
)
CELL_NEEDS = "This cell needs {tool}, which is missing here. Read the cell and continue."
EXERCISE_NEEDS = (
    "This exercise needs {tool}, which is missing here. "
    "Think it through, and compare your idea with the solution."
)
STOP_HERE = "Fix the lines marked [FAIL] first: the lesson needs them."

# plots.py
LATENCY_MS = "latency, ms"
REQUESTS_IN_ORDER = "requests, in the order in which they were sent"
WARM_UP = "warm-up, excluded"
SPLIT_PARTS = {
    "hop": "hop: network, HTTP, JSON",
    "queue": "queue: waiting for the model",
    "model": "model: computing",
    "upstream": "upstream: the provider's model",
}
MEDIAN_LATENCY_MS = "median latency of one request, ms"
USERS = "concurrent clients"
REQUESTS_PER_S = "requests per second"
SECONDS = "time, seconds"
SUCCEEDED = "succeeded"
FAILED = "failed"
SUCCEEDED_PER_S = "succeeded\nper second"
FAILED_PER_S = "failed\nper second"
NO_RESPONSE = "no response"
TIMELINE = (
    "{succeeded} succeeded, {failed} failed. "
    "Longest time without a successful response: {gap_s:.1f} s"
)
OUTAGE = "no response for {outage_s:.1f} s"
STATES = {  # of a container or pod
    "starting": "starting",
    "ready": "ready",
    "killed": "killed",
    "terminating": "terminating",
}
TEXTS_AT_ONCE = "texts per batch"
MS_PER_TEXT = "milliseconds per text"
OF_N = "{name}\n(median of {count})"
