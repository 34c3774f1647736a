{
  lib,
  stdenv,
  buildNpmPackage,
  copyDesktopItems,
  electron_45,
  importNpmLock,
  libsecret,
  makeDesktopItem,
  makeWrapper,
  nodejs_26,
  pkg-config,
  python3,
}:

let
  manifest = lib.importJSON ../package.json;
  # The lockfile names no places, only sums: a package is where npm publishes it, and is taken by its sum.
  lock = lib.importJSON ../package-lock.json;
  placeOf =
    path:
    { version, name ? lib.last (lib.splitString "node_modules/" path), ... }:
    "https://registry.npmjs.org/${name}/-/${baseNameOf name}-${version}.tgz";
  packageLock = lock // {
    packages = lib.mapAttrs (
      path: module: if path == "" then module else { resolved = placeOf path module; } // module
    ) lock.packages;
  };
  libraryFolder = "lib/millwright";
  helperFolder = "libexec/millwright";
in
buildNpmPackage {
  pname = manifest.name;
  inherit (manifest) version;

  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../assets
      ../contract
      ../core
      ../electron.vite.config.ts
      ../helper
      ../main
      ../package-lock.json
      ../package.json
      ../preload
      ../remote
      ../renderer
      ../scripts
      ../tsconfig.base.json
      ../tsconfig.json
      ../tsconfig.node.json
      ../tsconfig.pure.json
      ../tsconfig.web.json
      ../vite.helper.config.ts
    ];
  };

  nodejs = nodejs_26;
  npmDeps = importNpmLock {
    npmRoot = ../.;
    inherit packageLock;
  };
  npmConfigHook = importNpmLock.npmConfigHook;

  nativeBuildInputs = [
    makeWrapper
    pkg-config
    python3
  ]
  ++ lib.optional stdenv.hostPlatform.isLinux copyDesktopItems;
  buildInputs = lib.optional stdenv.hostPlatform.isLinux libsecret;

  env.ELECTRON_SKIP_BINARY_DOWNLOAD = "1";

  # keytar brings programs made elsewhere, which do not find their libraries here: it is made anew.
  preConfigure = lib.optionalString stdenv.hostPlatform.isLinux ''
    export npm_config_build_from_source=true
  '';

  buildPhase = ''
    runHook preBuild
    wanted=$(node -p 'require("./package.json").devDependencies.electron.split(".")[0]')
    if [ "$wanted" != ${lib.versions.major electron_45.version} ]; then
      echo "Millwright is made for Electron $wanted, this is ${electron_45.version}." >&2
      exit 1
    fi
    npx --no-install electron-vite build
    npx --no-install vite build --config vite.helper.config.ts
    runHook postBuild
  '';

  installPhase = ''
    runHook preInstall

    app=$out/${libraryFolder}/app
    mkdir -p "$app/assets/icon" "$app/node_modules" "$out/${libraryFolder}/terminal/node_modules"
    cp -r out "$app/out"
    rm -r "$app/out/helper"
    cp package.json "$app/"
    cp -r assets/tray "$app/assets/"
    cp assets/icon/256x256.png "$app/assets/icon/"
    cp -r node_modules/keytar "$app/node_modules/"
    cp -r node_modules/keytar "$out/${libraryFolder}/terminal/node_modules/"
    cp out/main/cli.js out/main/chunk-*.js "$out/${libraryFolder}/terminal/"
    cp out/package.json "$out/${libraryFolder}/terminal/"

    # Root runs these from here: the store is root's, and nobody can change what is in it.
    node out/helper/install.mjs lay-out --prefix "$out/${helperFolder}" \
      --node ${lib.getExe nodejs_26} --policies "$out/share/polkit-1/actions"

    makeWrapper ${lib.getExe electron_45} "$out/bin/millwright-desktop" \
      --add-flags "$app" --inherit-argv0 \
      --set ELECTRON_FORCE_IS_PACKAGED 1 --set MILLWRIGHT_HELPER "$out/${helperFolder}"
    # A core dump would hold a password that is typed.
    makeWrapper ${lib.getExe nodejs_26} "$out/bin/millwright" \
      --add-flags "$out/${libraryFolder}/terminal/cli.js" --run 'ulimit -c 0' \
      --set MILLWRIGHT_HELPER "$out/${helperFolder}"

    for size in assets/icon/*x*.png; do
      name=$(basename "$size" .png)
      install -Dm644 "$size" "$out/share/icons/hicolor/$name/apps/org.millwright.Millwright.png"
    done

    runHook postInstall
  '';

  desktopItems = [
    (makeDesktopItem {
      name = "org.millwright.Millwright";
      desktopName = "Millwright";
      comment = manifest.description;
      exec = "millwright-desktop";
      icon = "org.millwright.Millwright";
      categories = [ "Development" ];
      startupWMClass = "Millwright";
    })
  ];

  meta = {
    inherit (manifest) description;
    license = lib.licenses.mit;
    mainProgram = "millwright";
    platforms = lib.platforms.linux ++ lib.platforms.darwin;
  };
}
