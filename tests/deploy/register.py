"""The rules by their names. Each module that has some adds them here."""

RULES = {}


def rule(function):
    RULES[function.__name__] = function
    return function
