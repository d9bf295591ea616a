"""`ncg repair` without a model: read code and tests, search for patches, choose the one to believe, say why.

The parts meet here: the search knows no verifier, the verifier no search, and neither of them the analysers.

Covers: functions at the top level of a file, judged by examples, docstring examples and test code; security findings, type
errors and style of a module, judged by a new scan and by the tests where there are any.
Does not cover: the choice between patches that no example and no generated input tells apart by what they mean.
"""

from ncg_ray.mend.flaws import DEFAULT_KINDS, KINDS
from ncg_ray.mend.kinds import check_kinds, mend_kinds, read_code
from ncg_ray.mend.reading import complete, read_problem
from ncg_ray.mend.run import Mended, mend

__all__ = ["DEFAULT_KINDS", "KINDS", "Mended", "check_kinds", "complete", "mend", "mend_kinds", "read_code", "read_problem"]
