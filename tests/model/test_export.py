"""Exports give what the pipeline gives, and are made once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from deployments.model.errors import ModelUnusable
from deployments.model.export import cached_export, export_key, export_to, not_exportable_reason
from deployments.model.export_files import DESCRIPTION, NETWORK, TOKENIZER
from deployments.model.loading import load_classifier
from deployments.model.onnx_export import write_export
from deployments.model.source import ModelSource
from hostlab.runtime.paths import ROOT
from tests.model.tiny_models import (
    LABELS,
    assert_like_pipeline,
    save_model,
    tokenizer,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokens = tokenizer(types=(1, 0))
    return save_model(tmp_path_factory.mktemp("bert") / "model", "bert", tokens)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("HOSTLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "exports"


def unfinished(cache: Path) -> list[Path]:
    """Return the folders of exports that are being made, or were interrupted."""
    return [path for path in cache.glob("*-*") if path.is_dir()]


@pytest.mark.parametrize("architecture", ["roberta", "distilbert", "gpt2", "fnet"])
def test_exports_of_other_architectures(tmp_path: Path, architecture: str) -> None:
    pad = architecture != "gpt2"
    inputs = {"inputs": ["input_ids"]} if architecture == "fnet" else {}
    options = {} if pad else {"pad_token_id": None}
    folder = save_model(tmp_path / "model", architecture, tokenizer(pad=pad, **inputs), **options)
    made = tmp_path / "export"
    write_export(ModelSource("tiny", folder), made)
    assert not_exportable_reason(made) is None
    classifier = load_classifier(str(made))
    assert (classifier.name, classifier.engine, classifier.labels) == ("tiny", "onnx", LABELS)
    assert_like_pipeline(classifier, folder)


def interrupt_an_export(model: Path, cache: Path) -> None:
    """Kill a service and its export as soon as there is a folder for it."""
    load = f"from deployments.model.loading import *; load_classifier({str(model)!r})"
    process = subprocess.Popen([sys.executable, "-c", load], cwd=ROOT, start_new_session=True)
    while not unfinished(cache):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert [path for path in cache.iterdir() if path.is_dir()] == unfinished(cache)


def export_five_times(source: ModelSource, cache: Path) -> Path:
    """Ask for an export from five threads at the same time; return its folder."""
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(cached_export(source))) for _ in range(5)
    ]
    seen: set[Path] = set(unfinished(cache))
    before = len(seen)
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seen |= set(unfinished(cache))
        time.sleep(0.05)
    assert len(found) == 5
    assert len(seen) == before + 1, "one export was made"
    [folder] = set(found)
    return folder


def test_an_export_is_made_once(model: Path, cache: Path, tmp_path: Path) -> None:
    interrupt_an_export(model, cache)
    source = ModelSource("first", model)
    folder = export_five_times(source, cache)
    assert [path for path in cache.iterdir() if path.is_dir()] == [folder]
    assert sorted(path.name for path in folder.iterdir()) == [DESCRIPTION, NETWORK, TOKENIZER]
    assert_like_pipeline(load_classifier(str(model), engine="onnx"), model)

    # From here on, the export is in the cache
    copy = shutil.copytree(model, tmp_path / "another folder")
    assert load_classifier(str(copy)).name == str(copy), "an export is not tied to a name"
    with pytest.raises(ModelUnusable, match="is an export to ONNX"):
        load_classifier(str(folder), engine="torch")
    assert cached_export(ModelSource("export", folder)) == folder
    export_to(source, tmp_path / "out")
    assert_like_pipeline(load_classifier(str(tmp_path / "out")), model)
    for name in (NETWORK, TOKENIZER, DESCRIPTION):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ModelUnusable, match=r"is damaged: .*Delete the folder"):
            load_classifier(str(model))
        (folder / name).write_bytes(whole)


def test_the_key_is_of_the_files(model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model, tmp_path / "copy")
    key = export_key(model)
    assert export_key(copy) == key
    (copy / "README.md").write_text("About this model")
    assert export_key(copy) == key
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        whole = (copy / name).read_bytes()
        (copy / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert export_key(copy) != key, name
        (copy / name).write_bytes(whole)


def test_a_cache_that_cannot_be_written(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("HOSTLAB_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelUnusable, match=r"cannot be written to .*file.* set HOSTLAB_CACHE"):
        cached_export(ModelSource("tiny", model))


def test_the_exporter_fails_for_xlnet(cache: Path, tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", "xlnet")
    # Made in this process, which has imported torch, for the next line to find
    write_export(ModelSource("tiny", folder), cache / export_key(folder))
    classifier = load_classifier(str(folder))
    assert classifier.engine == "torch"
    reason = classifier.engine_note
    assert reason is not None
    assert reason.startswith("torch cannot export XLNetForSequenceClassification to ONNX (")
    assert "\n" not in reason and "\x1b" not in reason and len(reason) < 400
    assert_like_pipeline(classifier, folder)
    with pytest.raises(ModelUnusable, match=r"The engine onnx .* Use torch"):
        load_classifier(str(folder), engine="onnx")
    with pytest.raises(ModelUnusable, match="cannot be exported to ONNX"):
        export_to(ModelSource("tiny", folder), tmp_path / "out")
    [made] = cache.glob("*/not-exportable.json")
    assert json.loads(made.read_text()) == reason
