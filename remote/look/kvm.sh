# Who may use /dev/kvm: the users that builds run as, which on many systems are not in its group.
kvm() {
  [ -c /dev/kvm ] || return 0
  # shellcheck disable=SC2012 # one device file, and stat(1) differs between systems
  set -- "$(ls -lL /dev/kvm | awk '{ print $1, $4 }')"
  case $1 in
  ???????rw*) fact kvm yes ;;
  *)
    if [ "$kind" = single-user ]; then
      [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ] || fact kvm yes
    elif id -Gn nixbld1 2>/dev/null | tr ' ' '\n' | grep -qxF -- "${1#* }"; then
      fact kvm yes
    fi
    ;;
  esac
}
