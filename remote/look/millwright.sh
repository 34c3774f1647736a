# What Millwright itself has left here, and who already bears the names it would give a user.
millwright() {
  for name in nixremote millwright; do
    home=$(home_of "$name")
    [ -z "$home" ] || fact account "$name $home"
  done
  for base in /var/lib/millwright "$HOME/.local/share/millwright"; do
    [ -r "$base/state" ] || continue
    fact scripts "$base $(sed -n 's/^scripts //p' "$base/state")"
  done
  for keys in /var/lib/millwright/home/.ssh/authorized_keys "$HOME/.ssh/authorized_keys"; do
    [ -r "$keys" ] || continue
    # The builder stands before the tag, but in lines of earlier versions.
    grep -E ' millwright:[0-9a-f]{8}:[a-z]+$' "$keys" |
      awk '$(NF - 1) ~ /^millwright-/ { print $(NF - 2), $NF, substr($(NF - 1), 12); next } { print $(NF - 1), $NF }' |
      while read -r line; do fact key "$line"; done
  done
  if [ -r /var/lib/millwright/nix.conf ]; then
    while read -r line; do fact fragment "$line"; done </var/lib/millwright/nix.conf
  fi
}
