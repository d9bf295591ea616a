import operator

OPERATORS = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul}


class RuleEngine:
    """Evaluate the pricing rules that customers write."""

    def __init__(self):
        self._rules = {}

    def add_rule(self, name, steps):
        """Register a rule given as a list of (operator, number) steps."""
        self._rules[name] = [(OPERATORS[step], float(number)) for step, number in steps]

    def price(self, name, order):
        value = float(order["total"])
        for function, number in self._rules[name]:
            value = function(value, number)
        return value
