"""Tasks: how they, their examples, contracts and tests are read from files, stubs and words.

    read.py        whatever the user gave -> Task; stub.py: Python source; mapping.py: TOML, JSON, words
    tests_file.py  `--tests T`
    docstring.py   the examples in a docstring, in any of the usual dialects:
                   doctests.py (`>>>`), prose.py (`f(3) -> 5`), inputs.py (`Input: n = 3  Output: 5`)
    contracts.py   `requires`, `ensures` and PEP 316 clauses
    signature.py   a `def` line
    values.py      constants in source or prose, read without `eval`
    asserts.py     comparisons that say what a call returns

Everything here is pure, uses the standard library only and never runs what it reads.
"""
