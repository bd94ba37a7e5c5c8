"""What a lesson says about the reader's guess, next to the measured figure."""

from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("common")


def your_guess(guess: float | None, unit: str = "") -> str:
    """Return a sentence with the guess and its unit, or one that says that there is none."""
    if guess is None:
        return texts("no_guess")
    return texts("your_guess", guess=f"{guess} {unit}".strip())
