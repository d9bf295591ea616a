"""All single edits of a module, each once, ordered by the suspicion of its place times the prior of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ncg_ray.repair.additions import addition_edits
from ncg_ray.repair.bounds import bound_edits
from ncg_ray.repair.calls import call_edits
from ncg_ray.repair.conditions import condition_edits
from ncg_ray.repair.constants import constant_edits
from ncg_ray.repair.guards import guard_edits
from ncg_ray.repair.localise import Suspect
from ncg_ray.repair.names import name_edits
from ncg_ray.repair.operators import operator_edits
from ncg_ray.repair.rewrites import Rewrite, learned_edits
from ncg_ray.repair.scope import Scopes
from ncg_ray.repair.source import Edit, Source
from ncg_ray.repair.statements import statement_edits
from ncg_ray.repair.symptoms import Symptom

Family = Callable[[Source, Scopes], Iterator[Edit]]
FAMILIES: tuple[Family, ...] = (operator_edits, constant_edits, name_edits, call_edits, condition_edits, bound_edits,
                                statement_edits, addition_edits)
FLOOR = 0.05
"Suspicion of a place that no failing run reached: not excluded, since a statement may be missing there."
FOCUS_CHARS = 4000
"In a longer module only functions that a failing run reached are edited."
GUARD_SUSPICION = 0.9
"Guards are made for the place where the exception came from, wherever they are put."


def all_edits(source: Source, suspects: Sequence[Suspect], symptoms: Sequence[Symptom], imports: dict[str, str],
              rewrites: Sequence[Rewrite] = ()) -> list[Edit]:
    """The edits, most promising first; edits that give the same text are one, with the best score of them.

    `rewrites` are templates that were mined from earlier fixes.
    """
    suspicion = {line: s.score for s in suspects for line in range(s.line, s.end_line + 1)}
    if len(source.text) > FOCUS_CHARS:
        source.focus({line for line, score in suspicion.items() if score > 0} | {n for s in symptoms for n in s.lines})
    scopes = Scopes(source)
    found: dict[tuple[tuple[int, int, str], ...], Edit] = {}

    def add(edit: Edit, at_least: float) -> None:
        key = _trimmed(source.text, edit.changes)
        score = edit.prior * max(suspicion.get(edit.line, 0.0), at_least)
        if key and (key not in found or found[key].score < score):
            found[key] = replace(edit, changes=key, score=score)

    for family in FAMILIES:
        for edit in family(source, scopes):
            add(edit, FLOOR)
    for edit in learned_edits(source, rewrites):
        add(edit, FLOOR)
    for symptom in symptoms:
        for edit in guard_edits(source, scopes, symptom, imports):
            add(edit, GUARD_SUSPICION)
    return sorted(found.values(), key=lambda edit: (-edit.score, edit.changes))


def _trimmed(text: str, changes: tuple[tuple[int, int, str], ...]) -> tuple[tuple[int, int, str], ...]:
    """The changes without what they leave as it is, in order; empty where nothing changes."""
    kept = []
    for start, end, new in sorted(changes):
        old = text[start:end]
        if old != new:
            kept.append((start, end, new))
    return tuple(kept)
