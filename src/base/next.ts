// What to type next: commands with the flags that chose this site, as this operator calls the program.
import { basename, relative } from 'node:path'
import type { FlowFlags, Work } from './flow.ts'

/** The command that does what this one only showed; undefined where it is not of that kind. */
export function getApply(command: string): string | undefined {
  if (command === 'bootstrap plan' || command === 'bootstrap') return 'bootstrap'
  return command === 'vm plan' || command === 'vm apply' ? 'vm apply' : undefined
}

/** `orion COMMAND` ready to be typed into a shell. */
export function toCommand(flags: FlowFlags, command: string, program = getProgram()): string {
  const { only = [], restart } = flags
  const restarts = restart && getApply(command) !== undefined
  const more = [...only.flatMap((pattern) => ['--only', quote(pattern)]), ...(restarts ? ['--restart'] : [])]
  return [program, command, ...more, ...getSiteFlags(flags)].join(' ')
}

/** Commands in hints (`orion vm start redis`) with the flags that chose this site: without them they would go elsewhere. */
export function completeHint(hint: string, flags: FlowFlags, program = getProgram()): string {
  const chosen = getSiteFlags(flags).map((word) => ` ${word}`)
  const commands = /\borion ((?:bootstrap|verify|vm \w+)(?: plan\b| --?[\w-]+| (?!if\b|and\b|or\b|to\b)[\w.-]*[\w-])*)/g
  return hint.replace(commands, (_, command: string) => `${program} ${command}${chosen.join('')}`)
}

/** Linked or installed it is `orion`; from a checkout, the path of the script that runs. */
function getProgram(script = process.argv[1] ?? 'orion'): string {
  return basename(script) === 'run.js'
    ? quote(relative(process.cwd(), script).replace(/^run\.js$/, './run.js'))
    : 'orion'
}

function getSiteFlags({ site, lab, 'lab-dir': dir }: FlowFlags): string[] {
  const chosen = [...(site ? ['--site', site] : []), ...(dir ? ['--lab-dir', dir] : lab ? ['--lab'] : [])]
  return chosen.map(quote)
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
