"""``python -m streams.screening.learned.shipped KEYFILE`` trains the detector that comes with Headrace.

From the corpus of this repository and from ordinary text of the machine it runs on (which its data sheet lists), signed
with the key in the file. Its public half goes beside the artefact, and is what processes trust.
"""

import sys
from pathlib import Path

from streams.screening.learned.making import Made, make, signing_key
from streams.screening.learned.selection import KEY, SHIPPED

CORPUS = "written for Headrace, Apache-2.0; streams/screening/corpus/README.md describes each source"

ALARMS = 0.02
"""Of ordinary texts, for each category: what others are measured at."""
MANUALS = 4, 600
"""Paragraphs of each package and module, and of all, that are learned as ordinary."""


def ship(key: Path, path: Path = SHIPPED) -> Made:
    """Write the artefact, its signature, data sheet, report and public key."""
    from streams.cli.progress import fetching
    from streams.screening.corpus.corpus import examples
    from workers.screening.examples import Example
    from workers.screening.ordinary import licences, ordinary
    from workers.screening.training import Recipe

    ours = [Example.model_validate(each._asdict()) for each in examples()]
    told = ", ".join(f"{package} ({licence})" for package, licence in licences().items())
    origins = {
        "all but the next two": CORPUS,
        "python": f"documentation strings of Python {sys.version.split()[0]}'s standard library (PSF-2.0)",
        "packages": f"descriptions of installed packages: {told}",
    }
    with fetching("training") as progress:
        made = make([*ours, *ordinary(*MANUALS)], Recipe("learned", ALARMS), path, signing_key(key), origins, progress)
    path.with_suffix(KEY.suffixes[-2] + KEY.suffixes[-1]).write_text(made.key + "\n")
    return made


if __name__ == "__main__":
    sys.stdout.write(f"{ship(Path(sys.argv[1])).digest}\n")
