"""JSON Schema as /openapi.json uses it: what a value violates, and values that follow a schema or nearly do."""

import datetime
import re
import string
import uuid

KNOWN = {"$ref", "additionalProperties", "allOf", "anyOf", "oneOf", "const", "default", "description", "enum", "example",
         "examples", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems", "maxLength", "maximum",
         "maxProperties", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "nullable", "pattern",
         "properties", "propertyNames",
         "required", "title", "type", "uniqueItems", "deprecated", "readOnly", "writeOnly", "contentEncoding",
         "contentMediaType", "not", "if", "then", "else", "dependentRequired", "patternProperties", "$comment"}
HOSTILE = [None, True, False, 0, -1, 1, 2**31, 2**63, -2**63 - 1, 10**30, 1.5, 1e308, -0.0, "", " ", "\0", "a\0b", "x" * 101,
           "x" * 256, "x" * 5000, "é", "\U0001f600" * 64, "\u202e", "\ud7ff", "0", "-0", "00", "1.", ".5", "1e5", "+1",
           "999999999999999999", "9999999999999999999", "0.000000001", "-123456789012345678.12345678", "NaN", "Infinity",
           "null", "true", [], {}, [[]], [None], {"": None}, {"__proto__": 1}, "../../etc/passwd", "' OR 1=1 --",
           "<script>", "%00", "%ff", "\r\nX-Injected: 1", "2026-02-30T00:00:00Z", "2026-01-01", "9999-12-31T23:59:60Z",
           "0000-00-00T00:00:00Z", "00000000-0000-0000-0000-000000000000", "0d7a8b6e1f434f8d9e2c2b1f3a4e7c11",
           "CLIENT_METRIC_VALUE_TYPE_RELATIVE", ["a", "a"], [1, "1"], {"value": "1"}]
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def format_problem(value, name):
    try:
        if name == "uuid":
            uuid.UUID(value)
            return None if len(value) == 36 else "no UUID with hyphens"
        if name == "date-time":
            datetime.datetime.fromisoformat(value)
            return None if "T" in value else "no time of RFC 3339"
    except ValueError:
        return f"not a {name}"
    return None


