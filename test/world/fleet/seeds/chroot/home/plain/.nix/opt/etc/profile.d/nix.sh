export PATH="$HOME/.nix-profile/bin:$PATH"
