"""Context built-ins (DMN 1.5, table 81)."""

from __future__ import annotations

from workflows.decisions.budget import Run
from workflows.decisions.builtins.registry import builtin
from workflows.decisions.values import Value


@builtin("get value", "m:context", "key:string")
def get_value(run: Run, context: dict[str, Value], key: str) -> Value:
    return context.get(key)


@builtin("get entries", "m:context")
def get_entries(run: Run, context: dict[str, Value]) -> Value:
    run.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries:list")
def context_of(run: Run, entries: list[Value]) -> Value:
    made: dict[str, Value] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not {"key", "value"} <= entry.keys():
            return None
        if not isinstance(entry["key"], str) or entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context:context", "key:string", "value:any")
def context_put(run: Run, context: dict[str, Value], key: str, value: Value) -> Value:
    run.spend(len(context))
    return {**context, key: value}


@builtin("context put", "context:context", "keys:list", "value:any")
def context_put_at(run: Run, context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    path = [context]
    for key in keys[:-1]:
        inner = path[-1].get(key)
        if not isinstance(inner, dict):
            return None
        path.append(inner)
    made = value
    for level, key in zip(reversed(path), reversed(keys), strict=True):
        run.spend(len(level))
        made = {**level, key: made}
    return made


@builtin("context merge", "contexts:list")
def context_merge(run: Run, contexts: list[Value]) -> Value:
    if not all(isinstance(context, dict) for context in contexts):
        return None
    merged: dict[str, Value] = {}
    for context in contexts:
        run.spend(len(context))
        merged.update(context)
    return merged
