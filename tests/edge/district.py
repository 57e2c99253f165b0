"""A CA of a district, for its systems, and the certificates that it gives and takes back; by the openssl program."""
import dataclasses
import pathlib
import subprocess

CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
default_ca = authority
[authority]
certificate = {folder}/ca.crt
private_key = {folder}/ca.key
database = {folder}/index.txt
crlnumber = {folder}/crlnumber
rand_serial = yes
unique_subject = no
default_md = sha256
new_certs_dir = {folder}
default_days = 30
default_crl_days = 30
policy = policy
[policy]
commonName = supplied
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:false
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr[-500:]}")


@dataclasses.dataclass(frozen=True)
class Pair:
    certificate: pathlib.Path
    key: pathlib.Path

    def read(self):
        return self.key.read_bytes(), self.certificate.read_bytes()


class Authority:
    """`ca` and `crl` are its files, for who trusts it."""

    def __init__(self, folder):
        self.folder = folder
        self.ca, self.crl = folder / "ca.crt", folder / "ca.crl"
        folder.mkdir(parents=True)
        (folder / "index.txt").touch()
        (folder / "crlnumber").write_text("01\n")
        self.config = folder / "openssl.cnf"
        self.configure("DNS:nobody")
        openssl("req", "-x509", "-config", self.config, "-extensions", "root", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-noenc", "-keyout", folder / "ca.key", "-out", self.ca, "-days", "30",
                "-subj", f"/CN=CA {folder.name}")
        self.publish()

    def configure(self, names):
        self.config.write_text(CONFIG.format(folder=self.folder, names=names))

    def issue(self, name, names=None):
        """A pair for `name`, with other names as openssl writes them: "DNS:a,URI:b"."""
        made = Pair(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        request = self.folder / f"{name}.csr"
        self.configure(names or f"URI:spiffe://district.example/{name}")
        openssl("req", "-new", "-config", self.config, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-keyout", made.key, "-out", request, "-subj", f"/CN={name}")
        openssl("ca", "-config", self.config, "-batch", "-notext", "-extensions", "leaf", "-in", request, "-out",
                made.certificate)
        return made

    def revoke(self, pair):
        openssl("ca", "-config", self.config, "-revoke", pair.certificate)
        self.publish()

    def publish(self):
        """Writes the list of what is revoked, whole."""
        following = self.folder / "next.crl"
        openssl("ca", "-config", self.config, "-gencrl", "-out", following)
        following.rename(self.crl)
