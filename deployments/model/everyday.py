"""Ordinary text for training: what people type about food, phones and lessons, and how they type it.

The treebank holds only film reviews, in lower-ASCII newspaper spelling with spaces around every token. A model that
has seen nothing else stumbles over "don't", over "the app crashes" and over an emoji. This module makes sentences from
small word lists, and respells text as people do. The everyday sentences of the tests are written by hand and are
not made here.
"""

import random

from deployments.model.treebank import Example

EMOJI = {  # an emoji and the word whose meaning it starts training with
    "😀": "happy",
    "😃": "happy",
    "😄": "happy",
    "😁": "grin",
    "😊": "pleased",
    "🙂": "good",
    "😍": "love",
    "🥰": "love",
    "❤️": "love",
    "❤": "love",
    "💕": "love",
    "👍": "good",
    "👏": "bravo",
    "🎉": "celebration",
    "😎": "cool",
    "🤩": "amazing",
    "🔥": "amazing",
    "💯": "perfect",
    "⭐": "excellent",
    "🏆": "winner",
    "😋": "delicious",
    "😂": "funny",
    "🤣": "hilarious",
    "😞": "sad",
    "😢": "sad",
    "😭": "crying",
    "😡": "angry",
    "😠": "angry",
    "🤬": "furious",
    "👎": "bad",
    "💔": "heartbroken",
    "🤮": "disgusting",
    "🤢": "disgusting",
    "😒": "annoyed",
    "🙄": "annoyed",
    "😤": "angry",
    "😩": "tired",
    "😖": "awful",
    "💩": "garbage",
    "🗑️": "garbage",
    "😴": "boring",
    "🥱": "boring",
    "🤦": "stupid",
    "☹️": "sad",
    "🙁": "sad",
    "😕": "confused",
}
_POSITIVE_EMOJI = list(EMOJI)[:23]
_NEGATIVE_EMOJI = list(EMOJI)[23:]

_THINGS = """the food|the service|the hotel|our room|my new phone|this app|the update|the lecture|the teacher|the lesson|the book|
the weather|the trip|the flight|the train|the coffee|the pizza|the soup|the restaurant|the waiter|the staff|customer support|
the delivery|the package|the battery|the screen|the keyboard|the camera|the sound|the music|the concert|the game|the song|
the website|the interface|the bot|your answer|this course|the homework|the exam|my day|the party|the movie|this film|the plot|
the acting|the ending|the first episode|the show|the cast|the director's work|the price|the quality|the design|the laptop|
the car|the dress|the gift|the museum|the city|the beach|the hospital|the doctor|the meeting|the team|the manager|the bank|
the software|the documentation|the installation|the seat|the view|the neighbourhood|this version|the story|the script""".replace(
    "\n", ""
).split("|")
_GOOD = """good|great|excellent|wonderful|amazing|fantastic|lovely|perfect|brilliant|delightful|superb|nice|pleasant|fun|
enjoyable|impressive|helpful|friendly|fast|reliable|beautiful|charming|delicious|comfortable|clear|interesting|worth it|
awesome|outstanding|touching|funny|clever|easy to use|a pleasure|a joy|the best I have had|better than I hoped|well made""".replace(
    "\n", ""
).split("|")
_BAD = """bad|terrible|awful|horrible|boring|disappointing|poor|useless|slow|rude|dirty|broken|ugly|annoying|dull|confusing|
disgusting|cold|late|unreliable|noisy|a waste of time|a waste of money|a disaster|a mess|the worst I have had|overpriced|
painful|frustrating|stupid|pathetic|mediocre|worse than I feared|unbearable|tasteless|a joke|full of bugs|too expensive""".replace(
    "\n", ""
).split("|")
_VERY = [
    "",
    "",
    "",
    "so ",
    "really ",
    "absolutely ",
    "just ",
    "very ",
    "quite ",
    "pretty ",
    "truly ",
]
_NOT = ["not", "n't", "never", "hardly", "not at all", "far from", "anything but"]
_LIKE = """I love {}|I really like {}|I enjoyed {}|I'm happy with {}|I am so glad we chose {}|we loved {}|I would recommend {} to anyone|
I can't get enough of {}|I couldn't be happier with {}|I adore {}|{} made me smile|{} made my day|{} works like a charm|
{} exceeded my expectations|thank you for {}|five stars for {}|I can't wait to see {} again|no complaints about {}|
nothing wrong with {}|there is nothing to dislike about {}|you won't regret {}|how could anyone not love {}?|
why can't everything be like {}?|is there anything better than {}?|{} never lets me down|{} does not disappoint""".replace(
    "\n", ""
).split("|")
_DISLIKE = """I hate {}|I do not like {}|I don't like {} at all|I didn't enjoy {}|I'm not happy with {}|we regret {}|I can't stand {}|
I would not recommend {} to anyone|I wouldn't recommend {}|I'm tired of {}|I am so disappointed by {}|{} ruined my day|
{} made me angry|{} does not work|{} doesn't work anymore|{} stopped working after two days|{} keeps crashing|
{} let me down|don't waste your money on {}|I want my money back for {}|one star for {}|never again {}|
why is {} so bad?|who would ever want {}?|what is wrong with {}?|how can anyone like {}?|why would anyone pay for {}?|
{} fell short of my expectations|I expected more of {}|I wish I had never tried {}|nothing good about {}""".replace(
    "\n", ""
).split("|")


