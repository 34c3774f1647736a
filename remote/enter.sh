# Set before a script that is there once Nix is: it starts anew where Nix is, and is then asked what it was asked for.

#include shared/enter.sh

go_in() { # [--inside]
  if [ "${1-}" = --inside ]; then
    SSH_ORIGINAL_COMMAND=${MILLWRIGHT_ASKED-}
  else
    MILLWRIGHT_ASKED=${SSH_ORIGINAL_COMMAND-}
    export MILLWRIGHT_ASKED
    enter "$0" --inside
  fi
}
