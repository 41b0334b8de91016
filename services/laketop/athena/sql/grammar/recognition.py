"""MATCH_RECOGNIZE, as Trino's grammar has it.

Follows Trino's page "MATCH_RECOGNIZE".
"""

from typing import Any

from laketop.athena.sql.grammar.expressions import Expressions
from laketop.athena.sql.grammar.lexer import INTEGER, NAME, SIGN, WORD, Match, Span, Token

_LEFT_OUT = {"SHOW": "SHOW", "OMIT": "OMIT"}
_QUANTIFIERS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class Recognitions(Expressions):
    """Readers of row pattern recognition; each steps over what it is called after, or fails.

    A pattern becomes nested lists: `["label", name]`, `["concat", part, …]`, `["or", part, …]`, `["permute", part, …]`,
    `["quantified", part, least, most or None, greedy]`, `["start"]`, `["end"]`, `["exclude", part]`, `["empty"]`.
    """

    def is_recognition(self) -> bool:
        """Whether the clause begins here."""
        # with a list of names it is an alias
        return self.sees("MATCH_RECOGNIZE") and self.sees("(", ahead=1) and not self.sees(",", ")", ahead=3)

    def recognition(self, start: int) -> None:
        """The clause; the relation that it reads begins at the token `start`."""
        match = Match(start, self.at)
        self.need("MATCH_RECOGNIZE", "(")
        self.recognizing += 1
        try:
            self._clauses(match)
        finally:
            self.recognizing -= 1
        match.end = self.at
        self.matches.append(match)

    def _clauses(self, match: Match) -> None:
        if self.take("PARTITION"):
            self.need("BY")
            self.listed(lambda: match.partition.append(self._expression_span()))
        if self.take("ORDER"):
            self.need("BY")
            first = self.at
            self.sort_items()
            match.order = (first, self.at)
        if self.take("MEASURES"):
            self.listed(lambda: self._named_measure(match))
        self._rows(match)
        self._after(match)
        if self.sees("INITIAL", "SEEK"):
            match.mode = self.peek().text
            self.at += 1
        self._pattern_clause(match)
        if self.take("SUBSET"):
            self.listed(lambda: self._subset(match))
        self.need("DEFINE")
        self.listed(lambda: self._define(match))
        self.need(")")

    def _expression_span(self) -> Span:
        first = self.at
        self.expression()
        return first, self.at

    def _named_measure(self, match: Match) -> None:
        span = self._expression_span()
        self.need("AS")
        match.measures.append((self._written_name(), span))

    def _written_name(self) -> str:
        token = self.peek()
        self.name()
        if token.kind == NAME:
            return token.text[1:-1].replace('""', '"')
        return self.sql[token.start :][: len(token.text)]

    def _label(self) -> str:
        """A label: in capitals, but for one in double quotes."""
        quoted = self.kind(NAME)
        written = self._written_name()
        return written if quoted else written.upper()

    def _rows(self, match: Match) -> None:
        if self.take("ONE"):
            self.need("ROW", "PER", "MATCH")
        elif self.take("ALL"):
            self.need("ROWS", "PER", "MATCH")
            match.rows = "SHOW"
            if self.sees("SHOW", "OMIT"):
                match.rows = _LEFT_OUT[self.peek().text]
                self.at += 1
                self.need("EMPTY", "MATCHES")
            elif self.take("WITH"):
                self.need("UNMATCHED", "ROWS")
                match.rows = "UNMATCHED"

    def _after(self, match: Match) -> None:
        if not self.take("AFTER"):
            return
        self.need("MATCH", "SKIP")
        if self.take("PAST"):
            self.need("LAST", "ROW")
            return
        self.need("TO")
        if self.sees("NEXT") and self.sees("ROW", ahead=1):
            self.at += 2
            match.skip = ("NEXT", "")
        elif self.sees("FIRST", "LAST") and self.is_name(1) and not self.sees("PATTERN", "INITIAL", "SEEK", ahead=1):
            word = self.peek().text
            self.at += 1
            match.skip = (word, self._label())
        else:
            match.skip = ("LAST", self._label())

    def _pattern_clause(self, match: Match) -> None:
        self.need("PATTERN", "(")
        first = self.at
        match.pattern = self._alternatives()
        match.pattern_span = (first, self.at)
        self.need(")")

    def _alternatives(self) -> list[Any]:
        found = [self._concatenation()]
        while self.take("|"):
            found.append(self._concatenation())
        return found[0] if len(found) == 1 else ["or", *found]

    def _concatenation(self) -> list[Any]:
        found = [self._quantified()]
        while self.is_name() or self.sees("(", "^", "$", "{-"):
            found.append(self._quantified())
        return found[0] if len(found) == 1 else ["concat", *found]

    def _quantified(self) -> list[Any]:
        part = self._part()
        if self.sees(*_QUANTIFIERS):
            least, most = _QUANTIFIERS[self.peek().text]
            self.at += 1
        elif self.sees("{"):
            least, most = self._range_quantifier()
        else:
            return part
        return ["quantified", part, least, most, not self.take("?")]

    def _range_quantifier(self) -> tuple[int, int | None]:
        start = self.peek().start
        self.need("{")
        least = self._number()
        if least is not None and self.take("}"):
            most: int | None = least
        else:
            self.need(",")
            most = self._number()
            self.need("}")
        if max(least or 0, most or 0) >= 1 << 31:
            problem = f"Pattern quantifier bound must not exceed {(1 << 31) - 1}"
            self.problem("NUMERIC_VALUE_OUT_OF_RANGE", problem, start)
        elif most is not None and most < 1:
            problem = "Pattern quantifier upper bound must be greater than or equal to 1"
            self.problem("NUMERIC_VALUE_OUT_OF_RANGE", problem, start)
        elif most is not None and (least or 0) > most:
            self.problem("INVALID_RANGE", "Pattern quantifier lower bound must not exceed upper bound", start)
        return least or 0, most

    def _number(self) -> int | None:
        if not self.kind(INTEGER):
            return None
        self.at += 1
        return int(self.peek(-1).text)

    def _part(self) -> list[Any]:
        if self.sees("PERMUTE") and self.sees("(", ahead=1):
            parts: list[Any] = []
            self.at += 1
            start = self.at
            self.parenthesised(lambda: parts.append(self._alternatives()))
            if len(parts) > 1:
                return ["permute", *parts]
            # without a comma it is a label with a group behind it
            self.at = start
            return ["label", "PERMUTE"]
        for sign, name in (("^", "start"), ("$", "end")):
            if self.take(sign):
                return [name]
        if self.take("{-"):
            part = self._alternatives()
            self.need("-}")
            return ["exclude", part]
        if self.take("("):
            if self.take(")"):
                return ["empty"]
            part = self._alternatives()
            self.need(")")
            return part
        return ["label", self._label()]

    def _subset(self, match: Match) -> None:
        name, labels = self._label(), list[str]()
        self.need("=")
        self.parenthesised(lambda: labels.append(self._label()))
        match.subsets.append((name, labels))

    def _define(self, match: Match) -> None:
        label = self._label()
        self.need("AS")
        match.defines.append((label, self._expression_span()))


def in_patterns(found: list[Token]) -> set[int]:
    """The numbers of the tokens that stand in a PATTERN of MATCH_RECOGNIZE, where `?` is no parameter."""
    inside, opened = set[int](), list[str]()
    for number, token in enumerate(found):
        if token.kind == SIGN and token.text == "(":
            before = found[number - 1] if number else token
            opened.append(before.text if before.kind == WORD else "")
        elif token.kind == SIGN and token.text == ")" and opened:
            opened.pop()
        if "PATTERN" in opened and opened[: opened.index("PATTERN")][-1:] == ["MATCH_RECOGNIZE"]:
            inside.add(number)
    return inside
