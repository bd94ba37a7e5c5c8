"""The texts of the checks in lesson 02, separate from the code so that they can be translated."""

# check_timeout
TIMEOUT_UNSOLVED = "Write the body of ask()."
TIMEOUT_DOING = "Calling ask() while everything works, while the model hangs, and without a model"
TIMEOUT_LABEL = (
    "Everything worked, but ask() returned {found!r} for {text!r}. The service says {label!r}."
)
TIMEOUT_RAISED = (
    "The check made the model hang, and ask() raised {kind}. "
    "That would have crashed the calling program. It should return None."
)
TIMEOUT_WAITS = (
    "The check made the model hang, and ask() was still waiting after {seconds:.0f} s. "
    "How do you tell `requests` how long to wait?"
)
TIMEOUT_LATE = (
    "The check made the model hang. ask() gave up after {seconds:.1f} s, "
    "but its caller has only one second."
)
TIMEOUT_GUESS = (
    "The check made the model hang, and ask() returned {found!r}. "
    "It can't have known the label. It should return None."
)
TIMEOUT_502 = (
    "The check called ask() with the address of an API whose model is dead: "
    "the API returns a 502 that says why"
)
TIMEOUT_UNUSED = "The check called ask() with an address at which nothing listens"
TIMEOUT_ERROR = "{case}. ask() {did}. It should return None."
NOT_BACK = "had not returned after {seconds:.0f} s"
RAISED, RETURNED = "raised {kind}: {message}", "returned {found!r}"
TIMEOUT_OK = (
    "Everything worked: the labels are right. The model hung: ask() returned None "
    "after {seconds:.1f} s. With a 502, and with nothing listening: also None."
)

# check_hop
HOP_UNSOLVED = "Write the body of hop_ms()."
HOP_DOING = "Calling hop_ms(), and recording the requests that it sends"
HOP_NO_NUMBER = "hop_ms() returned {found!r}, which is not a number."
HOP_NEGATIVE = (
    "hop_ms() returned {found:.1f} ms. A time is never negative: "
    "did you subtract milliseconds from seconds?"
)
HOP_FEW = (
    "hop_ms() sent {count} requests with the requests package. "
    "For a median, send at least {at_least}."
)
HOP_UNIT = (
    "hop_ms() returned {found:.4f}. The result should be in milliseconds. "
    "Which unit does your clock use?"
)
HOP_LATENCY = (
    "hop_ms() returned {found:.1f} ms, which is about the whole latency. "
    "Which part of it is not the hop?"
)
HOP_NAMED = (
    "hop_ms() returned {found:.1f} ms, which is about the time "
    "that the service itself reports. The hop is the rest."
)
HOP_WRONG = (
    "hop_ms() returned {found:.1f} ms. The check looked at the {count} requests that it sent: "
    "the median hop was {hop:.1f} ms."
)
HOP_OK = (
    "{found:.1f} ms. The check saw {count} requests with a median latency of {latency:.1f} ms; "
    "the rest is queue and model."
)

# check_probe
PROBE_UNSOLVED = "Write the body of is_ready()."
PROBE_DOING = "Calling is_ready() while everything works"
PROBE_FAULTS = "Making the model hang, killing the API, and then killing the model: about 10 s"
PROBE_RAISED = "{case}: is_ready() raised {kind}. A probe returns yes or no, whatever happens."
PROBE_WAITS = (
    "{case}: is_ready() took at least {seconds:.1f} s. "
    "The caller of a probe waits only two seconds."
)
PROBE_WRONG = (
    "{case}: is_ready() returned {found!r}. Would a text have got a prediction at that moment?"
)
CASES = {
    "well": "Everything worked",
    "hung": "The model's process hung",
    "API dead": "The API's process was dead",
    "model dead": "The model's process was dead",
    "recovered": "Both were running again",
}
PROBE_OK = "Right in all {count} cases: {cases}."

# check_stubborn
STUBBORN_UNSOLVED = "Write the body of stubborn()."
STUBBORN_DOING = "Calling stubborn() while everything works"
STUBBORN_KILLING = (
    "Killing the model and restarting it, and calling stubborn() all the time: about 5 s"
)
STUBBORN_LABEL = "stubborn() returned {found!r} for {text!r}. The service says {label!r}."
STUBBORN_RAISED = (
    "The check killed the model. stubborn() failed after {seconds:.1f} s: "
    "it raised {kind}: {message}"
)
STUBBORN_HURRY = (
    "No call failed. But in {seconds:.0f} s without a model, the API rejected {rejected} requests. "
    "What does the Retry-After header say?"
)
STUBBORN_NEVER = (
    "The check killed the model and restarted it, but after {seconds:.0f} s "
    "stubborn() still had no prediction."
)
STUBBORN_OK = (
    "The check killed the model, and there was none for {seconds:.0f} s. "
    "Calls of stubborn(): {count}, none failed. Requests rejected in the meantime: {rejected}."
)
