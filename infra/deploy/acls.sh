#!/usr/bin/env bash
# Who may read and write which topic, as Kafka ACLs. Each process connects as a user of its own (SASL or a certificate).
#
#   BOOTSTRAP=kafka:9093 CONFIG=admin.properties infra/deploy/acls.sh acme globex
#
# The arguments are tenants: each publishes as User:tenant-<name> on topics bound to it and reads only its own answers.
# Name them in HEADRACE_TENANT_TOPICS too. The user that first starts the control process needs Create on the cluster.
set -euo pipefail

PREFIX=${PREFIX:-headrace}
ACLS=${ACLS:-kafka-acls.sh}

acl() {
    local user=$1
    shift
    "$ACLS" --bootstrap-server "${BOOTSTRAP:?the address of Kafka}" ${CONFIG:+--command-config "$CONFIG"} \
        --add --allow-principal "User:$user" "$@"
}

reads() {
    local user=$1 topic
    shift
    for topic in "$@"; do acl "$user" --operation Read --operation Describe --topic "$PREFIX.$topic"; done
}

writes() {
    local user=$1 topic
    shift
    for topic in "$@"; do acl "$user" --operation Write --operation Describe --topic "$PREFIX.$topic"; done
}

inner() { # a process of the platform: it sees which topics there are, follows the registry, and has groups
    acl "$1" --operation Describe --resource-pattern-type prefixed --topic "$PREFIX."
    acl "$1" --operation Read --resource-pattern-type prefixed --group "$PREFIX-"
    reads "$1" models prompts policies keys
}

inner gateway
reads gateway responses chunks audit checkpoints # for auditors; each reading is on "accesses" first
writes gateway requests uploads feedback accesses

inner control
acl control --operation Create --cluster
reads control requests uploads results feedback responses examples training cancels accesses erasures \
    reviews backscans screening.verdicts \
    audit checkpoints # its own alerts and heads
writes control work.{text,vision,speech,embed,remote}{,.batch} results cancels chunks responses examples training reviews \
    audit checkpoints erasures deadletter # nobody else writes "audit" and "checkpoints"
acl control --operation Write --operation Describe --transactional-id "$PREFIX-checkpoints" # heads: one signer, fenced

for pool in text vision; do
    inner "$pool"
    reads "$pool" "work.$pool" "work.$pool.batch" cancels
    writes "$pool" results deadletter
done

inner screening # headrace screening serve: its clients write "screening.requests" and read "screening.verdicts"
reads screening screening.requests
writes screening screening.verdicts deadletter

inner training
reads training training examples
writes training training models deadletter

inner operator # headrace keys, models, prompts and policies on the command line
writes operator keys models prompts policies training requests accesses erasures reviews backscans
reads operator deadletter reviews requests responses # the last two for "headrace screening backscan"

acl auditor --operation Read --operation Describe --topic "$PREFIX.audit"
acl auditor --operation Read --operation Describe --topic "$PREFIX.checkpoints"
writes auditor accesses
acl auditor --operation Read --resource-pattern-type prefixed --group auditor-

for tenant in "$@"; do
    writes "tenant-$tenant" "requests.$tenant"
    reads "tenant-$tenant" "responses.$tenant"
    acl "tenant-$tenant" --operation Read --resource-pattern-type prefixed --group "$tenant-"
    reads control "requests.$tenant"
    writes control "responses.$tenant"
done
