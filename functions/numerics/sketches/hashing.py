"""64-bit hashes of whole arrays, the same in every process and on every machine.

Sketches that are merged later must hash alike everywhere, which Python's `hash` of a string does not. The mixer is
variant 13 of Stafford's finalisers, the one of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
Generators, 2014). Strings are hashed eight bytes at a time, all strings of an array side by side.

Two different values share a hash with probability 2⁻⁶⁴: 3·10⁻⁸ for any pair among a million distinct ones.
"""

from collections.abc import Sequence

import numpy as np

from functions.numerics.arrays import Array, Counts, Hashes

FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ALL = 0xFFFFFFFFFFFFFFFF
WORD = 8
# the bytes of a word that belong to a string with so many bytes left
TAIL = np.array([(1 << (8 * left)) - 1 for left in range(WORD + 1)], dtype=np.uint64)
SEPARATOR = "\0"
END = SEPARATOR * (WORD + 1)


def mix(words: Hashes) -> Hashes:
    """Every bit of the result depends on every bit of the word; works in place and returns `words`."""
    shifted = words >> np.uint64(30)
    words ^= shifted
    words *= FIRST
    np.right_shift(words, np.uint64(27), out=shifted)
    words ^= shifted
    words *= SECOND
    np.right_shift(words, np.uint64(31), out=shifted)
    words ^= shifted
    return words


def mix_one(word: int) -> int:
    """`mix` of a single number."""
    word &= ALL
    word = (word ^ word >> 30) * int(FIRST) & ALL
    word = (word ^ word >> 27) * int(SECOND) & ALL
    return word ^ word >> 31


def hash_numbers(values: Array) -> Hashes:
    """Hashes of numbers. Equal numbers of one kind (whole or not) hash alike whatever their width; -0.0 is 0.0."""
    if values.dtype.kind == "f":
        words = (values.astype(np.float64) + 0.0).view(np.uint64)
    else:
        words = values.astype(np.int64 if values.dtype.kind == "i" else np.uint64).view(np.uint64)
    return mix(words + GOLDEN)


def hash_strings(strings: Sequence[str]) -> Hashes:
    """Hashes of strings by their UTF-8 bytes. Raises TypeError for an element that is not a string."""
    if not len(strings):
        return np.empty(0, np.uint64)
    data, starts, lengths = _joined(strings)
    words = np.ndarray(len(data) - WORD + 1, "<u8", data, 0, (1,))
    hashes = mix(lengths.astype(np.uint64) + GOLDEN)
    for at in range(0, int(lengths.max()), WORD):
        left = np.minimum(lengths - at, WORD)
        if left.min() > 0:
            hashes ^= (words[starts + at] & TAIL[left]) * SECOND
            mix(hashes)
        else:
            longer = np.flatnonzero(left > 0)
            word = (words[starts[longer] + at] & TAIL[left[longer]]) * SECOND
            hashes[longer] = mix(hashes[longer] ^ word)
    return hashes


def _joined(strings: Sequence[str]) -> tuple[bytes, Counts, Counts]:
    """The strings' bytes one behind the other, where each begins, and its length; a word may be read past the end."""
    data = (SEPARATOR.join(strings) + END).encode("utf-8", "surrogatepass")
    ends = np.flatnonzero(np.frombuffer(data, np.uint8, len(data) - WORD) == 0)
    if len(ends) == len(strings):
        starts = np.zeros_like(ends)
        starts[1:] = ends[:-1] + 1
        return data, starts, ends - starts
    # a string holds the separator itself: measure each
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    return b"".join(encoded) + bytes(WORD), np.cumsum(lengths) - lengths, lengths
