"""An image with the programs of this machine, in place of the official one, which the tests must
not download.

It has the same interface: the program is the entry point, promtool is on PATH, and the user is
nobody.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

IMAGE = "hosting-lab/test-prometheus:1"
PROGRAMS = ("prometheus", "promtool", "vmagent")
DOCKERFILE = f"""
FROM python:3.11-slim
COPY {" ".join(PROGRAMS)} /bin/
COPY lib*.so* /usr/local/lib/
RUN ldconfig
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
        shutil.copy(path, folder)
    for library in _libraries(folder / "vmagent"):
        shutil.copy(library, folder)
    (folder / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    subprocess.run(["docker", "build", "--quiet", "--tag", IMAGE, folder], check=True, timeout=300)
    try:
        yield IMAGE
    finally:
        subprocess.run(["docker", "image", "rm", "--force", IMAGE], check=True, timeout=60)


def _libraries(program: Path) -> list[str]:
    """Return the paths of the libraries of a program that the base image lacks: not libc."""
    listed = subprocess.check_output(["ldd", program], text=True, timeout=30)
    paths = [line.split()[2] for line in listed.splitlines() if "=> /" in line]
    return [path for path in paths if "libc.so" not in path]
