"""What `cluster/` says to Kubernetes: it fits the schemas, and keeps the promises that its comments make."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from ncg_ray import config as configs

ROOT = Path(__file__).parents[2]
CLUSTER = ROOT / "cluster"
SCHEMAS = ROOT.parent / "shared" / "schemas"
KUBERNETES = "1.34"
RAY_FILES = ("raycluster.yaml", "rayjob.yaml", "rayservice.yaml")
NOT_KUBERNETES = {"serve.yaml", "kustomization.yaml"}
DOCKERFILE = (CLUSTER / "Dockerfile").read_text()


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((CLUSTER / name).read_text()))


MANIFESTS = [(f"{path.name}:{i}", document) for path in sorted(CLUSTER.glob("*.yaml")) if path.name not in NOT_KUBERNETES
             for i, document in enumerate(documents(path.name))]
OURS = [pytest.param(document, id=name) for name, document in MANIFESTS if not name.startswith("ray") or "runtime" in name]
RAYS = [pytest.param(document, id=document["kind"]) for name in RAY_FILES for document in documents(name)]


def cluster_of(document: dict[str, Any]) -> dict[str, Any]:
    """The RayCluster spec inside any of Ray's kinds."""
    spec = document["spec"]
    return spec.get("rayClusterSpec") or spec.get("rayClusterConfig") or spec


def groups_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    cluster = cluster_of(document)
    return {"head": cluster["headGroupSpec"], **{group["groupName"]: group for group in cluster["workerGroupSpecs"]}}


def pods_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Pod templates by group, the submitter of a job among them."""
    pods = {name: group["template"] for name, group in groups_of(document).items()}
    if "submitterPodTemplate" in document["spec"]:
        pods["submitter"] = document["spec"]["submitterPodTemplate"]
    return pods


def containers_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for pod in pods_of(document).values():
        yield from [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]
    if options := cluster_of(document).get("autoscalerOptions"):
        yield options


# --- schemas ------------------------------------------------------------------------------------------------


@functools.cache
def validator(kind: str) -> jsonschema.protocols.Validator:
    """Of a custom resource, in which a field that the schema does not know is an error."""
    path = SCHEMAS / f"ray.io_{kind.lower()}s.yaml"
    if not path.exists():
        pytest.skip(f"no KubeRay schema at {path}")
    definition = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    [version] = [v for v in definition["spec"]["versions"] if v["name"] == "v1"]
    assert version["served"]
    schema = strict(version["schema"]["openAPIV3Schema"])
    schema["properties"] |= {"apiVersion": {"const": "ray.io/v1"}, "kind": {"const": definition["spec"]["names"]["kind"]}}
    return jsonschema.Draft202012Validator(schema)


def strict(schema: Any) -> Any:
    """A structural schema as JSON Schema that closes every object whose fields it lists."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):  # not a field that is called so
        is_open = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
        made |= {} if is_open else {"additionalProperties": False}
    if schema.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    return made


def errors(document: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(document["kind"]).iter_errors(document)]


@pytest.mark.parametrize("document", RAYS)
def test_ray_s_kinds_fit_kuberay_s_schemas(document):
    assert not errors(document)


def broken(change) -> dict[str, Any]:
    document = copy.deepcopy(documents("raycluster.yaml")[0])
    change(document["spec"])
    return document


@pytest.mark.parametrize("change,words", [
    (lambda spec: spec.update(authOption={"mode": "token"}), "authOption"),
    (lambda spec: spec["authOptions"].update(mode="on"), "on"),
    (lambda spec: spec["workerGroupSpecs"][0].pop("maxReplicas"), "maxReplicas"),
    (lambda spec: spec["workerGroupSpecs"][0].update(replica=1), "replica"),
    (lambda spec: spec["headGroupSpec"]["rayStartParams"].update({"num-cpus": 0}), "0"),
    (lambda spec: spec["headGroupSpec"]["template"]["spec"].update(runtimeClass="gvisor"), "runtimeClass"),
    (lambda spec: spec["autoscalerOptions"]["securityContext"].update(readonlyRootFilesystem=True), "readonlyRoot"),
])
def test_a_field_that_is_misspelt_or_of_the_wrong_type_is_found(change, words):
    messages = errors(broken(change))
    assert messages and all(words in message for message in messages)


@pytest.mark.parametrize("document", OURS)
def test_kubernetes_own_kinds_fit_its_schemas(document):
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


