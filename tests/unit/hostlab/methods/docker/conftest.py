"""A small server in the place of the Docker engine: it lists, stops, and removes containers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hostlab.methods.docker import compose, removal


class Engine:
    """The containers of the engine by their IDs; a removed one is gone."""

    def __init__(self) -> None:
        self.containers: dict[str, dict] = {}

    def listed(self, wanted: list[str]) -> list[dict]:
        """Return the containers that have these labels, given as `name` or `name=value`."""
        return [
            one
            for one in self.containers.values()
            if set(wanted) <= {*one["Labels"], *map("=".join, one["Labels"].items())}
        ]

    def run(self, run_id: str, owner_label: str, port: int, project: str = "") -> None:
        project = project or compose.project_name(run_id)
        for role in ("model", "api"):
            id_ = f"{run_id or 'hand'}{role}".ljust(64, "0")
            self.containers[id_] = {
                "Id": id_,
                "Names": [f"/{project}-{role}-service-1"],
                "Details": {"Status": "running", "Restarting": False, "Error": ""},
                "Image": "2dd83b5d9a41",  # as the engine lists it once the tag has moved
                "State": "running",
                "Status": "Up 3 minutes (healthy)",
                "Created": port,
                "Ports": [{"PrivatePort": 5000, "PublicPort": port}] if role == "api" else [],
                "Labels": {
                    "com.docker.compose.project": project,
                    "hosting-lab.service": role,
                    "hosting-lab.run-id": run_id,
                    "hosting-lab.owner": owner_label,
                    "org.opencontainers.image.version": "1.0",
                },
            }


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            path = urlsplit(self.path).path
            body: object = {}
            if path.endswith("/version"):
                body = {"ApiVersion": "1.43"}
            elif path.endswith("/containers/json"):
                filters = parse_qs(urlsplit(self.path).query).get("filters", ["{}"])
                body = engine.listed(json.loads(filters[0]).get("label", []))
            elif path.endswith("/networks"):
                body = []
            elif path.endswith("/json"):
                body = {"State": engine.containers[path.split("/")[-2].ljust(64, "0")]["Details"]}
            elif self.command == "DELETE":
                name = path.rpartition("/")[2]
                for id_ in [id_ for id_ in engine.containers if id_.startswith(name)]:
                    del engine.containers[id_]
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(removal, "POLL_S", 0.01)
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))
    program = tmp_path / "docker"  # the client, Compose, and Buildx are there
    program.write_text("#!/bin/sh\necho v2.30.0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    yield engine
    server.shutdown()
    server.server_close()
