// What a plan interrupts while it is carried out: beside each step, and summed up where the operator decides.
import type { PlanStep } from '../engine/plan.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, indent } from './text.ts'

/** What it takes of a step. */
type Disrupting = Pick<PlanStep, 'id' | 'verb' | 'differences'>

/** How a disruption of the path by which we came begins. */
const OWN = 'your own path'

/** Not one within brackets: `bridge vmbr1 (3 guests, 1 of them running)`. */
const COMMA = /, (?![^(]*\))/

/** `interrupts bridge vmbr1 (3 guests)` under a step; nothing where it interrupts nothing. Pure. */
export function renderDisruption(step: PlanStep, look: Look): string[] {
  const paint = getPaint(look)
  return getDisruptions(step).flatMap((text) => {
    const lines = indent(`interrupts ${text}`, ' '.repeat(6), look.width)
    return lines.map((line) => (isOwn(text) ? paint.bold(paint.yellow(line)) : paint.yellow(line)))
  })
}

/** The same of all steps in a sentence or two: what is worth knowing before saying yes. Pure. */
export function renderDisruptions(steps: readonly Disrupting[], confirmSeconds: number, look: Look): string[] {
  const all = steps.flatMap((step) => getDisruptions(step).map((text) => ({ text, place: getHost(step) })))
  const own = [...new Set(all.filter(({ text }) => isOwn(text)).map(({ text }) => text))]
  const others = all.filter(({ text }) => !isOwn(text)).map(({ text, place }) => `${text} on ${place}`)
  const [gone, back] = [others.filter(isGone), others.filter((text) => !isGone(text))]
  const sentences = [
    ...(back.length > 0 ? [`This interrupts ${list(back)} for a moment.`] : []),
    ...(gone.length > 0 ? [`This interrupts ${list(gone)}.`] : []),
    ...(own.length > 0
      ? [`This interrupts ${list(own)}; it comes back by itself at the latest after ${confirmSeconds} s.`]
      : []),
  ]
  return sentences.flatMap((text) => indent(text, '', look.width)).map((line) => getPaint(look).yellow(line))
}

/** Several differences of one step say the same; one may name several things, with commas between them. */
export function getDisruptions({ verb, differences }: Disrupting): string[] {
  if (verb === 'keep' || verb === 'problem') return []
  const texts = differences.flatMap(({ disrupts }) => (disrupts === undefined ? [] : clean(disrupts).split(COMMA)))
  return [...new Set(texts)]
}

/** `bridge vmbr1 for good (1 guest)`: it does not come back; or it takes its own time. */
const isGone = (text: string): boolean => / for good\b| during the restart\b/.test(text)

const isOwn = (text: string): boolean => text.startsWith(OWN)

/** `file-set:r730/interfaces` is on r730. */
const getHost = ({ id }: Disrupting): string => clean(id.slice(id.indexOf(':') + 1).split('/')[0] ?? '')

/** The first few, then a number. */
function list(texts: readonly string[]): string {
  const named = texts.slice(0, 5)
  const more = texts.length > named.length ? [`${texts.length - named.length} more`] : []
  const all = [...named, ...more]
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}
