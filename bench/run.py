"""``make bench``: import, reads, demonstration.

``make bench ARGS="DIR"`` or ``ZHOBA_BENCH_DATA=DIR make bench``; DIR holds the Italian plan.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from bench.databases import DIALECTS, empty_databases
from bench.demo_bench import measure_demo
from bench.import_bench import measure_imports
from bench.reads_bench import measure_reads
from bench.results import keep, show

EXCERPT = Path(__file__).parents[1] / "tests/data/italia_domani"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="the Italian plan (bench/README.md)")
    parser.add_argument("--db", choices=(*DIALECTS, "both"), default="both")
    parser.add_argument("--only", choices=("import", "demo"), help="leave the rest out")
    chosen = parser.parse_args()
    given = chosen.folder or os.environ.get("ZHOBA_BENCH_DATA")
    folder = Path(given) if given else EXCERPT
    if folder == EXCERPT:
        print("No folder given: measuring the excerpt of 300 projects, whose figures say little.")
    dialects = DIALECTS if chosen.db == "both" else (chosen.db,)
    with tempfile.TemporaryDirectory(prefix="zhoba-bench-") as name:
        place = Path(name)
        if chosen.only != "demo":
            with empty_databases(place, dialects) as urls:
                imports = measure_imports(urls, folder)
                show("Import of the Italian plan", imports)
                keep("import", imports)
                if chosen.only != "import":
                    reads, memory = measure_reads(urls, place)
                    show("Reads, milliseconds", reads)
                    show("Memory of the server after 1 000 mixed queries", memory)
                    keep("reads", reads)
                    keep("memory", memory)
        if chosen.only != "import":
            demo = measure_demo(place)
            show("Demonstration", demo)
            keep("demo", demo)


if __name__ == "__main__":
    main()
