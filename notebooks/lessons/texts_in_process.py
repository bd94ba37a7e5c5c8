"""The texts of lesson 01, separate from the code so that they can be translated."""

# check_in_process.py
NO_APPLICATION = (
    "Your function returned {found!r}, which is not a FastAPI application. "
    "Does it end with `return app`?"
)
ROUTE_UNSOLVED = "The service runs, but there is nothing at /labels yet."
ROUTE_STATUS = (
    "GET /labels returned status {status}. It should return 200. The service's response: {body}"
)
ROUTE_DOING = "Serving your application with a model that has other labels"
ROUTE_CONTENT = (
    "The check served your application with a model whose labels are {labels}, and GET /labels "
    "returned {found!r}. It should return a JSON list that contains each of these labels once."
)
ROUTE_FIXED = (
    "The check served your application with a model whose labels are {labels}, and GET /labels "
    "still returned {found!r}. Don't write the labels into your code: ask the classifier for them."
)
ROUTE_HIDDEN = (
    "GET /labels works, but /docs does not show it. Did you add the route without @app.get?"
)
ROUTE_BROKE_PREDICT = (
    "GET /labels works, but POST /predict now returns status {status}. It should work as before."
)
ROUTE_OK = (
    "With a model whose labels are {found}, GET /labels returns these; /docs shows it; /predict "
    "works as before."
)
ROBUST_UNSOLVED = "robust() returns nothing yet. It should return an application."
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
ROBUST_DOING = "Sending a valid request and every invalid one, and then making the model crash"
ROBUST_BLAMES = (
    "The check made the model crash, and a valid request got status {status}, which blames the "
    "client. Only the client's mistakes get a status from 400 to 499; a crash is a 500. Which "
    "errors does your function catch?"
)
ROBUST_OK = (
    "{count} invalid requests got a status from 400 to 499, the valid one got its label, and a "
    "crash of the model is not blamed on the client."
)
CRASH = "A valid request while the model crashes"
CASES = {
    "no text field": "A body without the `text` field",
    "a number": "A number instead of the text",
    "no object": "A list instead of the object",
    "empty": "An empty text",
    "not JSON": "A body that is not JSON",
}
RETRY_UNSOLVED = "predict_with_retry() does nothing yet."
RETRY_NO_REQUEST = (
    "The check saw no request. Send it with the requests package, in the function itself."
)
RETRY_DOING = "Filling the queue of your service, and then calling your function"
RETRY_NOTHING = "Your function sent {count} request(s), but returned nothing."
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
WATCH_DOING = "Calling your function, killing the service, and calling your function again"
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
}
ENGINE_START = "start to first prediction, s"
ENGINE_MEMORY = "peak memory, MB"
ENGINE_P50 = "one text, ms (median)"
ENGINE_PER_S = "texts per second, all cores"
ENGINE_AGREEMENT = "labels as with torch"
SAME_SCORES = (
    "The scores of the pipeline and of ONNX Runtime for {count} texts differ by at most {most:.6f}."
)

# check_engines.py
INT8_UNSOLVED = "speed_and_agreement() returns nothing yet."
INT8_PACED = "Calling your function with two models whose speed and labels are known"
INT8_REAL = "Calling your function with fp32 and int8, and {count} texts"
INT8_NO_PAIR = "Your function returned {found!r}. It should return two numbers."
INT8_UPSIDE_DOWN = (
    "The second model was {times:.0f} times as fast as the first, and your function returned "
    "{found:.2f}. Which of the two times belongs above the line?"
)
INT8_TIMES = (
    "The second model was {times:.0f} times as fast as the first, and your function returned "
    "{found:.2f}."
)
INT8_PERCENT = "Your function returned {found:g} for the labels. Return a share, from 0 to 1."
INT8_SHARE = (
    "{right} of {count} labels were the same, a share of {share:.2f}, and your function returned "
    "{found:.2f}."
)
INT8_OK = (
    "Here, int8 labels {times:.2f} times as many texts per second as fp32, and {share:.1%} of the "
    "labels are the same. The largest difference of a score is {most:.3f}."
)
