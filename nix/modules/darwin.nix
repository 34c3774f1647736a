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
  options.services.millwright = {
    enable = lib.mkEnableOption "Millwright, which sets up, switches and watches Nix remote builders";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.millwright or (pkgs.callPackage ../package.nix { });
      defaultText = lib.literalExpression "pkgs.millwright";
      description = "The package to use.";
    };

    autostart = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether Millwright starts when somebody logs in.";
    };
  };

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
