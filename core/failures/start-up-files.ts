/** What a shell reads that sshd starts for one command, by the shell's name (bash(1), zsh(1), fish(1), csh(1)). */
const files: Readonly<Record<string, string>> = {
  bash: '~/.bashrc',
  zsh: '~/.zshenv',
  fish: '~/.config/fish/config.fish',
  csh: '~/.cshrc',
  tcsh: '~/.tcshrc or ~/.cshrc',
}

/** That file, for a shell by its path; undefined for one that is not known to read any. */
export function startUpFileOf(shell: string | undefined): string | undefined {
  return files[shell?.replace(/^.*\//, '') ?? '']
}
