// A guest that is not in the starting point: what it begins as, and the questions that only a new one has.

import type { FoundGuest } from '../../site/discovery.ts'
import { formatIp, parseCidr } from '../../site/ip.ts'
import { nodesOf } from './node-questions.ts'
import { type Choice, type Draft, list, type Question, text } from './question.ts'
import { get, keysOf, listAt, set, textAt, type Value } from './value.ts'

const SECTION = 'Guests'

/** A new guest: a small virtual machine with the first image there is. */
export function beginGuest(draft: Draft, value: Value, name: string): Value {
  const [node] = nodesOf(draft)
  const guest = {
    id: freeId(draft, value),
    ...(keysOf(value, 'nodes').length > 1 ? { node: node?.name } : {}),
    cores: 2,
    memory: '2G',
    disk: '20G',
  }
  return set(value, ['guests', name], guest)
}

/** The first VMID from 100 on that is neither in the file nor on a node. */
export function freeId(draft: Draft, value: Value): number {
  const taken = new Set([...keysOf(value, 'guests').flatMap((name) => idsOf(value, name)), ...takenIds(draft)])
  return Array.from({ length: taken.size + 1 }, (_, at) => 100 + at).find((id) => !taken.has(id)) ?? 100
}

export const takenIds = (draft: Draft): readonly number[] => foreign(draft).map(({ vmid }) => vmid)

export function idsOf(value: Value, name: string): readonly number[] {
  const [first = 0, last = first] = (textAt(value, 'guests', name, 'id') ?? '').split('-').map(Number)
  return Array.from({ length: Math.min(1000, Math.max(0, last - first + 1)) }, (_, at) => first + at)
}

/** Guests that are there and not this site's: those have its tag (resources/guest-identity.ts). */
export const foreign = ({ found, value }: Draft): readonly FoundGuest[] => {
  const mark = `orion-${textAt(value, 'site')?.toLowerCase()}`
  // Every node of a cluster tells all guests of it.
  const all = Object.values(found).flatMap(({ guests }) => guests.filter(({ tags }) => !tags.includes(mark)))
  return [...new Map(all.map((guest) => [`${guest.node}/${guest.vmid}`, guest])).values()]
}

/** Pure. What a new guest is asked beside what every changed one is. */
export const newGuestQuestions = (draft: Draft, name: string): readonly Question[] => [
  kindQuestion(name),
  imageQuestion(draft, name),
]

function kindQuestion(name: string): Question {
  return {
    id: `guests.${name}.kind`,
    section: SECTION,
    kind: 'select',
    message: `${name}: virtual machine or container?`,
    choices: [
      { value: 'vm', name: 'virtual machine' },
      { value: 'ct', name: 'container' },
    ],
    offer: 'vm',
    isAsked: true,
    apply: (value, answer) => set(value, ['guests', name, 'kind'], answer === 'ct' ? 'ct' : undefined),
  }
}

/** Of the site file, and of every starting point: what it is called there is enough. */
function imageQuestion(draft: Draft, name: string): Question {
  const isContainer = textAt(draft.value, 'guests', name, 'kind') === 'ct'
  const sources = [draft.value, ...draft.here.starts.map(({ value }) => value)]
  const known = new Map<string, Value>()
  for (const source of sources)
    for (const image of keysOf(source, 'images'))
      if (!known.has(image)) known.set(image, get(source, ['images', image]))
  const fit = [...known].filter(([, image]) => (get(image, ['template']) !== undefined) === isContainer)
  const fallback = textAt(draft.value, 'defaults', 'guest', 'image')
  return {
    id: `guests.${name}.image`,
    section: SECTION,
    kind: 'select',
    message: `${name}: which image does its disk begin as?`,
    choices: fit.map(
      ([value, image]): Choice => ({
        value,
        about: textAt(image, 'url') ?? textAt(image, 'template') ?? textAt(image, 'iso') ?? '',
      }),
    ),
    offer: fit.find(([image]) => image === fallback)?.[0] ?? fit[0]?.[0] ?? '',
    isAsked: true,
    places: [['guests', name, 'image']],
    apply: (value, answer) => {
      const image = text(answer)
      const put = set(value, ['guests', name, 'image'], image)
      return get(put, ['images', image]) === undefined ? set(put, ['images', image], known.get(image)) : put
    },
  }
}

export function placesQuestion(draft: Draft, name: string): Question {
  const networks = keysOf(draft.value, 'networks').filter(
    (one) => get(draft.value, ['networks', one, 'bridge']) !== undefined,
  )
  return {
    id: `guests.${name}.networks`,
    section: SECTION,
    kind: 'checkbox',
    message: `${name}: in which networks is it?`,
    choices: networks.map((value) => ({ value, about: textAt(draft.value, 'networks', value, 'ipv4') ?? '' })),
    offer: networks.slice(0, 1),
    isAsked: true,
    apply: (value, answer) =>
      list(answer).reduce(
        (now, network) => set(now, ['guests', name, 'nics', network], freeAddress(now, network)),
        value,
      ),
  }
}

const FROM = 10n

/** The first address from the tenth on that stands nowhere in the file; dhcp where the network has no IPv4. */
function freeAddress(value: Value, network: string): string {
  const cidr = parseCidr(textAt(value, 'networks', network, 'ipv4') ?? '')
  if (cidr === undefined) return 'dhcp'
  const written = JSON.stringify(value)
  for (let at = cidr.first + FROM; at < cidr.last; at++) {
    const address = formatIp(4, at)
    if (!written.includes(`"${address}"`) && !isGivenOut(value, network, at)) return address
  }
  return 'dhcp'
}

function isGivenOut(value: Value, network: string, address: bigint): boolean {
  const ranges = [
    ...listAt(value, 'networks', network, 'dhcp'),
    ...keysOf(value, 'guests').flatMap((name) => listAt(value, 'guests', name, 'nics', network)),
  ]
  return ranges.some((range) => {
    const [first, last] = range.split('-').map((one) => parseCidr(`${one}/32`)?.address)
    return first !== undefined && last !== undefined && first <= address && address <= last
  })
}
