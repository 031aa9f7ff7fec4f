// Devices that guests get: those of the starting point found on the node, and others that are there.
import type { FoundDevice } from '../../site/discovery.ts'
import { nodesOf } from './node-questions.ts'
import { type Choice, type Draft, list, type Question, text } from './question.ts'
import { without } from './references.ts'
import { get, keysOf, listAt, set, textAt, type Value } from './value.ts'

const SECTION = 'Devices'
const LEAVE = 'leave out'
const KEEP = 'as it is'

export function deviceQuestions(draft: Draft): Question[] {
  const wanted = keysOf(draft.start?.value, 'devices')
  const fresh = list(draft.answers['devices.more'] ?? [])
  return [
    ...wanted.map((name) => knownQuestion(draft, name)),
    ...moreQuestion(draft),
    ...fresh.flatMap((address) => guestOfQuestion(draft, address)),
  ]
}

function knownQuestion(draft: Draft, name: string): Question {
  const device = get(draft.start?.value, ['devices', name])
  const ids = listAt(device, 'ids')
  const there = functionsOf(draft)
  const same = there.find(({ id }) => id === ids[0])
  const isRead = Object.keys(draft.found).length > 0
  const choices: Choice[] = [
    { value: KEEP, about: same === undefined ? ids.join(', ') : about(same) },
    ...there
      .filter((one) => one !== same && one.uses.length === 0 && one.address.endsWith('.0'))
      .map((one) => ({ value: one.address, about: about(one) })),
    { value: LEAVE },
  ]
  return {
    id: `devices.${name}`,
    section: SECTION,
    kind: 'select',
    message: `Which device is ${name}?`,
    ...(isRead && same === undefined ? { help: `No device with the id ${ids[0]} is in the node.` } : {}),
    choices,
    offer: isRead && same === undefined ? LEAVE : KEEP,
    isAsked: true,
    places: [['devices', name]],
    apply: (value, answer) => {
      if (answer === LEAVE) return without(value, ['devices', name])
      const chosen = there.find(({ address }) => address === answer)
      if (chosen === undefined) return value
      const put = set(
        value,
        ['devices', name, 'ids'],
        siblings(there, chosen).map(({ id }) => id),
      )
      return set(put, ['devices', name, 'address'], chosen.address)
    },
  }
}

const functionsOf = ({ found }: Draft): readonly FoundDevice[] => Object.values(found).flatMap(({ devices }) => devices)

/** All functions of one card: they go together. */
const siblings = (all: readonly FoundDevice[], { address }: FoundDevice): readonly FoundDevice[] =>
  all.filter((one) => one.address.replace(/\.\d$/, '') === address.replace(/\.\d$/, ''))

/** `NVIDIA GA102 [GeForce RTX 3090]  group 14  nouveau`. */
function about({ name, iommuGroup, driver, uses }: FoundDevice): string {
  const group = iommuGroup === undefined ? 'no IOMMU group' : `group ${iommuGroup}`
  return [name, group, driver ?? '', uses[0] ?? ''].filter((part) => part !== '').join('  ')
}

/** Display controllers (03), accelerators (12) and coprocessors (0b): what is usually passed through. */
const CLASSES = /^(?:03|12|0b)/

function moreQuestion(draft: Draft): Question[] {
  const known = keysOf(draft.value, 'devices').flatMap((name) => listAt(draft.value, 'devices', name, 'ids'))
  const there = functionsOf(draft).filter(
    (one) => CLASSES.test(one.class) && one.address.endsWith('.0') && one.uses.length === 0 && !known.includes(one.id),
  )
  const answered = list(draft.answers['devices.more'] ?? [])
  const machines = machinesOf(draft.value)
  if ((there.length === 0 && answered.length === 0) || machines.length === 0) return []
  return [
    {
      id: 'devices.more',
      section: SECTION,
      kind: 'checkbox',
      message: 'Which of these devices shall guests get?',
      choices: there.map((one) => ({ value: one.address, about: about(one) })),
      offer: [],
      isAsked: true,
      apply: (value, answer) => list(answer).reduce((now, address) => begin(draft, now, address), value),
    },
  ]
}

const machinesOf = (value: Value): readonly string[] =>
  keysOf(value, 'guests').filter(
    (name) =>
      textAt(value, 'guests', name, 'kind') !== 'ct' && !String(get(value, ['guests', name, 'id'])).includes('-'),
  )

const nameOf = (address: string): string =>
  `pci-${address
    .replace(/^0000:/, '')
    .replace(/\.0$/, '')
    .replaceAll(':', '-')}`

function begin(draft: Draft, value: Value, address: string): Value {
  const key = Object.entries(draft.found).find(([, { devices }]) => devices.some((one) => one.address === address))?.[0]
  const node = nodesOf(draft).find((one) => one.key === key)?.name
  const chosen = functionsOf(draft).find((one) => one.address === address)
  if (chosen === undefined) return value
  const ids = [...new Set(siblings(functionsOf(draft), chosen).map(({ id }) => id))]
  return set(value, ['devices', nameOf(address)], { node, ids, address })
}

function guestOfQuestion(draft: Draft, address: string): Question[] {
  const path = ['devices', nameOf(address), 'guest']
  const guests = machinesOf(draft.value)
  return [
    {
      id: `devices.${nameOf(address)}.guest`,
      section: SECTION,
      kind: 'select',
      message: `Which guest gets ${address}?`,
      choices: guests.map((value) => ({ value })),
      offer: guests[0] ?? '',
      isAsked: true,
      places: [path, ['devices', nameOf(address)]],
      apply: (value, answer) => set(value, path, text(answer)),
    },
  ]
}
