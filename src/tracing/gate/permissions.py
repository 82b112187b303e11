"""Who may do what: one table of roles, read top to bottom."""

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    """`<resource>:<action>`."""

    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    DATA_SUBJECT_ACT = "data-subject:act"
    ENGINE_READ = "engine:read"
    IMPORTS_WRITE = "imports:write"
    MATCH_QUERY = "match:query"
    NIGHT_RUN = "night:run"
    REQUESTS_ASSIGN = "requests:assign"
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    RUNS_READ = "runs:read"
    SENSITIVITY_LOWER = "sensitivity:lower"
    SIGHTINGS_READ = "sightings:read"
    SIGHTINGS_WRITE = "sightings:write"
    SIGHTINGS_TRIAGE = "sightings:triage"
    SUGGESTIONS_DECIDE = "suggestions:decide"
    SUGGESTIONS_READ = "suggestions:read"
    TRAIL_READ = "trail:read"
    TRAIL_VERIFY = "trail:verify"
    WEIGHTS_TRAIN = "weights:train"


class Role(StrEnum):
    """What an account is for. Partner, enquirer and statistics get their doors with their features."""

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
    Permission.MATCH_QUERY,
    Permission.RUNS_READ,
    Permission.SIGHTINGS_TRIAGE,
    Permission.SUGGESTIONS_DECIDE,
    Permission.SUGGESTIONS_READ,
}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.INTAKE: _INTAKE,
    Role.CASEWORKER: _CASEWORKER,
    Role.SUPERVISOR: _CASEWORKER
    | {
        Permission.DATA_SUBJECT_ACT,
        Permission.NIGHT_RUN,
        Permission.REQUESTS_ASSIGN,
        Permission.SENSITIVITY_LOWER,
        Permission.TRAIL_READ,
        Permission.WEIGHTS_TRAIN,
    },
    Role.PARTNER: frozenset({Permission.ENGINE_READ}),
    Role.ENQUIRER: frozenset(),
    Role.AUDITOR: frozenset({Permission.RUNS_READ, Permission.TRAIL_READ, Permission.TRAIL_VERIFY}),
    Role.STATISTICS: frozenset({Permission.ENGINE_READ}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.ACCOUNTS_READ,
            Permission.ACCOUNTS_WRITE,
            Permission.ENGINE_READ,
            Permission.IMPORTS_WRITE,
            Permission.NIGHT_RUN,
            Permission.RUNS_READ,
            Permission.TRAIL_VERIFY,
            Permission.WEIGHTS_TRAIN,
        }
    ),
}