@pytest.mark.parametrize("document", RAYS)
def test_pod_templates_are_pods(document):
    for name, pod in pods_of(document).items():
        kubernetes_validate.validate({"apiVersion": "v1", "kind": "Pod", "metadata": {**pod["metadata"], "name": name},
                                      "spec": pod["spec"]}, KUBERNETES, strict=True)


def test_kubernetes_schemas_are_strict():
    [namespace] = documents("namespace.yaml")
    with pytest.raises(kubernetes_validate.ValidationError, match="label"):
        kubernetes_validate.validate({**namespace, "metadata": {"name": "x", "label": {}}}, KUBERNETES, strict=True)


def test_kustomization_names_files_that_are_there():
    [kustomization] = documents("kustomization.yaml")
    files = {path.name for path in CLUSTER.glob("*.yaml")}
    assert set(kustomization["resources"]) == files - NOT_KUBERNETES - set(RAY_FILES)


# --- promises -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", RAYS)
def test_ray_asks_for_a_token_and_is_our_version(document):
    cluster = cluster_of(document)
    assert cluster["authOptions"] == {"mode": "token"}
    assert f"ray=={cluster['rayVersion']}\n" in (ROOT / "constraints.txt").read_text()


@pytest.mark.parametrize("document", RAYS)
def test_no_container_has_privileges(document):
    for container in containers_of(document):
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "privileged": False,
                                                "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    for pod in pods_of(document).values():
        spec, security = pod["spec"], pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] and security["runAsUser"] >= 1000 and security["runAsGroup"] >= 1000
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        kinds = {kind for volume in spec["volumes"] for kind in volume} - {"name"}
        assert kinds <= {"emptyDir", "persistentVolumeClaim", "secret"}, "nothing of the host's"


@pytest.mark.parametrize("document", RAYS)
def test_only_an_autoscaler_may_speak_to_kubernetes(document):
    for name, pod in pods_of(document).items():
        needed = name == "head" and cluster_of(document).get("enableInTreeAutoscaling")
        assert needed or pod["spec"]["automountServiceAccountToken"] is False, name


@pytest.mark.parametrize("document", RAYS)
def test_every_container_has_requests_and_limits(document):
    for container in containers_of(document):
        resources = container["resources"]
        for name in ("cpu", "memory"):
            assert resources["requests"][name] and resources["limits"][name]
        assert resources["requests"]["memory"] == resources["limits"]["memory"] or "submitter" in container["name"]


