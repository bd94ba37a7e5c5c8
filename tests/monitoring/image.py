"""An image with the programs of this machine, in place of the official one, which the tests must
not download.

It has the same interface: the program is the entry point, promtool is on PATH, and the user is
nobody. It consists of the programs and their libraries only, so that a cluster loads it quickly.
"""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

IMAGE = "hosting-lab/test-prometheus:1"
PROGRAMS = ("prometheus", "promtool", "vmagent")
DOCKERFILE = """
FROM scratch
COPY root/ /
ENV PATH=/bin
USER 65534:65534
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
"""


@contextlib.contextmanager
def prometheus_image(folder: Path) -> Iterator[str]:
    """Build the image, return its name, and remove it at the end."""
    for program in PROGRAMS:
        path = shutil.which(program)
        assert path is not None
        _copy(path, folder / "root/bin" / program)
        for library in _libraries(path):
            _copy(library, folder / "root" / library.lstrip("/"))
    (folder / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    subprocess.run(["docker", "build", "--quiet", "--tag", IMAGE, folder], check=True, timeout=300)
    try:
        yield IMAGE
    finally:
        subprocess.run(["docker", "image", "rm", "--force", IMAGE], check=True, timeout=60)


def _copy(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _libraries(program: str) -> list[str]:
    """Return the paths of the libraries of a program, the loader among them."""
    listed = subprocess.check_output(["ldd", program], text=True, timeout=30)
    return re.findall(r"(/\S+) \(0x", listed)
