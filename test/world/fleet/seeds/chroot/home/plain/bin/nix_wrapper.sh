#!/bin/sh
# As the wiki has it for a forced command.
exec proot -b ~/.nix:/nix bash -c '
. ~/.nix-profile/etc/profile.d/nix.sh
exec $SSH_ORIGINAL_COMMAND
'
