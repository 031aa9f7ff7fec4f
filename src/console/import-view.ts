// What an import found, what it has to say about it, and what a plan says of the result.
import { getPaint, type Look } from './paint.ts'
import { clean, cut, indent } from './text.ts'

interface ImportView {
  readonly nodes: readonly { readonly node: string; readonly version: string }[]
  readonly networks: number
  readonly storages: number
  readonly guests: number
  readonly devices: number
  /** `guests.web: …` */
  readonly warnings: readonly string[]
  /** Steps of the plan that are as wanted, and what the others are. */
  readonly kept: number
  readonly others: readonly string[]
}

/** More places stand as comments in the file. */
const MOST = 20

export function renderImport(view: ImportView, look: Look): string {
  const paint = getPaint(look)
  const { nodes, networks, storages, guests, devices, warnings, kept, others } = view
  const head = nodes.map(({ node, version }) => `${clean(node)} (Proxmox VE ${clean(version)})`).join(', ')
  const counts = [
    count(networks, 'network'),
    count(storages, 'storage'),
    count(guests, 'guest'),
    ...(devices === 0 ? [] : [count(devices, 'device')]),
  ]
  const proof =
    others.length === 0
      ? paint.green(`A plan of the file is all =: ${count(kept, 'thing')}, none to change`)
      : [paint.red('A plan of the file would still change'), ...others.map((text) => `  ${clean(text)}`)].join('\n')
  return [paint.bold(head), `  ${counts.join(', ')}`, ...renderNotes(warnings, look), '', proof].join('\n')
}

/** Place by place, each once. */
function renderNotes(warnings: readonly string[], look: Look): readonly string[] {
  if (warnings.length === 0) return []
  const paint = getPaint(look)
  const places = new Map<string, string[]>()
  for (const text of warnings) {
    const [, place = '', said = text] = /^([\w.-]+): (.*)$/s.exec(text) ?? []
    places.set(place, [...(places.get(place) ?? []), said])
  }
  // What is the same of many guests is said once.
  const groups = new Map<string, string[]>()
  for (const [place, texts] of places) {
    const said = texts.join('\n')
    groups.set(said, [...(groups.get(said) ?? []), place])
  }
  const shown = [...groups].slice(0, MOST).flatMap(([said, at]) => {
    const heads = at.filter((place) => place !== '').join(', ')
    const head =
      heads === '' ? [] : indent(cut(clean(heads), look.width * 2), '  ', look.width).map((line) => paint.cyan(line))
    const margin = heads === '' ? '  ' : '    '
    return [...head, ...said.split('\n').flatMap((text) => indent(clean(text), margin, look.width))]
  })
  const left = groups.size - MOST
  const more = left > 0 ? [paint.dim(`  … and ${left} more places, as comments in the file`)] : []
  return ['', paint.yellow('Stays as it is, or is worth a look'), ...shown, ...more]
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`
