"""docs/testing.md names tests: each of them exists, exactly once."""

import collections
import re

from conftest import LONGEST, ROOT

PROOF = re.compile(r"`(\w+\.(?:py|swift))::(\w+)`")
TEXT = (ROOT / "docs" / "testing.md").read_text()


def test_every_proof_is_a_test_that_exists():
    files = collections.defaultdict(list)
    for path in (ROOT / "Tests").rglob("*"):
        if path.suffix in (".py", ".swift"):
            files[path.name].append(path)
    proofs = PROOF.findall(TEXT)
    assert len(proofs) > 100
    for file, name in proofs:
        pattern = (
            rf"^\s*def {name}\(" if file.endswith(".py") else rf"@Test(?:(?!@Test|\bfunc\b)[\s\S])*\bfunc {name}\(")
        found = [path for path in files[file] if re.search(pattern, path.read_text(), re.M)]
        assert len(found) == 1, (file, name, found)


def test_every_row_has_a_proof():
    rows = [line for line in TEXT.splitlines() if re.match(r"\| [A-Z]\d+ \|", line)]
    assert len(rows) > 50
    for row in rows:
        assert PROOF.search(row.rsplit("|", 2)[1]), row


def test_every_file_that_is_begun_first_exists():
    for name in LONGEST:
        assert (ROOT / "Tests" / "Contract" / name).exists(), name
