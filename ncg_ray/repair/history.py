"""What edits were worth so far: tries and fixes by kind of edit, on disk, as the prior of the next search.

An edit's chance is drawn from the posterior of its arm (Thompson sampling). Arms lie in three levels: the template, the
rewrite (the template with the changed text, names and large numbers left out), and the rewrite where this kind of failure
was seen; each level is the prior of the next, so that what was never tried is judged by what is like it.

Covers: single edits; a pair counts for its parts. Does not cover: which place is to be edited; that is what runs show.

Source: Thompson, On the likelihood that one unknown probability exceeds another (1933); Chapelle and Li, An Empirical
Evaluation of Thompson Sampling (2011).
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ncg_ray import storage, telemetry
from ncg_ray.errors import InputError
from ncg_ray.repair.rewrites import Rewrite, mined, rewrite_of
from ncg_ray.repair.source import Edit

BASE_RATE = 0.02
"How often an edit of prior 1 at the right place is the fix, before anything is known."
STRENGTHS = (100.0, 60.0, 30.0)
"How many tries the prior of each level counts as."
CAUTION = 5.0
"How much narrower than the posterior the draws are: the priors are good, and most of a search's arms are bad ones."
BUSY_S = 5.0
"Seconds that another process may hold the file."
MAX_FIXES = 400
"The latest fixes, out of which rewrites are mined."
STALE_SHARE = 1 / 16
"How much the fixes may grow before rewrites are mined again: that takes up to a second, and a search often less."
MAX_TRIES = 1e6
"Of an arm: more say nothing more, and the draws stay finite."
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_WORDS = frozenset("and or not in is if else elif for while return break continue len range sum min max sorted abs int str "
                   "list set dict tuple float bool None True False append zip enumerate reversed any all".split())
_SCHEMA = """
create table if not exists arms (arm text primary key, tries real not null, fixes real not null) without rowid;
create table if not exists fixes (at text default current_timestamp, context text not null, template text not null,
                                  before text not null, after text not null);
