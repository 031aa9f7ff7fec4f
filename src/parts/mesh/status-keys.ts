// What is told of the keys of links: those that are not there, too old, no longer wanted, or half changed.
import type { Mesh } from '../../site/services.ts'
import { listOf } from './names.ts'
import { classOf } from './rotate-order.ts'
import type { LinkRow } from './status.ts'
import type { Remark } from './status-remarks.ts'

/** Preshared keys are for some weeks. */
const OLD_SECONDS = 60 * 86_400

/** Said in status and in plan, as no run of orion takes a key away. */
export const KEPT_HINT = 'set mesh.postQuantum to ml-kem-768 again, or take them out by hand (README, Limits)'

/** Pure. */
export function keyRemarks({ postQuantum }: Pick<Mesh, 'postQuantum'>, rows: readonly LinkRow[]): readonly Remark[] {
  const open = rows.filter(({ isRotating }) => isRotating)
  // Said elsewhere where one is required.
  const classical = rows.filter(({ psk, state }) => psk.kind === 'classical' && state !== 'psk')
  const kept = postQuantum ? [] : rows.filter(({ psk }) => psk.kind === 'ml-kem-768')
  const old = postQuantum ? rows.filter(({ psk }) => (psk.ageSeconds ?? 0) > OLD_SECONDS) : []
  const why = postQuantum
    ? 'a host with OpenSSL 3.5 (Debian 13, Proxmox VE 9) at both ends, then orion mesh apply'
    : 'set mesh.postQuantum to ml-kem-768, then orion mesh apply'
  const classicalText =
    classical.length === rows.length
      ? 'no link has a post-quantum key'
      : `without a post-quantum key: ${namesOf(classical)}`
  const keptText = `mesh.postQuantum is not set, and keys of before stay in force and are not renewed: ${namesOf(kept)}`
  return [
    ...warning(open, `a rotation is not finished: ${namesOf(open)}`, rotateHint(open, !postQuantum)),
    ...warning(classical, classicalText, why),
    ...warning(kept, keptText, KEPT_HINT),
    ...warning(old, `keys of more than 60 days: ${namesOf(old)}`, rotateHint(old)),
  ]
}

/** Of so many links each is named; the command for all of a class does the others of it, too. */
const MOST_NAMED = 4

/** The command for exactly these, or for all of their classes: links over the bypass are a run of their own. */
export function rotateHint(rows: readonly LinkRow[], isPair = false): string {
  const isOver = ({ kinds }: LinkRow) => classOf({ kinds: new Set(kinds) }) === 'bypass'
  const [bypass, others] = [rows.filter(isOver), rows.filter((row) => !isOver(row))]
  const commands = [others, bypass].flatMap((links) => {
    if (links.length === 0) return []
    const names = links.length > MOST_NAMED ? (links === bypass ? ['--bypass'] : []) : links.map(({ link }) => link)
    return [['orion mesh rotate', ...names, ...(isPair ? ['--keypairs'] : [])].join(' ')]
  })
  return commands.join(', then ')
}

const namesOf = (rows: readonly LinkRow[]): string => listOf(rows.map(({ link }) => link))

function warning(rows: readonly LinkRow[], text: string, hint: string): readonly Remark[] {
  return rows.length === 0 ? [] : [{ kind: 'warning', text, hint }]
}
