# What every module of Millwright has.
{ lib, pkgs }:

{
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
    description = "Whether Millwright starts with each graphical session.";
  };
}
