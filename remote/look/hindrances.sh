# What would keep builds from coming in, or their scripts from running.

# Who else builds may come in as than a user of Millwright's own: the login, and whose store it is.
own_users() {
  id -un
  [ "$kind" != single-user ] || owner_of /nix
}

# What lies on a file system where nothing can be run: scripts there would be refused.
noexec() {
  [ -r /proc/self/mounts ] || return 0
  found=''
  for dir in /var/lib/millwright "$HOME" $(for user in $(own_users); do home_of "$user"; done | grep -vxF -- "$HOME"); do
    options=$(awk -v dir="$dir/" '
      { point = $2; if (point != "/") point = point "/" }
      index(dir, point) == 1 && length(point) >= longest { longest = length(point); options = $4 }
      END { print options }' /proc/self/mounts)
    case ,$options, in *,noexec,*) found="$found $dir" ;; esac
  done
  fact noexec "$found"
}

# Whose keys sshd would not go by (sshd_config(5), StrictModes), because others could change the file or what leads to
# it from the home. What is not there yet Millwright makes; what cannot be seen is not known.
unsafe_keys() {
  own_users | sort -u | while read -r user; do
    home=$(readlink -f "$(home_of "$user")" 2>/dev/null) || continue
    uid=$(id -u "$user") || continue
    at=$(readlink -f "$home/.ssh/authorized_keys" 2>/dev/null) || at=$home/.ssh
    while [ -n "$at" ]; do
      # shellcheck disable=SC2012
      case $(ls -ldn "$at" 2>/dev/null | awk '{ print $3, $1 }') in
      '') ;;
      "$uid "?????w* | "$uid "????????w* | '0 '?????w* | '0 '????????w*)
        fact keys_unsafe "$user $at can be changed by others than its owner" && break
        ;;
      "$uid "* | '0 '*) ;;
      *) fact keys_unsafe "$user $at belongs to $(owner_of "$at")" && break ;;
      esac
      [ "$at" != "$home" ] || break
      at=${at%/*}
    done
  done
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
