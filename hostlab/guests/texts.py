"""What there is to say about a guest, in a file for each language: en.toml, ru.toml."""

from pathlib import Path

from hostlab.texts import TextFolder

sentence = TextFolder(Path(__file__).parent)
