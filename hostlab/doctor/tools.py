"""The checks of the programs that only some methods need."""

import shutil
import subprocess

from hostlab.doctor.verdicts import MISSING, OK, Check

TIMEOUT_S = 10
# By its name on PATH. Debian's headless shell opens the page in two thirds of the time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_OPTIONAL = "Everything else works without it."


def docker_engine() -> Check:
    """Check that a Docker engine responds."""
    subject = "Docker engine"
    if shutil.which("docker"):
        # Imported only then, because docker-py takes a moment to import.
        from hostlab.methods.docker import engine

        if reason := engine.elsewhere():
            return Check(MISSING, subject, reason)
    return _tool(
        subject,
        ["docker", "version", "--format", "{{.Server.Version}}"],
        "for the methods docker and kubernetes (lessons 03 and 04)",
        "Install Docker Desktop (docs.docker.com/get-docker) or your system's docker packages, "
        "and start it.",
    )


def cluster() -> Check:
    """Check that a local cluster responds."""
    return _tool(
        "local cluster",
        ["kubectl", "get", "nodes", "--output", "name", "--request-timeout", "5s"],
        "for the method kubernetes (lesson 04)",
        "Turn on Kubernetes in Docker Desktop, or install kubectl and kind (kind.sigs.k8s.io) "
        "and run `kind create cluster`.",
    )


def browser() -> Check:
    """Check for the browser of the browser tests."""
    if found := next(filter(None, map(shutil.which, CHROMIUM)), None):
        return Check(OK, "Chromium", f"{found}: for the project's own browser tests")
    summary = "not found; only the project's own browser tests need it."
    return Check(MISSING, "Chromium", summary, "Debian: apt install chromium-headless-shell")


def _tool(subject: str, command: list[str], purpose: str, install: str) -> Check:
    if not shutil.which(command[0]):
        summary = f"{command[0]} is not installed; {purpose}."
        return Check(MISSING, subject, summary, f"{install} {_OPTIONAL}")
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        summary = f"does not answer within {TIMEOUT_S} s; {purpose}."
        return Check(MISSING, subject, summary, f"Restart it. {_OPTIONAL}")
    except OSError as error:
        summary = f"{command[0]} cannot be run ({error.strerror}); {purpose}."
        return Check(MISSING, subject, summary, f"Install it again. {install} {_OPTIONAL}")
    output = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    if done.returncode == 0 and output:
        return Check(OK, subject, f"{output[-1]}: {purpose}")
    reason = output[-1] if output else "no reason given"
    summary = f"is installed but does not answer ({reason}); {purpose}."
    return Check(MISSING, subject, summary, f"{install} {_OPTIONAL}")
