// The guests: which of the starting point's, which that are there already, which new ones, and what is different about them.
import { beginGuest, foreign, freeId, idsOf, newGuestQuestions, placesQuestion, takenIds } from './new-guest.ts'
import { type Draft, list, type Question, refuseNames, text } from './question.ts'
import { without } from './references.ts'
import { sectionQuestion, stanceOn } from './section.ts'
import { get, keysOf, type Path, set, textAt, type Value } from './value.ts'

const SECTION = 'Guests'

export function guestQuestions(draft: Draft): Question[] {
  const names = keysOf(draft.value, 'guests')
  const section = sectionQuestion(draft, {
    id: 'guests',
    section: SECTION,
    message: 'The guests?',
    what: names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', '),
    path: ['guests'],
    // Where they are too much for a node, it is the guests that can be changed.
    places: [['nodes', '*', 'hardware', 'memory']],
    ...foreignHelp(draft),
  })
  const had = keysOf(draft.start?.value, 'guests')
  const isOpen = stanceOn(draft, 'guests') === 'change' || had.length === 0
  const fresh = new Set(list(draft.answers['guests.more'] ?? []))
  const changed = new Set(list(draft.answers['guests.change'] ?? []))
  return [
    ...adoptQuestion(draft),
    ...(had.length === 0 ? [] : section),
    ...(isOpen ? choosing(draft) : []),
    ...names.flatMap((name) => guestQuestion(draft, name, { isNew: fresh.has(name), isChanged: changed.has(name) })),
  ]
}

function foreignHelp(draft: Draft): { readonly help?: string } {
  const there = foreign(draft)
  if (there.length === 0 || draft.start?.name === 'empty') return {}
  const some = there.slice(0, 3).map(({ vmid, name }) => `${vmid} ${name}`)
  return {
    help: `There already, and left alone: ${some.join(', ')}${there.length > 3 ? ` and ${there.length - 3} more` : ''}.`,
  }
}

/** An empty beginning can take in what is there. */
function adoptQuestion(draft: Draft): Question[] {
  const there = foreign(draft).filter(({ isTemplate }) => !isTemplate)
  if (draft.start?.name !== 'empty' || there.length === 0) return []
  const names = there.map(({ vmid }) => String(vmid))
  return [
    {
      id: 'guests.adopt',
      section: SECTION,
      kind: 'checkbox',
      message: 'Which guests that are there shall the site file hold?',
      help: 'They stay as they are; what the site file says of them is kept so from now on.',
      choices: there.map(({ vmid, name, kind, isRunning }) => ({
        value: String(vmid),
        about: `${name}  ${kind}${isRunning ? '  running' : ''}`,
      })),
      offer: names,
      isAsked: true,
      places: [['guests']],
      apply: (value, answer) => adopt(draft, value, list(answer).map(Number)),
    },
  ]
}

function adopt({ found, here }: Draft, value: Value, vmids: readonly number[]): Value {
  const all = Object.values(found)
  const address = textAt(value, 'nodes', all[0]?.node ?? '', 'address') ?? all[0]?.address ?? ''
  const live = here.importSite(all, { address, guests: ({ vmid }) => vmids.includes(vmid) }).value
  return ['networks', 'storage', 'images', 'guests', 'devices'].reduce<Value>((now, part) => {
    const entries = keysOf(live, part).filter((name) => get(now, [part, name]) === undefined)
    return entries.reduce((all, name) => set(all, [part, name], get(live, [part, name])), now)
  }, value)
}

