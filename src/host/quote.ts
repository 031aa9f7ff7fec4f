// The one place where a program and its arguments become a command line of a shell.

/**
 * Each word in single quotes: the shell at the other end (sh, bash, dash, zsh, ksh, fish) gives back exactly these words, whatever they hold.
 * What fish or csh would read within quotes stands outside of them. csh gives back words without line ends, and refuses those with them, as our scripts.
 * Errors: a plain Error for a NUL byte, which no argument can have, and for no words at all.
 */
export function quote(argv: readonly string[]): string {
  if (argv.length === 0) throw new Error('no program to run')
  return argv.map(quoteWord).join(' ')
}

function quoteWord(word: string): string {
  if (word.includes('\0')) throw new Error('an argument has a NUL byte')
  return `'${word.replace(/['\\!]/g, "'\\$&'")}'`
}
