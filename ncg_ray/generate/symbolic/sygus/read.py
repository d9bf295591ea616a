"""Reads SyGuS-IF 2 text: one problem a file.

Source: Padhi et al., "The SyGuS Language Standard Version 2.1", 2021. Covered are `set-logic synth-fun define-fun
declare-var constraint check-synth` over Int, Bool and String; options, features and infos are passed over. Invariants,
oracles, quantifiers, data types and bit vectors are not: they are errors that say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ncg_ray.generate.symbolic.sygus.elaborate import Elaborator, sort_of, symbol_of
from ncg_ray.generate.symbolic.sygus.problem import Function, Grammar, Nonterminal, Parameters, Problem
from ncg_ray.generate.symbolic.sygus.sexpr import Atom, Group, SExpr, error, read_all, shown
from ncg_ray.generate.symbolic.sygus.terms import BOOL, NONTERMINAL, Term, variable

COMMANDS = ("set-logic", "synth-fun", "define-fun", "declare-var", "constraint", "check-synth")
PASSED_OVER = ("set-option", "set-feature", "set-info")
LOGICS = ("LIA", "SLIA", "CLIA", "NIA", "S", "ALL", "QF_LIA", "QF_SLIA", "QF_S")


@dataclass
class _State:
    logic: str = ""
    functions: dict[str, Function] = field(default_factory=dict)
    definitions: dict[str, Function] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    constraints: list[Term] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    asked: bool = False

    def elaborator(self, inline: bool = True) -> Elaborator:
        return Elaborator({**self.functions, **self.definitions}, inline)


def read_problem(text: str) -> Problem:
    """The problem of a SyGuS-IF 2 text. Raises TaskError, which names the line, what is wrong there, and the mend."""
    state = _State()
    for item in read_all(text):
        if not isinstance(item, Group) or not item.items:
            raise error(item.line, f"a command such as (check-synth) was expected, not {shown(item)}")
        if state.asked:
            break  # what follows (check-synth) is a second question
        _command(state, item)
    last = text.count("\n") + 1
    if not state.functions:
        raise error(last, "there is nothing to find: add (synth-fun NAME ((PARAMETER SORT) ...) SORT)")
    if not state.asked:
        raise error(last, "(check-synth) is missing: add it at the end")
    return Problem(state.logic or "ALL", state.functions, state.definitions, tuple(state.variables.items()),
                   tuple(state.constraints), tuple(state.lines))


def read_answer(text: str, problem: Problem) -> dict[str, Function]:
    """The functions of `(define-fun ...)` texts that answer the problem, by name. Raises TaskError.

    Applications of functions that the problem defines stay in the bodies: a grammar may name them.
    """
    found: dict[str, Function] = {}
    for item in _definitions(read_all(text)):
        function = _defined(_State(definitions=dict(problem.definitions)), item, inline=False)
        wanted = problem.functions.get(function.name)
        if wanted is None:
            continue
        sorts = [sort for _, sort in function.parameters]
        if sorts != [sort for _, sort in wanted.parameters] or function.sort != wanted.sort:
            raise error(item.line, f"{function.name} has other sorts than the problem asks for")
        found[function.name] = function
    missing = [name for name in problem.functions if name not in found]
    if missing:
        raise error(1, f"the answer does not define {', '.join(missing)}")
    return found


def definitions_text(text: str) -> str:
    """The `(define-fun ...)` of a text, one a line, as they are written there."""
    return "\n".join(map(str, _definitions(read_all(text))))


def _definitions(items: Sequence[SExpr]) -> list[Group]:
    groups = [item for item in items if isinstance(item, Group) and item.items]
    flat: list[Group] = []
    for group in groups:
        head = group.items[0]
        flat += [group] if isinstance(head, Atom) else _definitions(group.items)
    return [group for group in flat if isinstance(group.items[0], Atom) and group.items[0].text == "define-fun"]


def _command(state: _State, item: Group) -> None:
    name = symbol_of(item.items[0], "the name of a command")
    args = item.items[1:]
    if name in PASSED_OVER:
        return
    if name not in COMMANDS:
        raise error(item.line, f"the command {name!r} is not supported; those that are: {', '.join(COMMANDS)}")
    wanted = {"set-logic": 1, "define-fun": 4, "declare-var": 2, "constraint": 1, "check-synth": 0}.get(name)
    if wanted is not None and len(args) != wanted:
        raise error(item.line, f"{name} takes {wanted} argument{'s' * (wanted != 1)}, not {len(args)}: {shown(item)}")
    if name == "set-logic":
        state.logic = symbol_of(args[0], "the name of a logic")
        if state.logic not in LOGICS:
            raise error(item.line, f"the logic {state.logic} is not supported; those that are: {', '.join(LOGICS)}")
    elif name == "declare-var":
        variable_name = symbol_of(args[0], "the name of a variable")
        state.variables[variable_name] = sort_of(args[1])
    elif name == "define-fun":
        function = _defined(state, item, inline=True)
        _new(state, function.name, item)
        state.definitions[function.name] = function
    elif name == "synth-fun":
        function = _to_find(state, item)
        _new(state, function.name, item)
        state.functions[function.name] = function
    elif name == "constraint":
        scope = {name: variable(name, sort) for name, sort in state.variables.items()}
        term = state.elaborator().term(args[0], scope)
        if term.sort != BOOL:
            raise error(item.line, f"a constraint is of sort Bool, not {term.sort}: {shown(args[0])}")
        state.constraints.append(term)
        state.lines.append(item.line)
    else:
        state.asked = True


def _new(state: _State, name: str, item: Group) -> None:
    if name in state.functions or name in state.definitions:
        raise error(item.line, f"the function {name} is there twice; rename one of them")


def _parameters(item: SExpr) -> Parameters:
    if not isinstance(item, Group):
        raise error(item.line, f"a list of parameters ((NAME SORT) ...) was expected, not {shown(item)}")
    pairs = []
    for pair in item.items:
        if not isinstance(pair, Group) or len(pair.items) != 2:
            raise error(pair.line, f"a parameter is written (NAME SORT), not {shown(pair)}")
        pairs.append((symbol_of(pair.items[0], "the name of a parameter"), sort_of(pair.items[1])))
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise error(item.line, f"two parameters have the same name: {' '.join(names)}")
    return tuple(pairs)


def _defined(state: _State, item: Group, inline: bool) -> Function:
    if len(item.items) != 5:
        raise error(item.line, f"define-fun is written (define-fun NAME PARAMETERS SORT TERM), not {shown(item)}")
    name = symbol_of(item.items[1], "the name of a function")
    parameters, sort = _parameters(item.items[2]), sort_of(item.items[3])
    body = state.elaborator(inline).term(item.items[4], {name: variable(name, sort) for name, sort in parameters})
    if body.sort != sort:
        raise error(item.line, f"the body of {name} is of sort {body.sort}, not {sort}")
    return Function(name, parameters, sort, None, body)


def _to_find(state: _State, item: Group) -> Function:
    if len(item.items) not in (4, 5, 6):
        raise error(item.line, f"synth-fun is written (synth-fun NAME PARAMETERS SORT [GRAMMAR]), not {shown(item)}")
    name = symbol_of(item.items[1], "the name of a function")
    parameters, sort = _parameters(item.items[2]), sort_of(item.items[3])
    if len(item.items) == 4:
        return Function(name, parameters, sort)
    rules = item.items[-1]
    if not isinstance(rules, Group) or not rules.items:
        raise error(rules.line, f"a grammar ((NAME SORT (TERM ...)) ...) was expected, not {shown(rules)}")
    grammar = _grammar(state, rules, parameters)
    if grammar.start.sort != sort:
        raise error(rules.line, f"the grammar begins with {grammar.start.name} of sort {grammar.start.sort}, but {name} is "
                                f"of sort {sort}")
    return Function(name, parameters, sort, grammar)


def _grammar(state: _State, rules: Group, parameters: Parameters) -> Grammar:
    heads: dict[str, str] = {}
    for rule in rules.items:
        if not isinstance(rule, Group) or len(rule.items) != 3 or not isinstance(rule.items[2], Group):
            raise error(rule.line, f"a rule of a grammar is written (NAME SORT (TERM ...)), not {shown(rule)}")
        heads[symbol_of(rule.items[0], "the name of a nonterminal")] = sort_of(rule.items[1])
    scope = {name: variable(name, sort) for name, sort in parameters}
    scope |= {name: Term(NONTERMINAL, (), sort, name) for name, sort in heads.items()}
    elaborator = Elaborator(state.definitions, inline=False)
    found: dict[str, Nonterminal] = {}
    for rule in rules.items:
        assert isinstance(rule, Group) and isinstance(rule.items[2], Group)
        name = symbol_of(rule.items[0], "the name of a nonterminal")
        sort, terms, any_constant = heads[name], dict[Term, None](), False
        for item in rule.items[2].items:
            words = [str(part) for part in item.items] if isinstance(item, Group) else []
            if words[:1] == ["Constant"] and len(words) == 2:
                any_constant = True
                continue
            if words[:1] == ["Variable"] and len(words) == 2:
                terms |= {variable(name, of): None for name, of in parameters if of == words[1]}
                continue
            term = elaborator.term(item, scope)
            if term.sort != sort:
                raise error(item.line, f"{shown(item)} is of sort {term.sort}, but {name} is of sort {sort}")
            terms[term] = None
        found[name] = Nonterminal(name, sort, tuple(terms), any_constant)
    return Grammar(found)
