"""The checks of peers: what the page shows."""

from pathlib import Path

from benchmarks.claims.peer_checks import read, table

PAGE = Path(__file__).parents[3] / "docs" / "peers.md"


def test_the_checks_of_peers_on_the_page_are_those_of_the_tracked_file():
    assert table(read()) in PAGE.read_text()
