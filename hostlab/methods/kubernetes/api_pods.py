"""The API's pods as the cluster reports each change: which of them to send new connections to."""

import asyncio
import contextlib
from asyncio.subprocess import PIPE

from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import PART_OF

RETRY_AFTER_S = 1.0
_SELECTOR = f"app=api,{PART_OF}"
# A line for each change: what happened to the pod, its name, when it was created, whether it is
# ready, and since when it is being deleted (empty where it is not)
_LINE = (
    "{.type},{.object.metadata.name},{.object.metadata.creationTimestamp},"
    '{.object.status.conditions[?(@.type=="Ready")].status},'
    '{.object.metadata.deletionTimestamp}{"\\n"}'
)


class ApiPods:
    """The pods that `kubectl get --watch` has reported, without asking again and again."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl
        self._created: dict[str, str] = {}  # of those that are not being deleted
        self._ready: set[str] = set()

    def best(self) -> str | None:
        """Return the newest pod that is ready, or None."""
        return max(self._ready, key=lambda name: self._created[name], default=None)

    def is_usable(self, pod: str) -> bool:
        """Return whether a pod is ready; or whether none is, and this one may become so."""
        return pod in self._ready or (not self._ready and pod in self._created)

    async def watch(self) -> None:
        """Follow the changes until cancelled. The API server ends each watch after a while."""
        options = ("--watch", "--output-watch-events", f"--output=jsonpath={_LINE}")
        command = self._kubectl.command("get", "pods", "--selector", _SELECTOR, *options)
        while True:
            process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
            assert process.stdout is not None
            self._created.clear()
            self._ready.clear()
            try:
                while line := await process.stdout.readline():
                    self.see(line.decode().strip())
                await process.wait()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
            await asyncio.sleep(RETRY_AFTER_S)

    def see(self, line: str) -> None:
        """Take in one line."""
        event, name, created, ready, deleted = line.split(",")
        self._ready.discard(name)
        self._created.pop(name, None)
        if event != "DELETED" and not deleted:
            self._created[name] = created
            if ready == "True":
                self._ready.add(name)
