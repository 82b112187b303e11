"""What is refused of bundles."""

from tracing.kit.errors import Invalid, Malformed


class NoBundle(Malformed):
    """A file is no bundle, is larger than a bundle may be, or is not for our keys."""

    code = "no-bundle"
    title = "This is no bundle for us"


class BundleRefused(Invalid):
    """A bundle can be opened, and is not taken: not signed as it must be, altered, over, or replaced."""

    code = "bundle-refused"
    title = "The bundle is not taken"
