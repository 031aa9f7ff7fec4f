// What a new /etc/network/interfaces interrupts while it is put in force.
import { countGuests, guestsOn } from './interfaces-guests.ts'
import { stackOf } from './interfaces-layout.ts'
import { pathOf, type Situation } from './interfaces-path.ts'

/** Bridges that are there and change or go, with their guests, and the operator's own path; undefined = nothing. Pure. */
export function disruptionOf(situation: Situation): string | undefined {
  const { node, live, old, next } = situation
  const isChanged = (name: string) =>
    [...stackOf(old, name), ...stackOf(next, name)].some((one) => old.get(one)?.text !== next.get(one)?.text)
  const isThere = ({ name, isBridge }: { name: string; isBridge: boolean }) => isBridge && live.links.has(name)
  const changed = [...next.values()].filter((one) => isThere(one) && isChanged(one.name))
  const gone = [...old.values()].filter((one) => isThere(one) && !next.has(one.name))
  const say = (name: string, more: string) => {
    const guests = guestsOn(live, name)
    return `bridge ${name}${more}${guests === 0 ? '' : ` (${countGuests(guests)})`}`
  }
  const all = [
    ...changed.map(({ name }) => say(name, '')),
    ...gone.map(({ name }) => say(name, ' for good')),
    ...(pathOf(situation).touched ? [`your own path to ${node.name}`] : []),
  ]
  return all.length === 0 ? undefined : all.join(', ')
}
