#!/bin/bash
# base_image.sh FILE: what plays `FROM python:*-slim` where no registry is reached: Debian's own python and pip, unpacked
# from the packages of this machine's release, as a tar archive. The same packages give the same bytes.
# Nothing of the machine may be in it: no package sources, no resolver, no host name, no certificates but Debian's.
set -euo pipefail
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C.UTF-8

sources=/etc/apt/sources.list.d/debian.sources
[ -f "$sources" ] || sources=/etc/apt/sources.list
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT

# `extract` only unpacks: seconds instead of a minute, but what the packages' scripts would do is done here. Its hooks for
# that are silently not run.
mmdebstrap --variant=extract --mode=root --quiet --format=directory \
  --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --aptopt='Acquire::Languages "none"' \
  --include=base-files,base-passwd,bash,dash,coreutils,grep,sed,libc-bin,python3,python3-pip,ca-certificates,libstdc++6,libgomp1 \
  "$release" "$root" "$sources"

cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
echo "hosts: files dns" > "$root/etc/nsswitch.conf"
mkdir -p "$root/etc/ssl/certs" "$root/usr/local/bin"
cat "$root"/usr/share/ca-certificates/mozilla/*.crt > "$root/etc/ssl/certs/ca-certificates.crt"
ln -sf /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"
ln -s /usr/bin/python3 "$root/usr/local/bin/python"
# an image has no other user of its python than pip
rm -f "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
chroot "$root" /sbin/ldconfig
rm -rf "$root"/etc/apt "$root"/etc/resolv.conf "$root"/etc/hostname "$root"/var/lib/apt "$root"/var/cache/apt \
  "$root"/var/cache/ldconfig "$root"/var/log/* "$root"/usr/share/{doc,man,locale} "$root"/dev/*
tar -C "$root" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime --numeric-owner -cf "$1" .
