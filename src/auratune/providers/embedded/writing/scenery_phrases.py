"""Rhymed couplets about what a photo shows: its colours, its hour, and how it is built.

House style of all couplets: about four beats and eight syllables a line, at most 42 characters so that a line fits one
caption, no full stop, plain words, nothing that a picture in that light could make a lie of.
"""

from __future__ import annotations

Couplet = tuple[str, str]
Bank = dict[str, tuple[Couplet, ...]]

COLOURS: Bank = {
    "blue": (
        ("The air has turned a shade of blue", "I thought that only water knew"),
        ("There is a kind of patient blue", "that lets the smallest light come through"),
        ("So much blue and nothing said", "an ocean folded overhead"),
        ("I borrowed all this easy blue", "and kept the deepest part for you"),
        ("Blue goes on for miles and miles", "it holds a hundred hidden smiles"),
        ("You can hear it humming too", "the low and steady sound of blue"),
    ),
    "teal": (
        ("Somewhere in the blue and green", "is the calmest I have been"),
        ("Teal is how the deep end feels", "turning over slow as wheels"),
        ("A colour from beneath the sea", "reached up and put its hand on me"),
        ("Half of it is sea, half sky", "I don't ask it how or why"),
        ("Cool as glass and twice as clear", "everything that's far is near"),
    ),
    "green": (
        ("Green is what the quiet grows", "leaf by leaf, and no one knows"),
        ("A hundred kinds of tender green", "and something gentle in between"),
        ("Everything that wants to grow", "is leaning where the sunbeams go"),
        ("The green comes in without a sound", "and puts its roots down underground"),
        ("I found a place the rain had been", "it left the whole world soft and green"),
    ),
    "gold": (
        ("A little gold is all it takes", "to mend the places something breaks"),
        ("The light came down in threads of gold", "as much as any hand could hold"),
        ("Honey running down the day", "slow enough to make me stay"),
        ("Gold on everything we own", "no one has to stand alone"),
        ("Who said the good days all grow old", "they only turn a deeper gold"),
        ("The air is sweet, the air is slow", "and dipped in yellow, row by row"),
    ),
    "amber": (
        ("An amber glow on every face", "like somebody had warmed the place"),
        ("The day went out in slow degrees", "in amber, copper, like the trees"),
        ("Keep a candle, keep a spark", "amber is a gentle dark"),
        ("Something orange, something slow", "the kind of fire that lets you go"),
        ("The warmest colour that I know", "is poured on everything below"),
    ),
    "red": (
        ("There's a little streak of red", "running through the words we said"),
        ("Red is how a heart gets loud", "one bright coat in all the crowd"),
        ("Paint the corner, paint it red", "follow where the colour led"),
        ("A flash of red, a match is lit", "and all the dark makes room for it"),
        ("Cherry bright and poppy bold", "nothing here does what it's told"),
    ),
    "rose": (
        ("A breath of rose along the seam", "like something carried from a dream"),
        ("Somewhere in the pink it shows", "everything a secret knows"),
        ("The edges blush, the edges bloom", "and someone's laughing in the room"),
        ("Everything is lightly kissed", "rosy at the edge of mist"),
        ("Petal-coloured, paper-thin", "let the softer hours begin"),
    ),
    "violet": (
        ("Violet comes in after all", "and leans its shadow on the wall"),
        ("Between the red light and the blue", "a violet door is letting through"),
        ("A purple hush, a held-in breath", "a colour of unmeasured depth"),
        ("Velvet folded on the air", "purple shadows everywhere"),
        ("Lilac at the edge of things", "lighter than a paper's wings"),
    ),
    "earth": (
        ("Brown as bread and warm as sand", "something you can understand"),
        ("Dust and honey, wood and clay", "the honest colours of the day"),
        ("A well-worn path, a steady hand", "a colour like the open land"),
        ("Feet on something firm and brown", "let the hurry settle down"),
        ("Old as wood and new as rain", "I could love the plain again"),
        ("Sandy light on everything", "colour of a wooden swing"),
    ),
    "white": (
        ("White as pages not yet filled", "every noise inside me stilled"),
        ("So much white, so much to say", "a blank and beautiful new day"),
        ("The brightness leaves no place to hide", "so open up and step inside"),
        ("Light on light and white on white", "everything is taking flight"),
        ("Clean as linen on a line", "every thought I have is mine"),
    ),
    "grey": (
        ("Silver edges, softened grey", "the kind of calm that wants to stay"),
        ("Someone turned the colour down", "and laid a hush across the town"),
        ("Between the black and white is grey", "where all the gentle answers stay"),
        ("A coat of pewter on the day", "I would not wish a shade away"),
        ("Paper skies and pencil lines", "a world of clean and plain designs"),
        ("Ash and silver, smoke and steel", "quiet is a thing you feel"),
        ("Every shade of yes and no", "lives in grey and won't let go"),
        ("Stone and feather, cloud and lead", "softer things than we have said"),
    ),
    "black": (
        ("The dark came close and called my name", "as easy as a candle flame"),
        ("Ink has gathered at the seams", "that's the place I keep my dreams"),
        ("Shadows long and shadows deep", "hold the things that I would keep"),
        ("Black is only light at rest", "folded close against the chest"),
        ("There's a velvet in the night", "softer than the kindest light"),
        ("Draw the curtain, close the door", "dark can be a kind of shore"),
    ),
}
"""By family of colour."""

