import pytest
from awsglue.unsupported import UnsupportedError

from awsglue import transforms


def test_a_star_import_brings_the_names():
    names = {}
    exec("from awsglue.transforms import *", names)
    assert {"ApplyMapping", "DropNullFields", "ResolveChoice", "SelectFromCollection"} <= set(names)


@pytest.mark.parametrize("name", transforms.__all__)
def test_every_use_of_a_transform_is_refused_by_name(name):
    transform = getattr(transforms, name)
    with pytest.raises(UnsupportedError, match=rf"awsglue\.transforms\.{name}.*Laketop does not support it yet"):
        transform.apply(frame=None)
    with pytest.raises(UnsupportedError, match=name):
        transform()


def test_names_that_nobody_foresaw_are_refused_too():
    with pytest.raises(UnsupportedError, match=r"awsglue\.transforms\.NewOne"):
        _ = transforms.NewOne
    assert not hasattr(transforms, "__deepcopy__")
