"""What one policy lets pass that another does not."""

from collections.abc import Iterator
from typing import get_args

from schemas.bounds import BoundsPolicy
from schemas.entities import ENTITIES
from schemas.policies import PolicyDocument, ScreeningPolicy, plain
from schemas.screening import Direction, Language, Measure

MOST = 50


def loosened(old: PolicyDocument, new: PolicyDocument) -> list[str]:
    """Each place where ``new`` is more lenient, for people, up to ``MOST``; none when it is at least as strict."""
    found = []
    for tenant in (None, *sorted({*old.tenants, *new.tenants})):
        whose = f"tenants.{tenant}." if tenant else ""
        before, after = old.for_tenant(tenant), new.for_tenant(tenant)
        for line in (*_lenient(before.screening, after.screening), *_wider(before.bounds, after.bounds)):
            found.append(whose + line)
            if len(found) == MOST:
                return found
    return found


def _lenient(old: ScreeningPolicy, new: ScreeningPolicy) -> Iterator[str]:
    if new is old:
        return
    if old.on_failure is Measure.BLOCK and new.on_failure is not Measure.BLOCK:
        yield "screening.on_failure: block → flag"
    if old.remote != "placeholders" and new.remote == "placeholders":
        yield f"screening.remote: {old.remote} → {new.remote}"
    for direction in get_args(Direction):
        for name in sorted({*ENTITIES, *old.words, *old.actions.get(direction, {})}):
            yield from _treated(old, new, direction, name)
    for name, listed in old.words.items():
        kept = {plain(word) for word in new.words[name].words} if name in new.words else set()
        if missing := {plain(word) for word in listed.words} - kept:
            yield f"screening.words.{name}: {len(missing)} of {len(listed.words)} words are gone"


def _wider(old: BoundsPolicy, new: BoundsPolicy) -> Iterator[str]:
    for name in ("messages", "turns", "output_tokens"):
        if getattr(new, name) > getattr(old, name):
            yield f"bounds.{name}: {getattr(old, name)} → {getattr(new, name)}"
    if new.information < old.information:
        yield f"bounds.information: {old.information:g} → {new.information:g}"


def _treated(old: ScreeningPolicy, new: ScreeningPolicy, direction: Direction, name: str) -> Iterator[str]:
    before, after = old.treatment(direction, name), new.treatment(direction, name)
    if before == after:
        return
    told = set()
    for language in get_args(Language):
        was, now = before.within(language), after.within(language)
        if was.action is Measure.ALLOW:
            continue
        if now.action.severity < was.action.severity:
            told.add(f"screening.actions.{direction}.{name}: {was.action.value} → {now.action.value}")
        elif now.threshold > was.threshold:
            told.add(f"screening.actions.{direction}.{name}: from a score of {was.threshold:g} → {now.threshold:g}")
        elif was.flag is not None and was.flag < now.noted:
            told.add(f"screening.actions.{direction}.{name}: flagged from a score of {was.flag:g} → {now.noted:g}")
    yield from sorted(told)