function choosing(draft: Draft): Question[] {
  const before = keysOf(draft.start?.value, 'guests')
  const names = keysOf(draft.value, 'guests')
  const base = { section: SECTION, kind: 'checkbox', isAsked: true } as const
  const keep: Question = {
    ...base,
    id: 'guests.keep',
    message: 'Which of these guests do you want?',
    choices: before.map((value) => ({ value, about: aboutGuest(draft.start?.value, value) })),
    offer: before,
    apply: (value, answer) =>
      before
        .filter((name) => !list(answer).includes(name))
        .reduce((now, name) => without(now, ['guests', name]), value),
  }
  const more: Question = {
    ...base,
    id: 'guests.more',
    kind: 'list',
    message: before.length > 0 ? 'Further guests?' : 'Which guests shall orion make?',
    help: 'Host names, with commas between them, such as web, db. - is none.',
    offer: [],
    refuse: (answer) => refuseNames(answer, names),
    apply: (value, answer) => list(answer).reduce((now, name) => beginGuest(draft, now, name), value),
  }
  const change: Question = {
    ...base,
    id: 'guests.change',
    message: 'Which of them do you want to change?',
    choices: names.map((value) => ({ value, about: aboutGuest(draft.value, value) })),
    offer: [],
    apply: (value) => value,
  }
  return before.length > 0 ? [keep, more, change] : [more]
}

const aboutGuest = (value: Value, name: string): string => {
  const at = (key: string) => textAt(value, 'guests', name, key)
  return [at('id') ?? '', at('kind') ?? 'vm', at('memory') ?? '', at('disk') ?? '']
    .filter((part) => part !== '')
    .join('  ')
}

interface Wish {
  readonly isNew: boolean
  readonly isChanged: boolean
}

function guestQuestion(draft: Draft, name: string, { isNew, isChanged }: Wish): Question[] {
  const { value } = draft
  if (get(value, ['guests', name, 'adopted']) === true) return []
  const isAsked = isNew || isChanged
  const at = (key: string): Path => ['guests', name, key]
  const base = { section: SECTION, isAsked }
  const field = (
    key: string,
    message: string,
    put: (text: string) => Value = (given) => given || undefined,
  ): Question => ({
    ...base,
    id: `guests.${name}.${key}`,
    kind: 'input',
    message: `${name}: ${message}`,
    offer: textAt(value, ...at(key)) ?? '',
    places: [at(key)],
    apply: (now, answer) => set(now, at(key), put(text(answer).trim())),
  })
  const clashes = idsOf(value, name).filter((id) => takenIds(draft).includes(id))
  const id: Question = {
    ...field('id', 'which VMID?', (given) => (/^\d+$/.test(given) ? Number(given) : given)),
    help:
      clashes.length > 0
        ? `${clashes.join(', ')} is another guest's on the node already.`
        : 'A range such as 601-603 makes one guest each.',
    isAsked: isAsked || clashes.length > 0,
    ...(clashes.length > 0 ? { offer: String(freeId(draft, value)) } : {}),
    refuse: (answer) => refuseTaken(draft, text(answer)),
  }
  const cores: Question = {
    ...field('cores', 'how many cores?', (given) => (/^\d+$/.test(given) ? Number(given) : given || undefined)),
  }
  return [
    ...(isNew ? newGuestQuestions(draft, name) : []),
    id,
    cores,
    field('memory', 'how much memory?'),
    ...(get(value, at('disk')) === undefined ? [] : [field('disk', 'how large is its disk?')]),
    ...(isNew ? [placesQuestion(draft, name)] : []),
    ...keysOf(value, 'guests', name, 'nics').flatMap((network) => nicQuestion(draft, name, network, isAsked)),
  ]
}

function refuseTaken(draft: Draft, given: string): string | undefined {
  const [first = 0, last = first] = given.split('-').map(Number)
  const guest = foreign(draft).find(({ vmid }) => vmid >= first && vmid <= last)
  return guest && `${guest.vmid} is ${guest.name} on ${guest.node} already`
}

function nicQuestion(draft: Draft, name: string, network: string, isAsked: boolean): Question[] {
  const path = ['guests', name, 'nics', network]
  const now = get(draft.value, path)
  // A map of keys is not for one line.
  if (typeof now !== 'string') return []
  return [
    {
      id: `guests.${name}.nics.${network}`,
      section: SECTION,
      kind: 'input',
      message: `${name}: its address in ${network}?`,
      help: `In ${textAt(draft.value, 'networks', network, 'ipv4') ?? 'the network'}; dhcp, none, or a range for a range of guests.`,
      offer: now,
      isAsked,
      places: [path],
      apply: (value, answer) => set(value, path, text(answer).trim()),
    },
  ]
}
