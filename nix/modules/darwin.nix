# Millwright under nix-darwin: see nixos.nix. Its folder has no space in its name, as `!include` ends at one.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.millwright;
  current = "/var/lib/millwright/current";
in
{
  options.services.millwright = import ./common-options.nix { inherit lib pkgs; };

  config = lib.mkIf cfg.enable {
    # With `nix.enable = false`, as Determinate wants it, another program owns nix.conf; Millwright finds that by itself.
    environment.systemPackages = [ cfg.package ];
    nix.extraOptions = lib.mkIf config.nix.enable (
      lib.mkAfter ''
        !include ${current}/nix.conf
      ''
    );
    programs.ssh.extraConfig = lib.mkBefore ''
      Include ${current}/ssh_config
    '';
    launchd.user.agents.millwright = lib.mkIf cfg.autostart {
      serviceConfig = {
        ProgramArguments = [
          "${cfg.package}/bin/millwright-desktop"
          "--hidden"
        ];
        RunAtLoad = true;
        ProcessType = "Interactive";
      };
    };
  };
}