def everyday_examples(count: int, rng: random.Random) -> list[Example]:
    """Return `count` made-up everyday sentences with their labels, half of them of each."""
    return [_sentence(index % 2, rng) for index in range(count)]


def _sentence(label: int, rng: random.Random) -> Example:
    thing, other = rng.sample(_THINGS, 2)
    same, opposite = (_GOOD, _BAD) if label else (_BAD, _GOOD)
    verb = rng.choice(["was", "is"])
    kind = rng.random()
    if kind < 0.25:
        text = f"{thing} {verb} {rng.choice(_VERY)}{rng.choice(same)}"
    elif kind < 0.45:
        text = _negated(thing, verb, rng.choice(opposite), rng)
    elif kind < 0.55:
        text = f"{thing} {verb} {rng.choice(opposite)} but {other} {verb} {rng.choice(same)} and I {'loved' if label else 'hated'} it"
    elif kind < 0.65:
        text = rng.choice(
            [
                f"{rng.choice(_VERY)}{rng.choice(same)}",
                f"{rng.choice(['not', 'not so', 'not very'])} {rng.choice(opposite)}",
            ]
        )
    else:
        text = rng.choice(_LIKE if label else _DISLIKE).format(thing)
    return text.strip(), label


def _negated(thing: str, verb: str, word: str, rng: random.Random) -> str:
    negation = rng.choice(_NOT)
    if negation == "n't":
        return f"{thing} {verb}n't {word}" + rng.choice(["", " at all"])
    if negation == "not at all":
        return f"{thing} {verb} not {word} at all"
    return f"{thing} {verb} {negation} {word}"


def as_typed(text: str, label: int, rng: random.Random) -> str:
    """Return `text` as a person might type it: contractions joined, full stop or not, now and then an emoji."""
    if rng.random() < 0.5:
        text = text.replace(" n't", "n't")
    if rng.random() < 0.05:
        text = text.replace("'", "")
    if text.endswith(" .") and rng.random() < 0.4:
        text = text[:-2] + rng.choice(["", "!", "", "..."])
    elif text[-1].isalpha() and rng.random() < 0.15:
        text += rng.choice([".", "!", ".", "!!"])
    if rng.random() < 0.04:
        emoji = rng.choice(_POSITIVE_EMOJI if label else _NEGATIVE_EMOJI)
        text = rng.choice(
            [
                f"{text} {emoji}",
                f"{text} {emoji}{emoji}",
                f"{text}{emoji}",
                emoji,
                f"{emoji} {text}",
            ]
        )
    return text
