import pytest

from ncg_ray.config import Config, describe, load
from ncg_ray.errors import ConfigError


def test_sets_win_over_the_file(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text("seed = 3\n[sandbox]\ntime_s = 2\nmemory_mb = 256\n")
    config = load(file, ["sandbox.time_s=7.5", "model.source=some/model"])
    assert (config.seed, config.sandbox.time_s, config.sandbox.memory_mb, config.model.source) == (3, 7.5, 256, "some/model")


def test_hash_ignores_where_it_runs_but_not_what_it_does():
    assert load(sets=["ray.num_cpus=4", "storage.uri=/tmp/x"]).hash == Config().hash
    assert load(sets=["search.num_samples=3"]).hash != Config().hash


@pytest.mark.parametrize("item,said", [
    ("nonsense", "write it as section.key=value"), ("a.b=1", "unknown config key 'a'"), ("sandbox.x=1", "'sandbox.x'"),
    ("num_samples=3", "did you mean search.num_samples"),
    ("sandbox=1", "is a section"), ("sandbox.time_s=soon", "a number is needed"), ("sandbox.time_s=-1", "from 0.05"),
    ("sandbox.time_s=nan", "from 0.05"), ("seed=true", "a whole number is needed"), ("model.dtype=int4", "one of auto"),
    ("reward.weights=[1,1,0,0]", "these sum to 2"), ("reward.weights=[1]", "four numbers"), ("reward.weights=3", "a list"),
    ("reward.weights=[2,-1,0,0]", "from 0.0 to 1.0")])
def test_bad_values_are_named_with_what_is_allowed(item, said):
    with pytest.raises(ConfigError, match=said.replace("[", r"\[")):
        load(sets=[item])


@pytest.mark.parametrize("content,said", [(b"a = ", "is not TOML"), (b"\xff\xfe", "is not TOML"), (None, "readable TOML")])
def test_bad_files_are_named(tmp_path, content, said):
    file = tmp_path / "c.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        load(file)


def test_every_knob_has_a_meaning():
    rows = describe()
    assert ("sandbox.calibrate", True) in [row[:2] for row in rows]
    assert all(doc for _, _, doc in rows)
