export const newerNixFolders: Readonly<Record<'trixie' | 'forky', string>>
export function prepareNewerNix(): void
