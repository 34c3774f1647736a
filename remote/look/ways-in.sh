# The ways to a Nix that only what some program starts can see (enter.sh): which are there, the best first. Nothing is
# run. The person may have named one ($wrapper); else those that many have for something else count only beside a store
# that they could show.
ways_in() {
  path=$HOME/bin:$HOME/.local/bin:$HOME/.cargo/bin:$login_path:$PATH:$(path_of_login_shell)
  for name in ${wrapper:-nix-user-chroot bwrap proot nix-portable}; do
    file=$(program_on "$path" "$name")
    if [ -z "$file" ]; then
      [ -z "$wrapper" ] || fact wrapper_missing "$wrapper"
      continue
    fi
    case $name in
    nix-user-chroot | bwrap | proot)
      if [ -d "$HOME/.nix/store" ]; then
        fact way_in "$name $file $HOME/.nix"
      elif [ -n "$wrapper" ]; then
        fact way_in "wrapper $file"
      fi
      ;;
    nix-portable) [ ! -d "$HOME/.nix-portable/nix/store" ] || fact way_in "$name $file" ;;
    *) fact way_in "wrapper $file" ;;
    esac
  done
}

program_on() { # PATH NAME
  (
    set -f
    IFS=:
    for dir in $1; do
      case $dir in /*) [ ! -f "$dir/$2" ] || [ ! -x "$dir/$2" ] || { printf '%s\n' "$dir/$2" && break; } ;; esac
    done
  )
}

# Seen from within, where the store is that of whoever logs in.
look_inside() {
  kernel=linux kind=single-user
  kvm
  if find_nix || find_nix_in_store; then nix_facts; fi
  store_room
}

# nix-portable has no profile: the newest that it has unpacked.
find_nix_in_store() {
  # shellcheck disable=SC2045 # the names of a store need no quotes
  for dir in $(ls -dt /nix/store/*-nix-[0-9]*/bin 2>/dev/null); do
    ! is_program "$dir/nix-store" || { bin_dir=$dir && return 0; }
  done
  return 1
}
