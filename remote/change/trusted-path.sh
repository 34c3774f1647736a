# Why another than root, or than the user with UID, could change a path or what is found by it: every folder on the
# way, links and where they lead included, has to be theirs and writable by nobody else. Nothing when all are. In the
# store, and where each user has a profile, others may write, but only beside what is root's (sticky).
why_not_trusted() { # PATH [UID]
  walked='' rest=$1 links=0
  while [ -n "$rest" ]; do
    rest=${rest#/}
    part=${rest%%/*}
    rest=${rest#"$part"}
    case $part in
    '' | .) continue ;;
    ..)
      walked=${walked%/*}
      continue
      ;;
    esac
    at=$walked/$part
    # shellcheck disable=SC2012 # one file, and stat(1) differs between systems
    listed=$(ls -ldn "$at" 2>/dev/null | awk '{ print $1, $3 }')
    case ${listed#* } in
    '') echo "$at is missing" && return ;;
    0 | "${2:-0}") ;;
    *) echo "$at belongs to $(owner_of "$at")" && return ;;
    esac
    if [ -L "$at" ]; then
      links=$((links + 1))
      [ "$links" -le 40 ] || { echo "$1 leads in a circle" && return; }
      target=$(readlink "$at")
      case $target in /*) walked='' ;; esac
      rest=/$target$rest
      continue
    fi
    case ${listed% *}$at in
    d????????[tT]*/nix/store | d????????[tT]*/nix/var/nix/profiles/per-user) ;;
    ?????w* | ????????w*) echo "$at can be changed by others than its owner" && return ;;
    esac
    walked=$at
  done
}

# What builds will run, and root itself: whoever logged in has named it.
check_nix() {
  owner=0
  if [ "${run_as-}" = owner ]; then owner=$(id -u); fi
  for program in nix nix-store nix-daemon; do
    why=$(why_not_trusted "$nix_bin/$program" "$owner")
    [ -z "$why" ] || fail not-trusted-there "$why"
  done
}
