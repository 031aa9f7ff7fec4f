// What to type next: the command that continues, with the flags that chose this site.
import type { FlowFlags, Work } from './flow.ts'

/** The command that does what this one only showed; undefined where it is not of that kind. */
export function getApply(command: string): string | undefined {
  if (command === 'bootstrap plan' || command === 'bootstrap') return 'bootstrap'
  return command === 'vm plan' || command === 'vm apply' ? 'vm apply' : undefined
}

/** `orion COMMAND` ready to be typed into a shell. */
export function toCommand(flags: FlowFlags, command: string): string {
  const { site, lab, only = [], 'lab-dir': dir } = flags
  const chosen = [
    ...only.flatMap((pattern) => ['--only', pattern]),
    ...(site ? ['--site', site] : []),
    ...(dir ? ['--lab-dir', dir] : lab ? ['--lab'] : []),
  ]
  return ['orion', command, ...chosen.map(quote)].join(' ')
}

/** For a POSIX shell. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** One line after a page; nothing with --json. */
export async function showNext({ json, flags }: Work, purpose: string, command: string): Promise<void> {
  if (json) return
  const { getLook, printOut } = await import('../console/output.ts')
  const { getPaint } = await import('../console/paint.ts')
  await printOut(getPaint(getLook()).cyan(`${purpose}: ${toCommand(flags, command)}`))
}
