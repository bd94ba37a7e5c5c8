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

# check_overview.py
P95_UNSOLVED = "Write the body of p95()."
P95_NO_NUMBER = "p95() returned {found!r}, which is not a number."
P95_UNIT = (
    "p95() returned {found:.4f}. The list is in milliseconds, "
    "and the result should be in milliseconds too. Did you divide by something?"
)
P95_WARM_UP = (
    "p95() returned {found:.1f} ms, which includes the warm-up. "
    "Which elements of the list should you exclude?"
)
P95_WRONG = (
    "p95() returned {found:.1f} ms. Of the {count} warm latencies that the check measured, "
    "{share:.0%} were lower. It should be 95%."
)
P95_OK = "{found:.1f} ms. Of {count} warm latencies, 95% were lower. The warm-up is excluded."
BATCH_UNSOLVED = "Set texts_at_once to a number."
BATCH_NO_NUMBER = (
    "texts_at_once is {found!r}. It must be a whole number from 1 to {limit}, "
    "the most texts that a service accepts in one request."
)
BATCH_SLOW = (
    "With {found} texts at once, one text took {mine:.1f} ms. "
    "With another number, it took only {best:.1f} ms. What does your plot show?"
)
BATCH_OK = (
    "With {found} texts at once, one text took {mine:.1f} ms; on its own, it took {alone:.1f} ms."
)
WEAK_UNSOLVED = "Set weak_text to a sentence, and truth to the label that a person would give it."
WEAK_NO_LABEL = "truth is {found!r}. This model knows these labels: {labels}."
WEAK_AGREES = (
    "The model says {label} ({score:.2f}) too, so it is right. "
    "What does it never see in film reviews? Think of irony, or of another language."
)
WEAK_UNSURE = (
    "The model is wrong but not confident: {label} with a score of {score:.2f}. "
    "Find a sentence for which it is wrong and confident (over {bound})."
)
WEAK_OK = (
    "You say {truth}, and the model says {label} with a score of {score:.2f}. "
    "It is wrong, and its score doesn't show it."
)

# check_in_process.py
NO_APPLICATION = (
    "Your function returned {found!r}, which is not a FastAPI application. "
    "Does it end with `return app`?"
)
ROUTE_UNSOLVED = "The service runs, but there is nothing at /labels yet."
ROUTE_STATUS = (
    "GET /labels returned status {status}. It should return 200. The service's response: {body}"
)
ROUTE_CONTENT = (
    "GET /labels returned {found!r}. It should return a JSON list "
    "that contains every label of the model once."
)
ROUTE_HIDDEN = (
    "GET /labels works, but /docs does not show it. Did you add the route without @app.get?"
)
ROUTE_BROKE_PREDICT = (
    "GET /labels works, but POST /predict now returns status {status}. It should work as before."
)
ROUTE_OK = "GET /labels returns {found}; /docs shows it; /predict works as before."
ROBUST_UNSOLVED = "Write the body of robust(): it returns an application."
ROBUST_BROKE = (
    "A valid request got status {status}. It should get 200 and the same response as before: {body}"
)
ROBUST_PREDICTION = (
    "A valid request got {found!r}. It should get what naive() returns: "
    "a list with one label and score."
)
ROBUST_500 = (
    "{case}: your service responded with {status}. "
    "It is the client's mistake, so the status should start with 4."
)
ROBUST_SILENT = "{case}: your service closed the connection and sent no response."
ROBUST_OK = (
    "{count} invalid requests got a status from 400 to 499, and the valid one got its label."
)
CASES = {
    "no text field": "A body without the `text` field",
    "a number": "A number instead of the text",
    "no object": "A list instead of the object",
    "empty": "An empty text",
    "not JSON": "A body that is not JSON",
}
RETRY_UNSOLVED = "Write the body of predict_with_retry()."
RETRY_NO_REQUEST = (
    "The check saw no request. Send it with the requests package, in the function itself."
)
RETRY_RAISED = (
    "The queue was full, and your function gave up after {count} request(s): {kind}: {message}"
)
RETRY_HURRY = (
    "The service asked your function to wait {asked} s, but it retried after {waited:.2f} s. "
    "It sent {count} requests in total to a service that was full."
)
RETRY_RESULT = (
    "Your function returned {found}. It should return the {count} labels and scores "
    "in the form in which the service sends them."
)
RETRY_NEVER_FULL = (
    "This machine is so fast that the queue never filled up. "
    "Nothing is wrong with your function: run the check again."
)
RETRY_OK = (
    "The queue was full. Your function sent {count} requests, waited as long as requested, "
    "and returned {texts} predictions after {seconds:.1f} s."
)
WATCH_UNSOLVED = (
    "The check killed the service. Your function did nothing, and the service stayed dead. "
    "(The check has restarted it for you.)"
)
WATCH_RESTARTED = (
    "The service was running, but your function restarted it, so all waiting requests were lost. "
    "How can your function tell that the service works?"
)
WATCH_ALIVE_RESULT = (
    "The service was running, and your function returned {found!r}. "
    "It should return False: there was nothing to do."
)
WATCH_DEAD = (
    "The check killed the service. Your function returned {found!r}, "
    "but the service still doesn't respond. (The check has restarted it for you.)"
)
WATCH_DEAD_RESULT = (
    "The service is back, but your function returned {found!r}. "
    "It should return True: it had to start the service."
)
WATCH_OK = (
    "Your function left the running service alone. "
    "After the kill, the service responded again after {seconds:.1f} s."
)

# engines.py
MEASURING_PIPELINE = "Starting the lecture's pipeline"
MEASURED_PIPELINE = "The pipeline is measured."
ENGINES = {
    "pipeline": "the lecture's pipeline, one text at a time",
    "torch": "our service's model with torch",
    "onnx": "our service's model with ONNX Runtime",
    "onnx-int8": "the same in int8",
}
ENGINE_START = "start to first prediction, s"
ENGINE_MEMORY = "peak memory, MB"
ENGINE_P50 = "one text, ms (median)"
ENGINE_PER_S = "texts per second, all cores"
ENGINE_AGREEMENT = "labels as with torch"
