"""Every sentence that the checks of lesson 04 print, in one place for translators."""

# probe
PROBE_UNSOLVED = (
    "Set probe to a dictionary: the fields that go under readinessProbe in the manifest."
)
PROBE_NO_DICTIONARY = "probe is {found!r}, which isn't a dictionary."
PROBE_REJECTED = "The cluster rejects this probe: {message}"
PROBE_PORT = (
    "The pod has no port with the name {found!r}. Use the number, {number}, or the name that the "
    "manifest gives it: {name!r}."
)
PROBE_STARTING = "Starting a pod with your probe. Its model can't load yet: is the pod ready?"
PROBE_RELEASED = "Not ready, as it should be. Now the model loads: when is the pod ready?"
PROBE_EARLY = (
    "The check delayed the loading of the pod's model, and the cluster considered the pod ready "
    "before the program was. It would have sent requests to the pod. What does your probe check?"
)
PROBE_LATE = (
    "The program has been ready for {seconds:.0f} s, but the cluster doesn't know it. {message}"
)
PROBE_NEVER = "The pod didn't become ready within {seconds:.0f} s. {message}"
PROBE_OK = (
    "The check delayed the loading of the pod's model. The pod was ready {seconds:.1f} s after the "
    "delay, and not before its program was."
)

# why
BREAKING = "Creating {count} broken pods, and waiting for what the cluster says about each of them."
WHY_UNSOLVED = "Write the body of why()."
WHY_NO_WORD = "For {name}, your function returned {found!r}. It should return one of: {words}."
WHY_WRONG = (
    "For {name}, your function returned {found!r}, but that isn't its problem. "
    "The cluster reports: {message}"
)
WHY_OK = "All {count} problems are identified."
WHY_NEVER = (
    "The cluster didn't report within {seconds:.0f} s what is wrong with the broken pods. "
    "It's busy, so try again."
)
NO_NODE = "the pod isn't on any node yet ({message})"
ENDED = "the program ended with exit status {status}, and is started again and again"
WAITING = "the container is waiting ({reason})"

# survive
NO_RESPONSE = "no response"
SURVIVE_SCALING = "Scaling the model to one pod."
SURVIVE_PREPARING = "Calling your prepare()."
SURVIVE_KILLING = "Sending {rate:.0f} requests per second, and killing a model pod."
SURVIVE_UNSOLVED = "Your function sent no command to the cluster."
SURVIVE_LOST = (
    "I killed a model pod, and {lost} of {sent} requests were lost ({kinds}). "
    "Right before that, {wanted} pods were desired and {ready} were ready."
)
SURVIVE_ONE = "What handles the requests while the only pod is down?"
SURVIVE_HASTY = "Your function returned before the cluster finished. How can it wait?"
SURVIVE_OTHER = (
    "Look at `kubectl get pods` and `hostlab logs kubernetes`. Which pod didn't respond?"
)
SURVIVE_OK = "One of {ready} model pods was killed, and none of {sent} requests was lost."
