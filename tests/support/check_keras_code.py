#!/usr/bin/env python3
"""check_keras_code.py PROGRAM EXPECTED SIGNATURES

Compiles a generated Keras program without running it and compares its model, layer by layer, with the
JSON file EXPECTED. Each call may name only arguments that SIGNATURES lists. Prints what is wrong, a
line for each; the exit code says whether anything is.
"""
import ast
import json
import sys

problems = []


def read_signatures(path):
    kinds, names = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in map(str.strip, lines):
            if line.startswith("["):
                names = kinds.setdefault(line[1:-1], {})
            elif line and not line.startswith("#"):
                name, arguments = line.split(":", 1)
                names[name] = arguments.split()
    return kinds


def dotted(node):
    if isinstance(node, ast.Attribute):
        return dotted(node.value) + "." + node.attr
    return node.id if isinstance(node, ast.Name) else "?"


def kind_of(function):
    """The table of signatures a call belongs to, and its name there; nothing for other calls."""
    parts = function.split(".")
    if parts[:2] in (["model", "compile"], ["model", "fit"]) and len(parts) == 2:
        return "model", parts[1]
    if parts[0] == "layers" and len(parts) == 2:
        return "layers", parts[1]
    if parts[0] != "keras":
        return None
    if len(parts) == 2:
        return "model", parts[1]
    if parts[1:3] == ["optimizers", "schedules"]:
        return "schedules", parts[3]
    kinds = ("layers", "optimizers", "losses", "metrics", "callbacks", "initializers",
             "regularizers", "constraints")
    return (parts[1], parts[2]) if parts[1] in kinds else None


def check_call(call, signatures):
    found = kind_of(dotted(call.func))
    if found is None:
        return
    kind, name = found
    known = signatures.get(kind, {}).get(name)
    if known is None:
        problems.append(f"Keras has no {kind} {name}")
        return
    for keyword in call.keywords:
        if keyword.arg not in known:
            problems.append(f"{name} has no argument {keyword.arg}")


def plain(node):
    """A value as JSON has it; nested objects as their class and arguments."""
    if isinstance(node, ast.Call):
        return {"class_name": dotted(node.func).split(".")[-1],
                "config": {k.arg: plain(k.value) for k in node.keywords}}
    if isinstance(node, (ast.Tuple, ast.List)):
        return [plain(item) for item in node.elts]
    return ast.literal_eval(node)


def layer_of(call, inputs):
    config = {k.arg: plain(k.value) for k in call.keywords}
    kind = dotted(call.func).split(".")[-1]
    name = config.pop("name", None)
    return {"class_name": "InputLayer" if kind == "Input" else kind, "name": name,
            "config": config, "inputs": inputs}


def elements(node):
    return node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]


class Program:
    """The layers of a module in the order in which they are made, and the model's ends."""

    def __init__(self, tree):
        self.layers, self.by_variable = [], {}
        self.name, self.inputs, self.outputs = None, [], []
        for statement in tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                self.assign(statement.targets[0], statement.value)

    def assign(self, target, call):
        function = dotted(call.func)
        if function == "keras.Sequential":
            self.sequential(call)
        elif function == "keras.Model":
            self.functional(call)
        elif function == "keras.Input":
            self.add(target.id, call, [])
        elif isinstance(call.func, ast.Call) and dotted(call.func.func).startswith("layers."):
            read = elements(call.args[0])
            self.add(target.id, call.func, [self.by_variable[item.id] for item in read])

    def add(self, variable, call, inputs):
        layer = layer_of(call, inputs)
        self.by_variable[variable] = layer["name"]
        self.layers.append(layer)

    def sequential(self, call):
        before = []
        for item in call.args[0].elts:
            layer = layer_of(item, before)
            before = [layer["name"]]
            self.layers.append(layer)
        self.name = next(plain(k.value) for k in call.keywords if k.arg == "name")
        self.inputs, self.outputs = [self.layers[0]["name"]], before

    def functional(self, call):
        values = {k.arg: k.value for k in call.keywords}
        self.name = plain(values["name"])
        self.inputs = [self.by_variable[item.id] for item in elements(values["inputs"])]
        self.outputs = [self.by_variable[item.id] for item in elements(values["outputs"])]


def canonical(value):
    """A short name and an object without arguments mean the same: 'he_normal', HeNormal()."""
    if isinstance(value, dict) and "class_name" in value and "inputs" not in value:
        config = canonical(value.get("config", {}))
        name = canonical(value["class_name"])
        return {"class_name": name, "config": config} if config else name
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        # A list of one number means the same as the number.
        return canonical(value[0]) if len(value) == 1 else [canonical(item) for item in value]
    return value.replace("_", "").lower() if isinstance(value, str) else value


def compare(program, expected):
    for key in ("name", "inputs", "outputs"):
        if getattr(program, key) != expected[key]:
            problems.append(f"model {key}: expected {expected[key]}, found {getattr(program, key)}")
    found = {layer["name"]: layer for layer in program.layers}
    if len(program.layers) != len(expected["layers"]):
        problems.append(f"expected {len(expected['layers'])} layers, found {len(program.layers)}")
    for layer in expected["layers"]:
        same = found.get(layer["name"])
        if canonical(same) != canonical(layer):
            problems.append(f"expected the layer {layer}, found {same}")


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        text = source.read()
    compile(text, sys.argv[1], "exec")  # what python3 -m py_compile does, but for the file
    tree = ast.parse(text)
    signatures = read_signatures(sys.argv[3])
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            check_call(node, signatures)
    with open(sys.argv[2], encoding="utf-8") as expected:
        compare(Program(tree), json.load(expected))
    print("\n".join(problems))
    return 1 if problems else 0


sys.exit(main())
