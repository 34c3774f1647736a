{
  description = "Sets up, switches and watches Nix remote builders";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forEachSystem = nixpkgs.lib.genAttrs systems;
    in
    {
      overlays.default = final: _previous: { millwright = final.callPackage ./nix/package.nix { }; };

      packages = forEachSystem (system: rec {
        millwright = nixpkgs.legacyPackages.${system}.callPackage ./nix/package.nix { };
        default = millwright;
      });

      apps = forEachSystem (system: rec {
        # The terminal's command; the window and the tray are `nix run .#desktop`.
        default = {
          type = "app";
          program = "${self.packages.${system}.millwright}/bin/millwright";
        };
        desktop = {
          type = "app";
          program = "${self.packages.${system}.millwright}/bin/millwright-desktop";
        };
      });

      nixosModules.default = ./nix/modules/nixos.nix;
      darwinModules.default = ./nix/modules/darwin.nix;
      homeModules.default = ./nix/modules/home-manager.nix;

      checks = forEachSystem (system: { inherit (self.packages.${system}) millwright; });
      formatter = forEachSystem (system: nixpkgs.legacyPackages.${system}.nixfmt-rfc-style);
    };
}
