"""The measuring instrument: a suite of tasks with hidden tests, and a report of how each mode does on it.

    suite.py     reads rows; what a solver sees of one is made of prompt and entry point only
    grade.py     hidden tests, oracle gate, time limits
    metrics.py   pass@k, intervals, exact match, BLEU
    store.py     the files of a run, so that a killed one goes on
    report.py    report.json and report.md
    run.py       evaluate(): all of it
"""

from ncg_ray.evaluate.run import evaluate
from ncg_ray.evaluate.suite import SuiteRow, read_suite

__all__ = ["SuiteRow", "evaluate", "read_suite"]
