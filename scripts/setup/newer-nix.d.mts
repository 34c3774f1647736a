export const newerNixFolder: string
export function prepareNewerNix(): void
