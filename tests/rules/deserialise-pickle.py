import pickle
import shelve


def load_state():
    with open("state.bin", "rb") as file:
        # ruleid: deserialise-pickle
        return pickle.load(file)


def load_shelf(path):
    # ruleid: deserialise-pickle
    return shelve.open(path)


def copy(value):
    # ok: deserialise-pickle
    return pickle.loads(pickle.dumps(value))


def save(value):
    # ok: deserialise-pickle
    return pickle.dumps(value)
