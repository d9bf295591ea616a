"""`ncg repair` without a model: read code and tests, search for patches, choose the one to believe, say why.

The parts meet here: the search knows no verifier, and the verifier no search.

Covers: functions at the top level of a file, judged by examples, docstring examples and test code.
Does not cover: the choice between patches that no example and no generated input tells apart by what they mean.
"""

from ncg_ray.mend.reading import complete, read_problem
from ncg_ray.mend.run import Mended, mend

__all__ = ["Mended", "complete", "mend", "read_problem"]
