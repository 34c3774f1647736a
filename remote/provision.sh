# Makes this machine one builder of an installation of Millwright. It may run again at any time: what is as
# wanted already is left alone. unprovision.sh takes everything back.
#
# It never touches sshd's configuration, and writes in /etc nothing but the new user and one line of nix.conf.
# More parameters:
#   monitor_key, collect_key  public keys like build_key, which is not empty here; either may be
#   scripts_hash            tells the installed scripts from those of another Millwright
#   trust                   "extra-trusted-users" or the like with the names; or empty
#   socket_group            the group that may talk to the Nix daemon, where not everybody may; or empty
# Functions set above this line: serve_text, probe_text and collect_text print the scripts to install.

#include shared/environment.sh
#include shared/accounts.sh
#include shared/nix-daemon.sh
#include shared/enter.sh
#include change/start.sh
#include change/key-lines.sh
#include change/edit.sh
#include change/state.sh
#include change/trusted-path.sh
#include change/nix-conf.sh
#include change/lock.sh
#include change/restart.sh

enough_room() { # DIR
  kib=$(free_kib "$1")
  if [ -n "$kib" ] && [ "$kib" -lt 1024 ]; then fail disk-full "$1"; fi
}

# A group is joined only to talk to the daemon, and never where that would give more.
check_group() {
  [ -n "$socket_group" ] || return 0
  found=$(socket_group /nix/var/nix/daemon-socket/socket)
  [ "$socket_group" = "$found" ] || fail look-differs "the Nix daemon's socket is not kept for the group $socket_group"
  case $found in
  root | wheel | sudo | admin | adm | shadow | disk | docker | podman | lxd | incus | incus-admin | libvirt | kmem | sys | staff | operator)
    fail group-powerful "$found"
    ;;
  esac
}

# A Nix that knows no extra- gets a whole list: it is to be that which root finds, and the builder's user.
check_trust() {
  case $trust in 'trusted-users = '*) ;; *) return 0 ;; esac
  listed() { printf '%s\n' "$1" | tr -s ' ' '\n' | grep -vxF -e "$user" -e '' | sort -u; }
  found=$(nix_by_root show-config 2>/dev/null | sed -n 's/^trusted-users = //p')
  [ "$(listed "$found")" = "$(listed "${trust#trusted-users = }")" ] || fail look-differs "Nix trusts $found"
}

# One that does not run lets nobody build, and one that nobody can restart never reads whom to trust. It may be down
# from a restart of ours that was cut short, which goes on below.
check_daemon() {
  if [ -n "$trust" ] && [ "$(daemon_manager)" = none ]; then
    if [ -e "$pending" ] || ! grep -qsxF "$trust" "$fragment"; then fail daemon-unmanaged "$trust"; fi
  fi
  [ -e "$pending" ] || await_daemon 5 || start_again || fail daemon-down "$(daemon_manager)"
}

# What systemd has given up after too many starts in a row was meant to run.
start_again() {
  results=$(systemctl show --property Result nix-daemon.service nix-daemon.socket 2>/dev/null)
  case $results in *start-limit-hit*) ;; *) return 1 ;; esac
  systemctl reset-failed nix-daemon.service nix-daemon.socket 2>/dev/null
  systemctl start nix-daemon.socket nix-daemon.service 2>/dev/null
  await_daemon 15
}

# One that somebody has let end is theirs to renew: no login would get in (shadow(5), pam_unix(8)).
check_account() {
  ended=$(awk -F : -v name="$user" -v today="$(($(date +%s) / 86400))" '
    $1 == name && $8 != "" && $8 >= 0 && $8 <= today { print today - $8 }' /etc/shadow)
  [ -z "$ended" ] || fail account-expired "the account $user ended $ended days ago (shadow(5))"
}

check() {
  step check start
  if [ "${run_as-}" = owner ]; then check_nix; fi
  if [ "$mode" = dedicated ]; then
    [ "$(id -u)" = 0 ] || fail not-root "$(id -un)"
    check_nix
    check_conf
    check_group
    check_trust
    # Before the daemon is asked, which on a full disk does not answer either.
    enough_room /var/lib
    enough_room /etc
    enough_room /nix/var
    check_daemon
    command -v useradd >/dev/null || command -v adduser >/dev/null || fail no-useradd 'neither useradd nor adduser was found'
    case $(home_of "$user") in
    '') ;;
    "$home") check_account ;;
    *) fail user-taken "$user" ;;
    esac
  else
    # The path goes between quotes into authorized_keys, where some characters would mean something.
    case $HOME in *[!A-Za-z0-9._/+-]* | '') fail home-unusual "$HOME" ;; esac
    enough_room "$HOME"
  fi
  step check 'done'
}

