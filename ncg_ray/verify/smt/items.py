"""What is read and written by index, key or slice."""

from __future__ import annotations

import ast
from typing import Any

from ncg_ray.verify.smt import comparison, sequences
from ncg_ray.verify.smt.methods import attribute
from ncg_ray.verify.smt.paths import Path, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Fixed,
    Instance,
    Lazy,
    Module,
    SDict,
    SList,
    elements_of,
    holds_mutable,
    is_string,
    kind_of,
    make_str,
    wrap_int,
)


class Items:
    """`holder[key]`, on either side of an assignment."""

    path: Path

    def _value_Subscript(self, node: ast.Subscript, frame: Any) -> Any:
        return self.item(self.evaluate(node.value, frame), self._key(node.slice, frame))

    def _key(self, node: ast.expr, frame: Any) -> Any:
        if isinstance(node, ast.Slice):
            return slice(
                *(None if part is None else self.evaluate(part, frame) for part in (node.lower, node.upper, node.step))
            )
        return self.evaluate(node, frame)

    def item(self, holder: Any, key: Any) -> Any:
        """`holder[key]`."""
        path = self.path
        elements = elements_of(holder)
        if isinstance(holder, sequences.SRange):
            elements = sequences.range_elements(path, holder)
        if elements is not None:
            if isinstance(key, slice):
                if isinstance(holder, sequences.SRange):
                    raise Unsupported("a slice of a range")
                return sequences.rebuilt(holder, sequences.sliced(path, elements, key.start, key.stop, key.step))
            index = sequences.normal_index(path, key, elements.length, kind_of(holder))
            found = sequences.at(path, elements, index)
            return make_str(Fixed((found,))) if is_string(holder) else found
        if isinstance(holder, SDict):
            position = comparison.find_key(path, holder, key)
            if position >= 0:
                return holder.entries[position][1]
            if holder.default is not None:
                value = self.call(holder.default, [], {})
                self.store_item(holder, key, value)
                return value
            raise Raised(KeyError, "")
        if isinstance(holder, (Instance, Class, Builtin, Module)):
            raise Unsupported(f"indexing a {kind_of(holder)}")
        raise type_error(f"'{kind_of(holder)}' object is not subscriptable", holder)

    def store_item(self, holder: Any, key: Any, value: Any) -> None:
        """`holder[key] = value`."""
        path = self.path
        if isinstance(holder, SDict):
            position = comparison.find_key(path, holder, key)
            holder.touch(moves=position < 0)
            if position >= 0:
                holder.entries[position] = (holder.entries[position][0], value)
            else:
                holder.entries.append((key, value))
        elif isinstance(holder, SList):
            if isinstance(key, slice):
                raise Unsupported("assignment to a slice")
            index = sequences.normal_index(path, key, holder.elements.length, "list assignment")
            holder.touch()
            holder.elements = self._with_item(holder.elements, index, value)
        elif isinstance(holder, (Instance, Class)):
            raise Unsupported(f"assignment to an item of a {kind_of(holder)}")
        else:
            raise type_error(f"'{kind_of(holder)}' object does not support item assignment", holder)

    def _with_item(self, elements: Any, index: Any, value: Any) -> Any:
        path = self.path
        if isinstance(elements, Fixed):
            position = sequences.known_int(path, index, elements.length - 1)
            return Fixed((*elements.items[:position], value, *elements.items[position + 1 :]))
        if holds_mutable(value):
            raise Unsupported("mutable elements in a sequence of unbounded length")
        get = elements.get
        return Lazy(elements.length, lambda i: sequences.either(path, i == index, lambda: value, lambda: get(i)))

    def _delete_item(self, holder: Any, key: Any) -> None:
        if isinstance(holder, SDict):
            position = comparison.find_key(self.path, holder, key)
            if position < 0:
                raise Raised(KeyError, "")
            holder.touch()
            del holder.entries[position]
        elif isinstance(holder, SList) and not isinstance(key, slice):
            # The index first: `pop` refuses one that is no machine word with another exception.
            index = sequences.normal_index(self.path, key, holder.elements.length, "list assignment")
            self.call(attribute(self, holder, "pop"), [wrap_int(index)], {})
        else:
            raise Unsupported(f"`del` of an item of a {kind_of(holder)}")
