"""Every sentence that the checks of lesson 05 print, in one place for translators."""

WELL_CASE, SLOW_CASE, FAILING_CASE = (
    "The provider was working",
    "The provider was slow",
    "The provider failed",
)

# in_time
IN_TIME_UNSOLVED = "Write the body of in_time()."
IN_TIME_WRONG = (
    "In normal operation, your function returned {found!r}. "
    "It should return only the label, {label!r}."
)
IN_TIME_HASTY = (
    "In normal operation, your function discarded {lost} of {count} responses: "
    "they took about {usual_ms:.0f} ms, and it didn't wait for them."
)
IN_TIME_NOTHING = (
    "In normal operation, your function waited long enough but always returned None. "
    "Does it return the label that it gets?"
)
IN_TIME_WELL = "The provider works: your function is called 8 times."
IN_TIME_FAULTS = "Now the provider takes 4 s for a text, and then it fails."
IN_TIME_SLOW = (
    "{case}, and your function returned after {seconds:.1f} s. "
    "The person waits for one second. What limits the time that your function waits?"
)
IN_TIME_INVENTED = (
    "{case}, and your function returned {found!r}. "
    "There was no label in time, so it should be None."
)
IN_TIME_RAISED = (
    "{case}, and your function raised {kind}: {message}. "
    "The person who talks to your system can't handle an exception."
)
IN_TIME_OK = (
    "In normal operation, you got {count} responses. With a slow provider, you gave up after "
    "{seconds:.1f} s; with a failing one, you returned None."
)

# retry
RETRY_UNSOLVED = "Write the body of ask_with_retry()."
RETRY_NO_REQUEST = (
    "Your function sent no request. "
    "Use the client that it gets: it has the right key and the right timeouts."
)
RETRY_EARLY = (
    "The provider said to wait {asked:g} s. Your function tried again after {waited:.2f} s. "
    "It sent {count} requests."
)
RETRY_LATE = (
    "The provider said to wait {asked:g} s, but your function waited {waited:.1f} s. "
    "Does it read the number from the response?"
)
RETRY_ANYTHING = (
    "The provider rejected the key (401), and your function tried again: {count} requests. "
    "A retry doesn't make the key valid. Which error means that waiting helps?"
)
RETRY_REJECTING = "The provider rejects {rejections} request(s): Retry-After is {seconds} s."
RETRY_LOCKING_OUT = "Now it rejects the key."
RETRY_RAISED = "Your function gave up. Requests sent: {count}. {kind}: {message}"
RETRY_RESULT = (
    "Your function sent {count} requests and returned {found!r}. "
    "It should return the label, {label!r}."
)
RETRY_WASTE = (
    "Your function got the label and kept sending requests: "
    "{count} requests, where {needed} were enough. Each of them costs money."
)
RETRY_OK = (
    "In two calls, your function sent {count} requests, was rejected {rejected} times, and waited "
    "as long as the provider said: {label}, after {seconds:.1f} s in total. "
    "When the key was rejected, it didn't retry."
)

# cost
COST_UNSOLVED = "Write the body of cost_of_a_million()."
COST_NO_NUMBER = "Your function returned {found!r}, which isn't a number."
COST_UNIT = (
    "{found:.9g} for a million requests is {factor} the expected cost. "
    "The prices are per million tokens. By how many requests do you multiply?"
)
COST_FACTORS = {1e6: "a million times", 1e-6: "a millionth of"}
COST_ALL = (
    "{found:.4f} is the cost of {count} million requests. "
    "Each text was one request. What does one of them cost on average?"
)
COST_OUTPUT = (
    "{found:.4f} is the cost of the input tokens. "
    "The provider also generates output. Which price applies to it?"
)
COST_MIXED = (
    "{found:.4f}: it looks as if you swapped the two prices. "
    "Which tokens go in, and which come out?"
)
COST_WRONG = (
    "{found:.4f}, but the expected cost is {expected:.4f}. "
    "Print the `usage` of one response, and work through the numbers by hand."
)
COST_OK = (
    "{found:.4f} for a million requests at {price_in:g} and {price_out:g} per million tokens: "
    "{tokens_in:.1f} tokens in and {tokens_out:.1f} out, on average."
)

# plan B
PLAN_B_UNSOLVED = "Write the body of with_plan_b()."
PLAN_B_TRYING = "The provider works: your function is called three times."
PLAN_B_FAULTS = "Now the provider fails, is slow, and recovers: this takes about 10 s."
PLAN_B_UNUSED = (
    "The service was working, but your function didn't call it: you always use plan B. "
    "Which label do you prefer when you can have both?"
)
PLAN_B_BOTH = (
    "The service responded, but your function called the local model {count} times anyway. "
    "When do you need the local model?"
)
PLAN_B_WRONG = (
    "{case}, and for {text!r} your function returned {found!r}. "
    "It should return the label, {label!r}."
)
PLAN_B_RAISED = "{case}, and your function raised {kind}: {message}. It has to return a label."
PLAN_B_SLOW = (
    "The provider was slow, and the label came after {seconds:.1f} s. "
    "It has to come within two seconds."
)
PLAN_B_STUCK = (
    "The provider has recovered, but after {seconds:.0f} s your function still doesn't call it. "
    "What makes it try again?"
)
PLAN_B_OK = (
    "You always returned a label: from the service while it worked, from the local model while "
    "the provider failed or was slow, and then from the service again."
)
