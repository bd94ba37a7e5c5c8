"""The texts of the checks in lesson 03, separate from the code so that they can be translated."""

# check_healthcheck
HEALTH_UNSOLVED = "Set healthcheck to a dictionary, as in docker-compose.yml."
HEALTH_NO_DICTIONARY = "healthcheck is {found!r}, which is not a dictionary."
HEALTH_REJECTED = "Compose does not accept it: {message}"
HEALTH_NO_TEST = "Your health check has no command to run. The command belongs in `test`."
HEALTH_LIVE = (
    "The running model container is ready, but your command failed in it "
    "(exit status {status}): {output}"
)
HEALTH_EARLY = (
    "The check started a new model container and delayed the loading of its model. "
    "Docker reported the container as healthy while its program was still not ready. "
    "What does your command test?"
)
HEALTH_LATE = (
    "The check started a new model container. It has been ready for {seconds:.0f} s, "
    "but Docker still doesn't report it as healthy: {output}"
)
HEALTH_NEVER = (
    "The check started a new model container, but it was not ready within {seconds:.0f} s. "
    "Is this computer very busy? Run the check again."
)
HEALTH_OK = (
    "The check started a new model container and delayed the loading of its model. "
    "Docker reported the container as healthy {seconds:.1f} s after the delay, "
    "and not before its program was ready."
)
HEALTH_OWN = (
    "It works, but it's the image's own healthcheck.py. "
    "Write a command of your own: what can Python ask the program?"
)
HEALTH_RARE = (
    "With this interval and number of retries, Docker notices after {seconds:,.0f} s that a "
    "program hangs. Make it {most:.0f} s at most."
)
HEALTH_TRYING = "Your command runs once in the model container that is ready."
HEALTH_WATCHING = (
    "A new model container starts with your health check. Its model is held back first, "
    "and then loads: about 15 s."
)
HEALTH_SILENT = "(it printed nothing)"

# check_survives
SURVIVES_UNSOLVED = (
    "After prepare(), only one model container is running. When it dies, none is left."
)
SURVIVES_NOT_READY = (
    "Of the {count} model containers, only {ready} was *ready* when prepare() returned. "
    "If it had died at that moment, requests would have failed. What does prepare() wait for?"
)
SURVIVES_LOST = (
    "The check killed {name}, and {lost} of {count} requests failed ({kinds}). "
    "Which container could have answered them?"
)
SURVIVES_SHARE = (
    "One of the {count} model containers got {share:.0%} of the requests. "
    "All of them should be handling requests before one of them dies."
)
SURVIVES_BEGINNING = "One model container: the check waits until it is ready."
SURVIVES_PREPARING = "Your prepare() runs."
SURVIVES_KILLING = "Eight seconds of requests. In the middle of them, one container is killed."
SURVIVES_OK = (
    "{models} model containers shared the requests ({shares}). "
    "The check killed {name}: {count} requests, none failed."
)
NO_RESPONSE = "no response"

# check_scale_until
SCALE_UNSOLVED = "Write the body of scale_until(). It has not called rush_hour() yet."
SCALE_FORM = (
    "scale_until() returned {found!r}. It should be a number from 1 to {most}, "
    "or None if {most} are not enough."
)
SCALE_SKIPPED = (
    "scale_until() returned {found} but never measured the rush hour with {missing}. "
    "How do you know what the result would be?"
)
SCALE_MISSED = (
    "scale_until() returned None. But with {replicas}, "
    "the p95 that you measured was below {bound:.0f} ms."
)
SCALE_LEFT = (
    "scale_until() returned {found}, but {there} are running now. "
    "The number that is enough should be running when it returns."
)
SCALE_TOO_MANY = (
    "scale_until() returned {found}. But with {replicas}, the p95 was already "
    "below {bound:.0f} ms, and each additional container uses memory."
)
SCALE_SLOW = (
    "scale_until() returned {found}. With that many, you measured a p95 of {p95:.0f} ms, "
    "but the bound is {bound:.0f} ms."
)
SCALE_CAPACITY = "The check measures how much one container can handle: 10 s."
SCALE_RUSH = "Rush hour with {replicas} model container(s): 6 s."
SCALE_TRIED = "with {replicas}, p95 {p95:.0f} ms"
SCALE_OK = (
    "For {rate:.0f} requests per second and a p95 below {bound:.0f} ms, {found} are enough. "
    "Measured: {measured}."
)
SCALE_HONEST = (
    "No number up to {most} brings the p95 below {bound:.0f} ms on this machine, "
    "and your function says so. Measured: {measured}."
)

# check_find_out
FIND_UNSOLVED = "Write the body of find_out()."
FIND_FORM = (
    "find_out() returned {found!r}. It should return two Boolean values: (is_root, can_write)."
)
FIND_ROOT = (
    "{case}: you say is_root is {found}. Which number does the program's user have? Root's is 0."
)
FIND_WRITE = (
    "{case}: you say can_write is {found}. What happens if its program creates a file in /app?"
)
FIND_LEFT = (
    "{case}: your result is right, but you left something in /app: {left}. "
    "An inspection should change nothing."
)
FIND_OK = (
    "Right for all {count} containers: the running one, "
    "and those that the check created with more rights than they should have."
)
FIND_TRYING = "Your function looks at {count} containers, one after the other."
FIND_CASES = {
    "live": "The running API container",
    "root": "A container that runs as root and can write",
    "root, read-only": "A container that runs as root with a read-only file system",
    "open folder": "A container that does not run as root but whose /app folder is open to all",
    "closed folder": (
        "A container that does not run as root, and whose file system is not read-only"
    ),
}

# check_options
OPTIONS_UNSOLVED = "Set options to a list of arguments for `docker run`."
OPTIONS_NO_LIST = (
    "options is {found!r}. It must be a list of strings, one per argument: ['--name', 'value'], "
    "not ['--name value']."
)
OPTIONS_REJECTED = "`docker run` does not accept these options: {message}"
OPTIONS_EXITED = "The container started and exited immediately. Its last log lines: {log}"
OPTIONS_SILENT = (
    "The container is running, but nothing responds on its port within {seconds:.0f} s."
)
OPTIONS_WRONG = (
    "The API responds, but not with a prediction: {status} {title}. Its explanation: {detail} "
    "(Its MODEL_URL is {model_url}; its networks: {networks}.)"
)
OPTIONS_ADDRESS = (
    "It works today. But {host} is the address of one container: "
    "the next one gets a different address, and so does a second replica. What stays the same?"
)
OPTIONS_ONE = (
    "It works today. But {host} is the name of one container: a second replica would get no "
    "requests. Which name do all replicas share?"
)
OPTIONS_HOST = (
    "In the network `host`, Docker ignores --publish, and the model isn't there either. "
    "In which network is the model?"
)
OPTIONS_STARTING = "The API's image starts with your options, and gets a text."
OPTIONS_OK = "The API that you started by hand called the model and returned: {label}."

# docker_images.py
IMAGE_OURS = "this image"
IMAGE_OURS_RECORDED = "this image (measured elsewhere)"
IMAGE_TORCH = "the service with torch for processors\n(measured once)"
IMAGE_LECTURE = "the lecture's Dockerfile\n(measured once)"
IMAGE_CONTENTS = {
    "base": "Python and Debian",
    "libraries": "libraries, among them ONNX Runtime",
    "torch": "torch (for the lecture: all packages, with CUDA)",
    "model": "the model",
    "code": "our code: some kB",
}
IMAGE_MB = " {mb:,.0f} MB"
IMAGE_AXIS = "size of the image, MB"
