import docker


def run_build(image: str, workspace: str, timeout: int = 900) -> str:
    """Run a build in a container and return its log."""
    client = docker.from_env()
    container = client.containers.run(
        image,
        command=["make", "all"],
        volumes={workspace: {"bind": "/src", "mode": "rw"}},
        working_dir="/src",
        user="1000:1000",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit="2g",
        pids_limit=256,
        network_mode="none",
        detach=True,
    )
    try:
        container.wait(timeout=timeout)
        return container.logs().decode("utf-8", "replace")
    finally:
        container.remove(force=True)
