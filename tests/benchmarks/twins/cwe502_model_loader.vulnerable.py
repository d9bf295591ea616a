import argparse

import joblib
import numpy as np
import requests


def fetch_model(url, path="model.joblib"):
    """Download a trained model and load it."""
    response = requests.get(url, timeout=30)
    response.raise_for_status()
    with open(path, "wb") as handle:
        handle.write(response.content)
    return joblib.load(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("features", type=float, nargs="+")
    args = parser.parse_args()
    model = fetch_model(args.url)
    print(model.predict(np.array([args.features]))[0])
