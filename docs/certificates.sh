#!/bin/sh
# Makes the certificates that httptestserver bundles. They go to the folder that is given, or to
# the current one:
#
#     server.pem          a certificate for localhost, 127.0.0.1 and ::1, and its key
#     ca.pem              the certificate of the authority that signed it
#
# and those that clients refuse, each with its key:
#
#     expired.pem         was valid until the end of 2000
#     not_yet_valid.pem   will be valid from 2099 on
#     wrong_host.pem      is for the host wrong-host.invalid
#     second_ca.pem       the certificate of the authority that signed these three
#     self_signed.pem     is signed by its own key
#     untrusted.pem       is signed by an authority that nobody has
#
# Usage: sh docs/certificates.sh httptestserver/certificates
#
# Needs OpenSSL 1.1.1 or later. Every run makes new keys. The authorities' keys are deleted
# before the script ends. So nobody can sign anything else with an authority that clients are
# told to trust.
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
unique_subject = no
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

# Nobody can have a name below "invalid": RFC 6761.
[wrong_host]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:wrong-host.invalid
END
: > index.txt

# request NAME COMMON_NAME: make NAME.key and NAME.csr.
request() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
    openssl req -config openssl.cnf -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
}

# sign NAME EXTENSIONS BY [OPTION...]: make NAME.pem, signed with BY.key. A century that began
# in 2000 holds on machines whose clock is slow, and is exempt from the limit of 825 days that
# Apple sets for certificates issued since July 2019. An option -startdate or -enddate sets
# another date.
sign() {
    name=$1 extensions=$2 by=$3
    shift 3
    openssl ca -config openssl.cnf -batch -notext -create_serial \
        -startdate 20000101000000Z -enddate 21000101000000Z \
        -in "$name.csr" -extensions "$extensions" -keyfile "$by.key" "$@" -out "$name.pem"
}

# authority NAME COMMON_NAME: make NAME.key and NAME.pem.
authority() {
    request "$1" "$2"
    sign "$1" authority "$1" -selfsign
}

# server NAME COMMON_NAME EXTENSIONS BY OPTION...: make NAME.pem in the target folder.
server() {
    file=$1
    request "$1" "$2"
    shift 2
    sign "$file" "$@"
    cat "$file.pem" "$file.key" > "$target/$file.pem"
}

authority ca 'httptestserver authority'
authority second_ca 'httptestserver second authority'
authority lost_ca 'httptestserver lost authority'
cat ca.pem > "$target/ca.pem"
cat second_ca.pem > "$target/second_ca.pem"

server server localhost server ca -cert ca.pem
server expired localhost server second_ca -cert second_ca.pem -enddate 20010101000000Z
server not_yet_valid localhost server second_ca -cert second_ca.pem -startdate 20990101000000Z
server wrong_host wrong-host.invalid wrong_host second_ca -cert second_ca.pem
server self_signed localhost server self_signed -selfsign
server untrusted localhost server lost_ca -cert lost_ca.pem
