"""A broker and a mongod that let nobody in without proof, and whose certificates are renewed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest
from joserfc import jwt
from joserfc.jwk import ECKey
from pymongo import MongoClient

from services.assembly.registry import SERVICES
from services.ctl import kafka_rights
from services.ctl.engines import Engine, Engines, kafka, mongod
from services.ctl.engines.ports import HOST, pick_port
from tests.support.certificates import Authority, replace

OPERATOR = kafka_rights.OPERATOR
DATABASES = "guarded"  # and the service's name
READER = "erasures"  # may read them all, and change none
AUDIENCE, ISSUER = "kafka", "https://login.example.org"
_SECURITY = "org.apache.kafka.common.security"
_PROPERTIES = """
listeners=PLAINTEXT://{{host}}:{{port}},CONTROLLER://{{host}}:{{controller_port}},\
SASL_SSL://{{host}}:{sasl},SSL://{{host}}:{ssl}
advertised.listeners=PLAINTEXT://{{host}}:{{port}},SASL_SSL://{{host}}:{sasl},SSL://{{host}}:{ssl}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={security}.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={security}.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config={security}.plain.PlainLoginModule required {plain};
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=\
{security}.oauthbearer.OAuthBearerLoginModule required;
listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class=\
{security}.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.sasl_ssl.oauthbearer.sasl.oauthbearer.jwks.endpoint.url={jwks}
listener.name.sasl_ssl.oauthbearer.sasl.oauthbearer.expected.audience={audience}
listener.name.sasl_ssl.oauthbearer.sasl.oauthbearer.expected.issuer={issuer}
listener.name.ssl.ssl.client.auth=required
ssl.principal.mapping.rules=RULE:^CN=(.*)$/$1/
ssl.keystore.type=PEM
ssl.keystore.location={folder}/kafka.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.crt
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""
KINDS = {"topic": 2, "group": 3}
PATTERNS = {"literal": 3, "prefixed": 4}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
ALLOW = 3


def rules() -> Iterator[tuple[int, str, int, str, int]]:
    """What the commands of docs/operating.md give, and the chart's users have: (resource, name,
    pattern, user, operation)."""
    for user, rights in kafka_rights.rights().items():
        for right in rights:
            for name, operation in product(right.names, right.operations):
                pattern = PATTERNS[right.pattern]
                yield KINDS[right.kind], name, pattern, user, OPERATIONS[operation]


