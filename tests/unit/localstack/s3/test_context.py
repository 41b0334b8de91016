from concurrent.futures import ThreadPoolExecutor

from laketop_localstack.s3.context import Context


def test_an_operation_begins_anew() -> None:
    context = Context()
    context.begin(5)
    context.made("k", None)
    context.made("k", "v1")
    assert (context.length, context.versions) == (5, {("k", "null"), ("k", "v1")})
    before = context.versions
    context.begin(None)
    assert (context.length, context.versions) == (None, set())
    assert len(before) == 2


def test_each_thread_has_its_operation() -> None:
    context = Context()
    context.begin(5)
    context.made("k", None)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: (context.length, context.versions)).result(10) == (None, set())
