"""Errors of webhooks.

Conflict 409
├── NotTheOwner        what leads to the endpoint's address or secrets is its owner's alone
├── WebhookDisabled    nothing is sent to it
└── OneSecretOnly      a second secret is there already, or none is to be retired
"""

from tracing.kit.errors import Conflict


class NotTheOwner(Conflict):
    """The act is the endpoint's owner's alone: it would lead events that the caller may not read to the caller."""

    code = "not-the-owner"
    title = "Only the endpoint's owner may do that"


class WebhookDisabled(Conflict):
    """The endpoint is disabled: nothing is sent to it."""

    code = "webhook-disabled"
    title = "The endpoint is disabled"


class OneSecretOnly(Conflict):
    """Two secrets are active already, or only one is and it cannot be retired."""

    code = "webhook-secrets"
    title = "That does not fit the endpoint's secrets"
