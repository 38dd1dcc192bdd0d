"""The ports where such systems were found open, tried on the host of a server as a scanner would."""

from collections.abc import Iterator
from dataclasses import dataclass

from doorward.adapters.loopback import is_loopback
from doorward.adapters.ports import open_ports
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.doctor.outside import address_of

SECONDS = 1.5
"""For each connection; they are tried beside one another, so all together take a few times as long."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What happened where such a service was open, and whether such services ask for nothing until told to."""

    story: str
    asks_nobody: bool


_DATABASE = Incident(
    "In 2019 the faces, document numbers and movements of 2.5 million people could be read and changed in a database "
    "that asked for no password.",
    asks_nobody=True,
)
_SEARCH = Incident(
    "In 2019 the fingerprints, face data and passwords of over a million people could be read in the search index of "
    "a maker of access control.",
    asks_nobody=True,
)
_GUESSED = Incident(
    "In 2020 the passwords of 83,000 such database servers were guessed, and 250,000 databases offered for sale.",
    asks_nobody=False,
)
_CACHE = Incident(
    "In 2018 caches that asked nobody were used for the largest flood of traffic until then; what they hold anybody "
    "can read.",
    asks_nobody=True,
)
_BROKER = Incident(
    "In 2018 more than 32,000 message brokers were found that gave everything to whoever subscribed.", asks_nobody=True
)
_SETTINGS = Incident(
    "In 2018 more than 2,000 such stores of settings were found that gave their passwords and keys to anybody.",
    asks_nobody=True,
)
_CAMERA = Incident(
    "In 2014 one website showed the live pictures of 73,000 cameras whose passwords nobody had set.", asks_nobody=False
)
_CODE = Incident(
    "Whoever reaches it runs programs on that machine and reads keys from its memory; open container engines have been "
    "taken over to mine coins since 2018.",
    asks_nobody=True,
)
_DESKTOP = Incident(
    "In 2022 over 9,000 remote desktops were found that asked for no password at all.", asks_nobody=False
)
_FILES = Incident("In 2018 1.5 billion files were counted that such servers gave to anybody.", asks_nobody=False)
_PAGE = Incident(
    "Dashboards and test servers beside the one that is looked after are the door that nobody locked.",
    asks_nobody=False,
)

SERVICES: dict[int, tuple[str, Incident]] = {
    21: ("FTP", _FILES),
    23: ("Telnet", _DESKTOP),
    111: ("RPC and NFS", _FILES),
    445: ("SMB file shares", _FILES),
    554: ("a camera's stream, RTSP", _CAMERA),
    873: ("rsync", _FILES),
    1433: ("Microsoft SQL Server", _GUESSED),
    1521: ("Oracle", _GUESSED),
    1883: ("MQTT", _BROKER),
    1935: ("a video stream, RTMP", _CAMERA),
    1984: ("go2rtc", _CAMERA),
    2049: ("NFS", _FILES),
    2181: ("ZooKeeper", _SETTINGS),
    2375: ("Docker", _CODE),
    2379: ("etcd", _SETTINGS),
    3000: ("a dashboard or test server", _PAGE),
    3306: ("MySQL or MariaDB", _GUESSED),
    3389: ("a remote desktop, RDP", _DESKTOP),
    4222: ("NATS", _BROKER),
    5000: ("a test server, MLflow or Frigate", _PAGE),
    5005: ("a Java debugger", _CODE),
    5432: ("PostgreSQL", _GUESSED),
    5555: ("the Android debug bridge", _CODE),
    5601: ("Kibana", _SEARCH),
    5672: ("AMQP", _BROKER),
    5678: ("a Python debugger", _CODE),
    5900: ("a remote desktop, VNC", _DESKTOP),
    5984: ("CouchDB", _DATABASE),
    6000: ("X11", _DESKTOP),
    6006: ("TensorBoard", _PAGE),
    6333: ("Qdrant, a store of vectors", _DATABASE),
    6379: ("Redis", _CACHE),
    7474: ("Neo4j", _DATABASE),
    8000: ("a test server or a camera", _PAGE),
    8080: ("a test server, a dashboard or a camera", _PAGE),
    8081: ("a dashboard", _PAGE),
    8086: ("InfluxDB", _DATABASE),
    8123: ("ClickHouse", _DATABASE),
    8265: ("Ray", _CODE),
    8500: ("Consul", _SETTINGS),
    8554: ("a camera's stream, RTSP", _CAMERA),
    8888: ("a Jupyter notebook", _CODE),
    8983: ("Solr", _SEARCH),
    9000: ("MinIO, ClickHouse or Portainer", _FILES),
    9042: ("Cassandra", _DATABASE),
    9090: ("Prometheus", _PAGE),
    9092: ("Kafka", _BROKER),
    9200: ("Elasticsearch or OpenSearch", _SEARCH),
    9229: ("a JavaScript debugger", _CODE),
    9300: ("Elasticsearch between its nodes", _SEARCH),
    10250: ("a Kubernetes node", _CODE),
    11211: ("Memcached", _CACHE),
    15672: ("RabbitMQ's pages", _BROKER),
    19530: ("Milvus, a store of vectors", _DATABASE),
    27017: ("MongoDB", _DATABASE),
    27018: ("MongoDB, a shard", _DATABASE),
    28017: ("MongoDB's status pages", _DATABASE),
    37777: ("a camera or its recorder", _CAMERA),
    50070: ("Hadoop", _DATABASE),
}
"""TCP ports, what customarily listens there, and what came of it."""


def check_neighbours(url: str) -> Iterator[Finding]:
    """Every port of ``SERVICES`` that accepts a connection on the host of ``url``, other than the server's own.

    Nothing is said to what listens there, so what it is follows from its number alone. ``WrongUse`` for anything
    but an https address.
    """
    host, own = address_of(url)
    tried = [port for port in SERVICES if port != own]
    found = open_ports(host, tried, SECONDS)
    for address in dict.fromkeys(one.host for one in found):
        ports = [one.port for one in found if one.host == address]
        if ports == tried:
            yield Finding(
                "every-port-accepts",
                Severity.NOTE,
                f"Every port that was tried at {address} accepts a connection.",
                "Something before that machine answers in its place, so what it shows cannot be told from here.",
                "Look again from another place, or from the machine itself.",
            )
            continue
        for port in ports:
            yield _of_port(address, port)


def _of_port(address: str, port: int) -> Finding:
    service, incident = SERVICES[port]
    at = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    here = is_loopback(address)
    return Finding(
        "neighbour-port-open",
        Severity.NOTE if here else Severity.CRITICAL if incident.asks_nobody else Severity.WARNING,
        f"{at} accepts connections, which is where one finds {service}.",
        incident.story,
        "See that it asks for a credential, or stop it if nothing needs it: every program of this machine reaches it."
        if here
        else "Bind it to 127.0.0.1 or stop it, and let a firewall name who may reach that port.",
    )
