"""Every setting of the service, read once at a door and passed down."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment with the prefix ``TRACING_``; nothing is read from files but keys."""

    model_config = SettingsConfigDict(env_prefix="TRACING_", frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Field(
        Path("var"), description="Folder of the embedded database, the key file and the operator's token."
    )
    database_url: SecretStr | None = Field(
        None, description="`postgresql+psycopg://…` or `sqlite:///…`; unset: `tracing.db` in the data folder."
    )
    keys_url: SecretStr | None = Field(
        None,
        description="Store of the wrapped record keys; unset: `keys.db` beside the embedded database, "
        "or the schema `tracing_keys` on PostgreSQL.",
    )
    key_file: Path | None = Field(
        None, description="Master key, mode 0600, made at first start; unset: `master.key` in the data folder."
    )
    master_key: SecretStr | None = Field(None, description="Master key itself (32 bytes, base64), instead of the file.")
    erasure_ledger: Path | None = Field(
        None,
        description="File that names every destroyed key, mode 0600; unset: `erasures.ndjson` beside the embedded "
        "key store, or in the data folder. Copy it elsewhere often: a restore replays it.",
    )
    society: str = Field(
        "XX", pattern=r"^[A-Z]{2,8}$", description="Code of the National Society that the first start creates."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="Port to listen on.")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Server processes; the embedded database allows one."
    )
    threads: Annotated[int, Field(ge=1, le=400)] = Field(40, description="Requests worked on at once per process.")
    pool_size: Annotated[int, Field(ge=1, le=200)] = Field(20, description="Database connections kept per process.")
    pool_overflow: Annotated[int, Field(ge=0, le=200)] = Field(30, description="Further connections under load.")
    pool_timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(
        5.0, description="Wait for a connection before answering 503, in seconds."
    )
    max_body_bytes: Annotated[int, Field(ge=1024)] = Field(1_048_576, description="Largest request body, in bytes.")
    max_import_bytes: Annotated[int, Field(ge=1024)] = Field(67_108_864, description="Largest import body, in bytes.")
    retention_days: Annotated[int, Field(ge=1, le=36500)] = Field(
        3650,
        description="A record is hidden this long after it was registered or last changed unless its consent ends "
        "earlier; no kind of record is kept longer without a reason.",
    )
    retention_sighting_days: Annotated[int, Field(ge=1, le=36500)] = Field(
        1825, description="The same for sightings, at most TRACING_RETENTION_DAYS."
    )
    retention_self_registration_days: Annotated[int, Field(ge=1, le=36500)] = Field(
        730, description="The same for self-registrations, at most TRACING_RETENTION_DAYS."
    )
    retention_message_days: Annotated[int, Field(ge=1, le=36500)] = Field(
        365, description="The words of a Red Cross Message are blanked this long after it came to its end."
    )
    forget_after_days: Annotated[int, Field(ge=0, le=365)] = Field(
        30, description="Undo window: the night destroys the key of a hidden record after this many days."
    )
    reconfirm_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        90, description="The night asks for an enquirer's contacts to be confirmed anew after this many days."
    )
    silence_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        90, description="The night reminds of an enquirer, partner or authority that was silent for this many days."
    )
    attempts_least: Annotated[int, Field(ge=1, le=100)] = Field(
        5, description="Somebody counts as unreachable after at least this many tries …"
    )
    attempts_channels: Annotated[int, Field(ge=1, le=6)] = Field(2, description="… over at least this many channels …")
    attempts_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        14, description="… spread over at least this many days."
    )
    glass_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        60, description="Broken glass shows what is withheld for this many minutes."
    )
    rights_days: Annotated[int, Field(ge=1, le=365)] = Field(
        30, description="A data subject's request is answered within this many days; extended once by twice as many."
    )
    retention_notice_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        60, description="The night asks for a review this many days before a record's retention ends."
    )
    status_cadence_days: Annotated[int, Field(ge=1, le=365)] = Field(
        30, description="Dates that an enquirer sees are multiples of this many days, never the true moment."
    )
    night_workers: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Processes that the night scores with.")
    block_cap: Annotated[int, Field(ge=2)] = Field(
        200, description="A blocking key shared by more persons than this is passed over by the night, and counted."
    )
    suggest_min_probability: Annotated[float, Field(ge=0, le=1)] = Field(
        0.02, description="Pairs below this probability are not stored as suggestions."
    )
    weights: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = Field(
        None, description="Weights table that `tracing train` wrote; unset: the one that ships with the engine."
    )
    webhook_interval_s: Annotated[float, Field(ge=0, le=3600)] = Field(
        5.0,
        description="`tracing serve` looks this often for webhooks to send, in seconds; 0 leaves it to "
        "`tracing webhooks deliver`.",
    )
    outbound_timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(
        10.0, description="A call to another service (partner, webhook) is given up after this many seconds."
    )
    outbound_ca: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = Field(
        None, description="PEM file of authorities that are trusted beside the public ones when calling out."
    )
    outbound_cert: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = Field(
        None, description="PEM file of the service's own certificate, shown to services that ask for one."
    )
    outbound_key: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = Field(
        None, description="PEM file of its key; unset: it stands in the certificate's file."
    )
    outbound_loopback: bool = Field(
        False, description="Whether this machine may be called, by http too. For tests; leave it off."
    )
    exchange_origin: Annotated[str | None, BeforeValidator(lambda given: given or None)] = Field(
        None,
        pattern=r"^https?://[a-z0-9.\-\[\]:]{1,190}$",
        description="Scheme, host and port by which partner societies call us; unset: no message of theirs is taken.",
    )
    metrics_on_loopback: bool = Field(
        False,
        description="Whether callers on this machine read `/metrics` without an operator's token. Leave it off behind "
        "a proxy on this machine.",
    )
    exchange_every_s: Annotated[float, Field(ge=0, le=86400)] = Field(
        60.0, description="The service delivers what waits for partners this often; 0 leaves it to the command line."
    )
    exchange_bearer: bool = Field(
        False,
        description="Whether partners need an access token (RFC 7523) beside the signature of what they send; they get "
        "it at our token endpoint. Tell them before it is switched on.",
    )
    pfif_domain: str = Field(
        "",
        pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)+)?$",
        max_length=70,
        description="Home of the records that are exported as PFIF, such as `tracing.example.org`; unset: nothing is "
        "exported. What comes back under it is refused.",
    )
    pfif_records_a_day: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        100_000,
        description="Copies of one home's PFIF records that are made or brought up to date in 24 hours, and notes on "
        "its persons that may wait for them.",
    )
    pre_check: bool = Field(
        False, description="Blind pre-checks with partners that agreed on them, a pilot; both sides must switch it on."
    )
    pre_check_elements: Annotated[int, Field(ge=1000, le=20_000, multiple_of=1000)] = Field(
        10_000, description="Elements (match tokens and padding) of one pre-check, ours or a partner's, at most."
    )
    pre_check_sessions_a_day: Annotated[int, Field(ge=1, le=100)] = Field(
        2, description="Pre-checks that a partner may begin here in 24 hours."
    )
    pre_check_elements_30_days: Annotated[int, Field(ge=1000, le=1_000_000)] = Field(
        20_000, description="Elements that a partner may ask about here in 30 days, over all its pre-checks."
    )
    pre_check_timeout_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        300.0, description="A partner's answer to our pre-check is waited for so many seconds."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    def environment(self) -> dict[str, str]:
        """Return the settings as the environment of a child process that shall have the same ones."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        plain = {n: v.get_secret_value() if isinstance(v, SecretStr) else v for n, v in given.items() if v is not None}
        return {f"TRACING_{name.upper()}": str(value) for name, value in plain.items()}

    @property
    def main_url(self) -> str:
        """URL of the case base."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'tracing.db'}"

    @property
    def embedded(self) -> bool:
        """True on SQLite."""
        return self.main_url.startswith("sqlite")

    @property
    def key_store_url(self) -> str:
        """URL of the key store."""
        if self.keys_url is not None:
            return self.keys_url.get_secret_value()
        if self.embedded:
            return f"sqlite:///{Path(self.main_url.removeprefix('sqlite:///')).with_name('keys.db')}"
        return self.main_url

    @property
    def ledger_path(self) -> Path:
        """File of the erasure ledger."""
        if self.erasure_ledger is not None:
            return self.erasure_ledger
        embedded = self.key_store_url.removeprefix("sqlite:///")
        folder = Path(embedded).parent if embedded != self.key_store_url else self.data_dir
        return folder / "erasures.ndjson"

    @property
    def master_key_path(self) -> Path:
        """File of the master key."""
        return self.key_file or self.data_dir / "master.key"