create table if not exists mined (id integer primary key check (id = 0), upto integer not null, rewrites text not null);
"""


class History:
    """The outcomes of earlier searches.

    Processes may share one file. Where it cannot be used, a search goes on without it, and the log says so.

    Args:
        path: of the SQLite file, which is made with its folder; ":memory:" for one that nobody shares.

    Example:
        >>> history = History("repair.sqlite")                     # doctest: +SKIP
        >>> edits = history.ordered(edits, code, "IndexError", seed=0)  # doctest: +SKIP
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._memory = sqlite3.connect(":memory:", check_same_thread=False) if path == ":memory:" else None
        if self._memory is not None:
            self._memory.executescript(_SCHEMA)

    def ordered(self, edits: Sequence[Edit], code: str, context: str, seed: int) -> list[Edit]:
        """The edits by what was learned of them times the suspicion of their places, best first; else as they are.

        Only the order is learned: which of the patches that pass is shown does not hang on what was repaired before.

        Args:
            context: the kind of failure, such as the exception's class.
        """
        keys = [_arms(edit, code, context) for edit in edits]
        known = self._known({arm for arms in keys for arm in arms})
        if not known:
            return list(edits)
        rng, drawn = random.Random(seed), {}
        found = []
        for edit, arms in zip(edits, keys, strict=True):
            chance = BASE_RATE * edit.prior
            for arm, strength in zip(arms, STRENGTHS, strict=True):
                tries, fixes = known.get(arm, (0.0, 0.0))
                tries, fixes = min(tries, MAX_TRIES), min(fixes, tries, MAX_TRIES)
                mean = max(1e-6, (fixes + strength * chance) / (tries + strength))
                if not tries:
                    chance = mean
                    continue
                # One draw an arm: its edits keep their order among themselves.
                if arm not in drawn:
                    total = CAUTION * (tries + strength)
                    drawn[arm] = rng.betavariate(max(1e-3, mean * total), max(1e-3, (1 - mean) * total)) / mean
                chance = mean * drawn[arm]
            place = edit.score / edit.prior if edit.prior else 0.0
            found.append((-chance * place, edit.changes, edit))
        return [edit for *_, edit in sorted(found, key=lambda row: row[:2])]

    def record(self, tried: Sequence[Edit], fixes: Sequence[Edit], code: str, context: str) -> None:
        """Count a search: what it tried, and which of that mended the code. Several fixes share the credit."""
        counts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for edit in tried:
            for arm in _arms(edit, code, context):
                counts[arm][0] += 1
        for edit in fixes:
            for arm in _arms(edit, code, context):
                counts[arm][1] += 1 / len(fixes)
        rewrites = [pair for edit in fixes[:3] if (pair := rewrite_of(edit, code)) is not None]
        with self._open() as file:
            if file is not None:
                _add(file, [(arm, n, good) for arm, (n, good) in counts.items()])
                file.executemany("insert into fixes (context, template, before, after) values (?, ?, ?, ?)",
                                 [(context, fixes[0].template, before, after) for before, after in rewrites])

    def rewrites(self) -> list[Rewrite]:
        """Rewrites that several fixes have in common: templates that nobody wrote. Kept until there are more fixes."""
        rows, upto = [], 0
        with self._open() as file:
            if file is not None:
                upto = file.execute("select coalesce(max(rowid), 0) from fixes").fetchone()[0]
                for known, text in file.execute("select upto, rewrites from mined").fetchall():
                    if known <= upto <= known * (1 + STALE_SHARE):
                        return [Rewrite(*row) for row in json.loads(text)]
                rows = file.execute("select before, after from fixes order by rowid desc limit ?", (MAX_FIXES,)).fetchall()
        found = mined(rows)
        with self._open() as file:
            if file is not None:
                text = json.dumps([[r.before, r.after, r.support] for r in found])
                file.execute("insert or replace into mined values (0, ?, ?)", (upto, text))
        return found

    def export(self, target: str | Path) -> int:
        """Write everything as JSON lines; gives back how many. Raises InputError where the history cannot be read."""
        rows: list[dict[str, str | float]] | None = None
        with self._open() as file:
            if file is not None:
                rows = [{"arm": a, "tries": n, "fixes": k} for a, n, k in file.execute("select * from arms order by arm")]
                rows += [{"context": c, "template": t, "before": b, "after": a} for c, t, b, a in file.execute(
                    "select context, template, before, after from fixes order by rowid")]
        if rows is None:
            raise InputError(f"the history {self.path!r} cannot be read; set repair.history to another file")
        storage.write_text(str(target), "".join(json.dumps(row) + "\n" for row in rows))
        return len(rows)

    def load(self, source: str | Path) -> int:
        """Add what `export` wrote, here or elsewhere; gives back how many. Raises InputError for a file that is none."""
        arms, fixes, number = [], [], 0
        try:
            for line in Path(source).read_text(encoding="utf-8-sig").splitlines():
                number += 1
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("a JSON object is needed")
                for text in row.values():
                    str(text).encode("utf-8")  # half a surrogate pair cannot be stored
                if set(row) == {"arm", "tries", "fixes"}:
                    tries, good = float(row["tries"]), float(row["fixes"])
                    if not 0 <= good <= tries <= MAX_TRIES:
                        raise ValueError(f"fixes must lie between 0 and tries, and tries must not be over {MAX_TRIES:g}")
                    arms.append((str(row["arm"]), tries, good))
                elif set(row) == {"context", "template", "before", "after"}:
                    fixes.append(tuple(str(row[key]) for key in ("context", "template", "before", "after")))
                else:
                    raise ValueError("neither an arm nor a fix")
        except OSError as error:
            raise InputError(f"history {str(source)!r}: {error.strerror}; give a file that `export` wrote") from None
        except UnicodeError:
            raise InputError(f"history {str(source)!r}, line {number}: it is not UTF-8 text; give a file that `export` "
                             "wrote") from None
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InputError(f"history {str(source)!r}, line {number}: {error}; give a file that `export` wrote") from None
        with self._open() as file:
            if file is None:
                raise InputError(f"the history {self.path!r} cannot be written; set repair.history to another file")
            _add(file, arms)
            file.executemany("insert into fixes (context, template, before, after) values (?, ?, ?, ?)", fixes)
        return len(arms) + len(fixes)

    def _known(self, arms: set[str]) -> dict[str, tuple[float, float]]:
        with self._open() as file:
            rows = [] if file is None else file.execute(
                "select arm, tries, fixes from arms where arm in (select value from json_each(?))",
                (json.dumps(sorted(arms)),)).fetchall()
        return {arm: (tries, fixes) for arm, tries, fixes in rows}

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """The file inside one transaction; None where there is none that can be used."""
        if self._memory is not None:
            with self._memory:
                yield self._memory
            return
        file = None
        try:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(self.path, timeout=BUSY_S)
            file.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            _say(self.path, error)
            if file is not None:
                file.close()
                file = None
        try:
            yield file
            if file is not None:
                file.commit()
        except sqlite3.Error as error:
            _say(self.path, error)
        finally:
            if file is not None:
                file.close()


def _say(path: str, error: Exception) -> None:
    telemetry.logger("repair").warning("the history of repairs is not used", path=path, why=str(error))


def _add(file: sqlite3.Connection, rows: Sequence[tuple[str, float, float]]) -> None:
    file.executemany("insert into arms values (?, ?, ?) on conflict (arm) do update set "
                     "tries = tries + excluded.tries, fixes = fixes + excluded.fixes", rows)


def _arms(edit: Edit, code: str, context: str) -> tuple[str, str, str]:
    """The arms of an edit, from the widest to the narrowest."""
    names: dict[str, str] = {}
    changes = ";".join(f"{_bare(code[a:b], names)} => {_bare(new, names)}" for a, b, new in edit.changes)
    return edit.template, f"{edit.template}: {changes}", f"{edit.template}: {changes} @ {context}"


def _bare(text: str, names: dict[str, str]) -> str:
    """The text with names numbered in their order, and without texts and large numbers; its beginning where it is long."""
    found = []
    for token in _TOKEN.findall(text)[:40]:
        if token.isspace():
            continue
        if re.match(r"[A-Za-z_]", token) and token not in _WORDS:
            token = names.setdefault(token, f"v{len(names)}")
        elif token[0] in "'\"":
            token = "s"
        elif token[0].isdigit() and token not in ("0", "1", "2"):
            token = "n"
        found.append(token)
    return " ".join(found[:14])
