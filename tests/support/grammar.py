"""Mutations of YAML files along their grammar: keys, values, indentation, nesting, encoding."""

import random
from collections.abc import Callable

SCALARS = (
    "", "~", "null", "true", "yes", "0", "-1", "1.5", "1e400", "-1e400", ".nan", ".inf", "010",
    "0x10", "1_000", "1,000", "5%", "12:30", "2012-01-01", "9" * 25, "9" * 5000, "1e-320", "'", '"',
    "'a'", '"\\u202e"', '"\\0"', '"\\ud800"', "a: b", "a b", "-", "- 1", "?", ":", "&a 1", "*a",
    "&a [*a]", "!!python/object:os.system x", "!x 1", "|", ">", "|\n  text", "[", "{", "]", "}",
    "[]", "{}", "[1, 2]", "[1, [2, [3]]]", "{a: 1}", "{a: {b: {c: 1}}}", "[[[[]]]]", "{x, y}",
    "上海", "Shanghia", "x" * 300, "x" * 3000, "../x", "/dev/zero", "nowhere", "x.yaml", ".", "..",
    "@", "`", "%", "#", "\uff11", "\u00a0", "<<", "=", "\ufeff", "baseline", "ten_firms", "grid",
    "[0.1, 0.2, 0.1]", "{from: 0, to: 1, steps: 3}", "{from: 1, to: 0, steps: 0}", "1.0.0", "ｘ",
)  # fmt: skip
KEYS = (
    "extends", "base", "name", "world", "start", "end", "scale", "seed", "replicates", "record",
    "parameters", "governance", "policies", "policy", "strength", "target", "design", "kind",
    "factors", "points", "file", "set", "random", "<<", "", "?", "a b", "1", "null", "true", "x.y",
    "名字", "__class__", "Extends", "seed ", '"seed"', "[1]", "{}", "-", "*a", "&a b", "!!str c",
)  # fmt: skip
CHARACTERS = "\0\x07\x1b\x7f\x85\u200b\u202e\u2028\ufeff\ufffe\t\r\x0b: {}[]#&*!|>'\"%@`,?-\n\uff1a"
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "gb18030", "latin-1", "utf-8-sig", "utf-7")

Lines = list[str]
Change = Callable[[random.Random, Lines], Lines]


def mutated(dice, text, other):
    """Return a text after one to four changes; parts of the other text may get into it."""
    lines = text.split("\n")
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        lines = dice.choice(CHANGES)(dice, lines)
    if dice.random() < 0.05:
        lines += other.split("\n")[dice.randrange(10) :]
    return _encoded(dice, "\n".join(lines))


def _encoded(dice, text):
    raw = text.encode("utf-8", "surrogatepass")
    chance = dice.random()
    if chance < 0.03:
        return text.encode(dice.choice(ENCODINGS), "replace")
    if chance < 0.06:
        return raw[: dice.randrange(len(raw) + 1)]
    if chance < 0.09:
        at = dice.randrange(len(raw) + 1)
        return raw[:at] + dice.randbytes(dice.randint(1, 8)) + raw[at:]
    if chance < 0.12:
        return raw.replace(b"\n", dice.choice((b"\r\n", b"\r", b"\n\n", b"\x0c")))
    return raw


def _at(dice, lines, changed):
    """Return lines of which one that says something is changed."""
    spoken = [i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")]
    i = dice.choice(spoken or [0])
    return [*lines[:i], changed(lines[i] if lines else ""), *lines[i + 1 :]]


def value(dice, lines):
    """Another value."""
    new = dice.choice(SCALARS)
    return _at(dice, lines, lambda line: f"{line.partition(':')[0]}: {new}")


def key(dice, lines):
    """Another key, or a key with one letter more."""
    new = dice.choice(KEYS)

    def changed(line):
        old, colon, rest = line.partition(":")
        indent = old[: len(old) - len(old.lstrip())]
        return f"{indent}{new if dice.random() < 0.5 else old.strip() + 'x'}{colon}{rest}"

    return _at(dice, lines, changed)


def character(dice, lines):
    """A character put in somewhere."""
    char = dice.choice(CHARACTERS)

    def changed(line):
        at = dice.randrange(len(line) + 1)
        return line[:at] + char + line[at:]

    return _at(dice, lines, changed)


def indentation(dice, lines):
    """A line further in or out, or after a tab."""
    before = dice.choice((" ", "  ", "    ", "\t", "- ", ""))
    return _at(dice, lines, lambda line: before + (line if before else line.lstrip()))


def new_line(dice, lines):
    """A key of its own."""
    at = dice.randrange(len(lines) + 1)
    line = f"{' ' * dice.choice((0, 0, 2, 4))}{dice.choice(KEYS)}: {dice.choice(SCALARS)}"
    return [*lines[:at], line, *lines[at:]]


def twice(dice, lines):
    """Some lines twice, or many times."""
    at = dice.randrange(len(lines) + 1)
    block = lines[at : at + dice.randint(1, 5)]
    return [*lines[:at], *block * dice.choice((2, 2, 3, 200)), *lines[at:]]


def without(dice, lines):
    """Some lines less."""
    at = dice.randrange(len(lines) + 1)
    return [*lines[:at], *lines[at + dice.randint(1, 4) :]]


def swapped(dice, lines):
    """Lines in another order."""
    at = dice.randrange(len(lines) + 1)
    block = lines[at : at + 4]
    dice.shuffle(block)
    return [*lines[:at], *block, *lines[at + 4 :]]


def structure(dice, lines):
    """Marks of documents, directives, anchors and aliases, and depth."""
    depth = dice.choice((3, 49, 51, 3000))
    piece = dice.choice(
        (
            "---", "...", "%YAML 1.1", "%TAG ! !x", "<<: *a", "a: &a {b: 1}", "b: *a", "? x", "- x",
            "x: " + "[" * depth + "]" * depth, "x: " + "{a: " * depth + "1" + "}" * depth,
            "x: [" + "*a, " * depth + "]", "x: [" + "1, " * depth + "]", "- " * depth,
            "a: &a [1, 2]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c, *d]",
        )
    )  # fmt: skip
    at = dice.choice((0, len(lines), dice.randrange(len(lines) + 1)))
    return [*lines[:at], piece, *lines[at:]]


CHANGES: tuple[Change, ...] = (
    value, value, value, key, key, character, indentation, new_line, new_line, twice, without,
    swapped, structure,
)  # fmt: skip
