"""Who may do what: one table of roles, read top to bottom."""

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    """`<resource>:<action>`."""

    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    BREAK_GLASS = "break-glass:act"
    CASE_CODES_ISSUE = "case-codes:issue"
    CASE_STATUS_READ = "case-status:read"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    DATA_SUBJECT_ACT = "data-subject:act"
    DISCLOSURES_APPROVE = "disclosures:approve"
    DISCLOSURES_READ = "disclosures:read"
    DISCLOSURES_WRITE = "disclosures:write"
    ENGINE_READ = "engine:read"
    EXCHANGE_DELIVER = "exchange:deliver"
    EXCHANGE_READ = "exchange:read"
    EXCHANGE_RECEIVE = "exchange:receive"
    EXCHANGE_WRITE = "exchange:write"
    FATES_CONFIRM = "fates:confirm"
    FATES_READ = "fates:read"
    FATES_WRITE = "fates:write"
    IMPORTS_WRITE = "imports:write"
    MATCH_QUERY = "match:query"
    MESSAGES_READ = "messages:read"
    MESSAGES_RELEASE = "messages:release"
    MESSAGES_WRITE = "messages:write"
    METRICS_READ = "metrics:read"
    NIGHT_RUN = "night:run"
    OUTCOMES_READ = "outcomes:read"
    OUTCOMES_WRITE = "outcomes:write"
    PARTNERS_READ = "partners:read"
    PARTNERS_WRITE = "partners:write"
    PFIF_EXPORT = "pfif:export"
    REQUESTS_ASSIGN = "requests:assign"
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    RISKS_READ = "risks:read"
    RISKS_WRITE = "risks:write"
    RUNS_READ = "runs:read"
    SENSITIVITY_LOWER = "sensitivity:lower"
    SIGHTINGS_READ = "sightings:read"
    SIGHTINGS_WRITE = "sightings:write"
    SIGHTINGS_TRIAGE = "sightings:triage"
    SUGGESTIONS_DECIDE = "suggestions:decide"
    SUGGESTIONS_READ = "suggestions:read"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    TRAIL_READ = "trail:read"
    TRAIL_VERIFY = "trail:verify"
    VERIFICATIONS_READ = "verifications:read"
    VERIFICATIONS_WRITE = "verifications:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    WEIGHTS_TRAIN = "weights:train"


class Role(StrEnum):
    """What an account is for. A partner comes in by signed requests only; statistics gets its door with its feature."""

    INTAKE = "intake"
    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    PARTNER = "partner"
    ENQUIRER = "enquirer"
    AUDITOR = "auditor"
    STATISTICS = "statistics"
    ADMINISTRATOR = "administrator"


_INTAKE = frozenset(
    {
        Permission.CONSENTS_READ,
        Permission.CONSENTS_WRITE,
        Permission.ENGINE_READ,
        Permission.IMPORTS_WRITE,
        Permission.REQUESTS_READ,
        Permission.REQUESTS_WRITE,
        Permission.SIGHTINGS_READ,
        Permission.SIGHTINGS_WRITE,
    }
)
_CASEWORKER = _INTAKE | {
    Permission.BREAK_GLASS,
    Permission.CASE_CODES_ISSUE,
    Permission.CONTACTS_READ,
    Permission.CONTACTS_WRITE,
    Permission.DISCLOSURES_APPROVE,
    Permission.DISCLOSURES_READ,
    Permission.DISCLOSURES_WRITE,
    Permission.EXCHANGE_READ,
    Permission.EXCHANGE_WRITE,
    Permission.FATES_READ,
    Permission.FATES_WRITE,
    Permission.MATCH_QUERY,
    Permission.MESSAGES_READ,
    Permission.MESSAGES_RELEASE,
    Permission.MESSAGES_WRITE,
    Permission.OUTCOMES_READ,
    Permission.OUTCOMES_WRITE,
    Permission.PARTNERS_READ,
    Permission.RISKS_READ,
    Permission.RISKS_WRITE,
    Permission.RUNS_READ,
    Permission.SIGHTINGS_TRIAGE,
    Permission.SUGGESTIONS_DECIDE,
    Permission.SUGGESTIONS_READ,
    Permission.TASKS_READ,
    Permission.TASKS_WRITE,
    Permission.VERIFICATIONS_READ,
    Permission.VERIFICATIONS_WRITE,
}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.INTAKE: _INTAKE,
    Role.CASEWORKER: _CASEWORKER,
    Role.SUPERVISOR: _CASEWORKER
    | {
        Permission.DATA_SUBJECT_ACT,
        Permission.FATES_CONFIRM,
        Permission.NIGHT_RUN,
        Permission.PFIF_EXPORT,
        Permission.REQUESTS_ASSIGN,
        Permission.SENSITIVITY_LOWER,
        Permission.TRAIL_READ,
        Permission.WEBHOOKS_READ,
        Permission.WEBHOOKS_WRITE,
        Permission.WEIGHTS_TRAIN,
    },
    Role.PARTNER: frozenset({Permission.ENGINE_READ, Permission.EXCHANGE_RECEIVE}),
    Role.ENQUIRER: frozenset({Permission.CASE_STATUS_READ}),
    Role.AUDITOR: frozenset({Permission.RUNS_READ, Permission.TRAIL_READ, Permission.TRAIL_VERIFY}),
    Role.STATISTICS: frozenset({Permission.ENGINE_READ}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.ACCOUNTS_READ,
            Permission.ACCOUNTS_WRITE,
            Permission.ENGINE_READ,
            Permission.EXCHANGE_DELIVER,
            Permission.IMPORTS_WRITE,
            Permission.METRICS_READ,
            Permission.NIGHT_RUN,
            Permission.PARTNERS_READ,
            Permission.PARTNERS_WRITE,
            Permission.RUNS_READ,
            Permission.TRAIL_VERIFY,
            Permission.WEBHOOKS_READ,
            Permission.WEBHOOKS_WRITE,
            Permission.WEIGHTS_TRAIN,
        }
    ),
}
