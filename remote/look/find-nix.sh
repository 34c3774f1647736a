# Nix of the whole system first, and of the login's own last: the builder's own user cannot see into somebody's home,
# and root runs nothing that lies there. In a store of the login's own, the login's PATH tells which Nix writes it.
find_nix() {
  on_path=$(nix_on_path_of "$login_path")
  [ -z "$on_path" ] || fact nix_on_path yes
  own_path=''
  if [ "$kind" = single-user ] && [ "$(owner_of /nix)" = "$(id -un)" ]; then own_path=$on_path; fi
  for dir in /nix/var/nix/profiles/default/bin /run/current-system/sw/bin "$own_path" /usr/bin /usr/local/bin \
    /nix/var/nix/profiles/per-user/root/profile/bin "$on_path" "$HOME/.nix-profile/bin" \
    "$HOME/.local/state/nix/profiles/profile/bin"; do
    [ -z "$dir" ] || ! is_program "$dir/nix-store" || { bin_dir=$dir && return 0; }
  done
  find_nix_elsewhere
}

# PRoot 5.1 answers test -x with no, whatever the file is.
is_program() { [ -x "$1" ] || { [ "$only" = nix ] && [ -f "$1" ]; }; }

# A store that is there was made by some Nix: its daemon's, its owner's, or one that a login alone sees.
find_nix_elsewhere() {
  [ -d /nix/store ] || return 1
  owner=$(owner_of /nix)
  home=$(home_of "$owner")
  for dir in "$(dir_of_daemon)" "$home/.nix-profile/bin" "/nix/var/nix/profiles/per-user/$owner/profile/bin" \
    "$home/.local/state/nix/profiles/profile/bin" "$(nix_on_path_of "$(path_of_login_shell)")" /opt/nix/bin; do
    [ -z "$dir" ] || ! is_program "$dir/nix-store" || { bin_dir=$dir && return 0; }
  done
  fact store_without_nix "$owner"
  return 1
}

# As its first word says, which is a whole path where a service manager started it.
dir_of_daemon() {
  for process in /proc/[0-9]*; do
    { read -r name <"$process/comm"; } 2>/dev/null || continue
    if [ "$name" != nix-daemon ] || [ "$(owner_of "$process")" != root ]; then continue; fi
    program=$(tr '\0' '\n' <"$process/cmdline" 2>/dev/null | head -n 1)
    case $program in /*/nix-daemon) echo "${program%/*}" && return ;; esac
  done
}

# The PATH once the login's own shell has read what it reads at a login, where some installers write. It may do
# anything then, so it gets three seconds and nothing to read.
path_of_login_shell() {
  command -v timeout >/dev/null && [ -x "$login_shell" ] || return 0
  # shellcheck disable=SC2016 # that shell's own
  timeout 3 "$login_shell" -l -c 'exec /bin/sh -c "echo mw-path \"\$PATH\""' </dev/null 2>/dev/null | sed -n 's/^.*mw-path //p' |
    tail -n 1
}

# Where the login itself would find Nix. It is looked at, not run.
nix_on_path_of() { # PATH
  set -f
  IFS=:
  for dir in $1; do
    case $dir in /*) ! is_program "$dir/nix-store" || { printf '%s\n' "$dir" && break; } ;; esac
  done | sed 's,//*,/,g; s,/$,,'
}

# The first folder on the way to a path that is not root's; nothing when all are. Root looks again, and further.
not_roots() { # PATH
  at=$1
  while [ -n "$at" ]; do
    owner=$(owner_of "$at")
    [ "$owner" = root ] || { echo "$at belongs to ${owner:-somebody}" && return; }
    at=${at%/*}
  done
}
