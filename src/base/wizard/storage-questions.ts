// The storages: which of those that are there, or that the starting point has, and where guests' disks live.
import type { Discovery, FoundStorage } from '../../site/discovery.ts'
import { type Draft, list, type Question } from './question.ts'
import { without } from './references.ts'
import { get, keysOf, listAt, type Path, set, textAt, type Value } from './value.ts'

const SECTION = 'Storage'

export function storageQuestions(draft: Draft): Question[] {
  const offered = offeredStorages(draft)
  if (Object.keys(offered).length === 0) return []
  return [whichQuestion(draft, offered), ...disksQuestion(draft)]
}

/** By name: those of the starting point, then all others that are there. What is there is told as it is. */
function offeredStorages(draft: Draft): Readonly<Record<string, Value>> {
  const live = liveStorages(draft)
  const before = keysOf(draft.start?.value, 'storage')
  const first = before.map((name) => [name, merge(get(draft.start?.value, ['storage', name]), live[name])] as const)
  const others = Object.entries(live).filter(([name]) => !before.includes(name))
  return Object.fromEntries([...first, ...others])
}

/** Of each node that was read: clusters of a federation have their own, of the same names mostly. */
function liveStorages({ found, here }: Draft): Readonly<Record<string, Value>> {
  const read = Object.values(found).reverse()
  const all = read.flatMap((one) => {
    const { value } = here.importSite([one], { address: one.address, guests: () => false })
    return keysOf(value, 'storage').map((name) => [name, get(value, ['storage', name])] as const)
  })
  return Object.fromEntries(all)
}

/** What is there, able to hold what the starting point puts on it. */
function merge(wanted: Value, live: Value | undefined): Value {
  if (live === undefined) return wanted
  if (textAt(live, 'type') !== textAt(wanted, 'type')) return live
  return set(live, ['content'], [...new Set([...listAt(live, 'content'), ...listAt(wanted, 'content')])])
}

function whichQuestion(draft: Draft, offered: Readonly<Record<string, Value>>): Question {
  const names = Object.keys(offered)
  const before = keysOf(draft.start?.value, 'storage').filter((name) => canBe(draft, offered[name], name))
  const holdsDisks = (name: string) => listAt(offered[name], 'content').includes('images')
  // Somewhere disks must be: the roomiest that is there, where the starting point's own cannot be made.
  const roomy = names.filter(holdsDisks).sort((a, b) => freeBytes(draft, b) - freeBytes(draft, a))[0]
  const isBare = keysOf(draft.start?.value, 'storage').length === 0
  const bare = draft.start?.name === 'empty' ? names : []
  const known = before.some(holdsDisks) || roomy === undefined ? before : [...before, roomy]
  const offer = isBare ? bare : known
  return {
    id: 'storage',
    section: SECTION,
    kind: 'checkbox',
    message: 'Which storages does the site use?',
    choices: names.map((value) => ({ value, about: about(draft, value, offered[value]) })),
    offer,
    isAsked: true,
    places: [['storage']],
    apply: (value, answer) => {
      const left = keysOf(value, 'storage').filter((name) => !list(answer).includes(name))
      const kept = left.reduce((now, name) => without(now, ['storage', name]), value)
      const chosen = names.filter((name) => list(answer).includes(name))
      const put = chosen.reduce((now, name) => set(now, ['storage', name], offered[name]), kept)
      // Guests whose storage went need another one at once; which, is the next question.
      const [first] = byRoom(draft, put)
      return textAt(put, ...DISKS) !== undefined || first === undefined ? put : set(put, DISKS, first)
    },
  }
}

const seen = ({ found }: Draft): readonly Discovery[] => Object.values(found)
const liveOf = (draft: Draft, name: string): FoundStorage | undefined =>
  seen(draft)
    .flatMap(({ storages }) => storages)
    .find((storage) => storage.name === name)
const freeBytes = (draft: Draft, name: string): number => liveOf(draft, name)?.freeBytes ?? -1

/** orion makes a storage, and never the pool that it stands on. */
function canBe(draft: Draft, storage: Value, name: string): boolean {
  if (seen(draft).length === 0 || liveOf(draft, name) !== undefined || textAt(storage, 'type') !== 'zfspool')
    return true
  const pool = textAt(storage, 'pool')?.split('/')[0]
  return seen(draft).some(({ zpools }) => zpools.length === 0 || zpools.some((one) => one.name === pool))
}

function about(draft: Draft, name: string, storage: Value): string {
  const type = textAt(storage, 'type') ?? ''
  const live = liveOf(draft, name)
  const place = ['pool', 'path', 'vgname', 'server'].map((key) => textAt(storage, key)).find((one) => one !== undefined)
  const state =
    live !== undefined
      ? room(live)
      : seen(draft).length === 0
        ? ''
        : canBe(draft, storage, name)
          ? 'orion makes it'
          : `no pool ${place} here`
  return [type.padEnd(8), place ?? '', state].filter((part) => part !== '').join('  ')
}

const GIB = 2 ** 30
const room = ({ freeBytes: free, isActive }: FoundStorage): string =>
  !isActive ? 'there, not active' : free === undefined ? 'there' : `${toSize(free / GIB)} free`
const toSize = (gib: number): string => (gib >= 10_240 ? `${Math.floor(gib / 1024)}T` : `${Math.floor(gib)}G`)

const DISKS: Path = ['defaults', 'guest', 'storage']

/** What disks may be put on, the roomiest first. */
function byRoom(draft: Draft, value: Value): readonly string[] {
  const fit = keysOf(value, 'storage').filter((name) => listAt(value, 'storage', name, 'content').includes('images'))
  return fit.sort((a, b) => freeBytes(draft, b) - freeBytes(draft, a))
}

/** Asked where there is a choice. */
function disksQuestion(draft: Draft): Question[] {
  const { value } = draft
  const fit = byRoom(draft, value)
  const [roomy] = fit
  if (roomy === undefined) return []
  const wanted = textAt(value, ...DISKS)
  const offer = wanted !== undefined && fit.includes(wanted) ? wanted : roomy
  return [
    {
      id: 'storage.disks',
      section: SECTION,
      kind: 'select',
      message: "Where do guests' disks live?",
      choices: fit.map((name) => ({ value: name, about: about(draft, name, get(value, ['storage', name])) })),
      offer,
      isAsked: fit.length > 1 || wanted !== offer,
      places: [DISKS],
      apply: (now, answer) => set(now, DISKS, answer),
    },
  ]
}
