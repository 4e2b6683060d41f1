"""Rhymed couplets for the chorus, by the name of the mood: the first two lines carry the title, the last two lift."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auratune.providers.writers.words.seen_bank import Bank

HOOKS: Bank = {
    "radiant": (
        ("{hook}, turn it up and run", "we were made of noise and sun"),
        ("{hook}, lift me off the ground", "every heartbeat makes a sound"),
        ("{hook}, burning like a flare", "throw your worries in the air"),
        ("{hook}, all the lights are on", "we'll be dancing until dawn"),
        ("{hook}, everything is new", "nothing left that we can't do"),
        ("{hook}, nothing holds us down", "wear your colours into town"),
        ("{hook}, sing it to the street", "everyone will find the beat"),
        ("{hook}, louder than before", "one step up and one step more"),
    ),
    "tender": (
        ("{hook}, stay with me a while", "all I ask for is a smile"),
        ("{hook}, softly, softly now", "we'll be happy anyhow"),
        ("{hook}, never ask for more", "shoes together by the door"),
        ("{hook}, carry me along", "like a half-remembered song"),
        ("{hook}, put your head right here", "let the evening disappear"),
        ("{hook}, slow as falling snow", "hold me close and then let go"),
        ("{hook}, easy as the rain", "come and find me once again"),
        ("{hook}, warm against my skin", "leave the door and let it in"),
    ),
    "restless": (
        ("{hook}, don't you let me sleep", "what I promised I will keep"),
        ("{hook}, faster than my heart", "tear the quiet all apart"),
        ("{hook}, calling through the wire", "hold my hand up to the fire"),
        ("{hook}, running through my veins", "break the silence, break the chains"),
        ("{hook}, I can hear it start", "like a drum inside the heart"),
        ("{hook}, nowhere left to hide", "I am coming up inside"),
        ("{hook}, tell me what you see", "something wild is wanting free"),
        ("{hook}, not the time to wait", "set it loose and leave it late"),
    ),
    "wistful": (
        ("{hook}, where did you go", "there were things I'd let you know"),
        ("{hook}, fading like a name", "nothing here has stayed the same"),
        ("{hook}, I remember you", "more than I had wanted to"),
        ("{hook}, come and sit with me", "tell me how it used to be"),
        ("{hook}, leave a little light", "I will find my way tonight"),
        ("{hook}, slipping through my hands", "nobody quite understands"),
        ("{hook}, say it one more time", "half the fault was always mine"),
        ("{hook}, drifting out of view", "take a part of me with you"),
    ),
    "still": (
        ("{hook}, nothing more to prove", "let the whole horizon move"),
        ("{hook}, hold it in your eye", "let the busy world go by"),
        ("{hook}, just the way it is", "not a single note to miss"),
        ("{hook}, level as the sea", "you don't have to change for me"),
        ("{hook}, here is where I stand", "open sky and open hand"),
        ("{hook}, breathe it in with me", "this is all there has to be"),
        ("{hook}, neither near nor far", "let us be the way we are"),
        ("{hook}, look at it again", "nothing has to have an end"),
    ),
}

LIFTS: Bank = {
    "radiant": (
        ("Oh, we're brighter than we know", "watch us go, oh, watch us go"),
        ("Let it ring from wall to wall", "we could have it, have it all"),
        ("Hands up high and hearts undone", "two by two and one by one"),
        ("Give me all the day can hold", "give me silver, give me gold"),
        ("If you feel it, let it show", "high above and down below"),
        ("There's a fire in all of us", "let it out and make a fuss"),
        ("We are only passing through", "might as well be passing true"),
        ("Sing it wide and sing it strong", "we have waited all day long"),
    ),
    "tender": (
        ("All the hurry in me stills", "like the light along the hills"),
        ("If it's little, let it be", "little is enough for me"),
        ("You and I and nothing planned", "just the day and just your hand"),
        ("What is gentle, what is good", "never left, it only stood"),
        ("I will keep it safe and near", "every time you come back here"),
        ("Love is mostly being there", "mostly time and mostly care"),
        ("Close your eyes and count to three", "this is how it ought to be"),
        ("Oh, the world can spin and shine", "I have yours and you have mine"),
    ),
    "restless": (
        ("Oh, I can't go back to sleep", "the water's wide, the water's deep"),
        ("If it burns then let it burn", "there's a road of no return"),
        ("We were never made to stay", "we were made to run away"),
        ("Every shadow has a door", "I have been through here before"),
        ("Louder now, and louder still", "if you won't, the night sure will"),
        ("I don't want it safe and slow", "show me how the wild ones go"),
        ("Turn the key and feel it start", "there's a storm inside my heart"),
        ("All the fault lines come alive", "this is how we all survive"),
    ),
    "wistful": (
        ("Oh, the days go out like tides", "all they leave is what abides"),
        ("If you hear me, leave a sign", "any kind of word is fine"),
        ("Time is just a kind of rain", "washes out and comes again"),
        ("I still set a place for two", "half for no one, half for you"),
        ("Some things end without a sound", "some are only waiting, found"),
        ("Hold the door and hold the view", "I was always holding you"),
        ("Oh, it's late and getting late", "love is mostly learning wait"),
        ("Everything we couldn't save", "rides in gently on a wave"),
    ),
    "still": (
        ("Let it come and let it go", "some things only need a slow"),
        ("All the answers that I had", "were never good and never bad"),
        ("Oh, the world is wide and plain", "I would see it all again"),
        ("There is time enough to spend", "on the middle, not the end"),
        ("Here we are, and that's enough", "something smooth and something rough"),
        ("We go on the way we do", "a little old, a little new"),
        ("Leave the corners as they are", "no one has to travel far"),
        ("One clear line from me to you", "and the quiet passing through"),
    ),
}
