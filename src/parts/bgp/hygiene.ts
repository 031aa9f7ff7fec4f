// The hygiene report: which rules of a well-kept border router are on, which are not, and why. Judged by the very text that is rendered.
import { type HostFacts, NOTHING } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import type { Router } from '../router/router.ts'
import { type BirdTexts, getBirdTexts } from './bird-conf.ts'
import { type BirdModel, getBirdModel, type PeerModel } from './bird-model.ts'
import type { Rule } from './hygiene-rule.ts'
import { RULES } from './hygiene-rules.ts'
import type { Session } from './sessions.ts'

export interface HygieneRow {
  /** A word for scripts. */
  readonly rule: string
  readonly title: string
  /** Undefined = of the router as a whole. */
  readonly peer?: string
  readonly state: 'on' | 'off' | 'not possible'
  /** Empty where there is nothing to say. */
  readonly why: string
  readonly standard: string
}

/**
 * Every rule, and every peer that it is about; [] where this router speaks no BGP. Pure.
 * `seen`: tells the version of BIRD. `live`: what the sessions that stand have agreed on with their peers.
 */
export function getHygiene(
  site: Site,
  router: Router,
  seen: HostFacts = NOTHING,
  live: readonly Session[] = [],
): readonly HygieneRow[] {
  const model = getBirdModel(site, router, seen, { edge: 'bird' })
  return model === undefined ? [] : judgeTexts(model, getBirdTexts(model), live)
}

/** The rows of a BIRD whose configuration is this text. */
export function judgeTexts(model: BirdModel, texts: BirdTexts, live: readonly Session[]): readonly HygieneRow[] {
  return RULES.flatMap((rule) => {
    if (rule.of === 'router') return [toRow(rule, model, { text: texts.common, peer: undefined })]
    return model.peers
      .filter((one) => rule.of === 'peer' || one.peer.relation !== 'internal')
      .map((one) => {
        const session = live.find(({ peer }) => peer.name === one.peer.name)
        return toRow(rule, model, { text: textOf(texts, rule, one), peer: one, session })
      })
  })
}

function textOf({ common, peers }: BirdTexts, { bird: { in: place } }: Rule, { peer }: PeerModel): string {
  return place === 'common' ? common : (peers.find(({ name }) => name === peer.name)?.[place] ?? '')
}

interface Subject {
  readonly text: string
  readonly peer: PeerModel | undefined
  readonly session?: Session | undefined
}

function toRow(rule: Rule, model: BirdModel, { text, peer, session }: Subject): HygieneRow {
  const isOn = (rule.about?.(model) ?? true) && rule.bird.pattern.test(withoutComments(text))
  const { state, why } = isOn ? ({ state: 'on', why: rule.on?.(model, peer) ?? '' } as const) : rule.off(model, peer)
  const agreed = isOn ? agreement(rule.name, session) : undefined
  return {
    rule: rule.name,
    title: rule.title,
    ...(peer === undefined ? {} : { peer: peer.peer.name }),
    state,
    why: [why, agreed].filter((part) => part !== undefined && part !== '').join('; '),
    standard: rule.standard,
  }
}

/** As BIRD lists what a peer is able to. */
const CAPABILITIES: Readonly<Record<string, RegExp>> = { role: /^Role: /, 'graceful-restart': /^Graceful restart/ }

/** What a standing session tells about a rule that needs the peer. */
function agreement(rule: string, session: Session | undefined): string | undefined {
  const capability = CAPABILITIES[rule]
  if (capability === undefined || session === undefined || session.state !== 'Established') return undefined
  return session.capabilities.neighbor.some((one) => capability.test(one))
    ? 'the peer has it, too'
    : 'the peer has it not'
}

function withoutComments(text: string): string {
  return text.replace(/#.*$/gm, '')
}
