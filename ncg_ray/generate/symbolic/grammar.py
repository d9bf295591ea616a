"""`Grammar`: what each production, template and constant costs, in bits; hints from the task's words make some cheaper.

The costs are a prior over programs, `2 ** -cost` up to a factor. `Grammar(costs)` is the hook for one that was learned:
give it a cost by the production's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ncg_ray.generate.symbolic.productions import PRODUCTIONS, Production

DISCOUNT = 2
"Bits that a production named by the task's words costs less; it still costs at least one."

PARAMETER, VARIABLE, PART, OUTER = 2, 1, 2, 3
"Bits of a parameter; inside a comprehension of its own variable, of a part of that, and of a parameter."

TEMPLATES = {"map": 4, "filter": 4, "map_filter": 6, "sort_by": 6, "max_by": 6, "min_by": 6, "dict_by": 7,
             "fold": 10, "loop": 12}

# Words (also as parts of names, by their beginnings) and the productions that they speak of.
WORDS: dict[str, str] = {
    "sort": "sorted sorted_down sort_by", "ascend": "sorted", "descend": "sorted_down sort_by", "order": "sorted",
    "sum": "sum add", "add": "add sum", "total": "sum", "differ": "subtract difference one_sided absolute",
    "subtract": "subtract", "product": "multiply product", "multipl": "multiply product mod",
    "divi": "mod floordiv divide", "quotient": "floordiv", "remainder": "mod", "even": "mod", "odd": "mod",
    "prime": "mod all any", "power": "power", "square": "multiply power sqrt", "cube": "power",
    "root": "sqrt isqrt power", "average": "divide sum len", "mean": "divide sum len",
    "count": "count count_text len counter sum map filter", "number": "len count sum", "length": "len",
    "long": "len max_by", "short": "len min_by", "max": "max max_by larger", "larg": "max max_by larger nlargest",
    "great": "max larger less", "high": "max max_by", "big": "max larger", "min": "min min_by smaller",
    "small": "min min_by smaller nsmallest", "least": "min smaller", "lowest": "min min_by", "first": "item",
    "last": "item", "nth": "item", "kth": "item", "revers": "backwards sorted_down", "palindrom": "backwards equal",
    "uniq": "set distinct", "distinct": "set distinct", "duplicat": "set distinct", "common": "common",
    "shared": "common", "similar": "common", "intersect": "common", "union": "union", "merge": "merge join_lists",
    "concat": "join join_texts join_lists", "join": "join", "combin": "choices join zip", "split": "split split_at",
    "word": "split join", "upper": "upper isupper", "lower": "lower islower", "capital": "capitalize title isupper",
    "digit": "text to_int isdigit map sum", "vowel": "contains in_text filter", "alphabet": "isalpha ord",
    "letter": "isalpha", "replace": "replace", "remove": "replace filter", "delet": "replace filter", "start": "starts",
    "begin": "starts", "end": "ends", "contain": "contains in_text any", "present": "contains any", "check": "equal",
    "whether": "equal", "all": "all", "every": "all every", "any": "any", "flatten": "flatten", "nested": "flatten",
    "frequen": "counter count most_common", "occur": "count count_text counter", "pair": "zip pair", "zip": "zip",
    "index": "index enumerate", "position": "index enumerate", "key": "items get", "value": "values items",
    "dictionar": "items dict counter dict_by", "tuple": "tuple pair", "set": "set", "string": "text join",
    "convert": "text to_int list tuple", "integer": "to_int truncate", "float": "to_float float", "binary": "binary",
    "hexadecimal": "hexadecimal", "ascii": "ord chr", "factorial": "factorial", "gcd": "gcd", "divisor": "gcd mod",
    "absolute": "absolute", "round": "round round_to", "bit": "xor bit_and bit_or shift", "xor": "xor",
    "filter": "filter", "column": "transpose item", "matri": "flatten transpose", "coefficient": "binomial",
    "empty": "empty", "swap": "pair", "rang": "range range_through", "area": "multiply", "perimeter": "multiply add",
    "volume": "multiply", "consecutive": "zip", "adjacent": "zip", "fibonacci": "loop", "slice": "from until between",
    "list": "list",
}

# Constants that words stand for, beside those that are always there.
MEANT: dict[str, tuple[Any, ...]] = {
    "vowel": ("aeiou", "aeiouAEIOU"), "space": (" ",), "comma": (",",), "dot": (".",), "underscore": ("_",),
    "hyphen": ("-",), "circle": (3.141592653589793,), "cone": (3.141592653589793,), "cylinder": (3.141592653589793,),
    "sphere": (3.141592653589793,), "cube": (3,), "hundred": (100,), "percent": (100,), "week": (7,), "hour": (60,),
    "minute": (60,), "three": (3,), "four": (4,), "five": (5,), "six": (6,), "seven": (7,), "eight": (8,), "nine": (9,),
    "ten": (10,), "eleven": (11,), "twelve": (12,), "triangle": (3,), "digit": (10,), "decimal": (10,), "binary": (2,),
}


class Grammar:
    """Costs by name of production or template; what `costs` does not name keeps its prior cost.

    Example:
        >>> Grammar({"sorted": 1}).cost("sorted")
        1
    """

    def __init__(self, costs: Mapping[str, int] | None = None, taken: Iterable[str] = ()) -> None:
        prior = {p.name: p.cost for p in PRODUCTIONS} | TEMPLATES
        self.costs = {**prior, **(costs or {})}
        self.taken = frozenset(taken)
        "Names of parameters: what needs a builtin of such a name is left out."
        self.productions: tuple[Production, ...] = tuple(p for p in PRODUCTIONS if self.may_use(p.source))

    def cost(self, name: str) -> int:
        """Bits of a production or template, >= 1."""
        return max(1, self.costs[name])

    def may_use(self, source: str) -> bool:
        """Whether no name in the source means a parameter."""
        return self.taken.isdisjoint(re.findall(r"(?<![\w.])[a-zA-Z]\w*", source))

    def beside(self, names: Iterable[str]) -> Grammar:
        """The same for a function with these parameters."""
        return Grammar(self.costs, names)

    def hinted(self, text: str) -> Grammar:
        """The same with what the words speak of made cheaper. `text`: prompt and name of the function."""
        named = {name for begin, names in WORDS.items() if _says(text, begin) for name in names.split()}
        costs = {name: cost - DISCOUNT if name in named else cost for name, cost in self.costs.items()}
        return Grammar(costs, self.taken)


def meant_constants(text: str) -> list[Any]:
    """The constants that the words of a task stand for."""
    return [value for begin, values in MEANT.items() if _says(text, begin) for value in values]


def _says(text: str, begin: str) -> bool:
    """Whether a word of the text, or a part of a name in it, begins like that."""
    return re.search(rf"(?<![a-z]){begin}", text, re.IGNORECASE) is not None