make_folder() { # DIR…: those that are missing, remembered so that they can be taken back
  made=''
  for dir in "$@"; do
    [ -d "$dir" ] || { mkdir "$dir" 2>/dev/null && made="$made $dir"; } || fail_writing "$dir"
  done
}

install_script() { # FILE: standard input, marked executable
  cat >"$1.millwright-new" 2>/dev/null || {
    rm -f "$1.millwright-new"
    fail_writing "$1"
  }
  if cmp -s "$1.millwright-new" "$1"; then
    rm -f "$1.millwright-new"
  elif ! chmod 0755 "$1.millwright-new" || ! mv -f "$1.millwright-new" "$1"; then
    fail_writing "$1"
  fi
}

install_scripts() {
  step scripts start
  make_folder "$base/bin"
  serve_text | install_script "$base/bin/millwright-serve"
  probe_text | install_script "$base/bin/millwright-probe"
  collect_text | install_script "$base/bin/millwright-collect"
  if ! grep -qsxF "scripts $scripts_hash" "$state"; then
    [ ! -e "$state" ] || edit "$state" without "$state" '^scripts '
    remember "scripts $scripts_hash"
  fi
  step scripts 'done'
}

comment='Millwright builds for other computers'

# Whatever accounts here usually end by, it does not. /bin/sh, because nologin would refuse forced commands too. The
# password "*" matches none, yet does not lock:
# sshd without PAM refuses every login, by key too, to an account locked with "!".
make_user() {
  if [ -z "$(home_of "$user")" ]; then
    step user start
    said=$(add_user 2>&1) || fail user-failed "$said"
  fi
  # Also after a run that was cut short between the two files of accounts.
  if [ "$(awk -F : -v name="$user" '$1 == name { print $2 }' /etc/shadow)" != '*' ]; then
    said=$(unlock_user 2>&1) || fail user-failed "$said"
  fi
  if [ -n "$socket_group" ] && ! id -Gn "$user" | tr ' ' '\n' | grep -qxF -- "$socket_group"; then
    said=$(join_group 2>&1) || fail user-failed "$said"
  fi
  step user 'done'
}

# By the programs of shadow, or by busybox's, which have other options.
add_user() {
  if command -v useradd >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir "$home" --shell /bin/sh --password '*' \
      --expiredate '' --inactive -1 --comment "$comment" "$user"
  else
    grep -q "^$user:" /etc/group || addgroup -S "$user"
    adduser -S -D -H -h "$home" -s /bin/sh -g "$comment" -G "$user" "$user"
  fi
}

unlock_user() {
  if command -v usermod >/dev/null; then usermod --password '*' "$user"; else echo "$user:*" | chpasswd -e; fi
}

join_group() {
  if command -v usermod >/dev/null; then
    usermod --append --groups "$socket_group" "$user"
  else
    addgroup "$user" "$socket_group"
  fi
}

# A trusted user may do as root does on this machine; what needs it and why stands in Millwright's plan.
write_trust() {
  [ -n "$trust" ] || return 0
  step trust start
  add_setting "$trust"
  step trust 'done'
}

# Last, so that nobody can log in before the rest is whole. `restrict` refuses ptys, forwarding and all else;
# the forced command runs in place of whatever is asked for.
write_keys() {
  step keys start
  if [ ! -d "$home/.ssh" ]; then
    [ "$mode" = dedicated ] || remember "made $home/.ssh"
    make_folder "$home" "$home/.ssh"
  fi
  keys=$(real "$keys")
  [ -e "$keys" ] || [ "$mode" = dedicated ] || remember "made $keys"
  settle_untagged
  let_in only "$build_key" "$monitor_key" "$collect_key"
  step keys 'done'
}

provision() {
  check
  if [ "$mode" = dedicated ]; then
    make_folder "$base"
  else
    make_folder "$HOME/.local" "$HOME/.local/share" "$base"
  fi
  lock
  for dir in $made; do [ "$dir" = "$base" ] || remember "made $dir"; done
  install_scripts
  if [ "$mode" = dedicated ]; then
    make_folder "$home"
    make_user
    write_trust
    restart_daemon
  fi
  write_keys
  say 'done'
}

# In one call at the end: a script cut short on its way runs not at all.
provision </dev/null
