"""What the checks of lesson 03 say, apart from the code, so that a translation can stand beside it."""

# healthcheck
HEALTH_UNSOLVED = "Set healthcheck to a dictionary, as it would stand in docker-compose.yml."
HEALTH_NO_DICTIONARY = "healthcheck is {found!r}, and not a dictionary."
HEALTH_REFUSED = "Compose does not take it: {said}"
HEALTH_NO_TEST = "Your health check has no command that could be run. It belongs under `test`."
HEALTH_LIVE = "In the live model container, which is ready, your command said no (exit status {status}): {said}"
HEALTH_EARLY = "I started a new model container. Docker called it healthy while its program still said: not ready. What did your command ask?"
HEALTH_LATE = "I started a new model container. It has been ready for {seconds:.0f} s, and Docker still does not call it healthy: {said}"
HEALTH_NEVER = "I started a new model container, and it was not ready within {seconds:.0f} s. Is this computer very busy? Run the check again."
HEALTH_OK = (
    "A new model container was healthy after {seconds:.1f} s, and not before its program was ready."
)
HEALTH_SILENT = "(it printed nothing)"

# survives
SURVIVES_UNSOLVED = (
    "After prepare() there is one model container that runs. When it dies, nobody is left."
)
SURVIVES_LOST = "I killed {name}, and {lost} of {count} requests failed ({kinds}). How many model containers were *ready* when prepare() came back?"
SURVIVES_SHARE = "One of the {count} model containers got {share:.0%} of the requests. Both should be at work before one dies."
SURVIVES_OK = "Two model containers shared the work ({shares}). I killed {name}: {count} requests, none failed."
NO_ANSWER = "no answer"

# scale_until
SCALE_UNSOLVED = "Write the body of scale_until(). It has not called rush_hour() yet."
SCALE_FORM = "scale_until() returned {found!r}. It should be a number from 1 to {most}, or None where {most} are not enough."
SCALE_SKIPPED = "scale_until() returned {found}, and never measured the rush hour with {missing}. How do you know what that would do?"
SCALE_MISSED = "scale_until() returned None. But with {replicas} the p95 that you measured was under {bound:.0f} ms."
SCALE_LEFT = "scale_until() returned {found}, and {there} run now. Those that are enough should be there when it comes back."
SCALE_TOO_MANY = "scale_until() returned {found}. But with {replicas} the p95 was under {bound:.0f} ms already, and each one more costs memory."
SCALE_SLOW = "scale_until() returned {found}. The p95 that you measured with so many was {p95:.0f} ms, and the bound is {bound:.0f} ms."
SCALE_TRIED = "with {replicas}, p95 {p95:.0f} ms"
SCALE_OK = "{rate:.0f} requests a second, p95 to be under {bound:.0f} ms: {found} are enough. Measured: {told}."
SCALE_HONEST = "No number up to {most} brings p95 under {bound:.0f} ms on this machine, and you say so. Measured: {told}."

# find_out
FIND_UNSOLVED = "Write the body of find_out()."
FIND_FORM = "find_out() returned {found!r}. It should be two truth values: (is_root, can_write)."
FIND_ROOT = "{case}: you say is_root is {found}. Which number does the user of its program have? Root's is 0."
FIND_WRITE = (
    "{case}: you say can_write is {found}. What happens if its program makes a file in /app?"
)
FIND_LEFT = "{case}: your answer is right, but you left something in /app: {left}. Who looks should change nothing."
FIND_OK = "Right for all {count} containers: the live one, and those that I made with more rights than they should have."
FIND_CASES = {
    "live": "The live API container",
    "root": "A container that runs as root, and may write",
    "root, read-only": "A container that runs as root, with a read-only file system",
    "open folder": "A container that does not run as root, but whose folder /app is open to all",
}

# options
OPTIONS_UNSOLVED = "Set options to a list of words for `docker run`."
OPTIONS_NO_LIST = (
    "options is {found!r}. It has to be a list of strings, a word each: ['--name', 'value']."
)
OPTIONS_REFUSED = "`docker run` does not take these options: {said}"
OPTIONS_DIED = "The container started and ended at once. Its last words: {said}"
OPTIONS_SILENT = "The container runs, but nobody answers at its port within {seconds:.0f} s."
OPTIONS_WRONG = "The API answers, but without a prediction: {status} {title}. It says: {detail} (Its MODEL_URL is {model_url}; its networks: {networks}.)"
OPTIONS_ADDRESS = "It works today. But {host} is the address of one container: the next one gets another, and the second replica has its own. What stays?"
OPTIONS_OK = "The API that was started by hand asked the model and said: {label}."
