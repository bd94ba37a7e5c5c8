"""Every sentence that the lessons' code says, apart from the code, so that a translation can stand beside it."""

# verdict.py
RAISED = "Your code raised {kind}: {message}"
SERVICE_ERROR = "The service that this exercise needs did not answer. Run the cell that starts it, then this one again. ({message})"

# environment.py
PYTHON_OK = "Python {version}: {path}"
PACKAGE_OK = "package {name}: {purpose}"
PACKAGE_MISSING = "package {name} is missing: {purpose}. Type `make setup` (or see CONTRIBUTING.md), then choose Kernel > Restart Kernel."
MODEL_OK = "the model is here ({megabytes:.0f} MB): no download is needed"
MODEL_MISSING = "the model's weights are missing from {folder}. Was the project cloned in full? Try `git checkout deployments/model/weights`."
MEMORY_OK = "{free:.1f} GB of memory are free"
MEMORY_LOW = "only {free:.1f} GB of memory are free: close some programs if the lesson becomes slow"
CURL_OK = "curl: the command line's way to send a request"
CURL_MISSING = (
    "curl is missing. Two cells use it: read them. The Python cells beside them do the same."
)
NOTHING_RUNS = "no method runs yet: a clean start"
RUNNING = "already running: {methods}. Started by you or by the demo? It stays, unless the lesson says that it stops it."
ALL_WORKS = "You are ready: the whole lesson works here."
TOOLS = {"docker": "Docker", "kubernetes": "a Kubernetes cluster"}
TOOL_OK = "{name}: here, and it answers"
TOOL_MISSING = "{name}: cannot be used here. What is missing: {why}"
IMAGES_OK = "the images are built: the first start takes seconds"
IMAGES_MISSING = "the images are not built yet: the first start builds them. That takes some minutes and needs the internet."
WORKS_WITHOUT = "You can begin. Without {tools}, the cells that need it say so and do nothing. Everything else works: the texts, pictures, files, questions."
CELL_NEEDS = "This cell needs {tool}, which is missing here. Read it, and go on."
EXERCISE_NEEDS = "This exercise needs {tool}, which is missing here: think it through, and compare with the solution."
STOP_HERE = "Please mend what says [FAIL] first: the lesson needs it."

# plots.py
LATENCY_MS = "latency, ms"
REQUESTS_IN_ORDER = "request, in the order in which they were sent"
WARM_UP = "warm-up, left out"
SPLIT_PARTS = {
    "hop": "hop: network, HTTP, JSON",
    "queue": "queue: waiting for the model",
    "model": "model: computing",
    "upstream": "upstream: somebody else's model",
}
MEDIAN_LATENCY_MS = "median latency of one request, ms"
USERS = "clients at the same time"
REQUESTS_PER_S = "requests per second"
SECONDS = "time, seconds"
ANSWERED = "answered"
FAILED = "failed"
ANSWERED_PER_S = "answered\nper second"
FAILED_PER_S = "failed\nper second"
NO_ANSWER = "no answer"
TIMELINE = "{answered} answered, {failed} failed. Longest time without an answer: {gap_s:.1f} s"
OUTAGE = "{outage_s:.1f} s without an answer"
TEXTS_AT_ONCE = "texts in one batch"
MS_PER_TEXT = "milliseconds for one text"
OF_N = "{name}\n(median of {count})"

