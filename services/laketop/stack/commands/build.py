"""`laketop build`: a release, i.e. what Terraform uploads, named by the hash of its content."""

from laketop.stack import artefacts, checkout


def run() -> None:
    """Build dist/<release> from the checkout, and print that folder."""
    print(artefacts.release(checkout.ROOT, checkout.ROOT / "dist").relative_to(checkout.ROOT))
