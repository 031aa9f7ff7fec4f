// The networks: which there are, their bridges and addresses, and the port of each node that carries them.
import type { Discovery, FoundPort } from '../../site/discovery.ts'
import { nodesOf } from './node-questions.ts'
import { type Choice, type Draft, list, type Question, refuseNames, text } from './question.ts'
import { without } from './references.ts'
import { renumber } from './renumber.ts'
import { sectionQuestion, stanceOn } from './section.ts'
import { get, keysOf, listAt, type Path, set, textAt, type Value } from './value.ts'

const SECTION = 'Networks'
const NONE = 'none'

export function networkQuestions(draft: Draft): Question[] {
  const names = keysOf(draft.value, 'networks')
  const section = sectionQuestion(draft, {
    id: 'networks',
    section: SECTION,
    message: 'The networks?',
    what: names.join(', '),
    path: ['networks'],
    canLeave: false,
    help: 'As it is: only the ports are asked, and what does not fit.',
  })
  const changed = new Set(list(draft.answers['networks.change'] ?? []))
  const fresh = new Set(list(draft.answers['networks.more'] ?? []))
  return [
    ...section,
    ...(stanceOn(draft, 'networks') === 'change' || section.length === 0 ? choosing(draft, section.length > 0) : []),
    ...names.flatMap((name) => networkQuestion(draft, name, changed.has(name) || fresh.has(name))),
    ...names.flatMap((name) => portQuestions(draft, name, fresh.has(name))),
  ]
}

function choosing(draft: Draft, some: boolean): Question[] {
  const before =
    keysOf(draft.start?.value, 'networks').length > 0
      ? keysOf(draft.start?.value, 'networks')
      : keysOf(draft.value, 'networks')
  const names = keysOf(draft.value, 'networks')
  const more: Question = {
    id: 'networks.more',
    section: SECTION,
    kind: 'list',
    message: some ? 'Further networks?' : 'Which networks shall there be?',
    help: 'Names, with commas between them, such as lan, guest. - is none.',
    offer: [],
    isAsked: true,
    apply: (value, answer) =>
      list(answer).reduce(
        (now, name) => (get(now, ['networks', name]) ? now : set(now, ['networks', name], {})),
        value,
      ),
    refuse: (answer) => refuseNames(answer, names),
  }
  if (!some) return [more]
  const keep: Question = {
    id: 'networks.keep',
    section: SECTION,
    kind: 'checkbox',
    message: 'Which of these networks do you want?',
    choices: before.map((value) => ({ value, about: aboutNetwork(draft.start?.value, value) })),
    offer: before,
    isAsked: true,
    apply: (value, answer) =>
      before
        .filter((name) => !list(answer).includes(name))
        .reduce((now, name) => without(now, ['networks', name]), value),
  }
  const change: Question = {
    id: 'networks.change',
    section: SECTION,
    kind: 'checkbox',
    message: 'Which of them do you want to change?',
    choices: names.map((value) => ({ value, about: aboutNetwork(draft.value, value) })),
    offer: [],
    isAsked: true,
    apply: (value) => value,
  }
  return [keep, more, change]
}

function aboutNetwork(value: Value, name: string): string {
  const parts = ['bridge', 'ipv4', 'ipv6'].map((key) => textAt(value, 'networks', name, key))
  return parts.filter((part) => part !== undefined).join('  ')
}

function networkQuestion(draft: Draft, name: string, isAsked: boolean): Question[] {
  const { value } = draft
  const base = { section: SECTION, kind: 'input', isAsked } as const
  const at = (key: string): Path => ['networks', name, key]
  const field = (key: string, message: string, help: string, offer = ''): Question => ({
    ...base,
    id: `networks.${name}.${key}`,
    message,
    help,
    offer: textAt(value, ...at(key)) ?? offer,
    places: [at(key)],
    apply: (now, answer) => set(now, at(key), text(answer).trim() || undefined),
  })
  const family = (key: 'ipv4' | 'ipv6', message: string): Question => ({
    ...field(key, message, 'Addresses that lie in it move along. - is none.'),
    places: [at(key), ...nodesOf(draft).flatMap((node) => addressPlaces(value, node.name, name))],
    apply: (now, answer) => moveNetwork(now, name, key, text(answer).trim()),
  })
  const isRouted = get(value, at('dhcp')) !== undefined || get(value, at('router')) !== undefined
  return [
    field('bridge', `${name}: which bridge?`, bridgeHelp(draft), isAsked ? freeBridge(draft) : ''),
    family('ipv4', `${name}: IPv4 network?`),
    family('ipv6', `${name}: IPv6 network?`),
    ...(isRouted
      ? [field('dhcp', `${name}: addresses for DHCP?`, 'First-last, given out by the router. - is none.')]
      : []),
  ]
}

/** Where a node's own address stands that is to lie in the network. */
function addressPlaces(value: Value, node: string, network: string): Path[] {
  const path = ['nodes', node, 'addresses', network]
  return get(value, path) === undefined ? [] : [path, ['nodes', node, 'address']]
}

function moveNetwork(value: Value, name: string, key: 'ipv4' | 'ipv6', to: string): Value {
  const path = ['networks', name, key]
  const fixed = keysOf(value, 'nodes').map((node) => ['nodes', node, 'address'])
  const moved = to === '' ? value : renumber(value, textAt(value, ...path), to, fixed)
  return set(moved, path, to || undefined)
}

