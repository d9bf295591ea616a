"""Operators by their syntax, and names for what the fragment does not have."""

from __future__ import annotations

import ast

BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}


COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def construct(node: ast.AST) -> str:
    names = {
        "With": "`with`",
        "Match": "`match`",
        "Yield": "`yield`",
        "Await": "`await`",
        "Global": "`global`",
        "ClassDef": "a class in a function",
        "Starred": "a starred expression",
    }
    return names.get(type(node).__name__, f"the construct {type(node).__name__}")
