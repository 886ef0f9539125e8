"""A Kafka and a MongoDB that pods reach, as managed services would be: by TLS, each service as a
user of its own, with the rights that the chart asks Strimzi for. They get other certificates while
they run."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.admin import CreateAclsRequest
from pymongo import MongoClient

from services.assembly.registry import SERVICES
from services.chassis.backing import kafka_mongo
from services.chassis.settings import ChassisSettings, load
from services.ctl.engines import Engine, kafka, mongod, ports
from tests.support.certificates import Authority, replace
from tests.support.charts import LEAST
from tests.support.helm import Object, of_kind, render
from tests.support.kube.inside import ADDRESS
from tests.support.truth import Backings

OPEN_KAFKA, KAFKA, MONGODB = 9092, 9093, 27017
DAYS = 90
# As Kafka numbers them.
KINDS = {"topic": 2, "group": 3}
PATTERNS = {"literal": 3, "prefix": 4}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
ALLOW = 3
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
_KEYS = "listener.name.sasl_ssl.ssl.keystore.location"
_PROPERTIES = """
listeners=PLAINTEXT://{{host}}:{{port}},CONTROLLER://{{host}}:{{controller_port}},\
SASL_SSL://{{host}}:{kafka}
advertised.listeners=PLAINTEXT://{{host}}:{{port}},SASL_SSL://{{host}}:{kafka}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login} required;
listener.name.sasl_ssl.ssl.keystore.type=PEM
{keys}={file}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


