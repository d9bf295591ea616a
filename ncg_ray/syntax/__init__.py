"""Trees of code: taking code out of a model's reply and making a complete module of it."""

from ncg_ray.syntax.extract import extract_code
from ncg_ray.syntax.module import add_imports, complete_module, defined_functions, parses
from ncg_ray.syntax.reply import read_reply
from ncg_ray.syntax.stub import reply_frame, stub_of

__all__ = ["add_imports", "complete_module", "defined_functions", "extract_code", "parses", "read_reply", "reply_frame",
           "stub_of"]
