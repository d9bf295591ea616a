import yaml


def import_pipeline(text):
    """Read a pipeline that a user has uploaded as YAML."""
    pipeline = yaml.load(text, Loader=yaml.UnsafeLoader)
    if not isinstance(pipeline, dict) or "steps" not in pipeline:
        raise ValueError("a pipeline needs steps")
    return [step["name"] for step in pipeline["steps"]]
