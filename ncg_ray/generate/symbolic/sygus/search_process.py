"""Our search, or the check of an answer, in a process of its own: `search` or `check`, and CPU seconds, as arguments.

Standard input is a JSON document with `problem`, and `answer` for the check. `search` writes `define-fun` texts, `check` a
JSON document of `check.Check`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from ncg_ray.generate.symbolic.sygus.bank import Clock
from ncg_ray.generate.symbolic.sygus.check import check
from ncg_ray.generate.symbolic.sygus.code import define_fun
from ncg_ray.generate.symbolic.sygus.limits import limit
from ncg_ray.generate.symbolic.sygus.read import read_problem
from ncg_ray.generate.symbolic.sygus.search import find

KEPT_S = 0.1
"For writing the answer."
WALL_PER_CPU = 4.0
"Wall seconds of a check for a CPU second: other processes may want the core as well."


def main() -> None:
    what, cpu_s = sys.argv[1], float(sys.argv[2])
    given = json.load(sys.stdin)
    left_s = limit(cpu_s)
    if what == "check":
        print(json.dumps(asdict(check(given["problem"], given["answer"], WALL_PER_CPU * left_s))))
        return
    answers = find(read_problem(given["problem"]), Clock(left_s - KEPT_S))
    for function in (answers or {}).values():
        print(define_fun(function))


if __name__ == "__main__":
    main()
