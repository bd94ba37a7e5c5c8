"""Load images of the Docker engine into a cluster whose nodes have image stores of their own.

A node reports the names of its images (status.images), but not what they contain: its
`model-service:1.0` may be yesterday's. So an image is loaded under two names, its own and one whose
tag is its digest in the engine. A node that lists both names for one image has that very image, and
nothing is loaded. The second name is removed from the engine afterwards.
"""

import contextlib
import os
import shlex
import shutil
import time
from collections.abc import Iterator, Sequence

from hostlab.errors import BadInput, StartFailed
from hostlab.methods.docker import engine
from hostlab.methods.kubernetes import nodes
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.runtime.commands import run
from hostlab.runtime.progress import Progress, Sentence

VARIABLE = "HOSTLAB_IMAGE_LOADER"
REPEAT_AFTER_S = 5  # a notebook keeps every sentence


def is_configured() -> bool:
    """Return whether the user names a command that loads images."""
    return bool(os.environ.get(VARIABLE))


def commands(context: str, images: Sequence[str]) -> list[list[str]]:
    """Return the commands that load `images` into the cluster of a context; none where it shares
    the engine's images, or where its kind is not known. Raises BadInput.
    """
    if loader := _custom():
        return [[*loader, *images]]
    tool, _, name = context.partition("-")
    if tool == "kind":
        return [["kind", "load", "docker-image", *images, "--name", name]]
    if tool == "k3d":
        return [["k3d", "image", "import", *images, "--cluster", name]]
    if context == "minikube":
        return [["minikube", "--profile", "minikube", "image", "load", image] for image in images]
    return []


def missing_program(context: str) -> str | None:
    """Return which program for loading images is missing, or None."""
    try:
        programs = {command[0] for command in commands(context, ["image"])}
    except BadInput as error:
        return str(error)
    missing = [f"there is no program `{one}`." for one in programs if not shutil.which(one)]
    return missing[0] if missing else None


def load(kubectl: Kubectl, images: Sequence[str], progress: Progress) -> None:
    """Load those of the engine's `images` that a node lacks.

    Raises StartFailed, with the last lines of the loader's output.
    """
    if not commands(kubectl.context, images):
        return
    digests = {image: _digest_name(image) for image in images}
    ready = [node for node in nodes.find(kubectl) if node.ready]
    lacking = {
        image: digest
        for image, digest in digests.items()
        if not ready or not all(node.has([image, digest]) for node in ready)
    }
    if not lacking:
        progress(Sentence("images.on_nodes"))
        return
    with _also_named(lacking):
        for command in commands(kubectl.context, [*lacking, *lacking.values()]):
            _run(command, Sentence("images.to_nodes", images=", ".join(lacking)), progress)


def require(kubectl: Kubectl, images: Sequence[str]) -> None:
    """Raise StartFailed, and say what to set, where a node of a cluster of an unknown kind has no
    image of these names.
    """
    lacking = [
        (node.name, image)
        for node in nodes.find(kubectl)
        for image in images
        if node.ready and not node.has([image])
    ]
    if not lacking:
        return
    names, missing = (" and ".join(dict.fromkeys(each)) for each in zip(*lacking, strict=True))
    raise StartFailed(
        f"The images have to be loaded into the cluster {kubectl.context!r} first, and how is not "
        f"known. Missing on {names}: {missing}. Set {VARIABLE} to a command that loads the images "
        "of the Docker engine whose names it gets as arguments. "
        "deployments/kubernetes/README.md has examples."
    )


def _custom() -> list[str]:
    text = os.environ.get(VARIABLE, "")
    try:
        return shlex.split(text, posix=os.name != "nt")
    except ValueError as error:
        raise BadInput(
            f"{VARIABLE} is {text!r}, which is not a command: {error}. Close its quotation marks."
        ) from error


def _digest_name(image: str) -> str:
    client = engine.api()
    with engine.engine_errors():
        [found] = client.images(name=image)
    return f"{image.rpartition(':')[0]}:{found['Id'].replace(':', '-')}"


@contextlib.contextmanager
def _also_named(names: dict[str, str]) -> Iterator[None]:
    """Give the images second names in the engine for as long as the context lasts."""
    client = engine.api()
    try:
        with engine.engine_errors():
            for image, other in names.items():
                repository, _, tag = other.rpartition(":")
                client.tag(image, repository, tag=tag)
        yield
    finally:
        for other in names.values():
            with contextlib.suppress(Exception):  # the load's own error matters more
                client.remove_image(other)


def _run(command: list[str], doing: Sentence, progress: Progress) -> None:
    text = shlex.join(command)
    progress(Sentence("text.command", doing=doing, command=text))
    reported_at = time.monotonic()

    def report(sentence: Sentence) -> None:
        nonlocal reported_at
        if time.monotonic() >= reported_at + REPEAT_AFTER_S:
            reported_at = time.monotonic()
            progress(sentence)

    result = run(command, doing, report)
    if result.exit_status:
        raise StartFailed(
            f"`{text}` failed with exit status {result.exit_status}. Run it by hand to see more.",
            result.tail(10),
        )
