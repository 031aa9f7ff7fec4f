// The picture as one page that needs nothing else: it may load nothing (its policy says so), finds things, and tells all of each.
import { createHash } from 'node:crypto'
import { template } from '../../render.ts'
import { escapeMarkup } from './markup.ts'
import type { Picture, Thing } from './model.ts'
import { svgLines } from './svg.ts'

/** Its own style and script are allowed by their SHA-256 (Content Security Policy Level 3, 6.7.3); no other is. */
export function renderHtml(picture: Picture): string {
  const style = [...linesOf('picture/svg-style'), ...linesOf('picture/page-style')]
  const script = linesOf('picture/page-script')
  const numbers = new Map(picture.things.map(({ id }, at) => [id, at]))
  return template('picture/page')({
    site: escapeMarkup(picture.site),
    summary: escapeMarkup(picture.summary),
    style,
    styleHash: hashOf(style),
    script,
    scriptHash: hashOf(script),
    picture: svgLines(picture, { head: [], isTitled: false }),
    things: picture.things.map((thing, number) => viewOf(thing, number, { numbers, things: picture.things })),
  })
}

const linesOf = (name: string): readonly string[] => template(name)({}).trimEnd().split('\n')

/** Of everything between the tags: a line feed after the tag, and one after each line. */
function hashOf(lines: readonly string[]): string {
  return createHash('sha256')
    .update(`\n${lines.join('\n')}\n`)
    .digest('base64')
}

interface Known {
  readonly numbers: ReadonlyMap<string, number>
  readonly things: readonly Thing[]
}

function viewOf({ kind, name, facts, related }: Thing, number: number, { numbers, things }: Known) {
  const others = related.flatMap((id) => {
    const at = numbers.get(id)
    const other = at === undefined ? undefined : things[at]
    return at === undefined || other === undefined ? [] : [{ number: at, name: escapeMarkup(other.name) }]
  })
  return {
    number,
    kind: escapeMarkup(kind),
    name: escapeMarkup(name),
    facts: facts.map(([label, value]) => ({ label: escapeMarkup(label), value: escapeMarkup(value) })),
    related: others,
  }
}
