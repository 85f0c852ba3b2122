#!/usr/bin/env bash
# Makes the databases beside it with rpm 4.18, db5.3-util and xz, as Debian 12 has them:
# before.sqlite.xz (tool 1.0, lib-x 2.3, gone 0.1) and after.sqlite.xz (tool 3:2.0, lib-x 2.3), and before.bdb.xz, the
# same as the first in Berkeley DB's hash, as rpm wrote it up to 4.15.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/package.spec" <<'SPEC'
Name: %{n}
Version: %{v}
Release: 1
%{?e:Epoch: %{e}}
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%install
mkdir -p %{buildroot}/opt/%{n}; echo %{v} > %{buildroot}/opt/%{n}/version
%files
/opt/%{n}
SPEC
build() { rpmbuild -bb --quiet --define "_topdir $work" --define "n $1" --define "v $2" ${3:+--define "e $3"} "$work/package.spec"; }
build tool 1.0; build lib-x 2.3; build gone 0.1; build tool 2.0 3
root="$work/root"; db="$root/var/lib/rpm"; mkdir -p "$root"
in_root() { rpm --root "$root" --define '_db_backend sqlite' --dbpath /var/lib/rpm --nodeps "$@"; }
kept() { sqlite3 "$db/rpmdb.sqlite" 'PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null; xz -9 <"$db/rpmdb.sqlite" >"$here/$1"; }
in_root -i --ignorearch "$work"/RPMS/noarch/{tool-1.0,lib-x-2.3,gone-0.1}-1.noarch.rpm
kept before.sqlite.xz
sqlite3 "$db/rpmdb.sqlite" "SELECT printf(' %02x000000', hnum) || char(10) || ' ' || lower(hex(blob)) FROM Packages" >"$work/rows"
{ printf 'VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=512\nHEADER=END\n'; cat "$work/rows"; echo DATA=END; } |
  db5.3_load "$work/Packages"
xz -9 <"$work/Packages" >"$here/before.bdb.xz"
in_root -U --ignorearch "$work/RPMS/noarch/tool-2.0-1.noarch.rpm"; in_root -e gone
kept after.sqlite.xz
