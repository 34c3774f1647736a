# Lets the new keys of one builder in, beside those that it lets in now, or in their place. Of what provision.sh made it
# changes nothing else. It may run again at any time: lines that are there already are left alone.
#
# More parameters:
#   act  "beside": the keys in force are let in too; "only": of this builder's keys none but the new ones are
#   new_build_key, new_monitor_key, new_collect_key  public keys like build_key; either of the last two may be empty

#include shared/environment.sh
#include change/start.sh
#include change/key-lines.sh
#include change/edit.sh
#include change/lock.sh

rekey() {
  if [ "$mode" = dedicated ]; then [ "$(id -u)" = 0 ] || fail not-root "$(id -un)"; fi
  [ -d "$base" ] || fail not-provisioned "$base"
  lock
  step keys start
  keys=$(real "$keys")
  rm -f "$keys.millwright-new"
  settle_untagged
  grep -qsE "$(own_lines)" "$keys" || fail not-provisioned "$keys"
  let_in "$act" "$new_build_key" "$new_monitor_key" "$new_collect_key"
  step keys 'done'
  say 'done'
}

# In one call at the end: a script cut short on its way runs not at all.
rekey </dev/null
