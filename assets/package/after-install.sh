#!/bin/sh
# Runs as root when the deb or rpm has been unpacked.
set -e
app=/opt/Millwright

# Chromium's sandbox, where the kernel gives ordinary users no namespaces of their own.
chown root:root "$app/chrome-sandbox"
chmod 4755 "$app/chrome-sandbox"

# The terminal's command runs on the same Node as the helper.
cat >/usr/bin/millwright <<'END'
#!/bin/sh
ulimit -c 0 # a core dump would hold a password that is typed
exec /usr/lib/millwright/node /opt/Millwright/resources/terminal/cli.js "$@"
END
chmod 0755 /usr/bin/millwright

helper="$app/resources/helper"
"$helper/node" "$helper/install.mjs" install --runtime "$helper/node" >/dev/null
