# What the modules make of a configuration, with real sources of NixOS, nix-darwin and Home Manager.
{ nixpkgs, nixDarwin ? null, homeManager ? null }:
let
  # Of an older nixpkgs: what is only named, never built.
  overlay = final: _: {
    nodejs_26 = final.nodejs;
    electron_45 = final.electron;
  };
  pkgsFor = system: import nixpkgs { inherit system; overlays = [ overlay ]; };
  nixos =
    settings:
    (import "${toString nixpkgs}/nixos/lib/eval-config.nix" {
      system = "x86_64-linux";
      modules = [
        ../../nix/modules/nixos.nix
        (
          { lib, ... }:
          {
            nixpkgs.overlays = [ overlay ];
            nix.settings.substituters = lib.mkForce [ "https://cache.nixos.org/" ];
            nix.settings.trusted-public-keys = [ ];
            fileSystems."/".device = "/dev/disk";
            boot.loader.grub.enable = false;
            system.stateVersion = "24.05";
          }
        )
        { services.millwright = settings; }
      ];
    }).config;
  summary = config: {
    nixConf = config.environment.etc."nix/nix.conf".source.text;
    ssh = config.environment.etc."ssh/ssh_config".text;
    folders = builtins.filter (rule: builtins.match ".*millwright.*" rule != null) config.systemd.tmpfiles.rules;
    service = config.systemd.user.services.millwright.wantedBy or null;
    polkit = config.security.polkit.enable;
    packages = builtins.filter (name: name == "millwright") (
      map (package: package.pname or "") config.environment.systemPackages
    );
    links = builtins.elem "/libexec/millwright" config.environment.pathsToLink;
    failed = map ({ message, ... }: message) (builtins.filter (one: !one.assertion) config.assertions);
  };
  builder = nixos {
    builder = {
      enable = true;
      keys = [ "ssh-ed25519 AAAAC3Nz millwright-anna" ];
    };
  };
in
{
  off = summary (nixos { });
  on = summary (nixos { enable = true; });
  quiet = summary (nixos {
    enable = true;
    autostart = false;
  });
  builder = {
    nixConf = builder.environment.etc."nix/nix.conf".source.text;
    keys = builder.users.users.nixremote.openssh.authorizedKeys.keys;
    sshd = builder.services.openssh.enable;
    home = builder.users.users.nixremote.home;
  };
  packages = map (system: (pkgsFor system).callPackage ../../nix/package.nix { }) [
    "x86_64-linux"
    "aarch64-linux"
  ];
  flake = builtins.attrNames (
    (import ../../flake.nix).outputs {
      self = { };
      nixpkgs = {
        lib = import "${toString nixpkgs}/lib";
        legacyPackages = { };
      };
    }
  );
  darwin =
    if nixDarwin == null then
      null
    else
      let
        inherit
          (import "${toString nixDarwin}/eval-config.nix" {
            lib = import "${toString nixpkgs}/lib";
            specialArgs = { };
            enableNixpkgsReleaseCheck = false;
            modules = [
              ../../nix/modules/darwin.nix
              {
                nixpkgs.pkgs = pkgsFor "x86_64-darwin";
                services.millwright.enable = true;
                system.stateVersion = 5;
              }
            ];
          })
          config
          ;
      in
      {
        extra = config.nix.extraOptions;
        ssh = config.environment.etc."ssh/ssh_config.d/100-nix-darwin.conf".text;
        program = builtins.elemAt config.launchd.user.agents.millwright.serviceConfig.ProgramArguments 1;
      };
  home =
    if homeManager == null then
      null
    else
      let
        pkgs = pkgsFor "x86_64-linux";
        inherit
          (import "${toString homeManager}/modules" {
            inherit pkgs;
            configuration = {
              imports = [ ../../nix/modules/home-manager.nix ];
              programs.millwright.enable = true;
              programs.millwright.package = pkgs.callPackage ../../nix/package.nix { };
              home.username = "dev";
              home.homeDirectory = "/home/dev";
              home.stateVersion = "24.05";
            };
          })
          config
          ;
      in
      {
        inherit (config.systemd.user.services.millwright) Unit Install;
        packages = map (package: package.pname or package.name) config.home.packages;
      };
}
