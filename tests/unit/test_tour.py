"""What the README says a command prints is compared with what it prints."""

from __future__ import annotations

import re

import pytest

from tests.support.tour import BLOCK, ROOT, SECTION, Step, steps, unlike

README = """
## A tour of five minutes

```text
Running.  Ctrl-C stops it.
...
```

```console
$ tandem watch
$ curl -i http://127.0.0.1:8101/goals \\
    -d '{"value": 10.2}'
HTTP/1.1 200 OK
...
etag: "7"
```

```text second terminal
19:54:36  Miguel Nakamura        goal 10.2 minutes
```

```sh
A=$(one)
two $A
```

```text
{'small_n': 10, ...}
```

## More
"""
TABLE = (
    "coach-01: 25 teachers, as of 2026-11-27 18:58:28 PST",
    "teacher        attention        goals               survey",
    "Lena Rivera    F2 feedback due  wait-time 85%       -",
    "Nathan Evans   F4 goal overdue  second-tries draft  about 50%",
    "...",
)
PRINTED = """coach-02: 9 teachers, as of 2027-06-30 08:00:01 PDT
teacher              attention         goals                    survey
Omar Diaz            F4 goal overdue   checks-per-lesson 0%     -
                     F2 feedback due   minutes-lost draft
Priya Haddad         F1 not observed   student-talk-share 12%   about 75%
"""


def test_a_tour_is_read_from_its_blocks() -> None:
    assert steps(README) == [
        Step("", ("Running.  Ctrl-C stops it.", "...")),
        Step("tandem watch"),
        Step(
            "curl -i http://127.0.0.1:8101/goals \\\n    -d '{\"value\": 10.2}'",
            ("HTTP/1.1 200 OK", "...", 'etag: "7"'),
        ),
        Step("", ("19:54:36  Miguel Nakamura        goal 10.2 minutes",), elsewhere=True),
        Step("A=$(one)\ntwo $A\n", ("{'small_n': 10, ...}",)),
    ]


def test_the_readmes_tour_is_all_read() -> None:
    found = steps((ROOT / "README.md").read_text())
    assert len([each for each in found if each.command]) == 8
    assert len([each for each in found if each.elsewhere]) == 2


def test_the_readme_has_no_commands_beside_its_tour_but_the_two_that_run_and_test() -> None:
    """The first of which is what the test of the tour starts."""
    readme = (ROOT / "README.md").read_text()
    others = [text for kind, text in BLOCK.findall(SECTION.sub("", readme)) if kind or "$" in text]
    assert others == []
    beside = "".join(text for _, text in BLOCK.findall(SECTION.sub("", readme)))
    assert re.findall(r"^(make \w+) +#", beside, re.MULTILINE) == ["make run", "make test"]
    recipes = (ROOT / "Makefile").read_text()
    assert re.search(r"^run:.*\n\t@exec \$\(BIN\)/tandem up$", recipes, re.MULTILINE)


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ("11 s: 225 sent, 0 errors\n", ""),
        ("9 s: 17 sent, 0 errors\n", ""),
        ("9 s: 17 sent, 2 errors\n", "11 s: 225 sent, 0 errors"),
        ("9 s: 17 lost, 0 errors\n", "11 s: 225 sent, 0 errors"),
        ("before\n9 s: 17 sent, 0 errors\n", "11 s: 225 sent, 0 errors"),
        ("9 s: 17 sent, 0 errors\nafter\n", "after"),
        ("", "11 s: 225 sent, 0 errors"),
    ],
)
def test_another_line_is_noticed(printed: str, wrong: str) -> None:
    assert unlike(Step("simulate", ("11 s: 225 sent, 0 errors",)), printed) == wrong


def test_lines_that_are_left_out_are_no_mistake_where_the_readme_says_so() -> None:
    step = Step("curl", ("HTTP/1.1 200 OK", "...", 'etag: "7"', "..."))
    assert unlike(step, 'HTTP/1.1 200 OK\r\ndate: now\r\netag: "12"\r\n\r\n{}') == ""
    assert unlike(step, "HTTP/1.1 200 OK\r\ndate: now\r\n") == 'etag: "7"'
    assert unlike(step, 'HTTP/1.1 404 Not Found\r\netag: "12"\r\n') == "HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("goal open-question-share 10.2 percent, from 26 to 51 (0%)", True),
        ("goal checks-per-lesson 4, from 2 to 7 (40%)", True),
        ("goal checks-per-lesson 4, to 7 (40%)", False),
        ("survey open-question-share 10.2 percent, from 26 to 51 (0%)", False),
    ],
)
def test_what_a_goal_measures_follows_from_the_day_of_the_demo(printed: str, same: bool) -> None:
    said = "19:54:36  Miguel Nakamura        goal minutes-lost 10.2 minutes, from 16 to 10 (97%)"
    assert (
        unlike(Step("", (said,)), f"08:40:51  Soren Wilson           {printed}\n") == ""
    ) == same


def test_a_table_has_the_columns_that_are_shown_and_cells_of_their_kind() -> None:
    table = Step("show", TABLE, table=True)
    assert unlike(table, PRINTED) == ""
    assert unlike(table, PRINTED.replace("attention", "flags    ")) == TABLE[1]
    assert unlike(table, PRINTED.replace("teachers", "people")) == TABLE[0]
    assert unlike(table, PRINTED.replace("F2 feedback due", "F2 late        ")) == TABLE[2]
    assert unlike(table, PRINTED.replace("about 75%", "75 of 10 ")) == TABLE[3]
    assert unlike(table, PRINTED.replace("-lost draft", "-lost 45%  ")) == TABLE[3]
