"""`python -m ncg_ray` is `ncg`."""

import sys

from ncg_ray.cli import main

sys.exit(main())
