import pytest

from laketop.spark.driver.paths import LaunchError, code_file, import_path, split


@pytest.mark.parametrize(
    ("location", "parts"),
    [
        ("s3://bucket/a.py", ("bucket", "a.py")),
        ("s3a://bucket/dir/a b?c#d.py", ("bucket", "dir/a b?c#d.py")),
        ("s3n://b//x.py", ("b", "/x.py")),
    ],
)
def test_an_s3_uri_is_a_bucket_and_a_key(location, parts):
    assert split(location) == parts


@pytest.mark.parametrize(
    "location", ["s3://b", "s3://b/", "s3:///k", "s3://b/d/", "s3://b/..", "/etc/passwd", "file:///x"]
)
def test_anything_else_is_a_launch_error(location):
    with pytest.raises(LaunchError, match="LAUNCH ERROR"):
        split(location)


def test_the_file_keeps_the_last_part_of_its_name():
    assert code_file("s3://b/a/b/c.zip") == "c.zip"


def test_archives_come_before_the_folder_of_modules():
    extra = ["s3://b/m.py", "s3://b/x/two.whl", "s3://b/one.zip"]
    assert import_path("/c", extra) == ["/c/modules/two.whl", "/c/modules/one.zip", "/c/modules"]
    assert import_path("/c", ["s3://b/one.zip"]) == ["/c/modules/one.zip"]
    assert import_path("/c", []) == []
