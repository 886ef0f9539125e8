"""Other words are signed by a representative where one has signed any version before, whoever the
districts file names now: what is enacted holds for whoever checks it."""

from __future__ import annotations

from services.access.districts import District, Districts
from services.ctl.policies import wrong_in
from tests.component.privacy.test_policies import UNION, enacted, proposed, sign, statement
from tests.support.policies import keys
from tests.support.staff import Staffed

ALONE, TOGETHER = District(privacy_keys=keys()), District(privacy_keys=keys("district", UNION))
OTHER = "Everybody may see whatever there is."


async def test_who_has_signed_any_version_signs_other_words_though_nobody_names_her() -> None:
    named = {"north": TOGETHER}
    north = Staffed(Districts(named))
    await north.roster()
    first = await enacted(north, "district", UNION, representatives_sign=1)
    second = await enacted(north, "district", UNION, number=2)
    third = await enacted(north, "district", number=3, audiences=[])  # allows less
    named["north"] = ALONE
    told = {"audiences": [], "statement_id": await statement(north, OTHER)}
    fourth = await proposed(north, 4, **told)
    assert (fourth["loosened"], fourth["representatives_needed"]) == ([], 1)
    fourth = (await sign(north, fourth, "district")).json()
    assert fourth["state"] == "proposed"
    named["north"] = TOGETHER
    fourth = (await sign(north, fourth, UNION)).json()
    assert fourth["state"] == "enacted"
    assert wrong_in([first, second, third, fourth], "north") == ""


async def test_where_nobody_ever_signed_and_none_is_named_the_district_changes_words() -> None:
    north = Staffed(Districts({"north": ALONE}))
    await north.roster()
    made = [await enacted(north, "district"), await enacted(north, "district", number=2)]
    words = await statement(north, OTHER)
    made.append(await enacted(north, "district", number=3, statement_id=words))
    assert wrong_in(made, "north") == ""
