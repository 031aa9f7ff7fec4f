// What to type next: commands with the flags that chose this site, as this operator calls the program.
import { basename, relative } from 'node:path'
import type { Problem } from '../engine/report.ts'
import type { Difference } from '../resource.ts'
import type { FlowFlags, Work } from './flow.ts'
import type { SiteFlags } from './session.ts'

/** The command that does what this one only showed; undefined where it is not of that kind. */
export function getApply(command: string): string | undefined {
  if (/^bootstrap(?: plan| apply)?$/.test(command)) return 'bootstrap'
  if (command === 'net plan' || command === 'net apply') return 'net apply'
  if (command === 'bgp plan' || command === 'bgp apply') return 'bgp apply'
  if (command === 'mesh plan' || command === 'mesh apply') return 'mesh apply'
  if (command === 'keeper plan' || command === 'keeper apply') return 'keeper apply'
  if (command === 'gpu plan' || command === 'gpu apply') return 'gpu apply'
  if (command.startsWith('gpu move ')) return command
  return command === 'vm plan' || command === 'vm apply' ? 'vm apply' : undefined
}

/** `orion COMMAND` ready to be typed into a shell. */
export function toCommand(flags: FlowFlags, command: string, program = getProgram()): string {
  const { only = [], node = [], gateway = [], restart } = flags
  const restarts = restart && getApply(command) !== undefined
  const nodes = /^(net|keeper|gpu (plan|apply|undo|doctor)|bootstrap access)\b/.test(command) ? node : []
  const gateways = /^mesh (plan|apply)$/.test(command) ? gateway : []
  const more = [
    ...gateways.flatMap((name) => ['--gateway', quote(name)]),
    ...nodes.flatMap((name) => ['--node', quote(name)]),
    ...only.flatMap((pattern) => ['--only', quote(pattern)]),
    ...(restarts ? ['--restart'] : []),
    ...(command.startsWith('gpu ') && (flags.reboot ?? 'never') !== 'never' ? ['--reboot', `${flags.reboot}`] : []),
    ...(flags['accept-irr'] && command.startsWith('bgp ') ? ['--accept-irr'] : []),
  ]
  return [program, command, ...more, ...getSiteFlags(flags)].join(' ')
}

// Words of prose that may follow a command in a sentence.
const WORD = String.raw`(?!if\b|and\b|or\b|to\b|then\b|again\b)[\w.~-]*[\w-]`
const COMMANDS = new RegExp(
  String.raw`\borion ((?:vm \w+|gpu move|(?:net|keeper) undo|bgp (?:undo|drain|undrain|migrate)|mesh (?:undo|rotate|drill|status|client \w+)|bootstrap (?:join|log|import|answer|show))(?: --?[\w-]+| ${WORD})*` +
    String.raw`|(?:bootstrap(?: plan| apply| access| init)?|verify|net (?:plan|apply|show)|bgp (?:plan|apply|show|hygiene)|mesh (?:plan|apply)|gpu (?:plan|apply|undo|doctor)|keeper (?:plan|apply|status|log|predict|test))\b(?: --[\w-]+(?: ${WORD})?)*)`,
  'g',
)

/** Commands in hints (`orion vm start redis`) with the flags that chose this site: without them they would go elsewhere. */
export function completeHint(hint: string, flags: SiteFlags, program = getProgram()): string {
  const chosen = getSiteFlags(flags).map((word) => ` ${word}`)
  return hint.replace(COMMANDS, (_, command: string) => `${program} ${command}${chosen.join('')}`)
}

interface Hinting {
  readonly waits?: readonly Difference[]
  readonly problem?: Problem
  readonly error?: Problem
}

/** A step of a plan or a report whose error, or what waits, suggests commands: those as they can be typed. */
export function withSuggestions<Step extends Hinting>(step: Step, flags: SiteFlags): Step {
  const complete = (problem: Problem): Problem => ({
    ...problem,
    suggestions: problem.suggestions.map((text) => completeHint(text, flags)),
  })
  const { problem, error } = step
  const hinted = (one: Difference): Difference =>
    one.hint === undefined ? one : { ...one, hint: completeHint(one.hint, flags) }
  return {
    ...step,
    ...(step.waits ? { waits: step.waits.map(hinted) } : {}),
    ...(problem ? { problem: complete(problem) } : {}),
    ...(error ? { error: complete(error) } : {}),
  }
}

/** Linked or installed it is `orion`; from a checkout, the path of the script that runs. */
function getProgram(script = process.argv[1] ?? 'orion'): string {
  return basename(script) === 'run.js'
    ? quote(relative(process.cwd(), script).replace(/^run\.js$/, './run.js'))
    : 'orion'
}

function getSiteFlags({ site, lab, 'lab-dir': dir }: SiteFlags): string[] {
  const chosen = [...(site ? ['--site', site] : []), ...(dir ? ['--lab-dir', dir] : lab ? ['--lab'] : [])]
  return chosen.map(quote)
}

/** A word for a POSIX shell. */
export const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** One line after a page; nothing with --json. */
export async function showNext({ json, pages, flags }: Work, purpose: string, command: string): Promise<void> {
  if (json || pages || flags.markdown) return
  const { getLook, printOut } = await import('../console/output.ts')
  const { getPaint } = await import('../console/paint.ts')
  await printOut(getPaint(getLook()).cyan(`${purpose}: ${toCommand(flags, command)}`))
}
