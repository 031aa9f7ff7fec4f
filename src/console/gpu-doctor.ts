// The page of `orion gpu doctor`: the checklist of each node with what to do, and its IOMMU groups as a tree.
import { type GroupLine, renderGroups } from './gpu-groups.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, indent } from './text.ts'

export interface CheckLine {
  readonly step: number
  readonly name: string
  readonly device?: string
  readonly state: 'pass' | 'fail' | 'task' | 'unknown'
  readonly seen: string
  readonly todo?: string
}

export interface DoctorLines {
  readonly node: string
  readonly machine: readonly string[]
  readonly devices: readonly { readonly name: string; readonly slot?: string; readonly guests: readonly string[] }[]
  readonly checks: readonly CheckLine[]
  readonly groups: readonly GroupLine[]
  /** Why it could not be looked at. */
  readonly problem?: { readonly message: string; readonly suggestions: readonly string[] }
}

export interface DoctorLook extends Look {
  /** Groups in which nothing is that a guest could get, too. */
  readonly all: boolean
}

const MARKS = { pass: '✔', fail: '✖', task: '!', unknown: '?' } as const
const COLOURS = { pass: 'green', fail: 'red', task: 'yellow', unknown: 'dim' } as const

/** Pure. Ends without a line feed. */
export function renderDoctor(nodes: readonly DoctorLines[], look: DoctorLook): string {
  return nodes.map((node) => renderNode(node, look).join('\n')).join('\n\n')
}

function renderNode(lines: DoctorLines, look: DoctorLook): string[] {
  const { node, machine, problem, checks, devices, groups } = lines
  const paint = getPaint(look)
  const head = indent([node, machine.join(', ')].filter((text) => text !== '').join('  '), '', look.width)
  const title = head.map((line, at) => (at === 0 ? line.replace(clean(node), paint.bold(clean(node))) : line))
  if (problem !== undefined) return [...title, ...renderProblem(problem, look)]
  const repeated = repeatedHints(checks)
  const width = Math.min(MOST_NAME, Math.max(0, ...checks.map(({ name }) => name.length)))
  const render = (device?: string) =>
    checks
      .filter((check) => check.device === device)
      .toSorted((a, b) => a.step - b.step)
      .flatMap((check) => renderCheck(check, { ...look, names: width, repeated }))
  return [
    ...title,
    ...render(),
    ...devices.flatMap((device) => [
      '',
      ...indent(headOf(device), '', look.width).map((line) => paint.bold(line)),
      ...render(device.name),
    ]),
    ...(groups.length === 0 ? [] : ['', ...renderGroups(groups, look)]),
    '',
    ...summary(checks, look),
    ...[...repeated].flatMap((hint) => indent(hint, '  Try: ', look.width)).map((line) => paint.cyan(line)),
  ]
}

function renderProblem({ message, suggestions }: NonNullable<DoctorLines['problem']>, look: Look): string[] {
  const paint = getPaint(look)
  return [
    ...indent(message, '  ', look.width).map((line) => paint.red(line)),
    ...suggestions.flatMap((text) => indent(text, '  Try: ', look.width)).map((line) => paint.cyan(line)),
  ]
}

/** `rtx-3090  0000:01:00  brain, or district`. */
function headOf({ name, slot, guests }: DoctorLines['devices'][number]): string {
  return [name, slot ?? '', guests.join(', or ')].filter((text) => text !== '').join('  ')
}

/** Widest name of a check; more is not aligned. */
const MOST_NAME = 18

/** A command that is to be run for several of them is said once, below all. */
function repeatedHints(checks: readonly CheckLine[]): ReadonlySet<string> {
  const hints = checks.flatMap(({ todo }) => (todo !== undefined && /^\S*(?:orion|run\.js) /.test(todo) ? todo : []))
  return new Set(hints.filter((hint, at) => hints.indexOf(hint) !== at))
}

interface ChecksLook extends Look {
  /** Columns of the names. */
  readonly names: number
  readonly repeated: ReadonlySet<string>
}

function renderCheck({ step, name, state, seen, todo }: CheckLine, look: ChecksLook): string[] {
  const paint = getPaint(look)
  const prefix = `${MARKS[state]} ${String(step).padStart(2)}  ${clean(name).padEnd(look.names)}  `
  const lines = indent(seen, prefix, look.width)
  const isHere = todo !== undefined && !look.repeated.has(todo)
  const hints = isHere ? indent(todo, `${' '.repeat(prefix.length)}Try: `, look.width) : []
  return [
    ...lines.map((line, at) => (at === 0 ? paint[COLOURS[state]](line.slice(0, 1)) + line.slice(1) : line)),
    ...hints.map((line) => paint.cyan(line)),
  ]
}

/** `14 pass, 2 fail, 1 is yours to do`. */
function summary(checks: readonly CheckLine[], look: Look): string[] {
  const paint = getPaint(look)
  const many = (state: CheckLine['state']) => checks.filter((check) => check.state === state).length
  const [failed, tasks, silent] = [many('fail'), many('task'), many('unknown')]
  const parts: readonly (readonly [CheckLine['state'], string])[] = [
    ['pass', `${many('pass')} pass`],
    ...(failed > 0 ? [['fail', `${failed} fail`] as const] : []),
    ...(tasks > 0 ? [['task', `${tasks} ${tasks === 1 ? 'is' : 'are'} yours to do`] as const] : []),
    ...(silent > 0 ? [['unknown', `${silent} not to be told`] as const] : []),
  ]
  const lines = indent(parts.map(([, text]) => text).join(', '), '', look.width)
  return lines.map((line) =>
    parts.reduce((shown, [state, text]) => shown.replace(text, paint[COLOURS[state]](text)), line),
  )
}
