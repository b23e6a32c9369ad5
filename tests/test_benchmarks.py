"""`make bench`, small: it builds, serves, measures and writes its report."""

import re

from tests.processes import environment, python

TWELVE = [
    "nothing chosen",
    "popular term",
    "rare term",
    "three groups",
    "six groups",
    "ZIP radius",
    "ZIP radius and three groups",
    "state online licence",
    "words",
    "words and two groups",
    "page 40",
    "approach page",
]


def test_a_small_run_reports_every_request(tmp_path):
    results = tmp_path / "results.md"
    env = environment(tmp_path / "var")
    small = ["200", "--requests", "2", "--to", results]

    ran = python("-m", "benchmarks", *small, env=env, seconds=120)

    assert ran.returncode == 0, ran.stdout
    report = results.read_text()
    _, _, size = report.partition("## 200 therapists")
    size, _, staff = size.partition("### Staff's lists")
    rows = re.findall(r"^\| ([^|]+) \| ([0-9,]+) \| [0-9,.]+ \|", size, re.MULTILINE)
    assert [name for name, _ in rows] == TWELVE
    assert dict(rows)["nothing chosen"] == "200"
    assert 0 < int(dict(rows)["rare term"]) < int(dict(rows)["popular term"]) < 200
    assert "PostgreSQL" in report
    assert re.search(r"^\| therapists_therapist\?q=smith \| [0-9,]+ \| [0-9]+ \|", staff, re.M)
    assert re.search(r"Saving one therapist takes [0-9.]+ ms", report)
    assert "| building the index for 1,000,000 | 180 s | not measured |" in report
