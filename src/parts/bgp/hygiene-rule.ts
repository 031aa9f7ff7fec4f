// What a hygiene rule is, and how its verdicts are worded.
import type { BirdModel, PeerModel } from './bird-model.ts'
import { ADDED } from './bird-version.ts'

/** Where in bird.conf the words stand: in a peer's filters or its protocol, or in what all share. */
type Place = 'import' | 'export' | 'protocol' | 'common'

interface Witness {
  readonly in: Place
  /** Without it the rule is not kept. Never matches a comment: those are cut out before. */
  readonly pattern: RegExp
}

type Verdict = { readonly state: 'off' | 'not possible'; readonly why: string }

export interface Rule {
  /** A word for scripts; a promise: never renamed. */
  readonly name: string
  /** For people. */
  readonly title: string
  /** The document that asks for it. */
  readonly standard: string
  /** `outside`: of each peer but our own routers; `peer`: of each; `router`: once. */
  readonly of: 'router' | 'peer' | 'outside'
  readonly bird: Witness
  /** Whether the site has what the rule is about; the words alone do not say it. Default: it has. */
  about?(model: BirdModel): boolean
  /** In GoBGP's configuration file; undefined = GoBGP has no such thing. */
  readonly gobgp?: RegExp
  /** What is said where it is on. */
  on?(model: BirdModel, peer: PeerModel | undefined): string
  /** Why it is not on, where it is not. */
  off(model: BirdModel, peer: PeerModel | undefined): Verdict
}

export const off = (why: string): Verdict => ({ state: 'off', why })
export const impossible = (why: string): Verdict => ({ state: 'not possible', why })
/** Of rules that no key of the site file can take away. */
export const never = () => off('the configuration lacks it: a mistake of orion, please report it')
export const asks = (key: string) => (_: BirdModel, one: PeerModel | undefined) =>
  off(`both ends must have it: agree with the peer, then bgp.peers.${one?.peer.name ?? 'PEER'}.${key}`)
export const versionText = ({ version }: BirdModel) =>
  version === undefined ? 'the BIRD of the router' : `BIRD ${version.text}`
export const since = (feature: keyof typeof ADDED) => ADDED[feature].slice(0, 2).join('.')

export const refuses = (reason: string): Witness => ({
  in: 'import',
  pattern: new RegExp(`^\\s*if .+ then refuse\\(${reason}\\);`, 'm'),
})
export const says = (text: string): Witness => ({ in: 'protocol', pattern: new RegExp(`^\\s*${text}`, 'm') })
