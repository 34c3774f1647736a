# Told from another machine of the same name, and known under another one. machine-id(5) asks to tell nobody the
# id itself.
identity() {
  if [ "$(uname -s)" = Darwin ]; then
    fact boot_id "$(sysctl -n kern.bootsessionuuid 2>/dev/null)"
    id=$(ioreg -rd1 -c IOPlatformExpertDevice 2>/dev/null | awk -F '"' '/IOPlatformUUID/ { print $4 }')
  else
    fact boot_id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
    id=$(cat /etc/machine-id 2>/dev/null || cat /var/lib/dbus/machine-id 2>/dev/null)
  fi
  case $id in
  '' | uninitialized) ;;
  *) fact machine_id "$(printf 'millwright %s' "$id" | { sha256sum 2>/dev/null || shasum -a 256; } 2>/dev/null | cut -c 1-32)" ;;
  esac
}

host_keys() {
  cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null | while read -r type key _; do fact host_key "$type $key"; done
}
