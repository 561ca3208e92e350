"""What a policy document may say, and what it says for a tenant."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.policies import PolicyDocument, document_version, lines, merge
from schemas.screening import Finding, Measure


def document(screening: dict[str, Any] | None = None, **changes: Any) -> PolicyDocument:
    return PolicyDocument.model_validate(
        {"name": "test", "screening": screening or {}, "routing": {"default": "big"}, **changes}
    )


def words(*chosen: str) -> dict[str, Any]:
    return {"words": {"banned": {"words": chosen}}}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"screening": {"actions": {"prompt": {"emial": "redact"}}}}, "actions.prompt.emial is no entity"),
        ({"screening": {"actions": {"prompt": {"email": "delete"}}}}, "Input should be 'allow'"),
        ({"screening": {"actions": {"outward": {}}}}, "Input should be 'prompt'"),
        ({"screening": {"actions": {"output": {"pii": "local_only"}}}}, "an answer has already been made"),
        (
            {"screening": {"actions": {"prompt": {"pii": {"action": "block", "threshold": 2}}}}},
            "less than or equal to 1",
        ),
        ({"screening": {"blocking": True}}, "Extra inputs"),
        ({"screening": {"actions": {"prompt": {"pii": {"action": "flag", "flag": 0.2}}}}}, "stricter than flag"),
        (
            {"screening": {"actions": {"prompt": {"pii": {"action": "block", "flag": 0.5}}}}},
            "below 'threshold'",
        ),
        ({"screening": words("  ")}, "is empty or a single character"),
        ({"screening": words("")}, "at least 2 characters"),
        ({"screening": words("的\u3000")}, "is empty or a single character"),
        ({"screening": words("极端天气")}, "is an ordinary word"),
        ({"screening": words("The")}, "is an ordinary word"),
        ({"screening": words("ＴＨＥ")}, "is an ordinary word"),
        ({"screening": {"words": {"email": {"words": ["abc"]}}}}, "has the name of an entity"),
        ({"screening": {"words": {"pii": {"words": ["abc"]}}}}, "has the name of an entity or category"),
        ({"routing": {"default": "big", "fallbacks": {"big": ["big"]}}}, "names itself"),
        ({"routing": {"default": "big", "rules": [{"name": "a", "model": "m"}] * 2}}, "a name of its own"),
        ({"screening": {"actions": {"prompt": {"pii": {"action": "flag", "languages": {"de": "block"}}}}}}, "'zh'"),
        (
            {"screening": {"actions": {"output": {"pii": {"action": "flag", "languages": {"zh": "local_only"}}}}}},
            "an answer has already been made",
        ),
        ({"screening": {"messages": {"SELFHARM": {"zh": "x", "en": "x"}}}}, "messages.SELFHARM is no entity"),
        ({"tenants": {"acme": {"routing": {"defualt": "x"}}}}, "tenants.acme.routing.defualt"),
        ({"tenants": {"acme": {"screening": words("的的", "hello")}}}, "tenants.acme.screening"),
    ],
)
def test_unsound_documents_are_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        document(**change)
    assert problem in "\n".join(lines(caught.value))


def test_an_entity_goes_before_its_category_and_nothing_said_is_allowed() -> None:
    screening = document({"actions": {"prompt": {"pii": "redact", "email": "block"}}, **words("some phrase")}).screening
    assert screening.treatment("prompt", "EMAIL").action is Measure.BLOCK
    assert screening.treatment("prompt", "PHONE").action is Measure.REDACT
    assert screening.treatment("prompt", "JWT").action is Measure.ALLOW
    assert screening.treatment("output", "EMAIL").action is Measure.ALLOW
    assert screening.entity("banned") == ("harm", "high")


def test_a_tenant_has_the_document_with_what_differs() -> None:
    override = {
        "screening": {"actions": {"prompt": {"pii": "block"}}},
        "routing": {"small": "tiny", "fallbacks": {"big": ["tiny"]}},
    }
    whole = document({"actions": {"prompt": {"pii": "redact", "jwt": "block"}}}, tenants={"acme": override})
    acme = whole.for_tenant("acme")
    assert acme.screening.treatment("prompt", "PHONE").action is Measure.BLOCK
    assert acme.screening.treatment("prompt", "JWT").action is Measure.BLOCK
    assert (acme.routing.default, acme.routing.small) == ("big", "tiny")
    assert acme.for_tenant("acme") is acme
    assert whole.for_tenant("other") is whole
    assert whole.for_tenant(None) is whole


def test_the_version_is_a_digest_of_the_content() -> None:
    one, same, other = document(), document(), document(words("some phrase"))
    assert document_version(one) == document_version(same) != document_version(other)
    assert document_version(PolicyDocument.model_validate(one.model_dump(mode="json"))) == document_version(one)
    assert len(document_version(one)) == 12


def test_merging_replaces_all_but_mappings() -> None:
    assert merge({"a": {"b": 1, "c": [1]}, "d": 2}, {"a": {"c": [2]}, "d": {"e": 3}}) == {
        "a": {"b": 1, "c": [2]},
        "d": {"e": 3},
    }


@pytest.mark.parametrize(
    ("treatment", "score", "language", "expected"),
    [
        ({"action": "redact"}, 0.5, "zh", "redact"),
        ({"action": "redact"}, 0.49, None, None),
        ({"action": "redact", "languages": {"zh": "block"}}, 0.5, "zh", "block"),
        ({"action": "redact", "languages": {"zh": "block"}}, 0.5, "en", "redact"),
        ({"action": "redact", "languages": {"zh": {"threshold": 0.9}}}, 0.8, "zh", None),
        ({"action": "redact", "languages": {"zh": {"threshold": 0.9}}}, 0.8, "other", "redact"),
        ({"action": "redact", "flag": 0.2}, 0.5, None, "redact"),
        ({"action": "redact", "flag": 0.2}, 0.49, None, "flag"),
        ({"action": "redact", "flag": 0.2}, 0.19, None, None),
        ({"action": "redact", "flag": 0.2, "languages": {"zh": {"threshold": 0.9}}}, 0.8, "zh", "flag"),
        ({"action": "redact", "flag": 0.2, "languages": {"zh": {"threshold": 0.9}}}, 0.8, None, "redact"),
        ({"action": "redact", "languages": {"zh": "block", "en": "allow"}}, 0.5, None, "block"),  # the strictest
        ({"action": "redact", "languages": {"zh": {"action": "block", "threshold": 0.9}}}, 0.5, None, "redact"),
    ],
)
def test_a_treatment_may_differ_by_language(
    treatment: dict[str, Any], score: float, language: Any, expected: str | None
) -> None:
    found = document({"actions": {"prompt": {"pii": treatment}}}).screening.treatment("prompt", "EMAIL")
    assert found.measure(score, language) == (Measure(expected) if expected else None)


def test_what_is_told_depends_on_what_was_found() -> None:
    message = {"zh": "请求助", "en": "get help"}
    policy = document({"messages": {"SELF_HARM": message, "harm": {"zh": "不", "en": "no"}}}).screening

    def finding(entity: str, category: Any = "harm") -> Finding:
        return Finding(category=category, entity=entity, start=0, end=1, score=1, detector="d")

    assert policy.told([finding("HATE"), finding("SELF_HARM")]) == "get help 请求助"
    assert policy.told([finding("HATE")]) == "no 不"
    assert policy.told([finding("EMAIL", "pii")]).startswith("This content is not allowed")
    assert policy.told([]).startswith("This content is not allowed")
