"""`SealingKey` on MongoDB: the one document of the collection `sealing`.

It is no setting: nobody has to make it, keep it or change it, and who reads the database needs no
key to what is sealed.
"""

from __future__ import annotations

import secrets

from services.chassis.mongo import Database
from services.chassis.write.mongo_faults import reading
from services.chassis.write.sealing import KEY_BYTES

COLLECTION, ID = "sealing", "key"


class MongoSealingKey:
    def __init__(self, database: Database) -> None:
        self._keys = database[COLLECTION]
        self._known = b""

    async def key(self) -> bytes:
        if not self._known:
            new = {"key": secrets.token_bytes(KEY_BYTES)}
            with reading():  # whoever asks reads, and all make the same one
                found = await self._keys.find_one_and_update(
                    {"_id": ID}, {"$setOnInsert": new}, upsert=True, return_document=True
                )
            self._known = bytes(found["key"])
        return self._known
