import pytest

from demo.tabs.compare.question import MAX_FILE_BYTES, MAX_TEXTS, read_file, texts_of
from demo.texts import texts_in
from deployments.services.contract import MAX_CHARACTERS
from hostlab.errors import BadInput

EN, RU = texts_in("en"), texts_in("ru")


def test_a_line_is_a_text():
    assert texts_of("fine", EN) == ["fine"]
    assert texts_of("  one \r\n\n two\n", EN) == ["one", "two"]
    assert texts_of("x" * MAX_CHARACTERS, EN) == ["x" * MAX_CHARACTERS]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (" \n ", "no text to classify"),
        ("x" * (MAX_CHARACTERS + 5), "Shorten it by 5"),
        ("fine\n" + "x" * (MAX_CHARACTERS + 5), "Text 2: .*Shorten it by 5"),
        ("fine\n" * (MAX_TEXTS + 3), "Remove 3"),
    ],
)
def test_what_cannot_be_asked_is_explained(typed, sentence):
    with pytest.raises(BadInput, match=sentence):
        texts_of(typed, EN)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.txt", "one\n\ntwo, and more\n", "one\ntwo, and more"),
        ("a.TXT", "\ufeffone", "one"),
        ("a.csv", 'id,Text\n1,"one, and\nmore"\n2,two\n', "one, and more\ntwo"),
        ("a.csv", "id;text\n1;раз\n", "раз"),
        ("a.csv", "one\ntwo\n", "one\ntwo"),
        ("a.csv", "text\none\n", "one"),
    ],
)
def test_files(tmp_path, name, content, found):
    file = tmp_path / name
    file.write_bytes(content.encode())
    assert read_file(file, EN) == found


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.docx", b"PK", "not a .txt or .csv file"),
        ("a.txt", "Привет".encode("cp1251"), "not encoded in UTF-8"),
        ("a.txt", b" \n", "a.txt contains no text"),
        ("a.csv", b"", "a.csv contains no text"),
        ("a.csv", b"id,review\n1,fine\n", "columns id, review, but none is named text"),
        ("a.txt", b"x\n" * (MAX_TEXTS + 1), "Remove 1"),
        ("a.txt", b"x" * (MAX_FILE_BYTES + 1), "the limit is 1 MB"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(tmp_path, name, content, sentence):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BadInput, match=sentence):
        read_file(file, EN)
    with pytest.raises(BadInput):
        read_file(file, RU)
