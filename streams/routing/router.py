"""Which models may answer a request, in order, and why."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from schemas.errors import Forbidden, HeadraceError, InvalidField, ModelNotAvailable, ModelNotFound
from schemas.policies import Condition, RoutingPolicy
from schemas.work import ModelPin
from streams.routing.cards import ModelCard
from streams.routing.facts import Facts

Cards = Mapping[str, ModelCard]
NONE: AbstractSet[str] = frozenset()


@dataclass(frozen=True)
class Route:
    """The first candidate gets the work, the others stand in for it in order. When a request has pictures that
    its model cannot see, the first candidate reads them for the second. ``reasons`` are the steps to it."""

    candidates: tuple[ModelPin, ...]
    reasons: tuple[str, ...]


def route(facts: Facts, policy: RoutingPolicy, cards: Cards, away: AbstractSet[str] = NONE) -> Route:
    """Decide on one request. ``away`` are the models that cannot be reached or rest after failures.

    Raises:
        ModelNotFound: the model asked for is not in the manifest.
        InvalidField: it does not answer this kind of request.
        Forbidden: it is remote, and this text has to stay on local models.
        ModelNotAvailable: no model that may answer this is there now.
    """
    reasons = [_locality(facts)] if facts.local else []
    chosen, why = _choose(facts, policy, cards)
    reasons.append(f"{chosen}: {why}")
    names = _usable((chosen, *policy.fallbacks.get(chosen, ())), facts, cards, away, reasons)
    if not names and facts.local:
        names = _usable((policy.default, policy.small or policy.default), facts, cards, away, reasons)
    if not names:
        raise ModelNotAvailable(f"no model can answer this now: {'; '.join(reasons)}", param="model")
    if facts.image and "vision" not in cards[names[0]].capabilities:
        names = [_reader(facts, policy, cards, away), *names]
        reasons.append(f"{names[0]} reads the pictures for {names[1]}")
    return Route(tuple(cards[name].pin(facts.sticky) for name in names), tuple(reasons))


def explain(facts: Facts, policy: RoutingPolicy, cards: Cards, away: AbstractSet[str] = NONE) -> list[str]:
    """The decision on one request as lines for people; an error is its last line."""
    try:
        decided = route(facts, policy, cards, away)
    except HeadraceError as error:
        return [f"refused ({error.code}): {error.message}"]
    order = " -> ".join(f"{pin} ({pin.pool})" for pin in decided.candidates)
    return [*decided.reasons, f"candidates: {order}"]


def holds(condition: Condition, facts: Facts, simple: bool) -> bool:
    """Whether every part of the condition that is given is true of the request."""
    return (
        (not condition.kind or facts.kind in condition.kind)
        and (not condition.security or facts.security in condition.security)
        and (not condition.tenant or facts.tenant in condition.tenant)
        and condition.image in (None, facts.image)
        and condition.simple in (None, simple)
        and condition.local_only in (None, facts.local)
        and (condition.min_chars is None or facts.chars >= condition.min_chars)
        and (condition.max_chars is None or facts.chars <= condition.max_chars)
    )


def _locality(facts: Facts) -> str:
    return "local models only: " + ("the security level is high" if facts.security == "high" else "screening says so")


def _choose(facts: Facts, policy: RoutingPolicy, cards: Cards) -> tuple[str, str]:
    """The model that should answer, and why."""
    if facts.model:
        return _asked(facts, facts.model, cards), "asked for by name"
    simple = facts.kind in ("chat", "completion") and facts.chars <= policy.simple_chars and not facts.demanding
    for rule in policy.rules:
        if holds(rule.when, facts, simple):
            return rule.model, f"rule {rule.name}"
    return _by_nature(facts, policy, cards, simple)


def _by_nature(facts: Facts, policy: RoutingPolicy, cards: Cards, simple: bool) -> tuple[str, str]:
    if facts.image and facts.kind in ("classify", "embedding"):
        return _matcher(policy), "it compares pictures"
    if facts.kind in ("classify", "rerank"):
        raise InvalidField(f"no rule says which model is to {facts.kind} texts: name one as 'model'", param="model")
    if facts.kind == "embedding":
        return policy.embedding or policy.default, "embeddings"
    if facts.image and policy.vision and policy.vision in cards and facts.kind in cards[policy.vision].capabilities:
        return policy.vision, "it sees pictures"
    if simple and policy.small and not facts.image:
        return policy.small, "short and simple"
    return policy.default, "the default"


def _matcher(policy: RoutingPolicy) -> str:
    if policy.matcher is None:
        raise ModelNotAvailable("no model compares pictures here: name a CLIP model as 'matcher' in the policy")
    return policy.matcher


def _asked(facts: Facts, name: str, cards: Cards) -> str:
    if name not in cards:
        raise ModelNotFound(f"there is no model {name!r}; known: {', '.join(sorted(cards))}", param="model")
    if facts.kind not in cards[name].capabilities:
        raise InvalidField(f"{name} does not answer {facts.kind} requests; leave 'model' out", param="model")
    if facts.local and not cards[name].local:
        raise Forbidden(
            f"{name} is remote, and {_locality(facts)}; leave 'model' out to get a local one", param="model"
        )
    return name


def _usable(
    names: tuple[str, ...], facts: Facts, cards: Cards, away: AbstractSet[str], reasons: list[str]
) -> list[str]:
    usable = []
    for name in dict.fromkeys(names):
        obstacle = _obstacle(name, facts.kind, facts, cards, away)
        if obstacle:
            reasons.append(f"{name}: passed over, {obstacle}")
        else:
            usable.append(name)
    return usable


def _obstacle(name: str, capability: str, facts: Facts, cards: Cards, away: AbstractSet[str]) -> str:
    if name not in cards:
        return "not in the manifest"
    if capability not in cards[name].capabilities:
        return f"does not answer {capability} requests"
    if facts.local and not cards[name].local:
        return "remote"
    return "away after failures" if name in away else ""


def _reader(facts: Facts, policy: RoutingPolicy, cards: Cards, away: AbstractSet[str]) -> str:
    if policy.vision is None:
        raise ModelNotAvailable("the policy names no vision model; leave pictures and files out", param="messages")
    obstacle = _obstacle(policy.vision, "ocr", facts, cards, away)
    if obstacle:
        raise ModelNotAvailable(f"pictures cannot be read now: {policy.vision} is {obstacle}", param="messages")
    return policy.vision
