"""The values that the tests of the chart render, from the least to everything at once."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.support.helm import CHART, Object, render

LEAST: dict[str, Any] = {"kafka": {"bootstrapServers": "kafka-0.example.org:9093"}}
ISSUER = {
    "issuer": "https://login.example.org",
    "audience": "tandem",
    "jwks_uri": "https://login.example.org/jwks.json",
}
AUTHORITIES = {"secret": "authorities"}
EVERYTHING: dict[str, Any] = {
    "image": {"registry": "registry.example.org/tandem", "digest": f"sha256:{'0' * 64}"}
    | {"pullSecrets": ["registry"]},
    "split": "roles",
    "kafka": {
        "bootstrapServers": "kafka-0.example.org:9093,kafka-1.example.org:9094",
        "ca": AUTHORITIES,
        "clientCertificate": {"secret": "kafka-{service}"},
        "sasl": {"secret": "tandem-{service}"},
    },
    "mongodb": {
        "ca": {"configMap": "authorities"},
        "clientCertificate": {"secret": "mongodb-{service}"},
    },
    "issuers": {"ca": {"configMap": "authorities", "key": "pem"}},
    "districts": {
        "lakewood": {
            "time_zone": "America/Los_Angeles",
            "days_without_school": ["2026-11-11", "2026-11-26/2026-11-27"],
            "issuers": [ISSUER],
        }
    },
    "districtFiles": {"keys.json": '{"keys": []}'},
    "settings": {"LOG_LEVEL": "warning", "CORS_ORIGINS": ["https://coach.example.org"]}
    | {"MAX_BODY_BYTES": 1_000_000, "GRPC_REFLECTION": True},
    "tracing": {"endpoint": "http://otel.example.org:4317"},
    "autoscaling": {"api": {"enabled": True}, "projectors": {"enabled": True}},
    "routes": {
        "kind": "gateway",
        "hostname": "tandem.example.org",
        "grpcHostname": "grpc.tandem.example.org",
        "gateway": {"create": True, "className": "envoy", "sectionName": "https"},
        "tls": {"secret": "tandem-tls", "issuer": "letsencrypt"},
    },
    "externalSecrets": {"enabled": True, "store": "vault"},
    "strimzi": {"topics": True, "users": True, "cluster": "district"},
    "monitoring": {
        "podMonitor": True,
        "rules": True,
        "runbooks": "https://docs.example.org/operating",
        "labels": {"release": "prometheus"},
        "dashboards": {"enabled": True, "annotations": {"grafana_folder": "Tandem"}},
    },
    "services": {
        "insights": {"settings": {"MONGODB_DATABASE": "views"}, "projector": {"replicas": 3}},
        "roster": {"split": "api"},
    },
    "pods": {
        "labels": {"team": "coaching"},
        "annotations": {"example.org/note": "a"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "apps", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "apps",
        "env": [
            {"name": "HTTPS_PROXY", "valueFrom": {"secretKeyRef": {"name": "proxy", "key": "url"}}},
            {"name": "NO_PROXY", "value": ".example.org"},
        ],
    },
    "networkPolicy": {
        "callers": [{"namespaceSelector": {"matchLabels": {"a": "gateway"}}}],
        "kafka": {"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [9095]},
        "mongodb": {"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]},
        "issuers": {"to": [{"ipBlock": {"cidr": "198.51.100.0/24"}}]},
        "tracing": {"to": [{"namespaceSelector": {}}]},
    },
}
ONEROSTER = {
    "url": "https://sis.example.org/ims/oneroster/rostering/v1p2",
    "token_url": "https://sis.example.org/token",
    "client_id": "tandem",
    "client_secret_file": "/etc/tandem/rosters/oneroster_secret",
}
BY_THEMSELVES: dict[str, str] = {
    "tokenUrl": "https://login.example.org/token",
    "clientId": "tandem-rosters",
    "secret": "rosters",
}
ROSTERS: dict[str, Any] = LEAST | {
    "districts": {"lakewood": {"oneroster": ONEROSTER}, "maple": {"oneroster": ONEROSTER}}
    | {"North_Shore.1": {}},
    "rosters": {
        "pulls": [
            BY_THEMSELVES
            | {"district": "lakewood", "schedule": "30 2 * * *", "ports": [8443]}
            | {"to": [{"ipBlock": {"cidr": "203.0.113.7/32"}}], "timeZone": "America/Los_Angeles"},
            BY_THEMSELVES
            | {"district": "maple", "schedule": "0 3 * * *", "to": "public", "changes": True}
            | {"claim": "maple-pages"},
        ],
        "folders": [BY_THEMSELVES | {"district": "North_Shore.1", "claim": "sftp"}],
    },
    "networkPolicy": {"issuers": {"to": [{"ipBlock": {"cidr": "203.0.113.9/32"}}]}},
}
MATRIX: dict[str, tuple[Object, tuple[str, ...]]] = {
    "least": (LEAST, ()),
    "one Deployment a service": (LEAST | {"split": "none"}, ()),
    "one Deployment a role": (LEAST | {"split": "roles"}, ()),
    "stopped": (EVERYTHING | {"split": "api", "restoring": "stopped"}, ()),
    "building": (EVERYTHING | {"split": "api", "restoring": "building"}, ()),
    "plain Jobs, no policies": (
        LEAST | {"jobs": {"as": "job"}, "networkPolicy": {"enabled": False}},
        (),
    ),
    "OpenShift": (
        LEAST | {"pods": {"user": None}, "jobs": {"as": "none"}, "existingDistricts": "ours"},
        (),
    ),
    "everything": (EVERYTHING, ()),
    "rosters by themselves": (ROSTERS, ()),
    "Ingress, External Secrets, a Job for topics": (
        EVERYTHING
        | {
            "routes": {
                "kind": "ingress",
                "hostname": "tandem.example.org",
                "grpcHostname": "grpc.tandem.example.org",
                "ingress": {"className": "haproxy", "annotations": {"a": "b"}}
                | {"grpcAnnotations": {"a": "grpc"}},
                "tls": {"secret": "tandem-tls"},
            },
            "strimzi": {},
            "autoscaling": {"api": {"enabled": True}},
            "services": {"privacy": {"split": "none"}},
        },
        (),
    ),
    "a token endpoint": (
        {
            "kafka": LEAST["kafka"]
            | {
                "sasl": {
                    "mechanism": "OAUTHBEARER",
                    "tokenEndpoint": "https://login.example.org/token",
                    "tokenScope": "kafka",
                }
            },
            "autoscaling": {"projectors": {"enabled": True}},
            "strimzi": {"users": False},
        },
        (),
    ),
}


EXAMPLES: dict[str, Object] = {
    "trial": {"districtFiles": {"keys.json": '{"keys": []}'}},
    "district": {},
    "city": {},
}
MATRIX |= {
    f"the example {name}": (values, (f"examples/{name}.yaml",)) for name, values in EXAMPLES.items()
}


@cache
def rendered(name: str) -> tuple[Object, ...]:
    values, files = MATRIX[name]
    return tuple(render(values, *(CHART / file for file in files)))
