# Goes to where Nix is, on a machine where only what one program starts can see it: nix-user-chroot, bubblewrap and PRoot
# show another folder as /nix, and so does nix-portable with a store of its own. Nobody needs root for that.
# Parameters, set above this line: way_in ("nix-user-chroot", "bwrap", "proot", "nix-portable"; "wrapper" for a program
# that runs what it is given, as arguments or as SSH_ORIGINAL_COMMAND), way_program, and way_store, the folder that
# becomes /nix, where somebody has to say it.

enter() { # COMMAND…: in place of this shell. No word of it holds a space.
  PATH=$HOME/bin:$HOME/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
  export PATH
  unset NIX_CONF_DIR # what the way itself says of it counts
  case $way_in in
  nix-user-chroot) exec "$way_program" "$way_store" "$@" ;;
  proot) exec "$way_program" -b "$way_store:/nix" "$@" ;;
  bwrap) enter_by_bwrap "$@" ;;
  nix-portable) exec "$way_program" debug "$@" ;;
  wrapper)
    SSH_ORIGINAL_COMMAND=$*
    export SSH_ORIGINAL_COMMAND
    exec "$way_program" "$@"
    ;;
  esac
}

# Everything at the root as it is, but /nix. Not the root itself: where it has no /nix nobody but root can make one.
enter_by_bwrap() { # COMMAND…
  binds=''
  for at in /*; do
    case $at in *[!A-Za-z0-9._/+-]* | /nix | /dev | /proc) continue ;; esac
    if [ ! -L "$at" ]; then
      binds="$binds --bind $at $at"
    else
      target=$(readlink "$at")
      case $target in *[!A-Za-z0-9._/+-]*) ;; *) binds="$binds --symlink $target $at" ;; esac
    fi
  done
  # shellcheck disable=SC2086 # no word of it has a space
  exec "$way_program" $binds --dev-bind /dev /dev --bind /proc /proc --bind "$way_store" /nix --die-with-parent "$@"
}
