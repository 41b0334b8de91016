import pytest

from laketop.wire.errors import AwsError, EncodingError, SerializationError


def test_an_error_carries_what_goes_on_the_wire():
    error = AwsError("EntityNotFoundException", "Table x not found.", 404, {"FromFederationSource": False})
    assert (error.code, error.message, error.status) == ("EntityNotFoundException", "Table x not found.", 404)
    assert error.members == {"FromFederationSource": False}
    assert str(error) == "EntityNotFoundException: Table x not found."


def test_the_default_is_a_client_error_without_members():
    error = AwsError("InvalidInputException", "no")
    assert error.status == 400
    assert dict(error.members) == {}
    with pytest.raises(TypeError):
        error.members["x"] = 1


def test_a_serialization_error_is_an_aws_error_and_an_encoding_error_is_not():
    assert isinstance(SerializationError("x"), AwsError)
    assert SerializationError("x").code == "SerializationException"
    assert not issubclass(EncodingError, AwsError)
