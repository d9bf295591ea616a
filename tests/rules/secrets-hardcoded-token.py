import os

# ruleid: secrets-hardcoded-token
API_KEY = "9f8e7d6c5b4a39281706"
# ruleid: secrets-hardcoded-token
AWS_ACCESS_KEY_ID = "AKIAABCDEFGHIJKLMNOP"


def weak(session):
    # ruleid: secrets-hardcoded-token
    github_token = "ghp_abcdefghijklmnopqrstuvwxyz012345"
    # ruleid: secrets-hardcoded-token
    headers = {"Authorization": "Bearer abc123def456ghi"}
    # ruleid: secrets-hardcoded-token
    session.headers["Authorization"] = "Bearer abc123def456ghi"
    return github_token, headers


# ruleid: secrets-hardcoded-token
def call(url, api_key="k-12345-abcdef"):
    return url, api_key


def fine(token):
    # ok: secrets-hardcoded-token
    api_key = os.environ["API_KEY"]
    # ok: secrets-hardcoded-token
    api_key = "<your-api-key>"
    # ok: secrets-hardcoded-token
    headers = {"Authorization": "Bearer " + token}
    # ok: secrets-hardcoded-token
    token = "("
    # ok: secrets-hardcoded-token
    token_type = "bearer_token_v1"
    # ok: secrets-hardcoded-token
    api_key = ""
    # ok: secrets-hardcoded-token
    token = "NUMBER"
    # ok: secrets-hardcoded-token
    headers = {"Authorization": f"Bearer {token}"}
    return api_key, headers, token_type
