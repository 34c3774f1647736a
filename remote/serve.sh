# millwright-serve: what a builder's key may run, and nothing else.
#
# sshd runs it in place of whatever the other side asks for. Nix asks for one of two programs (ssh-ng, ssh);
# they are started by absolute path with a clean environment, so that nothing the login brought along counts.
# Parameter, set above this line: nix_bin, the folder of Nix's programs; and where it starts inside (enter.sh), way_in.

case ${SSH_ORIGINAL_COMMAND-} in
'nix-daemon --stdio') set -- nix-daemon --stdio ;;
'nix-store --serve --write') set -- nix-store --serve --write ;;
*)
  echo 'millwright-serve: this key builds for Nix and does nothing else.' >&2
  exit 1
  ;;
esac

program=$nix_bin/$1
shift
PATH=/usr/bin:/bin
if [ -z "${way_in-}" ] || [ -z "${NIX_CONF_DIR-}" ]; then unset NIX_CONF_DIR; fi
exec env -i ${NIX_CONF_DIR:+"NIX_CONF_DIR=$NIX_CONF_DIR"} HOME="$HOME" USER="$(id -un)" PATH="$nix_bin:/usr/bin:/bin" "$program" "$@"
