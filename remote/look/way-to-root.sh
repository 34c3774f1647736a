# How to become root, the best first: the tools are asked, and say more than groups do. No password is tried. A shell
# is asked for, because a rule may let somebody run other programs alone.
root_way() {
  if [ "$(id -u)" = 0 ]; then
    echo is-root
  elif sudo -n -- /bin/sh -c : 2>/dev/null; then
    echo sudo-free
  elif doas -n /bin/sh -c : 2>/dev/null; then
    echo doas
  else
    way_with_password
  fi
}

way_with_password() {
  ways="$(sudo_way) $(doas_way) $(su_way)"
  for way in sudo-password doas-password sudo-unsure sudo-terminal su; do
    case " $ways " in *" $way "*) echo "$way" && return ;; esac
  done
  echo none
}

# `sudo -l` tells without a password only whom some rule lets do without one; whoever is in one of these groups is let
# by the usual rules. Of anybody else sudo says nothing before it has the password.
sudo_way() {
  command -v sudo >/dev/null || return 0
  if sudo -n -l /bin/sh >/dev/null 2>&1; then
    echo sudo-password
    return 0
  fi
  case $(sudo -n -l 2>&1 >/dev/null) in
  *'must have a tty'*) echo sudo-terminal ;;
  *'password is required'* | *'authentication is required'*)
    if id -Gn | tr ' ' '\n' | grep -qxE 'sudo|wheel|admin'; then echo sudo-password; else echo sudo-unsure; fi
    ;;
  esac
}

doas_way() {
  command -v doas >/dev/null || return 0
  case $(doas -n /bin/sh -c : 2>&1) in *'Authentication required'*) echo doas-password ;; esac
}

su_way() { if [ "$kernel" = linux ] && [ -u "$(command -v su)" ]; then echo su; fi; }
