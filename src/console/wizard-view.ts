// What the wizard shows between its questions: headings, answers, and the site file before it is written.
import { renderDiff } from './diff-view.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, count, cut, getWidth, indent } from './text.ts'

/** `Networks ───────────── 12 of 31`. Pure. */
export function renderHeading(section: string, { done, all }: { done: number; all: number }, look: Look): string {
  const paint = getPaint(look)
  // Before the first answer nobody knows how many there will be.
  const number = done === 0 ? '' : ` ${done + 1} of ${all}`
  const line = '─'.repeat(Math.max(2, look.width - getWidth(section) - number.length - 1))
  return `\n${paint.cyan(paint.bold(clean(section)))} ${paint.dim(`${line}${number}`)}`
}

/** `✔ Which port carries lan (vmbr1)?  eno2`, on one line. Pure. */
export function renderAnswer(message: string, answer: string | readonly string[], look: Look): string {
  const paint = getPaint(look)
  const asked = clean(message)
  const all = typeof answer === 'string' ? answer : answer.join(', ')
  const room = look.width - getWidth(asked) - 4
  const shown = all === '' ? 'none' : clean(all)
  const wide = room < 16 && getWidth(shown) > room
  const told = paint.cyan(cut(shown, wide ? look.width - 4 : room))
  return `${paint.green('✔')} ${asked}${wide ? '\n   ' : ' '} ${told}`
}

/** One step back was taken. Pure. */
export const renderBack = (look: Look): string => getPaint(look).dim('↩ back')

/** What was read of a node; as much of it as is shown. */
interface Found {
  readonly node: string
  readonly version: string
  readonly topology: { readonly cores: number; readonly threads: number }
  readonly memoryBytes: number
  readonly ports: readonly { readonly isUp: boolean }[]
  readonly storages: readonly unknown[]
  readonly guests: readonly unknown[]
  readonly devices: readonly unknown[]
  readonly others: readonly { readonly name: string }[]
  readonly gaps: readonly string[]
}

/** The node in two lines, and what could not be read of it. Pure. */
export function renderFound(found: Found, look: Look): string {
  const { node, version, topology, memoryBytes, ports, storages, guests, devices, others, gaps } = found
  const up = ports.filter(({ isUp }) => isUp).length
  const cores = `${count(topology.cores, 'core')} (${count(topology.threads, 'thread')})`
  const lines = [
    `${node}: Proxmox VE ${version}, ${cores}, ${Math.round(memoryBytes / 2 ** 30)} GiB`,
    [
      `${count(ports.length, 'port')}, ${up} with a link`,
      count(storages.length, 'storage'),
      count(guests.length, 'guest'),
      count(devices.length, 'PCI device'),
    ].join('; '),
    ...(others.length > 0 ? [`in a cluster with ${others.map(({ name }) => name).join(', ')}`] : []),
  ]
  const paint = getPaint(look)
  return [
    ...lines.flatMap((line) => indent(line, '  ', look.width)).map((line) => paint.dim(line)),
    ...gaps.flatMap((gap) => indent(gap, '  ! ', look.width)).map((line) => paint.yellow(line)),
  ].join('\n')
}

/** A site file's text, as it will be written. Pure. */
export function renderFile(text: string, look: Look): string {
  const paint = getPaint(look)
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const isComment = line.trimStart().startsWith('#')
      return indent(line, '  ', look.width).map((part) => (isComment ? paint.dim(part) : part))
    })
    .join('\n')
}

/** What a file would become: lines that go and come. Pure. */
export function renderChange(file: string, lines: readonly string[], look: Look): string {
  const head = `${clean(file)} is there already, and would change:`
  return [...indent(head, '', look.width), ...renderDiff(lines, '  ', look), ''].join('\n')
}
