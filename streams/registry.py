"""What is live now: models, prompts, policies and keys, followed from their topics into memory."""

import logging
from collections.abc import Callable
from string import Template

from pydantic import ValidationError

from infra.broker import Record
from infra.keys import KeyRing
from infra.reader import Follower
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import InvalidField, NotFound, Unavailable
from schemas.policies import PolicyDocument, document_version
from schemas.registry import Key, ModelVersion, Policy, Prompt
from schemas.requests import PromptRef
from streams.approval import Approvals, Outcome

log = logging.getLogger(__name__)


class Registry:
    """The state of the registry topics. Each has one partition, so of two records the later is right;
    every version stays known, since work in flight is pinned to it."""

    def __init__(self, keys: KeyRing, fallback: PolicyDocument) -> None:
        self.keys = keys
        self._live_policy = document_version(fallback)
        self._policies = {self._live_policy: fallback}
        self._for_tenants: dict[tuple[str, str | None], PolicyDocument] = {}
        self._outcomes: dict[str, Outcome] = {}
        self.approvals = Approvals()
        self._prompts: dict[tuple[str, str], Prompt] = {}
        self._live_prompts: dict[str, str] = {}
        self._models: dict[tuple[str, str], ModelVersion] = {}
        self.revision = 0
        """Grows with every change of a model version."""

    @property
    def live_policy(self) -> str:
        """The version that new requests are pinned to."""
        return self._live_policy

    def policy(self, version: str, tenant: str | None = None) -> PolicyDocument:
        """The document of a pinned version as it stands for a tenant.

        Raises:
            Unavailable: this process has not read that version yet; trying again helps.
        """
        if version not in self._policies:
            raise Unavailable(f"policy {version} is not known here yet")
        tenant = tenant if tenant in self._policies[version].tenants else None
        key = (version, tenant)
        if key not in self._for_tenants:
            self._for_tenants[key] = self._policies[version].for_tenant(tenant)
        return self._for_tenants[key]

    def model_versions(self, name: str) -> list[ModelVersion]:
        """All versions of a model, live and retired, the last word on each, oldest first."""
        return [version for (model, _), version in self._models.items() if model == name]

    def live_models(self, name: str) -> list[ModelVersion]:
        return [version for version in self.model_versions(name) if version.status == "live" and version.weight > 0]

    def render(self, reference: PromptRef) -> tuple[Prompt, str]:
        """The prompt that a request refers to, and its text with the variables in place.

        Raises:
            NotFound: there is no such prompt or version.
            InvalidField: a variable of the template was not given.
        """
        version = reference.version or self._live_prompts.get(reference.name, "")
        prompt = self._prompts.get((reference.name, version))
        if prompt is None:
            raise NotFound(f"there is no prompt {reference.name!r} {version}".rstrip(), param="template")
        try:
            return prompt, Template(prompt.text).substitute(reference.variables)
        except (KeyError, ValueError) as error:
            raise InvalidField(
                f"prompt {reference.name!r} needs the variable {error.args[0]!r}", param="template.variables"
            ) from error

    def system_prompt(self, pinned: str | None) -> str:
        """What a pinned prompt (``name@version``) tells the model that its client need not know; empty where it is
        none, or is said in the client's name.

        Raises:
            Unavailable: this process has not read that version yet; trying again helps.
        """
        if pinned is None:
            return ""
        name, _, version = pinned.rpartition("@")
        prompt = self._prompts.get((name, version))
        if prompt is None:
            raise Unavailable(f"prompt {pinned} is not known here yet")
        return prompt.text if prompt.role == "system" else ""

    def add_policy(self, policy: Policy) -> None:
        """The later record is live, unless it loosens and lacks approvals: then nothing changes."""
        outcome = self.outcome_of(policy)
        self._outcomes[policy.id] = outcome
        if outcome != "live":
            log.warning("a policy is not taken live", extra={"version": policy.version, "outcome": outcome})
            return
        self.approvals.took(policy)
        self._policies[policy.version] = PolicyDocument.model_validate(policy.document)
        self._live_policy = policy.version

    def outcome_of(self, policy: Policy) -> Outcome:
        """What would become of a policy now."""
        document, known = PolicyDocument.model_validate(policy.document), self._policies.get(policy.version)
        if self.approvals.asked and known is not None and known != document:
            return "refused"
        return self.approvals.judge(policy, document, self._live_policy, self._policies[self._live_policy])

    def outcome(self, policy_id: str) -> Outcome:
        """What became of a record of ``policies``; raises ``Unavailable`` while it was not read."""
        if policy_id not in self._outcomes:
            raise Unavailable(f"the policy record {policy_id} is not known here yet")
        return self._outcomes[policy_id]

    def add_prompt(self, prompt: Prompt) -> None:
        self._prompts[prompt.name, prompt.version] = prompt
        self._live_prompts[prompt.name] = prompt.version

    def add_model(self, version: ModelVersion) -> None:
        self._models.pop((version.name, version.version), None)
        self._models[version.name, version.version] = version
        self.revision += 1

    def follower(self, settings: Settings, client_id: str) -> Follower:
        """What keeps this registry up to date while it runs."""
        names, self.approvals = Names(settings.kafka), Approvals(settings.screening)
        readers: dict[str, Callable[[bytes], None]] = {
            names("models"): lambda value: self.add_model(ModelVersion.model_validate_json(value)),
            names("prompts"): lambda value: self.add_prompt(Prompt.model_validate_json(value)),
            names("policies"): lambda value: self.add_policy(Policy.model_validate_json(value)),
            names("keys"): lambda value: self.keys.apply(Key.model_validate_json(value)),
        }

        def apply(record: Record) -> None:
            if record.value is None:
                return
            try:
                readers[record.topic](record.value)
            except ValidationError as error:
                log.error(
                    "ignored a registry record", extra={"source": str(record.source), "errors": len(error.errors())}
                )

        return Follower(settings.kafka, list(readers), apply, since="earliest", client_id=client_id)
