"""MATCH_RECOGNIZE in a form that the parser reads: a query of the relation with the clause's expressions.

`r MATCH_RECOGNIZE (PARTITION BY p ORDER BY o MEASURES m AS x PATTERN (A) DEFINE A AS d)` becomes
`(SELECT <marker>, p, m, d FROM r ORDER BY o)`. The marker is a number that no text can hold: it says the rest.
"""

import json
from bisect import bisect_left
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from laketop.athena.sql.grammar.lexer import Cursor, Match, Span

MARKER = "$match"


def blanked(text: str, found: Cursor) -> str:
    """The text without the patterns, whose signs are not all the parser's."""
    for match in found.matches:
        first, behind = (found.tokens[index].start for index in match.pattern_span)
        blank = "".join(letter if letter == "\n" else " " for letter in text[first:behind])
        text = text[:first] + blank + text[behind:]
    return text


def rewritten(tokens: list[Token], found: Cursor) -> list[Token]:
    """The tokens with each MATCH_RECOGNIZE rewritten, and with RUNNING and FINAL as a part of their call's name."""
    if found.modes:
        tokens = _moded(tokens, set(found.modes))
    if not found.matches:
        return tokens
    starts = [token.start for token in tokens]
    places = [bisect_left(starts, token.start) for token in found.tokens[:-1]] + [len(tokens)]
    return list(_Rewriter(tokens, places, {places[match.start]: match for match in found.matches}).span(0, len(tokens)))


def _moded(tokens: list[Token], modes: set[int]) -> list[Token]:
    found: list[Token] = []
    for token in tokens:
        if found and found[-1].start in modes:
            token = _token(TokenType.VAR, f"{found.pop().text.lower()} {token.text}", token)
        found.append(token)
    return found


def _token(kind: TokenType, text: str, at: Token) -> Token:
    return Token(kind, text, at.line, at.col, at.start, at.end, [])


@dataclass
class _Rewriter:
    """Rewrites the clauses in tokens.

    Attributes:
        places: for each token of the grammar its place in the tokens.
        matches: the clauses by the place where the relation that each reads begins.
    """

    tokens: list[Token]
    places: list[int]
    matches: dict[int, Match]

    def span(self, first: int, behind: int, inside: Match | None = None) -> list[Token]:
        """The tokens from one place to another; `inside` is the clause whose relation they are."""
        found: list[Token] = []
        at = first
        while at < behind:
            match = self.matches.get(at)
            if match is None or match is inside:
                found.append(self.tokens[at])
                at += 1
            else:
                found += self._query(match)
                at = self.places[match.end]
        return found

    def _of(self, span: Span) -> list[Token]:
        return self.span(self.places[span[0]], self.places[span[1]])

    def _query(self, match: Match) -> list[Token]:
        at = self.tokens[self.places[match.word]]
        found = [_token(TokenType.L_PAREN, "(", at), _token(TokenType.SELECT, "SELECT", at)]
        found.append(_token(TokenType.NUMBER, MARKER + _said(match), at))
        spans = [*match.partition, *(span for _, span in match.measures), *(span for _, span in match.defines)]
        for span in spans:
            found += [_token(TokenType.COMMA, ",", at), *self._of(span)]
        found.append(_token(TokenType.FROM, "FROM", at))
        found += self.span(self.places[match.start], self.places[match.word], match)
        if match.order is not None:
            found += [_token(TokenType.ORDER_BY, "ORDER BY", at), *self._of(match.order)]
        return [*found, _token(TokenType.R_PAREN, ")", at)]


def _said(match: Match) -> str:
    """What the clause says beside its expressions, as JSON."""
    return json.dumps(
        {
            "partition": len(match.partition),
            "measures": [name for name, _ in match.measures],
            "rows": match.rows,
            "skip": match.skip,
            "mode": match.mode,
            "pattern": match.pattern,
            "subsets": match.subsets,
            "defines": [label for label, _ in match.defines],
        }
    )