function bridgeHelp({ found }: Draft): string {
  const seen = Object.values(found).flatMap(({ bridges }) =>
    bridges.map(({ name, ports }) => `${name} (${ports.join(' ') || 'no port'})`),
  )
  return `- is none: routed only.${seen.length > 0 ? ` There now: ${[...new Set(seen)].join(', ')}` : ''}`
}

function freeBridge({ value, found }: Draft): string {
  const taken = new Set([
    ...keysOf(value, 'networks').map((name) => textAt(value, 'networks', name, 'bridge')),
    ...Object.values(found).flatMap(({ bridges }) => bridges.map(({ name }) => name)),
  ])
  return Array.from({ length: taken.size + 1 }, (_, at) => `vmbr${at}`).find((name) => !taken.has(name)) ?? ''
}

/** Which port carries a network cannot be found out: a cable says nothing of what it is for. */
function portQuestions(draft: Draft, network: string, isNew: boolean): Question[] {
  const bridge = textAt(draft.value, 'networks', network, 'bridge')
  if (bridge === undefined) return []
  return nodesOf(draft).flatMap(({ key, name }): Question[] => {
    const found = draft.found[key]
    const path = ['nodes', name, 'ports', network]
    const wanted = textAt(draft.value, ...path)
    const had = get(draft.start?.value, ['nodes', key, 'ports', network]) !== undefined
    if (found === undefined || (wanted === undefined && !had && !isNew)) return []
    const choices = portChoices(found, wanted)
    const isLive = draft.start?.name === 'empty' && !isNew
    return [
      {
        id: `nodes.${key}.ports.${network}`,
        section: SECTION,
        kind: 'select',
        message: `Which port of ${name} carries ${network} (${bridge})?`,
        choices,
        offer: offerPort(draft, { key, name, network, found, bridge, wanted }),
        isAsked: !isLive,
        places: [path],
        apply: (value, answer) => set(value, path, answer === NONE ? undefined : answer),
      },
    ]
  })
}

function portChoices(found: Discovery, wanted: string | undefined): Choice[] {
  const bonds = found.bonds.map(({ name, ports, mode }) => ({
    value: name,
    about: `bond ${mode} of ${ports.join(', ')}`,
  }))
  const ports = found.ports.map((port) => ({ value: port.name, about: aboutPort(port) }))
  const parent = wanted?.replace(/\.\d+$/, '')
  const isVlan = wanted !== undefined && wanted !== parent && found.ports.some(({ name }) => name === parent)
  return [
    ...ports,
    ...bonds,
    ...(isVlan ? [{ value: wanted, about: `VLAN of ${parent}` }] : []),
    { value: NONE, about: 'guests only' },
  ]
}

/** `link 10G  aa:bb:cc:dd:ee:ff  in vmbr0`. */
function aboutPort({ isUp, speed, mac, master }: FoundPort): string {
  const link = !isUp
    ? 'no link'
    : speed === undefined
      ? 'link'
      : `link ${speed >= 1000 ? `${speed / 1000}G` : `${speed}M`}`
  return [link.padEnd(9), mac, ...(master === undefined ? [] : [`in ${master}`])].join('  ')
}

interface PortWish {
  readonly key: string
  readonly network: string
  readonly name: string
  readonly found: Discovery
  readonly bridge: string
  readonly wanted: string | undefined
}

/**
 * The one that the file names, if the node has it and it was not given to another network; else the bridge's own; else the next
 * free one with a link. The port under the node's own address is for that network, and comes first where networks are changed.
 */
function offerPort(draft: Draft, { key, name, network, found, bridge, wanted }: PortWish): string {
  const { value, answers } = draft
  const choices = portChoices(found, wanted).map((one) => one.value)
  const given = Object.entries(answers).filter(
    ([id]) => id.startsWith(`nodes.${key}.ports.`) && id !== `nodes.${key}.ports.${network}`,
  )
  const isOpen = (port: string | undefined): port is string =>
    port !== undefined && choices.includes(port) && !given.some(([, other]) => other === port)
  const isOwn = (ip: string) => ip.split('/')[0] === textAt(value, 'nodes', name, 'address')
  const home = keysOf(value, 'nodes', name, 'addresses').find((one) =>
    listAt(value, 'nodes', name, 'addresses', one).some(isOwn),
  )
  const carrier = found.bridges.find(({ addresses }) => addresses.some(isOwn))?.ports[0]
  const isHome = home === network
  const isReserved = (port: string | undefined) => home !== undefined && !isHome && port === carrier
  const isChange = stanceOn(draft, 'networks') === 'change'
  const isKept = !isChange || (isHome ? !isOpen(carrier) : !isReserved(wanted))
  if (isKept && isOpen(wanted)) return wanted
  if (isHome && isOpen(carrier)) return carrier
  const own = found.bridges.find((one) => one.name === bridge)?.ports[0]
  const taken = new Set(
    keysOf(value, 'nodes', name, 'ports').map((one) =>
      isChange && one === home && isOpen(carrier) ? carrier : textAt(value, 'nodes', name, 'ports', one),
    ),
  )
  const isFree = (port: string | undefined) =>
    port !== undefined && choices.includes(port) && !taken.has(port) && !isReserved(port)
  if (isFree(own)) return own ?? NONE
  const free = found.ports.filter((port) => isFree(port.name) && port.master === undefined)
  return (free.find(({ isUp }) => isUp) ?? free[0])?.name ?? NONE
}
