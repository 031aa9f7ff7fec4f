// The one place where a program and its arguments become a command line of a shell.

/**
 * Each word in single quotes: the shell at the other end (sh, bash, dash, zsh, ksh) gives back exactly these words, whatever they hold.
 * Errors: a plain Error for a NUL byte, which no argument can have, and for no words at all.
 */
export function quote(argv: readonly string[]): string {
  if (argv.length === 0) throw new Error('no program to run')
  return argv.map(quoteWord).join(' ')
}

function quoteWord(word: string): string {
  if (word.includes('\0')) throw new Error('an argument has a NUL byte')
  return `'${word.replaceAll("'", `'\\''`)}'`
}
