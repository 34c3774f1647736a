#!/bin/sh
# Stands for busybox's adduser, addgroup, deluser, delgroup and chpasswd, which Debian's busybox is built without: they
# take those options that theirs take, and do to the files of accounts what theirs do.
set -eu
fail() { echo "${0##*/}: $*" >&2; exit 1; }
has() { grep -q "^$2:" "/etc/$1"; }
edit() { sed "$2" "/etc/$1" >"/etc/$1+"; cat "/etc/$1+" >"/etc/$1"; rm "/etc/$1+"; }
free_id() { awk -F : -v file="$1" '$3 >= 100 && $3 < 1000 { used[$3] } END { i = 100; while (i in used) i++; print i }' "/etc/$1"; }
make_group() {
  ! has group "$1" || fail "group '$1' in use"
  echo "$1:x:$(free_id group):" >>/etc/group
  echo "$1:!::" >>/etc/gshadow
}
case ${0##*/} in
addgroup)
  while getopts Sg: option; do [ "$option" = S ] || fail usage; done
  shift $((OPTIND - 1))
  if [ $# = 1 ]; then
    make_group "$1"
  else
    has passwd "$1" && has group "$2" || fail unknown
    edit group "/^$2:/{s/:\$/:$1/;t;s/\$/,$1/}"
  fi
  ;;
adduser)
  home='' gecos='' shell='' group=''
  while getopts SDHh:g:s:G:u: option; do
    case $option in h) home=$OPTARG ;; g) gecos=$OPTARG ;; s) shell=$OPTARG ;; G) group=$OPTARG ;; [SDH]) ;; *) fail usage ;; esac
  done
  shift $((OPTIND - 1))
  ! has passwd "$1" || fail "user '$1' in use"
  gid=$(awk -F : -v name="$group" '$1 == name { print $3 }' /etc/group)
  echo "$1:x:$(free_id passwd):${gid:?}:$gecos:$home:$shell" >>/etc/passwd
  echo "$1:!:19000:0:99999:7:::" >>/etc/shadow
  ;;
deluser)
  [ $# = 1 ] && has passwd "$1" || fail "unknown user $*"
  for file in passwd shadow group gshadow; do edit "$file" "/^$1:/d"; done
  ;;
delgroup)
  if [ $# = 1 ]; then
    has group "$1" || fail "unknown group $1"
    for file in group gshadow; do edit "$file" "/^$1:/d"; done
  else
    edit group "/^$2:/{s/,$1\$//;s/:$1\$/:/;s/:$1,/:/;s/,$1,/,/}"
  fi
  ;;
chpasswd)
  [ "$*" = -e ] || fail usage
  while IFS=: read -r name hash; do edit shadow "s/^$name:[^:]*:/$name:$hash:/"; done
  ;;
esac
