"""The word lists that the everyday sentences for training are made from."""


def _split(words: str) -> list[str]:
    return words.replace("\n", "").split("|")


# Each emoji, and the word whose embedding it starts from
EMOJI = {
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
POSITIVE_EMOJI = list(EMOJI)[:23]
NEGATIVE_EMOJI = list(EMOJI)[23:]

THINGS = _split(
    """
the food|the service|the hotel|our room|my new phone|this app|the update|the lecture|
the teacher|the lesson|the book|the weather|the trip|the flight|the train|the coffee|the pizza|
the soup|the restaurant|the waiter|the staff|customer support|the delivery|the package|
the battery|the screen|the keyboard|the camera|the sound|the music|the concert|the game|
the song|the website|the interface|the bot|your answer|this course|the homework|the exam|my day|
the party|the movie|this film|the plot|the acting|the ending|the first episode|the show|
the cast|the director's work|the price|the quality|the design|the laptop|the car|the dress|
the gift|the museum|the city|the beach|the hospital|the doctor|the meeting|the team|the manager|
the bank|the software|the documentation|the installation|the seat|the view|the neighbourhood|
this version|the story|the script
"""
)
GOOD = _split(
    """
good|great|excellent|wonderful|amazing|fantastic|lovely|perfect|brilliant|delightful|superb|
nice|pleasant|fun|enjoyable|impressive|helpful|friendly|fast|reliable|beautiful|charming|
delicious|comfortable|clear|interesting|worth it|awesome|outstanding|touching|funny|clever|
easy to use|a pleasure|a joy|the best I have had|better than I hoped|well made
"""
)
BAD = _split(
    """
bad|terrible|awful|horrible|boring|disappointing|poor|useless|slow|rude|dirty|broken|ugly|
annoying|dull|confusing|disgusting|cold|late|unreliable|noisy|a waste of time|a waste of money|
a disaster|a mess|the worst I have had|overpriced|painful|frustrating|stupid|pathetic|mediocre|
worse than I feared|unbearable|tasteless|a joke|full of bugs|too expensive
"""
)
INTENSIFIERS = [
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
NEGATIONS = ["not", "n't", "never", "hardly", "not at all", "far from", "anything but"]
LIKES = _split(
    """
I love {}|I really like {}|I enjoyed {}|I'm happy with {}|I am so glad we chose {}|we loved {}|
I would recommend {} to anyone|I can't get enough of {}|I couldn't be happier with {}|
I adore {}|{} made me smile|{} made my day|{} works like a charm|{} exceeded my expectations|
thank you for {}|five stars for {}|I can't wait to see {} again|no complaints about {}|
nothing wrong with {}|there is nothing to dislike about {}|you won't regret {}|
how could anyone not love {}?|why can't everything be like {}?|
is there anything better than {}?|{} never lets me down|{} does not disappoint
"""
)
DISLIKES = _split(
    """
I hate {}|I do not like {}|I don't like {} at all|I didn't enjoy {}|I'm not happy with {}|
we regret {}|I can't stand {}|I would not recommend {} to anyone|I wouldn't recommend {}|
I'm tired of {}|I am so disappointed by {}|{} ruined my day|{} made me angry|{} does not work|
{} doesn't work anymore|{} stopped working after two days|{} keeps crashing|{} let me down|
don't waste your money on {}|I want my money back for {}|one star for {}|never again {}|
why is {} so bad?|who would ever want {}?|what is wrong with {}?|how can anyone like {}?|
why would anyone pay for {}?|{} fell short of my expectations|I expected more of {}|
I wish I had never tried {}|nothing good about {}
"""
)
