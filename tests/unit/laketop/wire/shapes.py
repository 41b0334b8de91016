"""Values of any shape of a service model, for hypothesis."""

from datetime import UTC, datetime

from hypothesis import strategies as st

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
MILLISECONDS = MOMENTS.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
SECONDS = MOMENTS.map(lambda moment: moment.replace(microsecond=0))

_SCALARS = {
    "string": st.text(max_size=8),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "blob": st.binary(max_size=8),
}


def values(shape, moments, depth=4):
    """Values that have the shape, as boto3 takes or gives them; optional members end below `depth`."""
    if getattr(shape, "is_document_type", False):
        return st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=2)
    if shape.type_name == "timestamp":
        return moments
    if shape.metadata.get("enum"):
        return st.sampled_from(shape.metadata["enum"])
    if shape.type_name == "list":
        return st.lists(values(shape.member, moments, depth - 1), max_size=2 if depth > 0 else 0)
    if shape.type_name == "map":
        item = values(shape.value, moments, depth - 1)
        return st.dictionaries(values(shape.key, moments), item, max_size=2 if depth > 0 else 0)
    if shape.type_name == "structure":
        return _structures(shape, moments, depth)
    return _SCALARS[shape.type_name]


def _structures(shape, moments, depth):
    def member(name):
        return st.deferred(lambda: values(shape.members[name], moments, depth - 1))

    if shape.is_tagged_union:
        return st.sampled_from(list(shape.members)).flatmap(lambda name: st.fixed_dictionaries({name: member(name)}))
    required = {name: member(name) for name in shape.required_members}
    optional = {name: member(name) for name in shape.members if name not in required} if depth > 0 else {}
    # Few at a time, or a structure of fifty members hides what goes wrong in one.
    chosen = st.sets(st.sampled_from(sorted(optional)), max_size=4) if optional else st.just(set())
    return chosen.flatmap(lambda names: st.fixed_dictionaries(required | {name: optional[name] for name in names}))
