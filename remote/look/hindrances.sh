# What would keep builds from coming in, or their scripts from running.

# What lies on a file system where nothing can be run: scripts there would be refused.
noexec() {
  [ -r /proc/self/mounts ] || return 0
  found=''
  for dir in /var/lib "$HOME"; do
    options=$(awk -v dir="$dir/" '
      { point = $2; if (point != "/") point = point "/" }
      index(dir, point) == 1 && length(point) >= longest { longest = length(point); options = $4 }
      END { print options }' /proc/self/mounts)
    case ,$options, in *,noexec,*) found="$found $dir" ;; esac
  done
  fact noexec "$found"
}

# nologin(5) keeps everybody out but root, who sees it: pam_nologin reads both files, sshd without PAM the first.
nologin() {
  [ "$(id -u)" = 0 ] || return 0
  for file in /etc/nologin /run/nologin; do
    [ ! -e "$file" ] || grep -qs '^[^#]*pam_nologin' /etc/pam.d/sshd || continue
    [ ! -e "$file" ] || { fact nologin "$file: $(head -n 1 "$file")" && return; }
  done
}

# The rules by which pam_access(8) lets people in, where an account rule for sshd asks it for its usual file.
pam_access() {
  [ -r /etc/pam.d/sshd ] || return 0
  asks=$(for file in /etc/pam.d/sshd $(sed -n 's/^@include  *//p; s/^account  *include  *//p' /etc/pam.d/sshd |
    sed 's/^/\/etc\/pam.d\//'); do grep -hs '^account.*pam_access\.so' "$file"; done)
  case $asks in '' | *accessfile=* | *fieldsep=* | *listsep=*) return 0 ;; esac
  sed 's/#.*//; /^[[:space:]]*$/d' /etc/security/access.conf 2>/dev/null | head -n 100 |
    while read -r line; do fact pam_access "$line"; done
}
