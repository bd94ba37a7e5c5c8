"""What the checks of lesson 05 say, apart from the code, so that a translation can stand beside it."""

WELL_CASE, SLOW_CASE, FAILING_CASE = (
    "The provider was well",
    "The provider was slow",
    "The provider failed",
)

# in_time
IN_TIME_UNSOLVED = "Write the body of in_time()."
IN_TIME_WRONG = "On a good day your function returned {found!r}. The service says {label!r}: the label, and nothing around it."
IN_TIME_HASTY = "On a good day, {lost} of {count} answers were thrown away: they took about {usual_ms:.0f} ms, and your function did not wait for them."
IN_TIME_SLOW = "{case}, and your function came back after {seconds:.1f} s. The person has waited for one second. Who counts the time?"
IN_TIME_INVENTED = (
    "{case}, and your function returned {found!r}. There was no answer in time: it should be None."
)
IN_TIME_RAISED = "{case}, and your function raised {kind}: {message}. Somebody who talks with your system cannot catch that."
IN_TIME_OK = "On a good day all {count} answers came. With a slow provider you gave up after {seconds:.1f} s; with a failing one you said None."


# polite
POLITE_UNSOLVED = "Write the body of polite()."
POLITE_NO_REQUEST = "I saw no request. Use the client that your function is given: its time-outs and its key are the right ones."
POLITE_HURRY = "The provider said: wait {asked:g} s. Your function asked again after {waited:.2f} s. It sent {count} requests."
POLITE_RAISED = "Your function gave up after {count} requests: {kind}: {message}"
POLITE_RESULT = (
    "Your function asked {count} times and returned {found!r}. It should be the label, {label!r}."
)
POLITE_WASTE = "The answer was there, and your function went on asking: {count} requests, where {needed} were enough. Each of them costs money."
POLITE_OK = "Refused {refused} times, asked {count} times, waited as long as it was told: {label} after {seconds:.1f} s."

# cost
COST_UNSOLVED = "Write the body of cost_of_a_million()."
COST_NO_NUMBER = "Your function returned {found!r}, and not a number."
COST_UNIT = "{found:.9g} for a million requests: that is {factor} of what I counted. The price is for a million tokens. How many requests do you multiply with?"
COST_FACTORS = {1e6: "a million times", 1e-6: "a millionth"}
COST_ALL = "{found:.4f}: that is for {count} million requests. Each text was one request. What does one of them cost on average?"
COST_OUTPUT = "{found:.4f} is what the questions cost. The provider writes answers, too. Which price is for those?"
COST_MIXED = "{found:.4f}: it looks as if each price were with the other's tokens. Which tokens go in, and which come out?"
COST_WRONG = "{found:.4f}, and I counted {expected:.4f}. Print `answer.usage` of one text, and follow the numbers by hand."
COST_OK = "{found:.4f} for a million requests at {price_in:g} and {price_out:g}: {tokens_in:.1f} tokens in and {tokens_out:.1f} out, on average."

# plan B
PLAN_B_UNSOLVED = "Write the body of with_plan_b()."
PLAN_B_UNUSED = "The service was well, and your function did not ask it: you always use plan B. Which answer do we want if we can have it?"
PLAN_B_BOTH = "The service was well and answered, and your function asked the small model {count} times all the same. When is it wanted?"
PLAN_B_WRONG = (
    "{case}, and for {text!r} your function returned {found!r}. It should be the label, {label!r}."
)
PLAN_B_RAISED = "{case}, and your function raised {kind}: {message}. Then nobody gets a label."
PLAN_B_SLOW = "The provider was slow, and the label came after {seconds:.1f} s. It should be there within two seconds."
PLAN_B_STUCK = "The provider is well again, and after {seconds:.0f} s your function still does not ask it. What makes it try again?"
PLAN_B_OK = "A label every time: from the service while it was well, from your own model while the provider failed or was slow, and from the service again."
