// The step in which the sessions change hands, under the router's guard.
import { OrionError } from '../../errors.ts'
import { withoutSecrets } from '../../resources/host-secrets.ts'
import { inTurn } from '../../resources/host-turn.ts'
import { BIRD_FILES } from './bird-names.ts'
import { DAEMONS, EDGE_FILE, edgeOf } from './edge.ts'
import { GOBGP_FILES } from './gobgp.ts'
import { standing, whyNot, worse } from './migration-check.ts'
import { type Move, refuse, targetSet, unapplied, unprepared } from './migration-move.ts'

/** Far below the time for which peers keep our routes (120 s): the way back must fit in, too. */
const CONFIRM_SECONDS = 80

export async function handOver(move: Move): Promise<readonly string[]> {
  const { bgp, host, to, note, confirmWithinSeconds = CONFIRM_SECONDS } = move
  const before = await move.read()
  const up = standing(bgp, before) ?? []
  if (edgeOf(before) === to) {
    refuse(move, worse(bgp, to, [], before))
    return [`${DAEMONS[to]} is at the edge already; established: ${up.join(', ')}`]
  }
  const set = targetSet(move)
  // The step may have been asked for alone, or long after those before it.
  const problems = [...unapplied(move, before), ...unprepared(move, before), ...(set.problems?.(before) ?? [])]
  refuse(move, [...whyNot(bgp, to, before), ...problems])
  const files = set.files(before).map(({ secret: _, opaque: __, ...file }) => file)
  const change = {
    name: 'edge',
    files: [...files, { path: EDGE_FILE, text: `${to}\n` }],
    check: [
      ['bird', '-p', '-c', BIRD_FILES.conf],
      ...(to === 'gobgp' ? [['gobgpd', '-d', '-f', GOBGP_FILES.conf]] : []),
    ],
    activate: [[GOBGP_FILES.program, 'hold']],
    confirmWithinSeconds,
  }
  const prove = async (fresh: typeof host) => worse(bgp, to, up, await move.readOver(fresh))
  await withoutSecrets(before, () => inTurn(host, () => host.guard.change(change, { note, prove }))).catch(
    (error: unknown) => {
      throw asBefore(move, error)
    },
  )
  host.forget()
  return [`${DAEMONS[to]} is at the edge; established again: ${up.join(', ')}`]
}

/** The guard's own hints are about networks. */
function asBefore({ host, to }: Move, error: unknown): unknown {
  if (!(error instanceof OrionError)) return error
  const { code, message, recheck } = error
  if (code !== 'E_ROLLED_BACK' && code !== 'E_GUARD_REFUSED') return error
  const suggestions = [`on ${host.name}, as root: journalctl -u bird -u orion-gobgp`, `orion bgp migrate --to ${to}`]
  return new OrionError(message, { code, suggestions, cause: error, recheck })
}
