"""Whether words from a vendor may be sung and shown: no address, no slur, no excuse, nothing of our prompt."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGESTS = (
    "08a841e99678 0ce875d62007 120f6e5b4ea3 12e6274e4309 158869a97379 16ea09fc78ca "
    "17a110e53328 1e02eec4f109 22fc75e65a0e 268651b3ece9 27a62b68179c 2f5f6ce5ae30 "
    "31506a8448a7 3160c321bcd0 333f76180929 33740da8a87d 341d56384afc 3b1e0d7c5dd4 "
    "3cc0a581d3bb 402f7ebd9886 448b303c89be 45cd3e1bb472 4761f877ca09 517ae3f73216 "
    "565ed74643e0 566f532d486c 5b3ae48be122 6ac3c336e409 6d1833779e38 7122c9a14ba2 "
    "7ef8ddb05876 82159dd02870 83dd8e733b1e 8f5083e3e5c7 937d56e49744 94c6d2e10a76 "
    "9ae315a94e42 9d57436661e1 a76d588d0047 b3cec2f6ece2 bb209d506bb8 bb61ef40814c "
    "bd331fb1d242 be00f1af522e c1cabb6f6e43 c3de533e9b7f c74677aba35a cc02032349c8 "
    "da0a6b1b9213 daec0c235d31 dc675e448132 e742d17ff490 eef3bd091670 ef6e97ba7fa9 "
)
"""First 12 hex digits of sha256 of each slur, so that nobody has to read the words themselves."""
_SLURS = frozenset(_DIGESTS.split())
_LOOKALIKES = str.maketrans("013457@$!|", "oieastasil")
_UNDRAWN = {"Cc", "Cf", "Co", "Cs", "Cn", "So"}
"""Control and formatting characters, and pictographs, which the fonts of the film do not hold."""
_ENDINGS = "com|net|org|io|co|ai|app|dev|xyz|info|biz|me|tv|gg|ly|link|site|online|shop|top|ru|cn|uk|de|fr|eu"
_ADDRESS = re.compile(
    rf"""
    \bhttps?\b | :// | \bwww\b\s*\. | \bwww\s+\w+ | \w@\w | (?<!\w)@\w{{2,}} | \#\w+ | \bxn--
    | \w\.(?:{_ENDINGS})\b | \w\s+\.\s*(?:{_ENDINGS})\b | \w\.\s+(?:com|net|org)\b
    | \bdot\s+(?:com|net|org|io|ai)\b | \bslash\s+slash\b | \bjavascript\s*: | <\s*/?\s*\w+[^>]*>
    | \b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b
    | (?:\+\d|\b\d)(?:[\s().-]{{0,2}}\d){{8,}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EXCUSED = r"""
    (?: help\s+(?:you\s+)?with | assist | comply | provide | generate | fulfill? | engage
      | (?:write|create|describe|identify|continue|discuss|help|analy[sz]e)\b.{0,40}
        \b(?:lyrics|song|image|photo|photograph|picture|content|request|people|person|individual)s? )\b
"""
_REFUSAL = re.compile(
    rf"""
    \bas\s+an?\s+(?:ai|artificial|assistant|language\s+model)\b | \blanguage\s+model\b
    | \bi(?:'m|\s+am)\s+(?:just\s+)?an?\s+ai\b
    | \bi(?:'m|\s+am)\s+(?:\w+\s+)?(?:not\s+able|unable)\s+to\s+{_EXCUSED}
    | \bi\s*(?:cannot|can't|can\s+not|won't|will\s+not)\s+{_EXCUSED}
    | \bi(?:'m|\s+am)\s+sorry,?\s+(?:but\s+)?i\s*(?:cannot|can't|can\s+not)\s+(?:help|{_EXCUSED})
    | \b(?:content|usage)\s+polic(?:y|ies)\b | \bagainst\s+(?:my|the)\s+(?:guidelines|policy|policies)\b
    | \bthis\s+request\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MACHINERY = re.compile(
    r"""
    \bsystem\s+prompt\b | \b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instruction|prompt|rule)s?\b
    | \bmy\s+instructions\b | \bprevious\s+instructions\b | \bjson\s+schema\b | \bmusicbrief\b | \bapi[\s_-]?key\b
    | \bsk-[a-z0-9]{3,} | \bprompt\s+injection\b | \bdeveloper\s+mode\b | \bjailbreak | [{}\[\]<>\\`]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHINGLE_WORDS = 6
_MOST_FOLDED = 20


def plain(text: str, longest: int) -> str:
    """One line of visible text: compatibility forms folded, invisible characters gone, cut after a whole word."""
    # Folding takes quadratic time where accents pile up, and no line is made of more than so much.
    folded = unicodedata.normalize("NFKC", text.strip()[: _MOST_FOLDED * longest])
    visible = "".join(" " if letter.isspace() else letter for letter in folded if _is_visible(letter))
    line = " ".join(visible.split())
    if len(line) <= longest:
        return line
    cut = line[: longest + 1].rsplit(" ", 1)[0] if " " in line[: longest + 1] else line[:longest]
    return cut[:longest].rstrip(" ,;:-–—")


def names_an_address(text: str) -> bool:
    """Whether a text holds a web address, a mail address, a handle, a hashtag, a number to call, or markup."""
    return bool(_ADDRESS.search(text))


def is_a_slur(text: str) -> bool:
    """Whether a text holds a slur or a crude word, also where letters are replaced or drawn out."""
    words = set(re.findall(r"[^\W_]+", text.lower())) | set(
        re.findall(r"[^\W\d_]+", _bare(text.lower()).translate(_LOOKALIKES))
    )
    spellings = words | {re.sub(r"(.)\1{2,}", r"\1\1", word) for word in words}
    spellings |= {re.sub(r"(.)\1{2,}", r"\1", word) for word in words}
    return any(hashlib.sha256(word.encode()).hexdigest()[:12] in _SLURS for word in spellings)


def refuses(text: str) -> bool:
    """Whether a text is an assistant's excuse rather than a song."""
    return bool(_REFUSAL.search(text.replace("’", "'")))


def quotes(text: str, prompt_shingles: frozenset[str]) -> bool:
    """Whether a text repeats our prompt, or talks about prompts and their machinery."""
    return bool(_MACHINERY.search(text)) or not prompt_shingles.isdisjoint(shingles([text]))


def shingles(texts: Iterable[str]) -> frozenset[str]:
    """All runs of six words of the texts, in lower case: what `quotes` looks for."""
    runs: set[str] = set()
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        runs |= {" ".join(words[at : at + _SHINGLE_WORDS]) for at in range(len(words) - _SHINGLE_WORDS + 1)}
    return frozenset(runs)


def _bare(text: str) -> str:
    """Letters without their accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _is_visible(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) not in _UNDRAWN
