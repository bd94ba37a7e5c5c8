"""What the checks of lesson 04 say, apart from the code, so that a translation can stand beside it."""

# probe
PROBE_UNSOLVED = "Set probe to a dictionary: what stands under readinessProbe in the manifest."
PROBE_NO_DICTIONARY = "probe is {found!r}, and not a dictionary."
PROBE_REFUSED = "The cluster does not take this probe: {said}"
PROBE_EARLY = "The cluster took the pod for ready {seconds:.1f} s before the program was. In this time it would have got requests. What did you ask it?"
PROBE_LATE = (
    "The program has been ready for {seconds:.0f} s, and the cluster does not know it. {said}"
)
PROBE_NEVER = "The pod did not come up within {seconds:.0f} s. {said}"
PROBE_OK = "The pod was ready after {seconds:.1f} s, and not before its program said so."

# why
WHY_UNSOLVED = "Write the body of why()."
WHY_NO_WORD = "For {name} your function returned {found!r}. It should be one of: {words}."
WHY_WRONG = (
    "For {name} your function says {found!r}, and that is not its trouble. The cluster says: {said}"
)
WHY_OK = "All {count} were told apart."
WHY_NEVER = "The cluster did not say within {seconds:.0f} s what is wrong with the broken pods. It is busy: try again."
NO_NODE = "the pod is on no node yet ({message})"
WAITING = "the container is waiting ({reason})"

# survive
NO_ANSWER = "no answer"
SURVIVE_UNSOLVED = "Your function gave no command to the cluster."
SURVIVE_LOST = "I killed a model pod, and {lost} of {sent} requests were lost ({kinds}). Just before that, the wish was {wanted}, and ready were {ready}."
SURVIVE_ONE = "Who can answer while the only one is dead?"
SURVIVE_HASTY = (
    "Your function came back before the cluster had done what it was told. How can it wait?"
)
SURVIVE_OTHER = "Look at `kubectl get pods` and `hostlab logs kubernetes`: who did not answer?"
SURVIVE_OK = "One of {ready} model pods was killed, and none of {sent} requests was lost."