@pytest.mark.parametrize("document", RAYS)
def test_what_is_mounted_is_there_and_what_is_written_to_is_mounted(document):
    for pod in pods_of(document).values():
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        for container in pod["spec"]["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}


@pytest.mark.parametrize("document", [p for p in RAYS if p.id != "RayJob"])
def test_candidates_run_under_gvisor_apart_from_all_else(document):
    [runtime] = documents("runtimeclass.yaml")
    group = groups_of(document)["sandbox"]
    pod = group["template"]
    assert pod["spec"]["runtimeClassName"] == runtime["metadata"]["name"] and runtime["handler"] == "runsc"
    params = group["rayStartParams"]
    assert params["num-cpus"] == "0" and json.loads(json.loads(params["resources"])) == {"sandbox": 5}
    assert {volume["name"] for volume in pod["spec"]["volumes"]} == {"tmp", "home"}
    egress = documents("networkpolicy.yaml")[1]["spec"]
    assert egress["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()


@pytest.mark.parametrize("document", RAYS)
def test_gpus_are_asked_for_in_gpu_groups_alone(document):
    for name, group in groups_of(document).items():
        spec = group["template"]["spec"]
        gpus = {container["resources"]["limits"].get("nvidia.com/gpu") for container in spec["containers"]}
        images = {container["image"].endswith("-gpu") for container in spec["containers"]}
        assert (gpus, images) == (({"1"}, {True}) if name == "gpu" else ({None}, {False}))
        assert (name == "gpu") == ("nvidia.com/gpu" in str(spec.get("tolerations")))


@pytest.mark.parametrize("document", RAYS)
def test_every_pod_is_behind_the_network_policy(document):
    policy = documents("networkpolicy.yaml")[0]["spec"]
    for pod in pods_of(document).values():
        assert policy["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert policy["policyTypes"] == ["Ingress"]
    for rule in policy["ingress"]:
        inside = rule["from"] == [{"podSelector": policy["podSelector"]}]
        assert inside or {port["port"] for port in rule["ports"]} <= {8000, 8265}
        assert all("podSelector" in peer for peer in rule["from"])


def test_no_manifest_holds_a_secret():
    assert "Secret" not in {document["kind"] for _, document in MANIFESTS}
    for container in (container for p in RAYS for container in containers_of(p.values[0])):
        for variable in container.get("env", []):
            assert not re.search(r"(?i)token|secret|password|key", variable["name"]) or "value" not in variable


# --- the job and the service --------------------------------------------------------------------------------


def test_the_job_s_command_is_one_that_the_image_has():
    [job] = documents("rayjob.yaml")
    python, script, *options = job["spec"]["entrypoint"].split()
    assert python == "python" and (ROOT / script).is_file()
    path = options[options.index("--config") + 1]
    loaded = configs.load(ROOT / path, [options[i + 1] for i, option in enumerate(options) if option == "--set"])
    gpu = groups_of(job)["gpu"]
    limits = gpu["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert gpu["replicas"] >= loaded.train.num_workers and loaded.train.use_gpu
    assert float(limits["cpu"]) >= loaded.train.cpus_per_worker
    shared = {mount["mountPath"] for mount in gpu["template"]["spec"]["containers"][0]["volumeMounts"]}
    assert loaded.storage.uri in shared and "COPY jobs jobs" in DOCKERFILE


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_service_is_that_of_serve_yaml_with_keys_and_the_sandbox_group():
    from ray.serve.schema import ServeDeploySchema

    [service] = documents("rayservice.yaml")
    inside = yaml.safe_load(service["spec"]["serveConfigV2"])
    [local] = documents("serve.yaml")
    for document in (inside, local):
        ServeDeploySchema.model_validate(document)
    [app], [local_app] = inside["applications"], local["applications"]
    assert {k: v for k, v in app.items() if k != "args"} == {k: v for k, v in local_app.items() if k != "args"}
    assert inside["http_options"]["port"] == local["http_options"]["port"] == 8000
    assert local["http_options"]["host"] == "127.0.0.1"

    config = configs.load(None, app["args"]["set"])
    groups = groups_of(service)
    [resource] = json.loads(json.loads(groups["sandbox"]["rayStartParams"]["resources"])).items()
    assert resource == (config.ray.sandbox_resource, config.sandbox.num_workers * 0.25 + config.verify.num_workers * 0.05)
    mounts = {mount["mountPath"] for mount in groups["cpu"]["template"]["spec"]["containers"][0]["volumeMounts"]}
    assert str(Path(config.serve.keys_file).parent) in mounts and config.storage.uri in mounts
    [secret] = [volume["secret"] for volume in groups["cpu"]["template"]["spec"]["volumes"] if "secret" in volume]
    assert f"create secret generic {secret['secretName']} --from-file={Path(config.serve.keys_file).name}" in (
        CLUSTER / "README.md").read_text()


# --- the image ----------------------------------------------------------------------------------------------


def instructions(name: str) -> list[str]:
    return re.findall(rf"(?m)^{name} (.+)", DOCKERFILE)


def test_the_image_has_a_pinned_base_and_no_root():
    bases = instructions("FROM")
    assert bases and all(re.search(r":\d+\.\d+\.\d+-\w+|@sha256:[0-9a-f]{64}$", base) for base in bases), bases
    user = instructions("USER")[-1]
    assert user == "1000:1000" and "useradd --uid 1000" in DOCKERFILE
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nRUN "), "what is built as root stays out of the user's reach"
    assert {pod["spec"]["securityContext"]["runAsUser"] for p in RAYS for pod in pods_of(p.values[0]).values()} == {1000}


def test_the_image_is_built_from_pinned_packages_and_holds_no_secret():
    installs = re.findall(r"pip install [^\n&]*", DOCKERFILE)
    assert len(installs) == 3
    assert all("--constraint constraints.txt" in line or "==" in line for line in installs)
    assert instructions("HEALTHCHECK")
    for name in (*instructions("ARG"), *instructions("ENV")):
        assert not re.search(r"(?i)token|secret|password|api_?key", name)
    ignored = (CLUSTER / "Dockerfile.dockerignore").read_text().split()
    assert "*" in ignored
    copied = {source for line in instructions("COPY") for source in line.split()[:-1]}
    assert copied <= {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / source).exists() for source in copied)


def test_the_manifests_use_the_images_that_the_readme_builds():
    built = set(re.findall(r"docker build -f cluster/Dockerfile -t (\S+)", (CLUSTER / "README.md").read_text()))
    used = {container["image"] for p in RAYS for container in containers_of(p.values[0]) if "image" in container}
    assert used == built
