import { userConfName } from './user-conf'

/** Where the last word about a setting stands. */
export interface SettingPlace {
  /** A file, or `NIX_CONFIG`, which is a variable with lines. */
  readonly file: string
  /** 1-based */
  readonly line: number
  /** The file is made by a rebuild: it lies in a store. */
  readonly isDeclared?: boolean
}

/** The person's own switch, not somebody else's line. */
export function isOwnPlace(place: SettingPlace | undefined): boolean {
  return place?.file.endsWith(`/${userConfName}`) ?? false
}

/** Such as `/etc/nix/nix.conf:12`. */
export function placeText({ file, line, isDeclared }: SettingPlace): string {
  return `${file}:${line}${isDeclared ? ', made by a rebuild' : ''}`
}
