"""The shape of the package: every module has a layer, imports point down, Ray stays in its ring, imports stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ncg_ray

PACKAGE = Path(ncg_ray.__file__).parent

# Lowest first. Members of one entry are siblings: they never import each other.
LAYERS = [
    ["errors", "plain", "gguf_files"],
    ["types"],
    ["records", "verdicts"],
    ["config", "telemetry", "protocols"],
    ["storage"],
    ["task", "sandbox", "syntax"],
    ["retrieve", "generate", "verify", "analyse", "repair", "reward", "control", "evaluate", "corpus", "learn", "registry"],
    ["pipeline"],
    ["testing"],
    ["assemble"],
    ["actors"],
    ["training", "serving"],
    ["tuning"],
    ["demo", "mend"],
    ["api"],
    ["display"],
    ["command"],
    ["job"],
    ["cli"],
    ["__main__", "__init__"],
]
LAYER = {name: depth for depth, names in enumerate(LAYERS) for name in names}
RING = {"actors", "training", "serving", "tuning", "api", "cli"}
INSIDE = {"run.py", "tools.py"}  # the sandbox, whose environment is theirs to make
MAY_READ_ENVIRONMENT = {"config", "actors"}  # actors set what Ray itself reads


def modules() -> list[tuple[str, Path]]:
    """(top-level name inside the package, file) of every module."""
    return [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path)
            for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "examples"]  # those are tasks: data


def imports(path: Path) -> list[tuple[str, int]]:
    """(dotted name, line) of everything that a file imports, also inside functions."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module == "ncg_ray"
            found += [(f"ncg_ray.{a.name}" if whole else node.module, node.lineno) for a in node.names]
    return found


@pytest.mark.parametrize("name,path", modules(), ids=lambda value: getattr(value, "name", value))
def test_imports_point_down(name: str, path: Path) -> None:
    assert name in LAYER, f"{path} has no layer: add it to LAYERS"
    for target, line in imports(path):
        parts = target.split(".")
        if parts[0] != "ncg_ray" or len(parts) == 1 or parts[1] not in LAYER:
            continue
        inside = parts[1] == name
        assert inside or LAYER[parts[1]] < LAYER[name], f"{path}:{line} imports {target}, which is not below {name}"


@pytest.mark.parametrize("name,path", modules(), ids=lambda value: getattr(value, "name", value))
def test_ray_stays_in_its_ring(name: str, path: Path) -> None:
    used = [line for target, line in imports(path) if target.split(".")[0] == "ray"]
    assert not used or name in RING, f"{path}:{used[0]} imports ray outside {sorted(RING)}"


@pytest.mark.parametrize("name,path", modules(), ids=lambda value: getattr(value, "name", value))
def test_only_config_reads_the_environment(name: str, path: Path) -> None:
    if name in MAY_READ_ENVIRONMENT or (name == "sandbox" and path.name in INSIDE):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        assert text not in ("os.environ", "os.getenv"), f"{path}:{node.lineno} reads the environment; use config"


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_pipeline_is_light() -> None:
    heavy = {"ray", "torch", "z3", "deepspeed", "transformers"} & loaded_by("ncg_ray.pipeline")
    assert not heavy, f"importing ncg_ray.pipeline loads {heavy}"


def test_package_is_light() -> None:
    heavy = {"ray", "torch", "asyncio", "rich", "structlog", "numpy"} & loaded_by("ncg_ray")
    assert not heavy, f"importing ncg_ray loads {heavy}"


def test_no_utils() -> None:
    assert not [path for _, path in modules() if path.stem in ("utils", "util", "helpers", "common", "misc")]
