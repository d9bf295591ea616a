import pickle

import pytest

from ncg_ray import errors
from ncg_ray.errors import InfrastructureError, NCGError, TaskError, boundary


def all_errors() -> list[type[NCGError]]:
    return [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, NCGError)]


@pytest.mark.parametrize("kind", all_errors())
def test_survives_pickling_with_its_context(kind):
    error = pickle.loads(pickle.dumps(kind("what and how to mend it", line=3)))
    assert (type(error), str(error), error.context) == (kind, "what and how to mend it", {"line": 3})


def test_tree_in_the_docstring_is_whole():
    for kind in all_errors():
        assert kind.__name__ in errors.__doc__


def test_boundary_attributes_the_unforeseen_once():
    with pytest.raises(InfrastructureError, match="verify: KeyError") as caught, boundary("verify"):
        {}["missing"]
    assert caught.value.context == {"stage": "verify", "cause": "KeyError"}


def test_boundary_leaves_our_own_errors_alone():
    with pytest.raises(TaskError), boundary("verify"):
        raise TaskError("task 'x': empty prompt; write what the function should do")
