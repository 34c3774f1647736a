# Takes back what provision.sh did for one builder of an installation of Millwright. The user, the scripts and the
# trust go when no other builder's key is left. It may run again at any time, also after a provision.sh that was
# cut short; only things known to be Millwright's are removed.

#include shared/environment.sh
#include shared/accounts.sh
#include shared/nix-daemon.sh
#include shared/builds.sh
#include shared/enter.sh
#include change/start.sh
#include change/key-lines.sh
#include change/edit.sh
#include change/state.sh
#include change/trusted-path.sh
#include change/nix-conf.sh
#include change/lock.sh
#include change/restart.sh
#include change/signing-key.sh

drop_keys() {
  step keys start
  keys=$(real "$keys")
  rm -f "$keys.millwright-new"
  settle_untagged
  if grep -qsE "$(own_lines)" "$keys"; then edit "$keys" without "$keys" "$(own_lines)"; fi
  step keys 'done'
}

drop_trust() {
  [ -n "$conf_file" ] || return 0
  step trust start
  drop_settings '^'
  restart_daemon_if_possible
  step trust 'done'
}

# Whatever runs as the user here. In a container on this machine another user may have the same number: it has mounts of
# its own.
find_processes() {
  # shellcheck disable=SC2012
  ls -ldn /proc/[0-9]* 2>/dev/null | awk -v uid="$uid" '$3 == uid { print $NF }' | while read -r process; do
    [ "$(readlink "$process/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ] || printf '%s\n' "${process#/proc/}"
  done
}

# Its connections end with it, and so does the manager that logind keeps for it, seconds after the last of them.
end_processes() {
  uid=$(id -u "$user")
  if command -v loginctl >/dev/null; then loginctl terminate-user "$user" 2>/dev/null || true; fi
  if [ -d /run/systemd/system ]; then
    systemctl stop "user@$uid.service" "user-$uid.slice" 2>/dev/null || true
  fi
  for signal in TERM TERM TERM KILL KILL; do
    processes=$(find_processes)
    [ -n "$processes" ] || return 0
    # shellcheck disable=SC2086 # one argument for each process
    kill -s "$signal" $processes 2>/dev/null || true
    sleep 1
  done
}

# By the programs of shadow, or by busybox's: that one's leaves the user in the groups that it had joined.
delete_user() {
  if command -v userdel >/dev/null; then
    userdel "$user"
  else
    for group in $(id -Gn "$user"); do
      [ "$group" = "$user" ] || delgroup "$user" "$group" || true # a group may go without it
    done
    deluser "$user"
  fi
}

delete_group() { if command -v groupdel >/dev/null; then groupdel "$user"; else delgroup "$user"; fi; }

drop_user() {
  [ "$(home_of "$user")" = "$home" ] || return 0 # gone already, or somebody else's of this name
  step user start
  # Again where a new one came meanwhile: no key of it lets in any more.
  for round in 1 2 3; do
    end_processes
    said=$(delete_user 2>&1) || true
    [ -n "$(home_of "$user")" ] || break
    sleep "$round"
  done
  [ -z "$(home_of "$user")" ] || fail user-failed "$said"
  # userdel takes the user's own group along where login.defs says so.
  if grep -q "^$user:" /etc/group; then delete_group || fail user-failed "the group $user"; fi
  # Nix makes these for whoever talks to it; a profile would keep them.
  rmdir "/nix/var/nix/profiles/per-user/$user" "/nix/var/nix/gcroots/per-user/$user" 2>/dev/null || true
  step user 'done'
}

# By name, one after another: whatever else lies there is not ours to delete.
drop_files() {
  step files start
  rm -f "$base/bin/millwright-serve" "$base/bin/millwright-probe" "$base/bin/millwright-collect" "$base/bin/"*.millwright-new
  [ ! -d "$base/bin" ] || rmdir "$base/bin" 2>/dev/null || left="$base/bin"
  if [ "$mode" = dedicated ]; then
    rm -f "$keys"
    for dir in "$home/.ssh" "$home"; do
      [ ! -d "$dir" ] || rmdir "$dir" 2>/dev/null || left=$dir
    done
  else
    remove_made "$keys"
    remove_made "$home/.ssh"
  fi
  share=''
  dot_local=''
  if [ "$mode" = own ]; then # root's script need not know of a home
    if grep -qsxF "made $HOME/.local/share" "$state"; then share=yes; fi
    if grep -qsxF "made $HOME/.local" "$state"; then dot_local=yes; fi
  fi
  rm -f "$base/keys" "$base/keys.millwright-new" "$state.millwright-new" "$fragment.millwright-new"
  rm -f "$pending" "$pending.millwright-new" "$base/restart.said" "$state" "$base/lock.new" "$base/lock"
  rmdir "$base" 2>/dev/null || left=$base
  if [ -n "$share" ]; then rmdir "$HOME/.local/share" 2>/dev/null || true; fi
  if [ -n "$dot_local" ]; then rmdir "$HOME/.local" 2>/dev/null || true; fi
  step files 'done'
}

unprovision() {
  left=''
  if [ -d "$base" ]; then
    lock
    drop_keys
    if grep -qsE ' millwright:[0-9a-f]+:[a-z]+$' "$keys"; then
      say 'kept other keys of Millwright build here'
      stop_signing
      restart_daemon_if_possible
      grep -qs '^substituter ' "$state" || delete_signing_key
    else
      if [ "$mode" = dedicated ]; then
        drop_trust
        drop_user
      else
        drop_settings '^'
      fi
      delete_signing_key
      drop_files
    fi
  fi
  [ -z "$left" ] || say "left $left"
  say 'done'
}

# In one call at the end: a script cut short on its way runs not at all.
unprovision </dev/null
