"""The registry of runs and models: MLflow behind one small class.

    place.py       where runs and their files go; MLflow kept quiet and off the network
    tracking.py    one run: parameters, metrics, files, models
"""

from ncg_ray.registry.place import Place, place_of, prepare
from ncg_ray.registry.tracking import Tracking

__all__ = ["Place", "Tracking", "place_of", "prepare"]
