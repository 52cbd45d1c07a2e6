"""What an installation may choose: environment variables ``ZHOBA_*``, or ``zhoba.toml``.

An environment variable wins over the file. Lists and objects are JSON in the environment.
``docs/settings.md`` lists the same, and a test keeps the two equal.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.sealing import Seal
from core.work import Profile, RuleSettings
from schema.limits import Limits

BOUNDS = Limits()

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519"]
"""Signatures of foreign issuers: asymmetric only, so a public key never serves as a secret."""


class IssuerSettings(BaseModel):
    """A foreign issuer of sign-in tokens (OpenID Connect)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(min_length=1, description="The exact `iss` claim.")
    audience: str = Field(min_length=1, description="The `aud` claim its tokens for Zhoba carry.")
    jwks: str = Field(description="Its public keys: an https address, or a file.")
    algorithms: tuple[Algorithm, ...] = Field(
        default=("RS256",), min_length=1, description="How its tokens may be signed."
    )
    longest_seconds: PositiveInt = Field(
        default=3600, description="A token whose `exp` lies further after its `iat` is refused."
    )


class Settings(BaseSettings):
    """All settings of an installation."""

    model_config = SettingsConfigDict(env_prefix="ZHOBA_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("var"), description="Folder of the database file, stored files and keys."
    )
    personal_key_file: Path | None = Field(
        default=None,
        description="File of the key that encrypts personal data, the same for all servers; "
        "`keys/personal.key` in the data folder if not set. No backup holds it: keep a copy apart.",
    )
    database_url: str = Field(
        default="",
        description="`sqlite:///path` or `postgresql://user:password@host/name`; "
        "empty means `zhoba.db` in the data folder.",
        repr=False,
    )
    pool_size: PositiveInt = Field(
        default=10,
        description="Connections to PostgreSQL for reads, and as many for writes, which may take "
        "as many again; two for each processor of the database are enough.",
    )
    rules_profile: Literal["2023", "2021"] = Field(
        default="2023", description="Edition of the Rules that binds."
    )
    retention_years: PositiveInt = Field(
        default=10, description="Years an archived object is kept."
    )
    decision_days: PositiveInt = Field(
        default=365, description="Days a line of the decision log is kept."
    )
    host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=8000, description="Port the server listens on; 0 takes a free one."
    )
    language: Literal["kk", "ru", "en"] = Field(
        default="kk", description="Language for callers whose `Accept-Language` names none of ours."
    )
    express: bool = Field(
        default=True,
        description="Hand out finished answers without the executor; nobody sees a difference.",
    )
    answer_cache_bytes: Annotated[int, Field(ge=0)] = Field(
        default=32_000_000,
        description="Memory for answers kept while nothing changes in the database; 0: none.",
    )
    documents_dir: Path | None = Field(
        default=None,
        description="Folder of registered documents; `documents` in the data folder if not set.",
    )
    only_documents: bool = Field(
        default=False,
        description="Run registered documents only (`zhoba documents`); GraphiQL is not served.",
    )
    metrics: bool = Field(
        default=True, description="Serve counts for Prometheus at `/metrics`, to anybody."
    )
    demo: bool = Field(
        default=False,
        description="Accept the demo issuer's tokens and show its roles. Never in production.",
    )
    plugins: tuple[str, ...] | None = Field(
        default=None, description="Ids of the plugins to load; all that are installed if not set."
    )
    strict_plugins: bool = Field(
        default=False, description="Do not start while a plugin cannot be loaded."
    )
    dispatch: bool = Field(
        default=True,
        description="Run jobs and event handlers of plugins in this server; several share them.",
    )
    dispatch_attempts: PositiveInt = Field(
        default=8, description="Attempts at a job or an event before it is given up."
    )
    dispatch_seconds: float = Field(
        default=60.0, gt=0, description="Seconds one run of a job or event handler may take."
    )
    cors_origins: tuple[str, ...] = Field(
        default=(), description="Origins whose pages may call the API; none by default."
    )
    graphiql: bool = Field(default=True, description="Serve GraphiQL at `/graphiql`.")
    token_issuer: str = Field(
        default="zhoba", description="`iss` of the tokens Zhoba signs itself."
    )
    token_audience: str = Field(
        default="zhoba", description="`aud` of the tokens Zhoba signs itself."
    )
    token_minutes: Annotated[int, Field(ge=1, le=10)] = Field(
        default=10, description="Life of the tokens Zhoba signs itself, at most 10 minutes."
    )
    issuers: tuple[IssuerSettings, ...] = Field(
        default=(), description="Foreign issuers: a list of `{issuer, audience, jwks, algorithms}`."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="One JSON object a line, or lines for a person at a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_error_texts: bool = Field(
        default=False,
        description="Log the texts of internal errors too. They may quote personal data: "
        "a developer's machine only.",
    )
    max_tokens: PositiveInt = Field(default=BOUNDS.tokens, description="Tokens of a document.")
    max_depth: PositiveInt = Field(default=BOUNDS.depth, description="Nested fields.")
    max_aliases: PositiveInt = Field(default=BOUNDS.aliases, description="Aliases in an operation.")
    max_fields: PositiveInt = Field(
        default=BOUNDS.fields, description="Fields of an operation, fragments written out."
    )
    max_branches: PositiveInt = Field(
        default=BOUNDS.branches,
        description="Objects an operation leads to, an interface counted by its kinds.",
    )
    max_cost: PositiveInt = Field(
        default=BOUNDS.cost, description="Objects an answer may hold, page sizes multiplied."
    )
    max_body_bytes: PositiveInt = Field(
        default=BOUNDS.body_bytes, description="Bytes of a request."
    )
    max_response_bytes: PositiveInt = Field(
        default=BOUNDS.response_bytes, description="Bytes of an answer."
    )
    max_file_bytes: PositiveInt = Field(default=20_000_000, description="Bytes of a stored file.")
    files_folder: Path | None = Field(
        default=None, description="Folder of stored files; `files` in the data folder if not set."
    )
    upload_minutes: PositiveInt = Field(
        default=15, description="Minutes an announced file may be sent."
    )
    download_seconds: PositiveInt = Field(
        default=300, description="Seconds a link to a file is good; it is good once."
    )
    invitation_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        default=72, description="Hours an invitation to sign in is good; it is good once."
    )
    session_idle_minutes: Annotated[int, Field(ge=10)] = Field(
        default=60, description="Minutes without a request after which a session ends."
    )
    session_hours: PositiveInt = Field(
        default=12, description="Hours after which a session ends in any case."
    )
    session_kept_days: PositiveInt = Field(
        default=30,
        description="Days after which sessions that ended and invitations that were used are "
        "deleted; the audit log keeps both acts.",
    )
    home_address: str = Field(
        default="/graphiql", description="Where who signed in by an invitation goes on."
    )
    request_seconds: float = Field(
        default=BOUNDS.seconds, gt=0, description="Seconds after which an operation is given up."
    )
    websocket_message_bytes: PositiveInt = Field(
        default=1_000_000, description="Bytes of one WebSocket message."
    )
    websocket_operations: PositiveInt = Field(
        default=50, description="Operations at a time on one WebSocket."
    )
    websocket_init_seconds: float = Field(
        default=10.0, gt=0, description="Seconds a WebSocket has to say who it is."
    )
    shutdown_seconds: PositiveInt = Field(
        default=10, description="Seconds running requests have to end after SIGTERM."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = Path(os.environ.get("ZHOBA_CONFIG", "zhoba.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'zhoba.db'}"

    @property
    def documents(self) -> Path:
        """Folder of the registered documents."""
        return self.documents_dir or self.data_dir / "documents"

    @property
    def files_dir(self) -> Path:
        """Folder of the stored files."""
        return self.files_folder or self.data_dir / "files"

    def seal(self) -> Seal:
        """What encrypts personal data."""
        return Seal(self.personal_key_file or self.data_dir / "keys" / "personal.key")

    def limits(self) -> Limits:
        """The bounds of one request."""
        return Limits(
            tokens=self.max_tokens,
            depth=self.max_depth,
            aliases=self.max_aliases,
            fields=self.max_fields,
            branches=self.max_branches,
            cost=self.max_cost,
            body_bytes=self.max_body_bytes,
            response_bytes=self.max_response_bytes,
            seconds=self.request_seconds,
        )

    def rules(self) -> RuleSettings:
        """What the Rules leave to the installation."""
        return RuleSettings(
            profile=Profile(self.rules_profile),
            retention_years=self.retention_years,
            upload_minutes=self.upload_minutes,
            download_seconds=self.download_seconds,
            invitation_hours=self.invitation_hours,
            session_idle_minutes=self.session_idle_minutes,
            session_hours=self.session_hours,
        )
