// What holds for the whole site: its name, domain, time zone, keys, and where the nodes take packages from.
import { nodesOf } from './node-questions.ts'
import { type Draft, list, type Question, text } from './question.ts'
import { get, keysOf, listAt, type Path, set, textAt, type Value } from './value.ts'

const SECTION = 'Site'

export function siteQuestions(draft: Draft): Question[] {
  return [
    nameQuestion(draft),
    domainQuestion(draft),
    zoneQuestion(draft),
    ...keyQuestion(draft),
    sourcesQuestion(draft),
  ]
}

function nameQuestion({ value }: Draft): Question {
  return {
    id: 'site',
    section: SECTION,
    kind: 'input',
    message: 'What is the site called?',
    help: 'Everything that orion makes is marked with this name: it is not to change later.',
    offer: textAt(value, 'site') ?? 'home',
    isAsked: true,
    places: [['site']],
    apply: (now, answer) => set(now, ['site'], text(answer).trim()),
  }
}

function domainQuestion({ value, found }: Draft): Question {
  const seen = Object.values(found).find(({ domain }) => domain !== undefined)?.domain
  return {
    id: 'domain',
    section: SECTION,
    kind: 'input',
    message: 'DNS domain of nodes and guests?',
    help: '- is none.',
    offer: seen ?? textAt(value, 'domain') ?? '',
    isAsked: true,
    places: [['domain']],
    apply: (now, answer) => set(now, ['domain'], text(answer).trim() || undefined),
  }
}

function zoneQuestion({ value, found, here }: Draft): Question {
  const seen = Object.values(found).find(({ timezone }) => timezone !== undefined)?.timezone
  const zones = Intl.supportedValuesOf('timeZone')
  const offer = textAt(value, 'timezone') ?? seen ?? here.timezone
  return {
    id: 'timezone',
    section: SECTION,
    kind: 'search',
    message: 'Time zone?',
    choices: [...new Set([offer, 'UTC', ...zones])].map((zone) => ({ value: zone })),
    offer,
    isAsked: true,
    places: [['timezone']],
    apply: (now, answer) => set(now, ['timezone'], answer),
  }
}

const KEYS: Path = ['defaults', 'guest', 'sshKeys']

/** Keys of this user first; where there is none, the name of one. */
function keyQuestion({ value, here }: Draft): Question[] {
  const wanted = listAt(value, ...KEYS)
  const here_ = wanted.filter((key) => here.keys.includes(key))
  const offer = here_.length > 0 ? here_ : here.keys.length > 0 ? here.keys.slice(0, 1) : here.lab ? wanted : []
  const base = {
    id: 'sshKeys',
    section: SECTION,
    message: 'Which SSH keys may log in to new guests?',
    isAsked: true,
    places: [KEYS],
    apply: (now: Value, answer: string | readonly string[]) => set(now, KEYS, none(list(answer))),
  }
  if (here.keys.length === 0) {
    const help = `There is no key in ~/.ssh${here.lab ? '; in the lab, one stands in' : ': ssh-keygen -t ed25519 makes one'}. Paths of .pub files; - is none.`
    return [{ ...base, kind: 'list', help, offer }]
  }
  const choices = [...new Set([...here.keys, ...(here.lab ? wanted : [])])].map((key) => ({ value: key }))
  return [{ ...base, kind: 'checkbox', choices, offer }]
}

const none = (all: readonly string[]): readonly string[] | undefined => (all.length === 0 ? undefined : all)

function sourcesQuestion(draft: Draft): Question {
  const before = nodesOf(draft).map(({ name }) => textAt(draft.value, 'nodes', name, 'sources'))[0]
  return {
    id: 'sources',
    section: SECTION,
    kind: 'select',
    message: "Where do the nodes take Proxmox's packages from?",
    choices: [
      { value: 'left alone', about: 'as it is set now' },
      { value: 'no-subscription', about: 'free of charge' },
      { value: 'enterprise', about: 'with a subscription' },
    ],
    offer: before ?? textAt(draft.value, 'defaults', 'node', 'sources') ?? 'left alone',
    isAsked: true,
    apply: (now, answer) => putSources(now, answer === 'left alone' ? undefined : text(answer)),
  }
}

/** A node alone says it itself; several have it from the defaults. */
function putSources(value: Value, sources: string | undefined): Value {
  const nodes = keysOf(value, 'nodes')
  const bare = nodes.reduce<Value>((now, name) => set(now, ['nodes', name, 'sources'], undefined), value)
  if (sources === undefined)
    return get(bare, ['defaults', 'node', 'sources']) === undefined
      ? bare
      : set(bare, ['defaults', 'node', 'sources'], undefined)
  return nodes.length === 1
    ? set(bare, ['nodes', nodes[0] ?? '', 'sources'], sources)
    : set(bare, ['defaults', 'node', 'sources'], sources)
}
