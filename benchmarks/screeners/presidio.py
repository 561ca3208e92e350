"""Microsoft Presidio's analyzer with its rules and a blank pipeline for each language: no model is downloaded."""

from benchmarks.screeners.lines import Find, Found, serve

_QUIET = {"DATE_TIME", "URL", "NRP"}
"""What it finds that the labels do not count as personal."""


def load() -> Find:
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    blank = SpacyNlpEngine()
    blank.nlp = {"en": spacy.blank("en")}
    engine = AnalyzerEngine(nlp_engine=blank, supported_languages=["en"])

    def find(text: str) -> list[Found]:
        found = engine.analyze(text, language="en")
        return [("pii", each.start, each.end) for each in found if each.entity_type not in _QUIET]

    return find


if __name__ == "__main__":
    serve(load)
