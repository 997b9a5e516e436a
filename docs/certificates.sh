#!/bin/sh
# Makes the certificate that httptestserver bundles, in the folder given or else the current one:
#
#     server.pem   a certificate for localhost, 127.0.0.1 and ::1, and its key
#     ca.pem       the certificate of the authority that signed it
#
# Usage: sh docs/certificates.sh httptestserver/certificates
#
# Needs OpenSSL 1.1.1 or later. Every run makes new keys. The authority's key is deleted before the
# script ends, so nobody can sign anything else with the authority that clients are told to trust.
set -eu

target=$(CDPATH='' cd -- "${1:-.}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

cat > openssl.cnf <<'END'
[req]
distinguished_name = name
[name]

[ca]
default_ca = register
[register]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
[policy]
commonName = supplied

# Python 3.13 verifies strictly: it wants the usage here and both key identifiers. rustls and
# Chromium want an authority apart from the server's certificate.
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash

# An address stands among the names too, because Python 2.7 looks for it there.
[server]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:localhost, DNS:127.0.0.1, IP:127.0.0.1, IP:::1
END
: > index.txt

# request NAME COMMON_NAME: make NAME.key and NAME.csr.
request() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
    openssl req -config openssl.cnf -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
}

# sign NAME EXTENSIONS [OPTION...]: make NAME.pem, signed by the authority. A century that began in
# 2000 holds on machines whose clock is slow, and is exempt from the limit of 825 days that Apple
# sets for certificates issued since July 2019.
sign() {
    name=$1 extensions=$2
    shift 2
    openssl ca -config openssl.cnf -batch -notext -create_serial \
        -startdate 20000101000000Z -enddate 21000101000000Z \
        -in "$name.csr" -extensions "$extensions" -keyfile ca.key "$@" -out "$name.pem"
}

request ca 'httptestserver authority'
sign ca authority -selfsign
request server localhost
sign server server -cert ca.pem

cat server.pem server.key > "$target/server.pem"
cat ca.pem > "$target/ca.pem"
