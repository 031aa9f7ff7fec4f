// orion's own access to the API, made over SSH alone: role, user, rights and token by `pvesh`, certificates pinned, and proved.
import { EXIT } from '../errors.ts'
import type { Fingerprints } from '../pve/pins.ts'
import type { Outside, Part } from '../resource.ts'
import { getUnpinned, type Reached, reachClusters } from './access-reach.ts'
import { printTokens, refuseQuestion, type Token } from './access-token.ts'
import { build, type FlowFlags, type Outcome, type Work } from './flow.ts'
import { showNext } from './next.ts'
import { refuseOutdated } from './pins.ts'
import { prove, unproved } from './proof.ts'
import type { Session } from './session.ts'
import { say } from './talk.ts'

export interface AccessFlags extends FlowFlags {
  /** Make the token's secret anew. */
  readonly renew?: boolean
  /** Print the token instead of keeping it. */
  readonly 'print-token'?: boolean
}

export interface AccessWork {
  readonly session: Session
  readonly flags: AccessFlags
  readonly json: boolean
  readonly command: string
}

/** What was made on one cluster, for --json and for CI. */
interface Access {
  readonly cluster: string
  readonly node: string
  readonly fingerprints: Fingerprints
  /** Only where it is to be printed. */
  readonly token?: Token
}

/**
 * Plans and makes the access on every cluster (with --node: on those of these nodes, and over them), keeps or prints the token,
 * pins the certificates, and proves over the API that the rights suffice. `partOf` gives the part for these clusters.
 * Errors: E_HOST_* where no node of a cluster can be reached, E_USAGE; those of a plan and a report are in the outcome.
 */
export async function makeAccess(
  work: AccessWork,
  partOf: (options: { clusters: readonly string[]; renew: boolean }) => Part,
): Promise<Outcome> {
  const { session, flags, json } = work
  refuseQuestion(work)
  const reached = await reachClusters(session, flags.node)
  await refuseOutdated(session.site, toPins(reached)) // Nothing could be proved over such an API.
  for (const text of getUnpinned(reached)) await say(work, text)
  const made = new Map<string, Token>()
  const clusters = reached.map(({ cluster }) => cluster)
  const part = partOf({ clusters, renew: flags.renew ?? false })
  const overSsh = await throughPvesh(session, reached, { made, print: flags['print-token'] ?? false })
  const inner = { ...toWork(work, part), session: { ...session, outside: overSsh } }
  // Also after a failure: what was made is told once, and never again.
  const tell = async () => await (flags['print-token'] && !json ? printTokens(reached, made) : undefined)
  let built: Outcome
  try {
    built = await build(inner)
  } finally {
    await tell()
  }
  const access = reached.map((one) => toAccess(one, flags['print-token'] ? made.get(one.cluster) : undefined))
  if (built.exit !== EXIT.ok || flags['dry-run']) return withAccess(built, access)
  const outer = toWork(work, part)
  const proof = await proveAccess(outer, reached, made).catch((error: unknown) => unproved(outer, error))
  const refused = proof.document.verify?.probes.some(({ seen }) => / 401\b/.test(seen))
  if (refused) await showNext(outer, 'The kept token is refused; make its secret anew', `${work.command} --renew`)
  return withAccess({ exit: proof.exit, document: { ...built.document, ...proof.document } }, access)
}

function toWork({ session, flags, json, command }: AccessWork, part: Part): Work {
  return { session, parts: [part], flags, json, command, ...(flags['print-token'] ? { pages: 'stderr' as const } : {}) }
}

function withAccess(outcome: Outcome, access: readonly Access[]): Outcome {
  return { ...outcome, document: Object.assign({ ...outcome.document }, { access }) }
}

const toAccess = ({ cluster, node, fingerprints }: Reached, token: Token | undefined): Access => ({
  cluster,
  node,
  fingerprints,
  ...(token === undefined ? {} : { token }),
})

/** The same ways out, but that the API is `pvesh` as root on the host that was reached. */
async function throughPvesh(
  session: Session,
  reached: readonly Reached[],
  { made, print }: { made: Map<string, Token>; print: boolean },
): Promise<Outside> {
  const { connectPvesh } = await import('../pve/connect.ts')
  const { findCredential } = await import('../pve/credentials.ts')
  const { site, outside, credentials } = session
  const clusters = reached.map(({ cluster, nodes, host }) => ({
    name: cluster,
    nodes,
    run: (argv: readonly string[]) => host.run(argv, { accept: ANY_CODE }),
  }))
  const pve = connectPvesh(clusters, outside.signal)
  return {
    ...outside,
    pve,
    forget: () => {
      pve.forget()
      outside.forget()
    },
    keep: async (cluster, token) => {
      if (!print) await outside.keep(cluster, token)
      made.set(cluster, token)
    },
    kept: async (cluster) => {
      const known = made.get(cluster) ?? (print ? undefined : await findCredential(credentials, site.name, cluster))
      return known?.id
    },
  }
}

const toPins = (reached: readonly Reached[]): Fingerprints =>
  Object.fromEntries(reached.flatMap(({ fingerprints }) => Object.entries(fingerprints)))

/** What pvesh came to is read from its words; only a time limit (124) and a kill stay errors of the host. */
const ANY_CODE = Array.from({ length: 256 }, (_, code) => code).filter((code) => code !== 124 && code !== 137)

/** Keeps the certificates, and looks over the API, as the token, whether its rights suffice. */
async function proveAccess(
  work: Work,
  reached: readonly Reached[],
  made: ReadonlyMap<string, Token>,
): Promise<Outcome> {
  const { session } = work
  const { keepPins } = await import('../pve/pins.ts')
  const { findCredential } = await import('../pve/credentials.ts')
  const { site, credentials } = session
  const pins = toPins(reached)
  const print = work.pages === 'stderr'
  if (!print && !session.lab) await keepPins(credentials, site.name, pins)
  const tokens: Record<string, Token> = {}
  for (const { cluster } of reached) {
    const token = made.get(cluster) ?? (await findCredential(credentials, site.name, cluster))
    if (token) tokens[cluster] = { id: token.id, secret: token.secret }
  }
  const outside = await session.reconnect({ tokens, pins })
  if (!print) await say(work, `${session.lab ? 'The token is' : 'Token and certificates are'} kept in ${credentials}`)
  return prove({ ...work, session: { ...session, outside } })
}
