"""Rhymed couplets about how it feels, for the verses, by the name of the mood."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auratune.providers.writers.words.seen_bank import Bank

FEELINGS: Bank = {
    "radiant": (
        ("I have got no time to wait", "open up the garden gate"),
        ("Every step becomes a beat", "something good beneath my feet"),
        ("I can feel it coming on", "like a chorus, like a song"),
        ("We were slow and now we fly", "shoulder high against the sky"),
        ("Throw the maps and plans away", "we are lost in such a way"),
        ("My heart is knocking on the door", "it wants the road, it wants some more"),
        ("Tell the world I'm running late", "somebody wonderful can't wait"),
        ("Laughing at the speed of sound", "both my feet have left the ground"),
        ("I could swear the pavement sings", "everyone is trying wings"),
        ("Turn around and see it grow", "everything we dared to sow"),
        ("There's a spark in every hand", "pass it on across the land"),
        ("No more waiting in the wings", "time to see what daylight brings"),
    ),
    "tender": (
        ("I'd like to fold this up with care", "and keep it in my coat somewhere"),
        ("You don't need to say a thing", "let the little silence sing"),
        ("We took the slow way, and the long", "and nothing in the world went wrong"),
        ("Stay a minute, take your time", "rest your easy hand in mine"),
        ("Nothing here is asking much", "just a look and just a touch"),
        ("Simple things are all I need", "a bit of bread, a book to read"),
        ("And if tomorrow wants me gone", "I'll leave the porch light burning on"),
        ("There is a kindness in the air", "I breathe it in and find you there"),
        ("I used to look so far away", "now all I want is near today"),
        ("Every small thing finds its place", "something opens in your face"),
        ("Hum the tune you like the most", "I'll bring the honey and the toast"),
        ("We never had to find the way", "it found us on an idle day"),
    ),
    "restless": (
        ("There's an engine in my chest", "that has never learned to rest"),
        ("I've been talking to the wall", "it has answers after all"),
        ("Someone's pulling at the thread", "can't unhear the things you said"),
        ("All the wires begin to hum", "something bigger wants to come"),
        ("I keep running down the list", "counting everything I missed"),
        ("Half a plan and half a dare", "static crackling in the air"),
        ("I was never good at still", "I went looking for the thrill"),
        ("Walls are only lines to cross", "learn to call it more than loss"),
        ("Sirens somewhere, far from here", "I turn round and disappear"),
        ("Give me something I can break", "every promise, for its sake"),
        ("If the ground begins to shake", "I am only more awake"),
        ("Don't look down and don't look back", "keep your footing on the track"),
    ),
    "wistful": (
        ("I kept the letter, lost the key", "you'd know the kind of thing I'd be"),
        ("There's a chair where you would sit", "I still leave room enough for it"),
        ("All the things I meant to say", "grew up and quietly moved away"),
        ("The years go by on quiet feet", "they leave their footprints on the street"),
        ("I don't miss you all the time", "just now and then, and in a rhyme"),
        ("Something leaves and something stays", "that's the way with yesterdays"),
        ("A song I almost recognise", "goes by with rain behind its eyes"),
        ("I count the distance by the breath", "by what was said, by what was left"),
        ("I'd send a postcard if I knew", "which of the winds would carry through"),
        ("We were here and then we weren't", "some of it was slowly learnt"),
        ("You were always good at leaving", "I was always good at grieving"),
        ("Let it hurt and let it heal", "even sorrow has a feel"),
    ),
    "still": (
        ("I came for nothing, found a sign", "the smallest thing can be divine"),
        ("No one asked me to explain", "why I walked this way again"),
        ("I don't need to know the end", "every corner is a bend"),
        ("The world goes on without a sound", "and still it turns the whole way round"),
        ("Ordinary, yes, it's true", "ordinary, and brand new"),
        ("I've been told to look ahead", "I looked right around instead"),
        ("There is nothing here to win", "only breathing out and in"),
        ("Keep the picture, let it be", "it was never owned by me"),
        ("Some days only want a friend", "to walk beside them to the end"),
        ("If you listen, it will speak", "low and level, never weak"),
        ("I could stand here half the day", "with not a single thing to say"),
        ("What I see is what I keep", "little treasures, running deep"),
    ),
}
