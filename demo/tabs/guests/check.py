"""A check of a service that somebody wants to add, in a thread of its own."""

import logging
import threading
from typing import Self

from demo.guests import GuestList, GuestRejected
from demo.texts import Texts
from hostlab.guests.address import AddressRejected, locate
from hostlab.guests.contract_check import check_contract
from hostlab.guests.findings import Finding, can_be_asked
from hostlab.guests.texts import sentence

log = logging.getLogger("hostlab")


class GuestCheck:
    """The check of one service against the contract. If it gives predictions, it becomes a guest.

    Several threads may read it while it runs. `added` is whether it has become a guest.
    """

    def __init__(self, guests: GuestList, typed_address: str, typed_name: str) -> None:
        self.address = typed_address.strip()
        self.findings: list[Finding] = []
        self.error: Exception | None = None
        self.added = self.over = False
        self._guests, self._typed_name = guests, typed_name
        self._thread = threading.Thread(target=self._run, name="guest check", daemon=True)

    def start(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until it is over, at most `timeout_s` seconds."""
        self._thread.join(timeout_s)

    @property
    def progress(self) -> tuple[int, bool]:
        """What changes with everything that there is to show."""
        return len(self.findings), self.over

    def problem(self, texts: Texts) -> str | None:
        """Return in a reader's language why it failed, or None."""
        match self.error:
            case None:
                return None
            case AddressRejected(name=name, values=values):
                return sentence(texts.language, f"address.{name}", **values)
            case GuestRejected(name=name, values=values):
                return texts(f"guests.rejected_{name}", **values)
        return texts("problem.unexpected", error=self.error)

    def _run(self) -> None:
        try:
            url = locate(self.address)
            for finding in check_contract(url):
                self.findings.append(finding)
            # After the checks: what they found is of use even if the name is not.
            name = self._guests.name_for(self._typed_name, url)
            if can_be_asked(self.findings):
                self._guests.add(name, url, self.findings)
                self.added = True
        except (AddressRejected, GuestRejected) as error:
            self.error = error
        except Exception as error:
            log.exception("A check of %s failed", self.address)
            self.error = error
        finally:
            self.over = True
