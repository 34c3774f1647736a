# Millwright on NixOS: what Nix and ssh read of it is declared here once, so that switching builders on and off needs
# no rebuild. What it changes at run time lies in /var/lib/millwright, which no rebuild touches.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.millwright;
  inherit (lib) mkEnableOption mkIf mkMerge mkOption types;
  current = "/var/lib/millwright/current";
  # What a builder's key may run: one of the two programs that Nix asks for, and nothing else.
  serve = pkgs.writeShellScript "millwright-serve" ''
    case $SSH_ORIGINAL_COMMAND in
    'nix-daemon --stdio') exec env -i HOME="$HOME" ${config.nix.package}/bin/nix-daemon --stdio ;;
    'nix-store --serve --write') exec env -i HOME="$HOME" ${config.nix.package}/bin/nix-store --serve --write ;;
    esac
    echo 'millwright-serve: this key builds for Nix and does nothing else.' >&2
    exit 1
  '';
in
{
  options.services.millwright = import ./common-options.nix { inherit lib pkgs; } // {
    builder = {
      enable = mkEnableOption "letting other computers build here through Millwright";

      user = mkOption {
        type = types.strMatching "[a-z_][a-z0-9_-]{0,30}";
        default = "nixremote";
        description = "The account that other computers log in to. It can build, and nothing else.";
      };

      keys = mkOption {
        type = types.listOf (types.strMatching "(ssh|ecdsa|sk)-[^\n]+");
        default = [ ];
        example = [ "ssh-ed25519 AAAAC3Nz… millwright-anna" ];
        description = "Public keys of the computers that may build here: each its root’s own.";
      };

      trusted = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether Nix trusts that account: it may then bring in paths that nobody has signed, which most builds need.
        '';
      };
    };
  };

  config = mkMerge [
    (mkIf cfg.enable {
      environment.systemPackages = [ cfg.package ];
      # Under a name that stays with the next version, for what root's files name.
      environment.pathsToLink = [ "/libexec/millwright" ];
      security.polkit.enable = lib.mkDefault true;

      # Comes after all settings, so that it counts; `!include` passes over a file that is not there yet.
      nix.extraOptions = lib.mkAfter ''
        !include ${current}/nix.conf
      '';
      # Before any `Host *`, as the first value counts.
      programs.ssh.extraConfig = lib.mkBefore ''
        Include ${current}/ssh_config
      '';
      systemd.tmpfiles.rules = [ "d /var/lib/millwright 0755 root root -" ];

      systemd.user.services.millwright = mkIf cfg.autostart {
        description = "Millwright";
        partOf = [ "graphical-session.target" ];
        after = [ "graphical-session.target" ];
        wantedBy = [ "graphical-session.target" ];
        serviceConfig.ExecStart = "${cfg.package}/bin/millwright-desktop --hidden";
      };
    })

    (mkIf cfg.builder.enable {
      services.openssh.enable = lib.mkDefault true;
      users.groups.${cfg.builder.user} = { };
      users.users.${cfg.builder.user} = {
        isSystemUser = true;
        group = cfg.builder.user;
        home = "/var/empty";
        # sshd runs the forced command by it.
        shell = pkgs.bashInteractive;
        openssh.authorizedKeys.keys = map (key: ''restrict,command="${serve}" ${key}'') cfg.builder.keys;
      };
      # Beside those that are trusted already: `trusted-users` would take root’s place.
      nix.settings.extra-trusted-users = mkIf cfg.builder.trusted [ cfg.builder.user ];
    })
  ];
}
