"""`hostlab export`: made once, taken from a stick, copied to a folder; and what doctor says."""

import json
import shutil
from pathlib import Path

import pytest

from deployments.model.export import cached_export
from deployments.model.export_files import NETWORK
from deployments.model.source import SHIPPED, find_source
from hostlab import bundle
from hostlab.doctor import checks
from hostlab.doctor.verdicts import MISSING, OK
from hostlab.errors import ExportFailed
from hostlab.runtime import exports
from hostlab.runtime.progress import Sentence, silent
from tests.programs import hostlab


@pytest.fixture
def made() -> Path:
    """The export of the shipped model, in the cache of this user."""
    return cached_export(find_source(str(SHIPPED)))


@pytest.fixture
def empty_cache(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOSTLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_it_says_where_the_export_is(made: Path) -> None:
    done = hostlab("export", timeout_s=120)
    assert done.returncode == 0 and str(made) in done.stdout and " MB)" in done.stdout
    assert done.stderr == "", "it was made before"


def test_a_stick_brings_the_export(made: Path, empty_cache: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "stick" / "exports" / made.name)
    done = hostlab("export", "--from", str(tmp_path / "stick"), timeout_s=120)
    assert done.returncode == 0 and "Copying the export" in done.stderr
    copied = empty_cache / "exports" / made.name
    assert str(copied) in done.stdout
    assert sorted(file.name for file in copied.iterdir()) == sorted(
        file.name for file in made.iterdir()
    )
    assert [one.name for one in copied.parent.iterdir()] == [made.name], "nothing else is left"


def test_an_export_of_another_version_is_not_taken(
    made: Path, empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(made, tmp_path / "stick" / "exports" / "another-key")
    monkeypatch.setattr(exports, "cached_export", lambda source: made)
    sentences: list[Sentence] = []
    exports.provide(None, sentences.append, tmp_path / "stick")
    assert len(sentences) == 1 and sentences[0].name == "export.making"


def test_out_writes_a_copy_to_a_new_folder(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    done = hostlab("export", str(SHIPPED), "--out", str(folder), timeout_s=120)
    assert done.returncode == 0 and str(folder) in done.stdout
    assert (folder / NETWORK).stat().st_size == (made / NETWORK).stat().st_size
    again = hostlab("export", "--out", str(folder), timeout_s=120)
    assert again.returncode == 1 and "exists already" in again.stderr
    assert exports.provide(str(folder), silent) == folder, "an export is a model, too"


def test_a_folder_that_cannot_be_written_is_found_out_first(
    empty_cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportFailed, match="cannot be written"):
        exports.write(None, tmp_path / "file" / "export", silent)
    assert not empty_cache.exists()


def test_a_model_that_does_not_exist_is_a_sentence() -> None:
    done = hostlab("export", "/no/such/model", timeout_s=120)
    assert done.returncode == 1 and "no such folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_cannot_be_exported_has_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "not-exportable.json").write_text(json.dumps("it is too strange"))
    monkeypatch.setattr(exports, "cached_export", lambda source: tmp_path)
    with pytest.raises(ExportFailed, match="it is too strange"):
        exports.provide(None, silent)


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ExportFailed, match="cannot be copied"):
        exports.copy(tmp_path, tmp_path / "cache" / "key")


def test_doctor_says_whether_it_is_there(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = checks.export()
    assert there.verdict == OK and str(made) in there.summary
    monkeypatch.setenv("HOSTLAB_CACHE", str(tmp_path))
    missing = checks.export()
    assert missing.verdict == MISSING and "`hostlab export`" in missing.advice
    monkeypatch.setenv("MODEL_ID", "someone/a-model")
    assert checks.export().verdict == OK, "nothing is downloaded for a check"


def test_doctor_names_the_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "is_installed", lambda engine: not engine.startswith("openvino"))
    check = checks.engines()
    assert check.summary == "onnx, onnx-int8, torch installed."
    assert "pip install -e '.[openvino]'" in check.advice
    monkeypatch.setattr(checks, "is_installed", lambda engine: True)
    assert "openvino-bf16" in checks.engines().summary


def test_a_bundle_carries_the_export(made: Path, tmp_path: Path) -> None:
    assert " MB" in bundle._copy_export(tmp_path / "exports", silent)
    assert (tmp_path / "exports" / made.name / NETWORK).exists()
    bundle._copy_export(tmp_path / "exports", silent)  # again, to the same stick


def test_a_bundle_without_an_export_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> Path:
        raise ExportFailed("There is no space.")

    monkeypatch.setattr(exports, "provide", cannot)
    assert "There is no space." in bundle._copy_export(tmp_path / "exports", silent)
    assert not (tmp_path / "exports").exists()
