"""Chords are what their numerals say, and move to one another by small steps."""

from __future__ import annotations

import itertools

import pytest

from auratune.music.theory import KEY_NAMES, Key, chord_of, nearest, read_key, voice, within

C_MAJOR, A_MINOR = Key(0, "major"), Key(9, "minor")


@pytest.mark.parametrize(
    ("numeral", "key", "symbol"),
    [
        ("I", C_MAJOR, "C"),
        ("vi7", C_MAJOR, "Am7"),
        ("V/3", C_MAJOR, "G/B"),
        ("IV/5", C_MAJOR, "F/C"),
        ("bVII", C_MAJOR, "Bb"),
        ("#Idim", C_MAJOR, "Dbdim"),
        ("i9", A_MINOR, "Am9"),
        ("VImaj7", A_MINOR, "Fmaj7"),
        ("V7b9", A_MINOR, "E7b9"),
        ("iadd9", A_MINOR, "Amadd9"),
        ("Vsus4", C_MAJOR, "Gsus4"),
    ],
)
def test_a_numeral_names_the_chord_of_its_key(numeral: str, key: Key, symbol: str) -> None:
    assert chord_of(numeral, key).symbol == symbol


def test_what_is_no_numeral_is_refused() -> None:
    with pytest.raises(ValueError, match="numeral"):
        chord_of("H7", C_MAJOR)


@pytest.mark.parametrize("name", KEY_NAMES)
def test_a_key_is_read_back_from_its_own_name(name: str) -> None:
    for mode in ("major", "minor"):
        assert read_key(f"{name} {mode}") == Key(KEY_NAMES.index(name), mode)


def test_a_key_is_read_as_musicians_write_it_and_nonsense_is_none() -> None:
    assert read_key("F#m") == Key(6, "minor")
    assert read_key(" e♭ major ") == Key(3, "major")
    assert read_key("something sad") is None
    assert read_key("") is None


def test_voices_hold_the_chord_in_order_inside_their_range() -> None:
    for numeral in ("I", "ii9", "V13", "IVmaj9", "vi7", "Vsus4", "#Idim"):
        chord = chord_of(numeral, C_MAJOR)
        pitches = voice(chord, 4, 50, 72)
        assert list(pitches) == sorted(set(pitches))
        assert all(50 <= pitch <= 72 and pitch % 12 in chord.tones for pitch in pitches)
        third_or_fourth = chord.tones[1]
        assert third_or_fourth in {pitch % 12 for pitch in pitches}, "what makes the chord what it is stays"


def test_voices_lead_to_the_next_chord_by_small_steps() -> None:
    numerals = ("Imaj9", "vi7", "ii9", "V13", "Imaj9", "IVmaj9", "iii7", "vi9")
    before: tuple[int, ...] = ()
    moves: list[int] = []
    for numeral in numerals:
        pitches = voice(chord_of(numeral, C_MAJOR), 4, 50, 72, before)
        moves += [abs(a - b) for a, b in zip(pitches, before, strict=False)]
        before = pitches
    assert max(moves) <= 5
    assert sum(moves) / len(moves) < 2.5


def test_low_voices_stand_apart_so_that_they_do_not_growl() -> None:
    for numeral in ("I", "ii9", "V13", "IVmaj7"):
        pitches = voice(chord_of(numeral, C_MAJOR), 4, 41, 66)
        assert all(high - low >= 7 for low, high in itertools.pairwise(pitches) if low < 48)


def test_octaves_bring_a_pitch_home() -> None:
    assert nearest(11, 60.0) == 59
    assert within(95, 60, 72) == 71
