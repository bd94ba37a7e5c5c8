"""The pages of scores in each language: the same texts, and no English on a Russian page."""

import inspect
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hostlab.score
from hostlab.cli.app import cli
from hostlab.score import class_table, pages, record, summary
from hostlab.score.record import Outcome, add_outcome, set_name
from hostlab.score.texts import text
from hostlab.score.variant import Variant
from hostlab.types import Language
from tests.placeholders import names

FOLDER = Path(hostlab.score.__file__).parent
# What people and programs are called is the same in each language.
SAME = re.compile(r"hostlab score --(?:merge|html)|UTC|\d\d_\w+|\S*\.html")


def texts(language: str) -> dict[str, str]:
    sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{key}": one for section, keys in sections.items() for key, one in keys.items()
    }


def test_the_languages_have_the_same_texts_with_the_same_places() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(Language)
    english, russian = (
        {key: names(one) for key, one in texts(language).items()} for language in Language
    )
    assert russian == english


def test_each_text_is_used_and_each_used_one_exists() -> None:
    sources = [file.read_text(encoding="utf-8") for file in FOLDER.glob("*.j2")]
    sources += map(inspect.getsource, (class_table, pages))
    used = set(re.findall(r'"((?:student|class|state|note|left_out)\.\w+)"', "\n".join(sources)))
    used |= {f"state.{one}" for one in re.findall(r'return "(\w+)"', inspect.getsource(summary))}
    used.add("state.not_solved")
    assert used == set(texts("en"))


class Words(HTMLParser):
    """Collects what a reader of a page sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen, self._hidden = "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in ("script", "style")
        self.seen += " ".join(value or "" for name, value in attributes if name == "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen += data


def english_in(page: str) -> list[str]:
    """Return the Latin words that a reader of a page sees."""
    return re.findall(r"[A-Za-z]{2,}", SAME.sub("", Words(page).seen))


def fill(name: str) -> None:
    """Fill this home's record: an exercise in each state, and a line that was changed by hand."""
    for number, verdict in enumerate(("--", "FAIL", "OK"), start=1):
        add_outcome(
            Outcome(
                lesson="05_api",
                lesson_title="5. Модель по сети",
                check=f"check_{number}",
                exercise=number,
                of=4,
                title="Задача",
                verdict=verdict,
                # At least one of them is not that of the name.
                variant=Variant(number=number, of=1000),
            )
        )
    set_name(name)
    with record.path().open("a", encoding="utf-8") as file:
        file.write("garbage\n")


@pytest.mark.parametrize("by_option", [True, False])
def test_no_english_is_on_a_russian_page(
    by_option: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = ["--language", "ru"] if by_option else []
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    if not by_option:
        monkeypatch.setenv("LANG", "ru_RU.UTF-8")

    def run(*arguments: str | Path) -> str:
        done = CliRunner().invoke(cli, ["score", *map(str, arguments), *option])
        assert done.exit_code == 0, done.output
        return done.output

    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))
    fill("Анна")
    handed_in, table = tmp_path / "in", tmp_path / "class.html"
    handed_in.mkdir()
    run("--html", handed_in / "1.html")
    page = (handed_in / "1.html").read_text("utf-8")
    assert '<html lang="ru">' in page and english_in(page) == []
    for key in ("solved", "not_solved", "not_begun"):
        assert f">{text(Language.RU, f'state.{key}')}<" in page

    (handed_in / "0.html").write_bytes((handed_in / "1.html").read_bytes())
    (handed_in / "2.html").write_text("", "utf-8")
    (handed_in / "4.html").mkdir()
    lines = record.path().read_text("utf-8").splitlines()[:3]
    record.path().write_text("".join(f"{line}\n" for line in lines), "utf-8")
    run("--name", "Борис", "--html", handed_in / "3.html")
    printed = run("--merge", handed_in, "--html", table)
    assert "Анна: Changed by hand" in printed and "2.html is no page" in printed
    page = table.read_text("utf-8")
    assert '<html lang="ru">' in page and english_in(page) == []
    shown = [key for key in texts("ru") if key.startswith(("note.", "left_out."))]
    for key in shown:
        assert longest_part(key).replace("`", "") in Words(page).seen, key


def longest_part(key: str) -> str:
    """Return the longest part of a Russian text between its placeholders."""
    return max(re.split(r"\{\w+\}", texts("ru")[key]), key=len)


def test_an_english_page_stays_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    fill("Anna")
    page = tmp_path / "page.html"
    arguments = ["score", "--html", str(page), "--language", "en"]
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    seen = Words(page.read_text("utf-8")).seen
    found = re.findall(r"[а-яё]{2,}", seen.lower())
    assert set(found) == {"модель", "по", "сети", "задача"}  # the notebook's titles
    assert english_in(page.read_text("utf-8"))
