"""MATCH_RECOGNIZE: row pattern recognition in FROM, as Trino's page "MATCH_RECOGNIZE" has it.

`rewrite` gives the clause to the parser, `clause` reads it from the tree and checks its labels, `program` makes the
pattern a program, `navigation` finds the rows that expressions point to, `conditions` compiles DEFINE, `measures`
compiles MEASURES, `relation` puts them together. `udfs/row_patterns` is the matcher.
"""