class Schemas:
    """The schemas of one OpenAPI document."""

    def __init__(self, document):
        self.document = document

    def resolve(self, schema):
        while isinstance(schema, dict) and "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def problems(self, schema, value, path="$"):
        """Everything in which the value violates the schema."""
        schema = self.resolve(schema)
        if schema is True or schema == {}:
            return
        unknown = {word for word in schema if word not in KNOWN and not word.startswith("x-")}
        if unknown:
            yield f"{path}: the schema uses {unknown}, which this validator does not know"
        types = schema.get("type")
        types = [types] if isinstance(types, str) else types
        if types and not any(is_type(value, name) for name in types) and not (value is None and schema.get("nullable")):
            yield f"{path}: {value!r:.60} is no {types}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r:.60} is none of {schema['enum']}"
        if "const" in schema and value != schema["const"]:
            yield f"{path}: {value!r:.60} is not {schema['const']!r}"
        for part in schema.get("allOf", []):
            yield from self.problems(part, value, path)
        for word, enough in (("anyOf", lambda n: n >= 1), ("oneOf", lambda n: n == 1)):
            if word in schema:
                matching = sum(not any(self.problems(part, value, path)) for part in schema[word])
                if not enough(matching):
                    yield f"{path}: matches {matching} of {word}: {value!r:.300}"
        if isinstance(value, str):
            yield from self.text_problems(schema, value, path)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                yield f"{path}: {value} is out of range"
        elif isinstance(value, list):
            if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
                yield f"{path}: {len(value)} items"
            for index, item in enumerate(value):
                yield from self.problems(schema.get("items", {}), item, f"{path}[{index}]")
        elif isinstance(value, dict):
            yield from self.object_problems(schema, value, path)

    @staticmethod
    def text_problems(schema, value, path):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{path}: {len(value)} characters"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{path}: {value!r:.60} does not match {schema['pattern']}"
        problem = format_problem(value, schema.get("format"))
        if problem:
            yield f"{path}: {value!r:.60} is {problem}"

    def object_problems(self, schema, value, path):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}: {name} is missing"
        for name, item in value.items():
            if name in properties:
                yield from self.problems(properties[name], item, f"{path}.{name}")
            elif schema.get("additionalProperties", True) is False:
                yield f"{path}: {name} is too much"
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self.problems(schema["additionalProperties"], item, f"{path}.{name}")

    def sample(self, schema, rng, pools, name=""):
        """A value that follows the schema, with values from the pool of its name where there is one."""
        schema = self.resolve(schema)
        if pools.get(name) and rng.random() < 0.8:
            return rng.choice(pools[name])
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        for word in ("oneOf", "anyOf"):
            if word in schema and "type" not in schema:
                return self.sample(rng.choice(schema[word]), rng, pools, name)
        kind = schema.get("type", "object" if "properties" in schema or "allOf" in schema else "string")
        kind = rng.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            return self.sample_object(schema, rng, pools)
        if kind == "array":
            count = rng.randint(schema.get("minItems", 0), min(schema.get("maxItems", 3), schema.get("minItems", 0) + 3))
            singular = name[:-1] if name.endswith("s") else name
            return [self.sample(schema.get("items", {}), rng, pools, singular) for _ in range(count)]
        if kind in ("integer", "number"):
            low = schema.get("minimum", 0)
            return rng.choice([low, rng.randint(low, min(schema.get("maximum", low + 1000), low + 1000))])
        return {"boolean": lambda: rng.random() < 0.5, "null": lambda: None}.get(
            kind, lambda: self.sample_text(schema, rng, pools))()

    @staticmethod
    def sample_text(schema, rng, pools):
        if schema.get("format") == "uuid":
            return rng.choice(pools["uuid"]) if rng.random() < 0.8 else str(uuid.UUID(int=rng.getrandbits(128)))
        if schema.get("format") == "date-time":
            return f"20{rng.randint(10, 40)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}T10:11:12.{rng.randint(0, 999999):06}Z"
        pattern = schema.get("pattern", "")
        if "[0-9]" in pattern:
            return rng.choice(["0", "1", "-12.50", "0.01", "100.00", str(rng.randint(-999, 999))])
        shortest = max(1, schema.get("minLength", 1))
        length = rng.randint(shortest, min(schema.get("maxLength", max(12, shortest)), max(12, shortest)))
        return "".join(rng.choice(string.ascii_lowercase) for _ in range(length))

    def sample_object(self, schema, rng, pools):
        made = {}
        for part in schema.get("allOf", []):
            made.update(self.sample(part, rng, pools))
        required = list(schema.get("required", []))
        for word in ("oneOf", "anyOf"):
            if word in schema:
                required += self.resolve(rng.choice(schema[word])).get("required", [])
        for name, inner in schema.get("properties", {}).items():
            if name in required or rng.random() < 0.35:
                made[name] = self.sample(inner, rng, pools, name)
        excluded = {each for word in ("oneOf",) for part in schema.get(word, [])
                    for each in self.resolve(part).get("required", [])} - set(required)
        return {name: value for name, value in made.items() if name not in excluded}


def places(value, path=()):
    """The paths of everything in a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, path + (key,))


def nearly(value, rng):
    """The value with one thing changed, removed or added somewhere."""
    path = rng.choice(list(places(value)))
    if not path:
        return rng.choice(HOSTILE) if rng.random() < 0.3 else value
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    choice = rng.random()
    if choice < 0.2 and isinstance(holder, dict):
        del holder[path[-1]]
    elif choice < 0.3 and isinstance(holder, dict):
        holder[rng.choice(["extra", "id", "", "x" * 300])] = rng.choice(HOSTILE)
    elif choice < 0.4 and isinstance(holder, list):
        holder.append(holder[path[-1]])
    else:
        holder[path[-1]] = rng.choice(HOSTILE)
    return value
