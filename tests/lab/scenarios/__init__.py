"""The scenarios for `diagnose`, by class. all_scenarios() finds them by their names."""
import importlib

FILES = ("healthy", "client", "dns", "network", "server", "mixed")


def all_scenarios():
    from stage import Scenario
    found = {}
    for name in FILES:
        module = importlib.import_module(f"scenarios.{name}")
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Scenario) and thing.__module__ == module.__name__:
                found[thing.title()] = thing
    return found
