# Whose things are.

home_of() { awk -F : -v name="$1" '$1 == name { print $6 }' /etc/passwd; }

owner_of() { whole_name "$1" 3 passwd; }
group_of() { whole_name "$1" 4 group; }

# A name that ls prints, which busybox cuts at eight letters.
whole_name() { # PATH COLUMN DATABASE
  # shellcheck disable=SC2012
  name=$(ls -ld "$1" 2>/dev/null | awk -v column="$2" '{ print $column }')
  if [ "${#name}" = 8 ]; then
    # shellcheck disable=SC2012
    number=$(ls -ldn "$1" | awk -v column="$2" '{ print $column }')
    found=$({ getent "$3" "$number" 2>/dev/null || awk -F : -v id="$number" '$3 == id' "/etc/$3"; } | head -n 1)
    name=${found%%:*}
  fi
  printf '%s\n' "$name"
}
