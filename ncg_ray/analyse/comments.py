"""Comments that ask a tool to look away."""

from __future__ import annotations

import ast
import io
import re
import tokenize

EXCUSE = re.compile(r"#.*?\b(?:type:\s*ignore|mypy:|noqa|nosec|nosemgrep|ruff:|pylint:|pyright:|flake8:)", re.IGNORECASE)


def without_excuses(code: str) -> str:
    """The same program with such comments blanked out; every line and column stays where it is.

    Raises ValueError where blanking would change the program.
    """
    if EXCUSE.search(code) is None:
        return code
    lines = io.StringIO(code).readlines()  # as `tokenize` counts them: other breaks, such as a form feed, end no line
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT and EXCUSE.match(token.string):
                row, column = token.start
                line = lines[row - 1]
                lines[row - 1] = line[:column] + "#" + " " * (len(token.string) - 1) + line[column + len(token.string):]
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return code
    bare = "".join(lines)
    if ast.dump(ast.parse(bare)) != ast.dump(ast.parse(code)):
        raise ValueError("comments that excuse the code cannot be told from the code")
    return bare
