# What the login's start-up files set decides nothing here: the programs are the system's, and of the environment
# only who logged in is kept.
PATH=/run/wrappers/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin
for name in $(env | sed -n 's/^\([A-Z][A-Z0-9_]*\)=.*/\1/p'); do
  case $name in
  HOME | PATH | USER | LOGNAME | SSH_CONNECTION | PWD | OLDPWD | SHLVL) ;;
  BASHOPTS | BASH_VERSINFO | SHELLOPTS | UID | EUID | PPID) ;; # bash lets nobody unset these
  *) unset "$name" ;;
  esac
done
LC_ALL=C
export LC_ALL PATH