class Proven:
    """`broker` and `database`; `authorities` are those that clients must trust now, as PEM. On
    the broker's address everybody may do everything, without TLS; pods are told of KAFKA."""

    def __init__(self, folder: Path) -> None:
        self.passwords = {name: secrets.token_hex(12) for name in (*users(), *SERVICES)}
        self.authorities = b""
        self._folder = folder
        self._turn = 0
        self.prepare()
        self._root = secrets.token_hex(12)

    async def start(self) -> None:
        self._folder.mkdir()
        self._issue()
        self.broker = await self._start_broker()
        self.database = await self._start_database()

    async def stop(self) -> None:
        await self.broker.stop()
        await self.database.stop()

    def uri(self, service: str) -> str:
        """MongoDB's address for the user of a service."""
        user = f"{service}:{self.passwords[service]}"
        source = SERVICES[service].database
        return f"{self._where(user)}&authSource={source}"

    def client(self) -> MongoClient[dict[str, Any]]:
        """As the one who may do everything."""
        return MongoClient(self._where(f"root:{self._root}"), **self._trust)

    def backings(self) -> Backings:
        """The stores of the services, as the one who may do everything sees them. For the event
        loop that runs."""
        settings = load(
            ChassisSettings,
            environment="test",
            kafka_bootstrap_servers=self.broker.address,
            mongodb_uri=self._where(f"root:{self._root}"),
            mongodb_ca_file=str(self._folder / "ca.crt"),
        )
        return {name: kafka_mongo(name, settings, told.database) for name, told in SERVICES.items()}

    def prepare(self) -> bytes:
        """The authority of the next certificates, as PEM."""
        self._next = Authority(f"authority {self._turn + 1}", DAYS)
        return self._next.pem

    def renew(self) -> None:
        """Both show other certificates from now on, by the authority that was prepared.
        Connections stay."""
        with self.client() as client:
            client.admin.command("ping")  # while it still trusts what is shown
            self._issue()
            client.admin.command("rotateCertificates", 1)
        asyncio.run(self._tell_broker())

    def cut(self) -> None:
        """Ends every connection of pods."""
        for port in (KAFKA, MONGODB):
            which = ["state", "established", "src", ADDRESS, "sport", "=", f":{port}"]
            subprocess.run(["ss", "--kill", "--tcp", *which], check=True, capture_output=True)

    @property
    def _trust(self) -> Mapping[str, Any]:
        return {"tls": True, "tlsCAFile": str(self._folder / "ca.crt")}

    def _where(self, user: str) -> str:
        return f"mongodb://{user}@{ADDRESS}:{MONGODB}/?replicaSet={mongod.REPLICA_SET}&tls=true"

    def _keys(self) -> Path:
        return self._folder / f"kafka-{self._turn}.pem"

    def _issue(self) -> None:
        self._turn += 1
        authority = self._next
        self.authorities = authority.pem
        for path in (self._keys(), self._folder / "mongodb.pem"):
            cert, key = authority.issue("engines", (ADDRESS,))
            replace(path, key + cert)
        replace(self._folder / "ca.crt", authority.pem)

    async def _start_broker(self) -> Engine:
        own = {"login": _LOGIN, "keys": _KEYS, "file": self._keys(), "kafka": KAFKA}
        known = {name: self.passwords[name] for name in users()}
        told = kafka.Told(_PROPERTIES.format(**own), users=known)
        broker = await kafka.start_kafka(self._folder / "kafka", OPEN_KAFKA, told=told)
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
        await admin.start()
        try:
            for name, user in users().items():
                for rule in rights(user):
                    asked = CreateAclsRequest(*rule[:3], f"User:{name}", "*", rule[3], ALLOW)
                    answer = await admin._send_request(asked)
                    assert answer.creation_responses[0][0] == 0, answer
        finally:
            await admin.close()
        return broker

    async def _tell_broker(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.address)
        await admin.start()
        try:
            told = ConfigResource(ConfigResourceType.BROKER, "1", {_KEYS: str(self._keys())})
            for answer in await admin.alter_configs([told]):
                assert all(each[0] == 0 for each in answer.resources), answer
        finally:
            await admin.close()

    async def _start_database(self) -> Engine:
        """Users are made before it asks for passwords, as an operator does."""
        place = self._folder / "mongodb"
        plain = await mongod.start_mongod(place, MONGODB, cache_gb=0.25)
        with MongoClient[dict[str, Any]](plain.address) as client:
            client.admin.command("createUser", "root", pwd=self._root, roles=["root"])
            for name, told in SERVICES.items():
                own = client[told.database]
                own.command("createUser", name, pwd=self.passwords[name], roles=["readWrite"])
        await plain.stop()
        secret = self._folder / "keyfile"
        secret.write_text("of this set " * 8)
        secret.chmod(0o600)
        switches = ["--keyFile", str(secret), "--tlsMode", "requireTLS"]
        switches += ["--tlsCertificateKeyFile", str(self._folder / "mongodb.pem")]
        switches += ["--tlsCAFile", str(self._folder / "ca.crt")]
        switches += ["--tlsAllowConnectionsWithoutCertificates"]
        login = {**self._trust, "username": "root", "password": self._root}
        asks = mongod.Told(switches, login)
        return await mongod.start_mongod(place, MONGODB, cache_gb=0.25, told=asks)


@contextmanager
def proven(folder: Path) -> Iterator[Proven]:
    """Gone afterwards."""
    with ExitStack() as started:
        for module in (kafka, mongod, ports):
            started.enter_context(patch.object(module, "HOST", ADDRESS))
        made = Proven(folder)
        asyncio.run(made.start())
        started.callback(lambda: asyncio.run(made.stop()))
        yield made


@cache
def users() -> Mapping[str, Object]:
    """Kafka's users, by name, as the chart asks Strimzi for them."""
    strimzi = {"users": True, "cluster": "district", "namespace": "kafka"}
    found = of_kind(render({**LEAST, "strimzi": strimzi}), "KafkaUser")
    return {each["metadata"]["name"]: each for each in found}


def rights(user: Object) -> Iterator[tuple[int, str, int, int]]:
    """Kind, name, pattern and operation, as Kafka numbers them."""
    for rule in user["spec"]["authorization"]["acls"]:
        what = rule["resource"]
        for each in rule["operations"]:
            yield (
                KINDS[what["type"]],
                what["name"],
                PATTERNS[what["patternType"]],
                OPERATIONS[each],
            )
