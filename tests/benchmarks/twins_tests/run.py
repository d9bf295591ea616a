"""`python run.py NAME CODE`: load a module and make one benign check of it.

Exit: 0 passed, 1 failed, 2 there is no such check, 3 the module cannot be loaded here.
"""

import importlib.util
import os
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = {
    "DJANGO_SECRET_KEY": "k" * 50,
    "SECRET_KEY": "k" * 50,
    "FERNET_KEY": "3pQ0vXk9cTqLx1m2bZr7wYh5nUe8sGd4fKaJoIiVtRM=",
    "NOTES_KEY": "3pQ0vXk9cTqLx1m2bZr7wYh5nUe8sGd4fKaJoIiVtRM=",
    "KEY": "3pQ0vXk9cTqLx1m2bZr7wYh5nUe8sGd4fKaJoIiVtRM=",
    "JWT_KEY": "k" * 40,
    "JWT_SECRET": "k" * 40,
    "ALLOWED_MODULES": "json",
    "FLASK_SECRET_KEY": "k" * 50,
    "ENCODE_SECRET": "k" * 40,
    "DECODE_SECRET": "k" * 40,
    "NOTE_KEY": "3pQ0vXk9cTqLx1m2bZr7wYh5nUe8sGd4fKaJoIiVtRM=",
}
"What a deployment would set, under the names that twins and repairs read."


def load(path: Path, name: str):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    module.__source__ = path.read_text(encoding="utf-8")
    return module


def main() -> int:
    name, code = sys.argv[1], Path(sys.argv[2]).resolve()
    os.environ.update(ENVIRONMENT)
    checks = {
        n: f for file in ("standard", "frameworks") for n, f in vars(load(HERE / f"{file}.py", f"checks_{file}")).items()
    }
    if name not in checks:
        return 2
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            module = load(code, "twin")
        except Exception:
            traceback.print_exc()
            return 3
        try:
            checks[name](module, Path(folder))
        except Exception:
            traceback.print_exc()
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