HOURS: Bank = {
    "morning": (
        ("Morning slips in through the door", "like it's done this all before"),
        ("Early light and empty air", "half the world is not yet there"),
        ("The day is young and doesn't know", "how many places it will go"),
        ("Coffee steam and open skies", "sleep still leaving from our eyes"),
        ("The sun is up before the sound", "it walks on tiptoe on the ground"),
    ),
    "day": (
        ("The middle of an open day", "and all the clocks have gone away"),
        ("High noon, and the shadows small", "there's hardly any dark at all"),
        ("Daylight leaning on the wall", "no one has to rush at all"),
        ("Hours wide enough to share", "sunlight standing everywhere"),
        ("Nothing in the daylight hides", "so I'm stepping off the sides"),
    ),
    "golden": (
        ("The day is leaning on its side", "with all its windows open wide"),
        ("Long shadows walk ahead of me", "to show me what I'm going to be"),
        ("The sun is low, the hour is kind", "it leaves the heavy things behind"),
        ("Last light climbing up the wall", "making giants of us all"),
        ("The evening spills across the floor", "and asks for only one thing more"),
    ),
    "night": (
        ("The night has turned the volume low", "and left a single lamp to show"),
        ("Windows glow like little ships", "with secrets on their lantern lips"),
        ("After dark the edges blur", "we are not the ones we were"),
        ("Midnight keeps a steady pace", "shadows resting on its face"),
        ("The dark is wide, the dark is kind", "with room enough to ease the mind"),
    ),
    "any": (
        ("A moment stopped to look at me", "as plain as anything can be"),
        ("One small second, standing still", "like a glass too full to spill"),
        ("I blinked and there it was again", "the here, the now, and not the then"),
        ("I only stopped to catch my breath", "and found the day had depth on depth"),
        ("The clock forgot to count this one", "it let it in, it let it run"),
        ("Wherever I was going to", "I stopped to get a better view"),
        ("It could have been a thing I missed", "one more thing upon the list"),
    ),
}
"""By time of day."""

FEATURES: Bank = {
    "person": (
        ("Someone standing in the frame", "I would like to learn your name"),
        ("You are smaller than the sky", "but you're the one that caught my eye"),
        ("All of this, and there you are", "the nearest and the brightest star"),
    ),
    "people": (
        ("Look at us, a little crowd", "laughing just a bit too loud"),
        ("Side by side and out of line", "your bright shadow next to mine"),
        ("More than one of us came here", "that's what made the picture clear"),
    ),
    "lines": (
        ("Lines that run and lines that climb", "drawing out a kind of rhyme"),
        ("Every corner, every line", "leads me to a clear design"),
        ("Straight ahead and straight on through", "all the lines are drawing you"),
        ("Count the edges, count them twice", "every detail cut like ice"),
        ("Up and over, row on row", "there is so much here to know"),
        ("Somebody drew this with great care", "each small corner, everywhere"),
    ),
    "calm": (
        ("Nothing here is in the way", "wide and open, like today"),
        ("One long breath from side to side", "all the clutter stepped aside"),
        ("So much room to be alone", "so much quiet of my own"),
        ("An empty space is not a lack", "you give it time, it gives it back"),
    ),
    "blur": (
        ("Everything is soft and slight", "nothing has to be just right"),
        ("Let the edges all dissolve", "there is nothing here to solve"),
        ("Out of focus, into feel", "blurry things can still be real"),
        ("Like a dream you almost had", "too half-finished to be sad"),
    ),
    "contrast": (
        ("Half in shadow, half in flame", "both of them have known my name"),
        ("Where the dark and bright divide", "I have walked on either side"),
        ("Black on bright and bright on black", "one steps forward, one steps back"),
    ),
    "haze": (
        ("A veil of light, a milky haze", "the softest of the gentle days"),
        ("Everything is almost there", "half a picture, half of air"),
        ("The world is wearing something thin", "it lets a bit of heaven in"),
    ),
    "glare": (
        ("Too much light to look at straight", "worth the squint and worth the wait"),
        ("The sky is burning at the seam", "brighter than I dared to dream"),
        ("A brightness no one could contain", "came spilling over like the rain"),
        ("Hold a hand up to the sun", "count the fingers one by one"),
    ),
}
"""By how the picture is built."""
