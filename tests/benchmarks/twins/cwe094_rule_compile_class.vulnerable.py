class RuleEngine:
    """Evaluate the pricing rules that customers write."""

    def __init__(self):
        self._rules = {}

    def add_rule(self, name, source):
        """Register a rule given as the body of a function of `order`."""
        body = "\n".join("    " + line for line in source.splitlines())
        namespace = {}
        exec(compile(f"def rule(order):\n{body}\n", f"<{name}>", "exec"), namespace)
        self._rules[name] = namespace["rule"]

    def price(self, name, order):
        return self._rules[name](order)
