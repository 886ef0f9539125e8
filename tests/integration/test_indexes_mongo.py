"""Indexes of documents on a database of an earlier build, which had one for each kind."""

from __future__ import annotations

from services.chassis.indexes import MOST
from services.chassis.mongo import Database, IndexModel
from services.chassis.write.by_date import keys_of
from services.chassis.write.find_indexes import FindIndex, find_models
from services.chassis.write.mongo_documents import MongoDocuments
from services.programs.indexes import INDEXES


def of_each_kind(index: FindIndex) -> IndexModel:
    kind, fields, by = index[0], index[1], index[2] if len(index) == 3 else None
    named = "_".join((*fields, *(("by", by.field) if by else ())))
    keys = [(each, 1) for each in keys_of(fields, by)]
    return IndexModel(keys, name=f"find_{kind}_{named}", partialFilterExpression={"kind": kind})


async def names(db: Database) -> set[str]:
    return {*await db["aggregates"].index_information()}


async def test_what_an_earlier_build_has_made_stays_where_there_is_room(db: Database) -> None:
    await db["aggregates"].create_indexes([of_each_kind(each) for each in INDEXES[:9]])
    before = await names(db)
    asked = INDEXES[:12]
    for _ in range(2):
        await MongoDocuments(db, asked).ensure_indexes()
        made = {each.document["name"] for each in find_models(asked)}
        assert before | made <= await names(db)


async def test_it_goes_where_all_together_were_more_than_a_collection_takes(db: Database) -> None:
    earlier = [each for each in INDEXES if each[0] not in ("takeaway", "pair_interest")][:58]
    await db["aggregates"].create_indexes([of_each_kind(each) for each in earlier])
    await db["aggregates"].create_index("changed_at", name="of_somebody_else")
    for _ in range(2):
        await MongoDocuments(db, INDEXES).ensure_indexes()
        left = await names(db)
        made = {each.document["name"] for each in find_models(INDEXES)}
        assert made <= left
        assert {each for each in left if each.startswith("find_")} == made
        assert "of_somebody_else" in left
        assert len(left) <= MOST