# check_overview.py
P95_UNSOLVED = "Write the body of p95()."
P95_NO_NUMBER = "p95() returned {found!r}, and not a number."
P95_UNIT = "p95() returned {found:.4f}. The list is in milliseconds, and the answer should be too. What did you divide by?"
P95_WARM_UP = "p95() returned {found:.1f} ms, but only the warm-up was that slow. Which elements of the list should be left out?"
P95_WRONG = "p95() returned {found:.1f} ms. Of the {count} warm latencies that I measured, {share:.0%} were lower. It should be 95%."
P95_OK = "{found:.1f} ms. Of {count} warm latencies, 95% were lower; the warm-up is left out."
BATCH_UNSOLVED = "Set texts_at_once to a number."
BATCH_NO_NUMBER = "texts_at_once is {found!r}. It has to be a whole number from 1 to {limit}: a service takes no more texts in one request."
BATCH_SLOW = "With {found} at once, one text took {mine:.1f} ms. Another number needed only {best:.1f} ms. What did your plot say?"
BATCH_OK = "With {found} at once, one text took {mine:.1f} ms; alone it took {alone:.1f} ms."
WEAK_UNSOLVED = "Set weak_text to a sentence, and truth to the label that a person would give it."
WEAK_NO_LABEL = "truth is {found!r}. This model knows these labels: {labels}."
WEAK_AGREES = "The model says {label} ({score:.2f}) too: it is right here. What does it never see in film reviews? Think of irony, or of another language."
WEAK_UNSURE = "The model is wrong, but it has its doubts: {label} with {score:.2f}. Find a sentence where it is wrong and sure (over {bound})."
WEAK_OK = "You say {truth}, the model says {label} with {score:.2f}. It is wrong, and it does not know it."

# check_in_process.py
NO_APPLICATION = "Your function returned {found!r}, and not a FastAPI application. Does it end with `return app`?"
ROUTE_UNSOLVED = "The service runs, but there is nothing at /labels yet."
ROUTE_STATUS = (
    "GET /labels answered with status {status}. It should be 200. The service said: {said}"
)
ROUTE_CONTENT = "GET /labels answered {found!r}. I expected a JSON list with every label that the model knows, once."
ROUTE_HIDDEN = "GET /labels works, but /docs does not show it. Was the route added in another way than @app.get?"
ROUTE_BROKE_PREDICT = "GET /labels works, but POST /predict now answers with status {status}. It should work as before."
ROUTE_OK = "GET /labels answers {found}; /docs shows it; /predict works as before."
MENDED_UNSOLVED = "Write the body of mended(): it returns an application."
MENDED_BROKE = (
    "A good request got status {status}. It should get 200 and the same answer as before: {said}"
)
MENDED_ANSWER = "A good request got {found!r}. It should get what naive() gives: a list with one label and score."
MENDED_500 = "{case}: your service answered {status}. It is the client's mistake, so the status should begin with 4."
MENDED_SILENT = "{case}: your service broke the connection and sent no answer."
MENDED_OK = "{count} bad requests got a status from 400 to 499, and the good one its label."
CASES = {
    "no text field": "A body without the field `text`",
    "a number": "A number where the text should be",
    "no object": "A list where the object should be",
    "empty": "An empty text",
    "not JSON": "A body that is not JSON",
}
PATIENT_UNSOLVED = "Write the body of patient()."
PATIENT_NO_REQUEST = (
    "I saw no request. Send it with the package requests, from the function itself."
)
PATIENT_RAISED = (
    "The queue was full, and your function gave up after {count} requests: {kind}: {message}"
)
PATIENT_HURRY = "The service said: wait {asked} s. Your function asked again after {waited:.2f} s. It sent {count} requests in all, to a service that was full."
PATIENT_RESULT = "Your function came back with {found}. It should return the {count} labels and scores, as the service sends them."
PATIENT_NEVER_FULL = "This machine is so fast that the queue never filled. Nothing is wrong with your function: run the check again."
PATIENT_OK = "The queue was full. Your function asked {count} times, waited as long as it was told, and brought {texts} answers after {seconds:.1f} s."
WATCH_UNSOLVED = "I killed the service. Your function did nothing, and the service stayed dead. (I have started it again for you.)"
WATCH_RESTARTED = "The service was well, and your function started it anew: all who waited lost their answers. How can it see that the service is well?"
WATCH_SAID_ALIVE = "The service was well, and your function returned {found!r}. It should return False: there was nothing to do."
WATCH_DEAD = "I killed the service, your function returned {found!r}, and still nobody answers. (I have started it again for you.)"
WATCH_SAID_DEAD = "The service is back, but your function returned {found!r}. It should return True: it had to act."
WATCH_OK = "A healthy service was left alone. The killed one answered again after {seconds:.1f} s."
