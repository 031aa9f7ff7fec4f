// The parts beyond guests: Keeper, firewall, BGP and mesh, each as it is, in detail, or not at all.
import { type Draft, list, type Question, text } from './question.ts'
import { sectionQuestion, stanceOn } from './section.ts'
import { get, keysOf, listAt, type Path, set, textAt, type Value } from './value.ts'

const SECTION = 'Services'

export function serviceQuestions(draft: Draft): Question[] {
  return [...keeperQuestions(draft), ...firewallQuestions(draft), ...bgpQuestions(draft), ...meshQuestions(draft)]
}

interface Field {
  readonly id: string
  readonly path: Path
  readonly message: string
  readonly help?: string
  readonly put?: (given: string) => Value
}

function field(draft: Draft, { id, path, message, help, put = (given) => given || undefined }: Field): Question {
  return {
    id,
    section: SECTION,
    kind: 'input',
    message,
    ...(help === undefined ? {} : { help }),
    offer: textAt(draft.value, ...path) ?? '',
    isAsked: true,
    places: [path],
    apply: (value, answer) => set(value, path, put(text(answer).trim())),
  }
}

const toNumber = (given: string): Value => (/^\d+$/.test(given) ? Number(given) : given || undefined)

function keeperQuestions(draft: Draft): Question[] {
  const { value } = draft
  const section = sectionQuestion(draft, {
    id: 'keeper',
    section: SECTION,
    message: 'The Keeper?',
    what: `sheds guests over ${textAt(value, 'keeper', 'temperature', 'limit') ?? 'its limits'}`,
    path: ['keeper'],
    help: 'A guard on the node itself against heat, freezes and failing disks.',
  })
  if (section.length === 0 || stanceOn(draft, 'keeper') !== 'change') return section
  const guests = keysOf(value, 'guests')
  const degrees = (key: string, message: string) =>
    field(draft, {
      id: `keeper.${key}`,
      path: ['keeper', 'temperature', key],
      message,
      help: 'Degrees Celsius, such as 80C.',
    })
  return [
    ...section,
    ...(get(value, ['keeper', 'temperature']) === undefined
      ? []
      : [
          degrees('limit', 'Over which temperature does it shed guests?'),
          degrees('resume', 'Under which does it give back?'),
        ]),
    {
      id: 'keeper.shed',
      section: SECTION,
      kind: 'list',
      message: 'Which guests give way first, in this order?',
      help: `Of ${guests.join(', ')}.`,
      offer: listAt(value, 'keeper', 'shed'),
      isAsked: true,
      places: [['keeper', 'shed']],
      apply: (now, answer) => set(now, ['keeper', 'shed'], list(answer).length > 0 ? list(answer) : undefined),
    },
  ]
}

function firewallQuestions(draft: Draft): Question[] {
  const rules = get(draft.value, ['firewall', 'allow'])
  const what = `${Array.isArray(rules) ? rules.length : 0} rules on ${textAt(draft.value, 'firewall', 'router') ?? 'the router'}`
  return sectionQuestion(draft, {
    id: 'firewall',
    section: SECTION,
    message: 'The firewall?',
    what,
    path: ['firewall'],
    canChange: false,
  })
}

function bgpQuestions(draft: Draft): Question[] {
  const { value } = draft
  const peers = keysOf(value, 'bgp', 'peers')
  const section = sectionQuestion(draft, {
    id: 'bgp',
    section: SECTION,
    message: 'BGP with your provider?',
    what: `AS${textAt(value, 'bgp', 'asn') ?? ''} with ${peers.join(', ')}`,
    path: ['bgp'],
    help: 'The AS number and the prefixes must be your own; your provider tells the peer.',
  })
  if (section.length === 0 || stanceOn(draft, 'bgp') !== 'change') return section
  return [
    ...section,
    field(draft, { id: 'bgp.asn', path: ['bgp', 'asn'], message: 'Your AS number?', put: toNumber }),
    {
      id: 'bgp.announce',
      section: SECTION,
      kind: 'list',
      message: 'Which prefixes do you announce?',
      offer: listAt(value, 'bgp', 'announce'),
      isAsked: true,
      places: [['bgp', 'announce']],
      apply: (now, answer) => set(now, ['bgp', 'announce'], list(answer)),
    },
    ...peers.flatMap((peer) => peerQuestions(draft, peer)),
  ]
}

function peerQuestions(draft: Draft, peer: string): Question[] {
  const at = (key: string): Path => ['bgp', 'peers', peer, key]
  const one = (key: string, message: string, put?: (given: string) => Value) =>
    field(draft, {
      id: `bgp.peers.${peer}.${key}`,
      path: at(key),
      message: `${peer}: ${message}`,
      ...(put ? { put } : {}),
    })
  return [
    one('asn', 'its AS number?', toNumber),
    one('address', 'its address?'),
    secretQuestion(draft, `bgp.peers.${peer}.password`, at('password'), `${peer}: where is the session's password?`),
  ]
}

/** Where a secret is found: never the secret itself, which would stand in the answers and in the site file. */
function secretQuestion(draft: Draft, id: string, path: Path, message: string): Question {
  const [kind, where] = Object.entries((get(draft.value, path) as object | undefined) ?? {})[0] ?? []
  return {
    id,
    section: SECTION,
    kind: 'input',
    message,
    help: 'env NAME, file PATH, or command PROGRAM ARGUMENT…; - is none. Never the password itself.',
    offer: kind === undefined ? '' : `${kind} ${Array.isArray(where) ? where.join(' ') : where}`,
    isAsked: true,
    places: [path],
    refuse: (answer) =>
      /^$|^env [A-Za-z_]\w*$|^(?:file|command) \S/.test(text(answer).trim())
        ? undefined
        : 'say where it is found, as in env NAME, file PATH or command PROGRAM ARGUMENT…',
    apply: (value, answer) => set(value, path, toReference(text(answer).trim())),
  }
}

function toReference(given: string): Value {
  const [kind = '', ...rest] = given.split(' ')
  if (kind === '') return undefined
  return { [kind]: kind === 'command' ? rest.filter((word) => word !== '') : rest.join(' ') }
}

function meshQuestions(draft: Draft): Question[] {
  const { value } = draft
  const gateways = keysOf(value, 'mesh', 'gateways')
  const section = sectionQuestion(draft, {
    id: 'mesh',
    section: SECTION,
    message: 'The mesh?',
    what: `${textAt(value, 'mesh', 'network') ?? ''} with ${gateways.join(', ')}`,
    path: ['mesh'],
    help: 'WireGuard between sites, and for people who are elsewhere.',
  })
  if (section.length === 0 || stanceOn(draft, 'mesh') !== 'change') return section
  return [
    ...section,
    field(draft, { id: 'mesh.port', path: ['mesh', 'port'], message: 'UDP port of the mesh?', put: toNumber }),
    ...gateways.map((name) =>
      field(draft, {
        id: `mesh.gateways.${name}.endpoint`,
        path: ['mesh', 'gateways', name, 'endpoint'],
        message: `${name}: where do the others reach it?`,
        help: 'A public address or name; - where it dials out, and nobody dials in.',
      }),
    ),
  ]
}
