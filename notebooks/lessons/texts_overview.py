"""The texts of the checks in lesson 00, separate from the code so that they can be translated."""

P95_UNSOLVED = "p95() returns nothing yet."
P95_NO_NUMBER = "p95() returned {found!r}, which is not a number."
P95_UNIT = (
    "p95() returned {found:.4f}. The list is in milliseconds, "
    "and the result should be in milliseconds too. Did you divide by something?"
)
P95_WARM_UP = (
    "p95() returned {found:.1f} ms, which includes the warm-up. "
    "Which elements of the list should you exclude?"
)
P95_WRONG = (
    "p95() returned {found:.1f} ms. Of the {count} warm latencies that the check measured, "
    "{share:.0%} were lower. It should be 95%."
)
P95_OK = "{found:.1f} ms. Of {count} warm latencies, 95% were lower. The warm-up is excluded."
BATCH_UNSOLVED = "Set texts_at_once to a number."
BATCH_NO_NUMBER = (
    "texts_at_once is {found!r}. It must be a whole number from 1 to {limit}, "
    "the most texts that a service accepts in one request."
)
BATCH_DOING = "Measuring batches of 1 to 64 texts, which takes a few seconds"
BATCH_SLOW = (
    "With {found} texts at once, one text took {mine:.1f} ms. "
    "With another number, it took only {best:.1f} ms. What does your plot show?"
)
BATCH_LARGE = (
    "With {found} texts at once, one text took {mine:.1f} ms, and a user who came in between "
    "waited {whole:.0f} ms. With {smaller} texts at once, it took {smaller_ms:.1f} ms, nearly the "
    "same, and the user waited only {smaller_whole:.0f} ms. Choose the smallest number that is "
    "nearly as fast as the best."
)
BATCH_OK = (
    "With {found} texts at once, one text took {mine:.1f} ms; on its own, it took {alone:.1f} ms. "
    "A user who comes in between waits {whole:.0f} ms."
)
WEAK_UNSOLVED = (
    "Set weak_text to a sentence, and clue to the words in it that tell a person what it means."
)
WEAK_NO_CLUE = "clue is {found!r}. It must be a part of weak_text, word for word, not all of it."
WEAK_LANGUAGE = "The model reads English only. Find an English sentence."
WEAK_AGREES = (
    "The model says {label} ({score:.2f}) too, so it is right. "
    "What does it never see in film reviews? Think of irony, or of praise for something bad."
)
WEAK_CLUE = (
    "Read on its own, your clue {clue!r} is {label} to the model, so it doesn't show that the "
    "sentence is {truth}. Which words of the sentence would make a person say {truth}?"
)
WEAK_UNSURE = (
    "The model is wrong but not confident: {label} with a score of {score:.2f}. "
    "Find a sentence for which it is wrong and confident (over {bound})."
)
WEAK_OK = (
    "The model understands {clue!r} on its own ({truth}, {clue_score:.2f}), but calls the whole "
    "sentence {label} with a score of {score:.2f}. It is wrong, and its score doesn't show it."
)
