# On a machine in between: lets the Nix daemon of one computer go through to one builder, and do nothing else
# here; or takes that back. One line of the login user's authorized_keys; it may run again at any time.
#
# Parameters, set above this line (each checked by Millwright before it is written down):
#   nonce    a random word; every line of output that counts begins with it
#   tag      the comment by which the line is known
#   line     the whole line; empty to take it out
#   beside   "yes" where another line with that comment stays, for the key that is in force until the new one is

#include shared/environment.sh
set -eu
umask 077
keys=$HOME/.ssh/authorized_keys

say() { printf 'mw-%s %s\n' "$nonce" "$*"; }

rewrite() {
  new=$keys.millwright-new
  if [ -e "$keys" ]; then cp -p "$keys" "$new"; else : >"$new"; fi
  if [ "$beside" = yes ] && [ -e "$keys" ]; then
    cat "$keys" >"$new"
    if [ -s "$keys" ] && [ -n "$(tail -c 1 "$keys")" ]; then printf '\n' >>"$new"; fi
  else
    { [ ! -e "$keys" ] || grep -v " $tag\$" "$keys" || [ $? -eq 1 ]; } >"$new"
  fi
  if [ -n "$line" ]; then printf '%s\n' "$line" >>"$new"; fi
  mv -f "$new" "$keys"
}

is_only_one() { [ "$(grep -c " $tag\$" "$keys")" = 1 ]; }

jump() {
  if [ -n "$line" ] && grep -qsxF "$line" "$keys" && { [ "$beside" = yes ] || is_only_one; }; then
    say 'done'
    return 0
  fi
  if [ -n "$line" ]; then [ -d "$HOME/.ssh" ] || mkdir "$HOME/.ssh"; fi
  if [ -n "$line" ] || grep -qs " $tag\$" "$keys"; then
    rewrite || {
      rm -f "$keys.millwright-new"
      say "error write-failed $keys"
      exit 1
    }
  fi
  # What was empty but for our line goes with it.
  if [ -z "$line" ] && [ -e "$keys" ] && [ ! -s "$keys" ]; then
    rm -f "$keys"
    rmdir "$HOME/.ssh" 2>/dev/null || true
  fi
  say 'done'
}

# In one call at the end: a script cut short on its way runs not at all.
jump </dev/null
