"""AWS clients for the lake: nothing of a person's own account decides what they do."""

from pathlib import Path

import pytest

from laketop import settings
from laketop.stack import clients

SETTINGS = settings.load({"LAKETOP_PORT": "21000", "LAKETOP_STATE": "/nowhere"})


def test_a_persons_profile_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "config"
    own.write_text("[profile mine]\nregion = eu-central-1\ns3 =\n  addressing_style = virtual\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
    monkeypatch.setenv("AWS_SESSION_TOKEN", "theirs")
    for profile in ("mine", "no-such-profile"):
        monkeypatch.setenv("AWS_PROFILE", profile)
        found = clients.client(SETTINGS, "s3")
        credentials = found._request_signer._credentials
        assert (found.meta.endpoint_url, found.meta.region_name) == ("http://127.0.0.1:21000", "us-east-1")
        assert (credentials.access_key, credentials.token) == ("test", None)