class GuardedEngines:
    """`ca.crt`, `client.crt`, `client.key` and `password` in `folder` are what clients get; the
    password, of every user for the mechanism PLAIN, changes with the certificates. SCRAM's are
    `<user>-hush`. On `own`, the broker's plain-text listener, everybody may do everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.own = ""
        self._ports = [pick_port() for _ in range(4)]
        self._running: list[Engine] = []
        self._signs = ECKey.generate_key("P-256", parameters={"kid": "one", "alg": "ES256"})
        self._turn = 0

    async def start(self) -> None:
        self._renew()
        await self._make_users()
        await self._start()
        await self._make_rules()

    async def renew(self) -> None:
        """New certificates by a new authority, for the engines and their clients, and a new
        password. The engines are started again with them; clients are told by their files."""
        await self.stop()
        self._renew()
        await self._start()

    async def stop(self) -> None:
        while self._running:
            await self._running.pop().stop()

    @property
    def engines(self) -> Engines:
        """As those who let everybody in are told of."""
        return Engines(self.kafka, self.mongodb("nobody"), ())

    @property
    def kafka(self) -> str:
        return f"{HOST}:{self._ports[1]}"

    @property
    def kafka_by_certificate(self) -> str:
        """The listener on which a client's certificate says who it is."""
        return f"{HOST}:{self._ports[2]}"

    def mongodb(self, service: str, password: str = "", tls: str = "true") -> str:
        """The address for the user of a service; every client must show a certificate too."""
        name = f"{DATABASES}_{service}"
        user = f"{service}:{password or f'{service}-hush'}"
        where = f"{HOST}:{self._ports[3]}/?replicaSet={mongod.REPLICA_SET}"
        return f"mongodb://{user}@{where}&authSource={name}&tls={tls}"

    @property
    def reader(self) -> str:
        """The address for READER."""
        found = self.mongodb(READER)
        return found.replace(f"authSource={DATABASES}_{READER}", "authSource=admin")

    def files(self, engine: str) -> dict[str, str]:
        """The settings that name what clients get."""
        parts = {"CA": "ca.crt", "CERT": "client.crt", "KEY": "client.key"}
        return {f"{engine}_{part}_FILE": str(self.folder / name) for part, name in parts.items()}

    def settings(self, user: str, mechanism: str = "SCRAM-SHA-512") -> dict[str, str]:
        """The settings of a service for both engines."""
        sasl = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": mechanism}
        sasl |= {"KAFKA_SASL_USERNAME": user, "KAFKA_CA_FILE": str(self.folder / "ca.crt")}
        if mechanism == "PLAIN":
            sasl["KAFKA_SASL_PASSWORD_FILE"] = str(self.folder / "password")
        else:
            sasl["KAFKA_SASL_PASSWORD"] = f"{user}-hush"
        mongodb = {"MONGODB_URI": self.mongodb(user), **self.files("MONGODB")}
        return {"KAFKA_BOOTSTRAP_SERVERS": self.kafka, **sasl, **mongodb}

    def token(self, user: str) -> str:
        """A bearer token that the broker takes for a user."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": user, "iat": now, "exp": now + 600}
        header = {"alg": "ES256", "kid": "one"}
        return jwt.encode(header, {**claims, "scope": "kafka"}, self._signs, algorithms=["ES256"])

    def _renew(self) -> None:
        self._turn += 1
        authority = Authority(f"authority {self._turn}")
        for name in ("kafka", "mongodb"):
            cert, key = authority.issue(name)
            replace(self.folder / f"{name}.pem", key + cert)
        replace(self.folder / "ca.crt", authority.pem)
        authority.write(self.folder, "client", whose="goals")
        replace(self.folder / "password", f"turn-{self._turn}".encode())
        keys = {"keys": [self._signs.as_dict(private=False)]}
        (self.folder / "jwks.json").write_text(json.dumps(keys))
        (self.folder / "keyfile").write_text("of this set " * 8)
        (self.folder / "keyfile").chmod(0o600)

    async def _make_users(self) -> None:
        """As an operator does before the set asks for passwords."""
        plain = await mongod.start_mongod(self.folder / "mongodb", self._ports[3], cache_gb=0.25)
        try:
            with MongoClient[dict[str, Any]](plain.address) as client:
                client.admin.command("createUser", "root", pwd="root-hush", roles=["root"])
                all_ = [{"role": "read", "db": f"{DATABASES}_{each}"} for each in SERVICES]
                client.admin.command("createUser", READER, pwd=f"{READER}-hush", roles=all_)
                for each in SERVICES:
                    client[f"{DATABASES}_{each}"].command(
                        "createUser", each, pwd=f"{each}-hush", roles=["readWrite"]
                    )
        finally:
            await plain.stop()

    async def _start(self) -> None:
        password = (self.folder / "password").read_text()
        jwks = (self.folder / "jwks.json").as_uri()
        users = (OPERATOR, *SERVICES)
        properties = _PROPERTIES.format(
            sasl=self._ports[1],
            ssl=self._ports[2],
            folder=self.folder,
            jwks=jwks,
            audience=AUDIENCE,
            issuer=ISSUER,
            security=_SECURITY,
            plain=" ".join(f'user_{user}="{password}"' for user in users),
        )
        told = kafka.Told(
            properties,
            users={user: f"{user}-hush" for user in users},
            java=[f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={jwks}"],
        )
        broker = await kafka.start_kafka(self.folder / "kafka", self._ports[0], told=told)
        self._running.append(broker)
        self.own = broker.address
        pem = str(self.folder / "mongodb.pem")
        tls = {"tls": "true", "tlsCAFile": str(self.folder / "ca.crt")}
        switches = ["--keyFile", str(self.folder / "keyfile"), "--tlsMode", "requireTLS"]
        switches += ["--tlsCertificateKeyFile", pem, "--tlsCAFile", tls["tlsCAFile"]]
        client = {**tls, "tlsCertificateKeyFile": pem, "username": "root", "password": "root-hush"}
        database = await mongod.start_mongod(
            self.folder / "mongodb",
            self._ports[3],
            cache_gb=0.25,
            told=mongod.Told(switches, client),
        )
        self._running.append(database)

    async def _make_rules(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.own)
        await admin.start()
        try:
            for resource, name, pattern, user, operation in rules():
                request = CreateAclsRequest(
                    resource, name, pattern, f"User:{user}", "*", operation, ALLOW
                )
                answer = await admin._send_request(request)
                assert answer.creation_responses[0][0] == 0, answer
        finally:
            await admin.close()
