"""A turn's own words, and texts without them: `'<order_id>'` instead of the order's number.

- They are replaced where they stand as whole words, in any case, also escaped (URL, JSON, `repr`). Of a longer text
  each three words in a row are enough, so that a part of it is found too; and single words where they stand in quotes,
  as in an exception's text, or hold a digit or an @.
- Secrets that came with the call are replaced in the same way: a handler may log the request as a whole.
- Not replaced are the names that designers and developers gave: intent, tag, action, handler, parameters, the paths of
  Python files, and frames of tracebacks.

The cost is linear: three look-ups in a dictionary for each word of a line. What it is made of is bounded, and what is
beyond the bounds is left out of the log as a whole rather than looked through.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, chain, islice
from typing import Any

from ..request import Request
from ..settings import Settings
from .escapes import unescaped
from .said import SPACELESS, long_enough, names_in, secrets_of, values_said

MOST_WORDS = 20_000
"""Single words of a request that are looked for. Where it holds more, no free text of its lines is logged."""

LONGEST_TEXT = 32_000
"""Characters of one text in a line; the rest is cut off."""

MOST_VALUES = 5_000
"""Values inside one structure that is logged."""

_DEEPEST = 20
_IN_A_ROW = 3
_USUAL_GAP = 8  # characters between the words of a value; its own where they are more
_KEY = 32  # characters of a word that are compared: what is cut off in a message is still found
_LONGEST_NAME = 200
_MOST_NAMES = 20
_NEVER = r"(?!)"

_ACCENTS = "\u0300-\u036f"  # that stand beside their letter
_TOKEN = re.compile(rf"[{SPACELESS}]|[^\W_{SPACELESS}][^\W_{SPACELESS}{_ACCENTS}]*(?:[{_ACCENTS}]+[^\W_{SPACELESS}]*)*")
_IN_QUOTES = re.compile(r"(?<=['\"])[^'\"\n]+(?=['\"])")
_FRAME = r'File "[^"\n]*", line \d+, in [^\n]*(?:\n {4,}[^\n]*){0,8}'
_PATH = re.compile(r"/[^\s'\"]*")
_IDENTIFIER = re.compile(r"\w+")
_SAYS_NOTHING = frozenset(("true", "false", "none", "null", "the", "and", "for", "not"))

_Span = tuple[int, int, str]
_Gram = tuple[str, ...]


class Words:
    """The words of one request, and the secrets that came with it. `handler` is who answers it: that name stays."""

    def __init__(self, request: Request, handler: str, settings: Settings | None = None) -> None:
        function = handler.rpartition(".")[2]
        # A function's name that may be a word of the language, such as "red", is one where a user says it.
        names = (*names_in(request), handler, function if "_" in function else "")
        self._names = {name.casefold() for name in names}
        self._grams: dict[_Gram, str] = {}
        self._next: dict[_Gram, str] = {}
        self._parts: dict[str, str] = {}
        self._left = MOST_WORDS
        self._gap = _USUAL_GAP
        seen: set[str] = set()
        for label, value in chain(secrets_of(request, settings), values_said(request)):
            if value not in seen:
                seen.add(value)
                self._add(label, value)
                # What looks like an escape in a value is read as one where the value stands escaped.
                for plain, _ in unescaped(value[:LONGEST_TEXT]):
                    self._add(label, plain)
            if self._left < 0:
                break
        # Who says a frame or a path does not get it kept.
        self.keeps_files = not any('file "' in value.casefold() or ".py" in value for value in seen)
        several_words = (name for name in request.parameters if not _IDENTIFIER.fullmatch(name))
        long_names = (request.intent, request.tag, request.action, handler, *islice(several_words, _MOST_NAMES))
        kept = sorted({re.escape(name[:_LONGEST_NAME]) for name in long_names if name}, key=len, reverse=True)
        patterns = [*([_FRAME] if self.keeps_files else []), *(rf"(?<!\w){name}(?!\w)" for name in kept)]
        self._kept = re.compile("|".join(patterns) or _NEVER, re.IGNORECASE)

    def kept_out_of(self, value: Any, plain: Callable[[Any], Any] = repr) -> Any:
        """Return a value for the log without the words; `plain` makes something of JSON out of any other object."""
        return self._plain(value, plain, iter(range(MOST_VALUES)), 0)

    def kept_out_of_text(self, text: str) -> str:
        """Return the text with the name of what it came from in each word's place, in angle brackets."""
        if self._left < 0:
            return f"(left out: the request holds more than {MOST_WORDS} words to look for)"
        if len(text) > LONGEST_TEXT:
            text = f"{text[:LONGEST_TEXT]} (cut off)"
        spans = [*self._found(text, range(len(text) + 1)), *self._quoted(text)]
        for plain, positions in unescaped(text):
            spans += self._found(plain, positions)
        if not spans:
            return text
        return _replaced(text, _outside_of(self._kept_spans(text), spans))

    def _add(self, label: str, value: str) -> None:
        tokens: list[str] = []
        end = len(value)
        for match in _TOKEN.finditer(value):
            tokens.append(_key(match[0]))
            self._gap = max(self._gap, match.start() - end)
            end = match.end()
            self._left -= 1
            if self._left < 0:
                return
        if not tokens or not long_enough(value.strip()) or value.strip().casefold() in self._names:
            return
        if len(tokens) == 1 and (tokens[0] in _SAYS_NOTHING or len(tokens[0]) == 1):
            return
        if len(tokens) <= _IN_A_ROW:
            self._grams.setdefault(tuple(tokens), label)
        for at in range(len(tokens) - _IN_A_ROW):
            gram = tuple(tokens[at : at + _IN_A_ROW])
            self._grams.setdefault(gram, label)
            self._next.setdefault(gram, tokens[at + _IN_A_ROW])
        if len(tokens) > _IN_A_ROW:
            self._grams.setdefault(tuple(tokens[-_IN_A_ROW:]), label)
        if len(tokens) > 1:
            for token in tokens:
                self._parts.setdefault(token, label)

    def _found(self, text: str, positions: Sequence[int]) -> Iterator[_Span]:
        """Yield where words stand; `positions` leads from `text` to where the line itself has it."""
        matches = list(_TOKEN.finditer(text))
        tokens = [_key(match[0]) for match in matches]
        grams = self._grams
        for at, match in enumerate(matches):
            for size in range(_IN_A_ROW, 0, -1):
                gram = tuple(tokens[at : at + size])
                label = grams.get(gram)
                if label is None or len(gram) < size:
                    continue
                last = at + size - 1
                if any(matches[n + 1].start() - matches[n].end() > self._gap for n in range(at, last)):
                    continue
                # A message may have cut the text off within its next word.
                if last + 1 < len(tokens) and self._next.get(gram, "").startswith(tokens[last + 1]):
                    last += 1
                yield positions[match.start()], positions[matches[last].end()], label
                break

    def _quoted(self, text: str) -> Iterator[_Span]:
        if not self._parts:
            return
        for match in _IN_QUOTES.finditer(text):
            tokens = [_key(token) for token in _TOKEN.findall(match[0])]
            if not tokens or not long_enough(match[0].strip()) or match[0].strip().casefold() in self._names:
                continue
            if all(token in self._parts for token in tokens) and not _SAYS_NOTHING.issuperset(tokens):
                yield match.start(), match.end(), self._parts[tokens[0]]

    def _kept_spans(self, text: str) -> list[tuple[int, int]]:
        kept = [match.span() for match in self._kept.finditer(text)]
        if ".py" in text and self.keeps_files:
            paths = ((match.start(), match[0].rfind(".py")) for match in _PATH.finditer(text))
            kept += [(start, start + length + 3) for start, length in paths if length > 0]
        if "_" in text:
            names = (match for match in _IDENTIFIER.finditer(text) if "_" in match[0])
            kept += [match.span() for match in names if match[0].casefold() in self._names]
        return kept

    def _plain(self, value: Any, plain: Callable[[Any], Any], allowed: Iterator[int], depth: int) -> Any:
        if depth > _DEEPEST or next(allowed, None) is None:
            return "(left out)"
        if isinstance(value, str):
            return self.kept_out_of_text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            text = repr(value)
            found = self.kept_out_of_text(text)
            return value if found == text else found
        inside = partial(self._plain, plain=plain, allowed=allowed, depth=depth + 1)
        if isinstance(value, Mapping):
            return {self.kept_out_of_text(str(name)): inside(member) for name, member in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [inside(item) for item in value]
        if isinstance(value, bytes | bytearray | memoryview):
            return f"({len(value)} bytes)"
        return inside(plain(value))


def _key(token: str) -> str:
    if token.isascii():
        return token[:_KEY].lower()
    return unicodedata.normalize("NFC", token[: 2 * _KEY].casefold())[:_KEY]


def _outside_of(kept: list[tuple[int, int]], spans: list[_Span]) -> list[_Span]:
    """Return the spans that do not lie wholly within one of `kept`."""
    kept = sorted(kept)
    reaches = list(accumulate((end for _, end in kept), max))
    starts = [start for start, _ in kept]
    before = [(span, bisect_right(starts, span[0])) for span in spans]
    return [span for span, number in before if not number or reaches[number - 1] < span[1]]


def _replaced(text: str, spans: list[_Span]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end, label in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= done:
            pieces += [text[done:start], f"<{label}>"]
        done = max(done, end)
    pieces.append(text[done:])
    return "".join(pieces)
