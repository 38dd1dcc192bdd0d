"""`doorward serve`: the JSON API."""

from pathlib import Path

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.errors import WrongUse
from doorward.settings.environment import passphrase_file
from doorward.wiring import serving
from doorward.wiring.doctor.examination import examine_before_serving, refuse_critical
from doorward.wiring.face.site import Site

DEFAULT_PORT = 8443


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port to listen on; 0 takes any free one.",
)
@click.option("--certificate", type=click.Path(path_type=Path), help="Your own certificate in PEM; else the site's.")
@click.option("--private-key", type=click.Path(path_type=Path), help="Its private key in PEM.")
@click.option(
    "--accept-finding",
    "accepted",
    multiple=True,
    help="Serve in spite of this critical finding of `doorward doctor`; give it once for each.",
)
@json_option
@with_site
def serve(
    site: Site,
    host: str,
    port: int,
    certificate: Path | None,
    private_key: Path | None,
    accepted: tuple[str, ...],
    as_json: bool,
) -> None:
    """Serve the site over HTTPS until Ctrl-C; every route but /healthz and security.txt needs a token.

    Listens on this machine alone unless told otherwise, and then only with an administrator's secret. Refuses to
    start with a critical finding of the doctor's quick, local checks. Several may serve a site at once, each at a port
    of its own.

    \b
    Example:
      doorward serve --site my-site
      doorward serve --host 192.0.2.7 --certificate door.pem --private-key door.key
    """
    if (certificate is None) != (private_key is None):
        raise WrongUse("Give both --certificate and --private-key, or neither.")
    refuse_critical(examine_before_serving(site, passphrase_file()), accepted)
    from doorward.http.app import build_app  # loads the web framework, which help texts do not need
    from doorward.http.face.live import LiveStreams
    from doorward.http.server import log_to_stderr, make_server

    with (
        serving.one_of_the_servers(site.folder) as announce,
        serving.interval_store(site) as crowd,
        serving.listening(host, port, serving.administrator_of(site)) as listener,
    ):
        if certificate is not None and private_key is not None:
            transport = serving.own_transport(certificate, private_key)
        else:
            transport = serving.site_transport(site)
        address = serving.address_of(listener)

        def ready() -> None:
            announce(address)
            if as_json:
                print_json({"address": address, "fingerprint": transport.fingerprint})
            else:
                _greet(address, transport, site)

        serving.warm_up(site)
        log_to_stderr()
        streams = LiveStreams(site.live)
        app = build_app(site, crowd, streams=streams)
        make_server(app, transport, ready, stopping=streams.end).run([listener])


def _greet(address: str, transport: serving.Transport, site: Site) -> None:
    trusted = transport.certificate
    click.echo(f"Serving {site.folder} at {address} until Ctrl-C.")
    click.echo(f"Certificate, SHA-256: {transport.fingerprint}")
    click.echo("Next, in another terminal:")
    click.echo(f"  curl --cacert {trusted} {address}/healthz")
    click.echo(f"  doorward token create --name desk --scope people:read --site {site.folder}")
    click.echo(
        f'  curl --cacert {trusted} -H "Authorization: Bearer TOKEN" -H "Doorward-Purpose: a look round" '
        f"{address}/v1/people"
    )
