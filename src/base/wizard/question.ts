// What the wizard asks: a question is data, and what an answer does to the site file is pure.
import type { Discovery, FoundGuest } from '../../site/discovery.ts'
import type { Finding } from '../../site/site.ts'
import type { Path, Value } from './value.ts'

/** One word or text, or several. Never a secret: where one belongs, an answer says where it is found. */
export type Answer = string | readonly string[]
/** By the id of the question. */
export type Answers = Readonly<Record<string, Answer>>

export interface Choice {
  readonly value: string
  /** Default: the value. */
  readonly name?: string
  /** What is known of it, shown beside it. */
  readonly about?: string
}

export type StartName = 'orion' | 'hive' | 'federation' | 'empty'

/** A starting point: the site file as it comes, before the first answer. */
export interface Start {
  readonly name: StartName
  readonly value: Value
}

/** What is known on this machine, without any node. */
export interface Here {
  readonly starts: readonly Start[]
  /** Public keys of this user, as the site file would name them: `~/.ssh/id_ed25519.pub`. */
  readonly keys: readonly string[]
  readonly timezone: string
  /** In the rehearsal lab: the nodes are the lab's. */
  readonly lab: boolean
  /** The live state of nodes as a site file (parts/import.ts). */
  readonly importSite: ImportSite
}

export type ImportSite = (found: readonly Discovery[], options: ImportOptions) => { readonly value: Value }
interface ImportOptions {
  readonly address: string
  readonly guests: (guest: FoundGuest) => boolean
}

/** Everything that is known when a question is put. Never changed in place. */
export interface Draft {
  readonly here: Here
  readonly start?: Start
  /** The site file so far. */
  readonly value: Value
  readonly answers: Answers
  /** Nodes that were read, by their name in the starting point. */
  readonly found: Readonly<Record<string, Discovery>>
  /** A node's name in the starting point → its name now, which is its host name. */
  readonly names: Readonly<Record<string, string>>
  /** What the rules say of the site file so far. */
  readonly findings: readonly Finding[]
  /** Answers that will come, by file: a question that has one is put, even where it would not be asked. */
  readonly given: Answers
}

export interface Question {
  readonly id: string
  /** The heading under which it stands. */
  readonly section: string
  /** `select` one of the choices; `search` the same, of many; `checkbox` some of them; `input` a text; `list` texts with commas between. */
  readonly kind: 'select' | 'search' | 'checkbox' | 'input' | 'list'
  readonly message: string
  /** A line or two for people, shown with the question. */
  readonly help?: string
  readonly choices?: readonly Choice[]
  /** What is offered, and taken where nobody is asked; undefined = there must be an answer. */
  readonly offer?: Answer
  /** False where it need not be asked: the offer is as it is already. */
  readonly isAsked: boolean
  /** Findings of the rules at these places are about this answer. */
  readonly places?: readonly Path[]
  /** Answers after which the rules may speak against these places: later questions are about it. */
  readonly tolerates?: (answer: Answer) => boolean
  /** What is wrong with an answer before it is put into the site file. */
  readonly refuse?: (answer: Answer) => string | undefined
  /** The site file with the answer in it. */
  readonly apply: (value: Value, answer: Answer) => Value
  /** What is to be done beyond the site file, by who asks: begin anew from a starting point, or connect to a node. */
  readonly effect?: { readonly kind: 'start' } | { readonly kind: 'look'; readonly node: string }
}

export const text = (answer: Answer): string => (typeof answer === 'string' ? answer : answer.join(', '))
export const list = (answer: Answer): readonly string[] =>
  typeof answer === 'string'
    ? answer
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
    : answer

/** Names of things, as the site file takes them; `undefined` = all are. */
export function refuseNames(answer: Answer, taken: readonly string[] = []): string | undefined {
  const wrong = list(answer).filter((name) => !/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name))
  if (wrong.length > 0) return `${wrong.join(', ')}: a name has letters, digits and hyphens (63 at most)`
  const twice = list(answer).filter((name, at, all) => taken.includes(name) || all.indexOf(name) !== at)
  return twice.length > 0 ? `${twice.join(', ')}: there is one already` : undefined
}
