"""What can go wrong, as a tree.

Every leaf has a ``code`` that programs read, an ``http_status`` and says whether trying again can
help; its message tells a person what to do.

HeadraceError
├── InvalidRequest              400, the request itself is wrong
│   ├── InvalidJson             the bytes are no JSON, or not an object
│   ├── InvalidField            a field is unknown, missing, of the wrong type or out of range
│   ├── InvalidUpload           the upload is not what it says it is
│   ├── ContextTooLong          the prompt does not fit into the model's context
│   ├── UnsupportedType         415, a media type that is not read here
│   └── TooLarge                413, over a limit in the settings
├── Unauthenticated             401, no key, or one that is unknown
│   ├── KeyRevoked              the key was revoked
│   └── BadSignature            the record's signature does not fit, or is too old
├── Forbidden                   403, the key or topic may not do this
│   └── TenantMismatch          the record names a tenant that its sender does not speak for
├── NotFound                    404, nothing there that this tenant may see
│   └── ModelNotFound           no such model
├── DuplicateId                 409, the id was used for other content
├── LegalHold                   409, what is held for the law is not erased
├── KeyErased                   410, the data key was destroyed, and with it what it sealed
├── SealBroken                  what is sealed was changed, or sealed for another record
├── AuditDamaged            the audit log, or what was signed of it, is not what it was
├── WrongMasterKey              the master key is missing, or is not the one that data keys are wrapped by
├── BadArtefact                 a learned detector's file is missing, changed, or signed by nobody who is trusted
├── Blocked                     403, the policy does not let this through
├── Suspended                   403, too much of what was asked was blocked; again later
├── RateLimited                 429, too many requests now; again later
│   └── QuotaExceeded           429, the quota of the period is spent
├── Cancelled                   499, the client withdrew the request
├── Expired                     504, the deadline passed first
├── Unavailable                 503, something needed is away; again later
│   ├── ModelNotAvailable       the model is known but cannot run here
│   ├── UpstreamFailed          502, a remote model server failed
│   └── Overloaded              no room; again later
├── TrainingFailed              422, the job cannot be trained as asked
└── InternalError               500, a defect of ours
"""

from typing import ClassVar

from schemas.base import Frozen


class ErrorBody(Frozen):
    """An error as it travels."""

    code: str
    message: str
    http_status: int
    retriable: bool
    param: str | None = None


class HeadraceError(Exception):
    """The root. ``param`` names the field at fault, where one is."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    retriable: ClassVar[bool] = False

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param

    def body(self) -> ErrorBody:
        return ErrorBody(
            code=self.code,
            message=self.message,
            http_status=self.http_status,
            retriable=self.retriable,
            param=self.param,
        )


class InvalidRequest(HeadraceError):
    code = "invalid_request"
    http_status = 400


class InvalidJson(InvalidRequest):
    code = "invalid_json"


class InvalidField(InvalidRequest):
    code = "invalid_field"


class InvalidUpload(InvalidRequest):
    code = "invalid_upload"


class ContextTooLong(InvalidRequest):
    code = "context_length_exceeded"


class UnsupportedType(InvalidRequest):
    code = "unsupported_media_type"
    http_status = 415


class TooLarge(InvalidRequest):
    code = "too_large"
    http_status = 413


class Unauthenticated(HeadraceError):
    code = "invalid_api_key"
    http_status = 401


class KeyRevoked(Unauthenticated):
    code = "key_revoked"


class BadSignature(Unauthenticated):
    code = "bad_signature"


class Forbidden(HeadraceError):
    code = "forbidden"
    http_status = 403


class TenantMismatch(Forbidden):
    code = "tenant_mismatch"


class NotFound(HeadraceError):
    code = "not_found"
    http_status = 404


class ModelNotFound(NotFound):
    code = "model_not_found"


class DuplicateId(HeadraceError):
    code = "duplicate_id"
    http_status = 409


class LegalHold(HeadraceError):
    code = "legal_hold"
    http_status = 409


class KeyErased(HeadraceError):
    code = "key_erased"
    http_status = 410


class SealBroken(HeadraceError):
    code = "seal_broken"


class AuditDamaged(HeadraceError):
    code = "audit_damaged"


class WrongMasterKey(HeadraceError):
    code = "wrong_master_key"


class BadArtefact(HeadraceError):
    code = "bad_artefact"


class Blocked(HeadraceError):
    code = "content_blocked"
    http_status = 403


class Suspended(HeadraceError):
    code = "suspended"
    http_status = 403


class RateLimited(HeadraceError):
    code = "rate_limit_exceeded"
    http_status = 429
    retriable = True


class QuotaExceeded(RateLimited):
    code = "quota_exceeded"


class Cancelled(HeadraceError):
    code = "cancelled"
    http_status = 499


class Expired(HeadraceError):
    code = "deadline_exceeded"
    http_status = 504


class Unavailable(HeadraceError):
    """``retry_after`` is in seconds, where it is known."""

    code = "unavailable"
    http_status = 503
    retriable = True
    retry_after: float | None = None


class ModelNotAvailable(Unavailable):
    code = "model_not_available"
    retriable = False


class UpstreamFailed(Unavailable):
    code = "upstream_failed"
    http_status = 502


class Overloaded(Unavailable):
    code = "overloaded"


class TrainingFailed(HeadraceError):
    code = "training_failed"
    http_status = 422


class InternalError(HeadraceError):
    code = "internal_error"
