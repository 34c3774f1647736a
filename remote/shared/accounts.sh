# Whose things are.

home_of() { awk -F : -v name="$1" '$1 == name { print $6 }' /etc/passwd; }

owner_of() {
  # shellcheck disable=SC2012
  ls -ld "$1" | awk '{ print $3 }'
}
