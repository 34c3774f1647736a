# Looks at this machine and says what it found. It changes nothing.
#
# Millwright sends it over SSH to /bin/sh before it offers to make the machine a builder. Every line that
# counts begins with a random word (nonce), so that text printed by a shell's start-up files is told apart.
# Parameters, set above this line: nonce, only ("" for everything; "speed" for the speed alone, "identity" for who
# this machine is, "sshd" for how its SSH server would take the users in `users` from where `ssh_connection` says, "nix"
# for what is seen from within what enter.sh starts); for everything also wrapper, the name of a program that leads to
# Nix there, or empty.

login_path=${MILLWRIGHT_LOGIN_PATH-$PATH}
login_shell=${MILLWRIGHT_LOGIN_SHELL-${SHELL-}}
conf_dir_inside=${NIX_CONF_DIR-}
#include shared/environment.sh
#include shared/accounts.sh
#include shared/nix-daemon.sh
#include shared/builds.sh
#include look/fact.sh
#include look/speed.sh
#include look/system.sh
#include look/identity.sh
#include look/kvm.sh
#include look/way-to-root.sh
#include look/find-nix.sh
#include look/ways-in.sh
#include look/nix.sh
#include look/hindrances.sh
#include look/sshd.sh
#include look/millwright.sh

store_room() {
  for dir in /nix/store /nix /; do
    [ ! -d "$dir" ] || { fact store_free_bytes "$(df -Pk "$dir" | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')" && break; }
  done
}

inspect() {
  printf 'mw-%s begin\n' "$nonce"
  case $only in
  identity) host_keys ;;
  sshd)
    way=user
    [ "$(id -u)" != 0 ] || way=is-root
    # shellcheck disable=SC2086 # each word a user
    sshd_facts $users
    fact home "$HOME"
    fact groups "$(id -Gn)"
    ;;
  nix) look_inside ;;
  *) speed ;;
  esac
  case $only in '' | identity) identity ;; esac
  if [ "$only" = '' ]; then
    system
    way=$(root_way)
    fact root "$way"
    kind=multi-user
    if [ -d /nix ] && [ "$(owner_of /nix)" != root ]; then kind=single-user; fi
    kvm
    if [ -z "${wrapper-}" ] && find_nix; then nix_facts; else ways_in; fi
    store_room
    fact running_builds "$(running_builds)"
    noexec
    unsafe_keys
    nologin
    pam_access
    sshd_facts nixremote millwright "$(id -un)" "$(owner_of /nix 2>/dev/null)"
    millwright
  fi
  printf 'mw-%s end\n' "$nonce"
}

# In one call at the end: a script cut short on its way runs not at all.
inspect </dev/null
