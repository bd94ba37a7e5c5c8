"""Every sentence that the checks of lesson 02 say, apart from the code, so that a translation can stand beside it."""

# check_patience
PATIENCE_UNSOLVED = "Write the body of ask()."
PATIENCE_LABEL = (
    "All was well, and ask() returned {found!r} for {text!r}. The service says {label!r}."
)
PATIENCE_RAISED = "I let the model hang, and ask() raised {kind}. The program that called it would have stopped. It should return None."
PATIENCE_WAITS = "I let the model hang, and ask() still waited after {seconds:.0f} s. How does one tell `requests` how long to wait?"
PATIENCE_LATE = (
    "I let the model hang. ask() gave up after {seconds:.1f} s, and its caller had one second."
)
PATIENCE_GUESS = "I let the model hang, and ask() returned {found!r}. Nobody could know the label. It should return None."
PATIENCE_502 = (
    "I gave ask() the address of an API whose model is dead: it answers 502, and says why"
)
PATIENCE_NOBODY = "I gave ask() an address at which nobody is"
PATIENCE_ERROR = "{case}. ask() {did}. It should return None."
NOT_BACK = "had not come back after {seconds:.0f} s"
RAISED, RETURNED = "raised {kind}: {message}", "returned {found!r}"
PATIENCE_OK = "All was well: the right labels. The model hung: ask() returned None after {seconds:.1f} s. With a 502, and with nobody there: None, too."

# check_hop
HOP_UNSOLVED = "Write the body of hop_ms()."
HOP_NO_NUMBER = "hop_ms() returned {found!r}, and not a number."
HOP_NEGATIVE = "hop_ms() returned {found:.1f} ms. A time is never negative: did you take milliseconds from seconds?"
HOP_FEW = "hop_ms() sent {count} requests with the package requests. For a median send at least {at_least}."
HOP_UNIT = "hop_ms() returned {found:.4f}. The answer should be in milliseconds. In which unit does your clock count?"
HOP_LATENCY = (
    "hop_ms() returned {found:.1f} ms: that is about the whole latency. What of it was not the hop?"
)
HOP_NAMED = "hop_ms() returned {found:.1f} ms: that is about what the service itself names. The hop is the rest."
HOP_WRONG = "hop_ms() returned {found:.1f} ms. I looked at the {count} requests that it sent: in the median the hop took {hop:.1f} ms."
HOP_OK = "{found:.1f} ms. I saw {count} requests with a median latency of {latency:.1f} ms; the rest is queue and model."

# check_probe
PROBE_UNSOLVED = "Write the body of is_ready()."
PROBE_RAISED = "{case}: is_ready() raised {kind}. A probe answers yes or no, whatever happens."
PROBE_WAITS = (
    "{case}: is_ready() had no answer after {seconds:.1f} s. Who asks a probe waits two seconds."
)
PROBE_WRONG = (
    "{case}: is_ready() returned {found!r}. Would a text have been answered at that moment?"
)
CASES = {
    "well": "All was well",
    "hung": "The model's process hung",
    "API dead": "The API's process was dead",
    "model dead": "The model's process was dead",
    "mended": "Both ran again",
}
PROBE_OK = "Right in all {count} cases: {cases}."

# check_stubborn
STUBBORN_UNSOLVED = "Write the body of stubborn()."
STUBBORN_LABEL = "stubborn() returned {found!r} for {text!r}. The service says {label!r}."
STUBBORN_RAISED = "I killed the model. stubborn() had one failed request after {seconds:.1f} s: it raised {kind}: {message}"
STUBBORN_HURRY = "Nothing was lost. But in {seconds:.0f} s without a model you were refused {refused} times. What does the header Retry-After say?"
STUBBORN_NEVER = "I killed the model and started it again, and {seconds:.0f} s later stubborn() still had no answer."
STUBBORN_OK = "I killed the model. For {seconds:.0f} s there was none. Calls of stubborn(): {count}, none failed. Refused on the way: {refused}."
