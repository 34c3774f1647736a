import type { Host } from '../fleet/host'
import { nodeOnHost, projectOnHost } from '../fleet/on-host'

const store = '/nix/store'
const include = '/var/lib/millwright/current'
const system = `${store}/${'s'.repeat(32)}-nixos-system`

/**
 * Gives a host the files that NixOS makes, where NixOS has them: `/etc/nix/nix.conf` and ssh's are links into the store,
 * with the text of its own header. `isDeclared`: as with our module. Doing it again is a rebuild.
 */
export async function rebuildAsNixos(host: Host, { isDeclared = false } = {}): Promise<void> {
  const etc = `${store}/${isDeclared ? 'd' : 'e'}${'e'.repeat(31)}-etc`
  await host.must([
    'sh',
    '-c',
    `set -e
    [ -e /var/tmp/before-nixos ] || {
      mkdir /var/tmp/before-nixos
      cp /etc/nix/nix.conf /etc/ssh/ssh_config /var/tmp/before-nixos
      mkdir -p ${store}
      chgrp nixbld ${store}
      chmod 1775 ${store}
    }
    mkdir -p ${etc} ${system} /etc/static/nix /etc/static/ssh
    {
      printf '%s\\n' '# WARNING: this file is generated from the nix.* options in' '# your NixOS configuration, typically' '# /etc/nixos/configuration.nix.  Do not edit it!'
      cat /var/tmp/before-nixos/nix.conf
      echo 'builders = '
      ${isDeclared ? `echo '!include ${include}/nix.conf'` : ':'}
    } >${etc}/nix.conf
    {
      ${isDeclared ? `echo 'Include ${include}/ssh_config'` : ':'}
      cat /var/tmp/before-nixos/ssh_config
    } >${etc}/ssh_config
    chmod 444 ${etc}/*
    ln -sfn ${etc}/nix.conf /etc/static/nix/nix.conf
    ln -sfn ${etc}/ssh_config /etc/static/ssh/ssh_config
    ln -sfn /etc/static/nix/nix.conf /etc/nix/nix.conf
    ln -sfn /etc/static/ssh/ssh_config /etc/ssh/ssh_config
    touch /etc/NIXOS
    ln -sfn ${system} /run/current-system
    systemctl restart nix-daemon.service`,
  ])
}

/**
 * Lays Millwright out as its package for Nix does: program, helper and policy in one path of the store, and what a system
 * links of it. Returns the terminal's program.
 */
export async function installPackage(host: Host): Promise<string> {
  const path = `${store}/${'m'.repeat(32)}-millwright-0.1.0`
  const terminal = `${path}/lib/millwright/terminal`
  await host.must([
    'sh',
    '-c',
    `set -e
    mkdir -p ${terminal}/node_modules ${system}/sw/libexec
    cp ${projectOnHost}/out/main/*.js ${projectOnHost}/out/package.json ${terminal}/
    cp -r ${projectOnHost}/node_modules/keytar ${terminal}/node_modules/
    ${nodeOnHost} ${projectOnHost}/out/helper/install.mjs lay-out --prefix ${path}/libexec/millwright \
      --node ${nodeOnHost} --policies ${path}/share/polkit-1/actions
    ln -sfn ${path}/libexec/millwright ${system}/sw/libexec/millwright
    cp ${path}/share/polkit-1/actions/* /usr/share/polkit-1/actions/`,
  ])
  return `${terminal}/cli.js`
}
