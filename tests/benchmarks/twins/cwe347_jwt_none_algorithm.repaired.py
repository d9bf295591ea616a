import jwt


class TokenReader:
    """Read the access tokens of the identity provider."""

    def __init__(self, public_key, audience):
        self.public_key = public_key
        self.audience = audience

    def subject(self, token):
        claims = jwt.decode(
            token,
            self.public_key,
            algorithms=["RS256"],
            audience=self.audience,
            options={"require": ["exp", "sub"]},
        )
        return claims["sub"]
