# Millwright for one person, by Home Manager: the programs, and the tray app at login. Root's helper is not one person's
# to declare: it comes with the NixOS or nix-darwin module, or is installed by consent at first use.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.programs.millwright;
in
{
  options.programs.millwright = import ./common-options.nix { inherit lib pkgs; };

  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];

    systemd.user.services.millwright = lib.mkIf (cfg.autostart && pkgs.stdenv.hostPlatform.isLinux) {
      Unit = {
        Description = "Millwright";
        # Without a tray there is nothing to show.
        Requires = [ "tray.target" ];
        After = [
          "graphical-session.target"
          "tray.target"
        ];
        PartOf = [ "graphical-session.target" ];
      };
      Install.WantedBy = [ "graphical-session.target" ];
      Service.ExecStart = "${cfg.package}/bin/millwright-desktop --hidden";
    };

    launchd.agents.millwright = lib.mkIf (cfg.autostart && pkgs.stdenv.hostPlatform.isDarwin) {
      enable = true;
      config = {
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
