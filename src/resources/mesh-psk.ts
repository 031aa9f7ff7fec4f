// The preshared key of a link as a resource: there before the link is up for the first time, and the same on both ends.
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Difference, Note, Outside, Resource } from '../resource.ts'
import { refuseFacts } from './host-facts.ts'
import { askBoth, exchangePsk } from './mesh-psk-exchange.ts'
import {
  isOpen,
  lookAlone,
  lookBoth,
  lookShared,
  type PskLink,
  type PskLook,
  type PskState,
  stateOf,
  type Two,
} from './mesh-psk-look.ts'
import { applyPsk, healPsk } from './mesh-psk-rotation.ts'

export interface PskHave {
  readonly states: Two<PskState>
  /** Both hosts have ML-KEM-768. */
  readonly isAble: boolean
}

const FIELD = 'preshared key'
const WANT = 'ml-kem-768'

/**
 * Absent before the first key of a link whose ends are not up. Its age is never a difference: `orion mesh rotate` makes new ones. Errors: of observe E_HOST_FACTS for a
 * host without OpenSSL 3.5 where a key is required; of create and update E_HOST_FACTS (refused, nothing changed), E_ROLLED_BACK.
 */
export function meshPsk({ link }: { readonly link: PskLink }): Resource<PskHave> {
  const [a, b] = link.ends
  const title = `preshared key of ${link.id}`
  // For a plan the links of a host are read together; step by step each for itself, or every step would read all of them anew.
  let isPlanned = false
  return {
    id: `mesh-psk:${link.id}/psk`,
    title,
    needs: [`mesh-keys:${a.host}/links`, `mesh-keys:${b.host}/links`],
    brief: WANT,
    observe: async (outside) => {
      const look = isPlanned ? lookAlone : lookShared
      const looks = await Promise.all(link.ends.map(async (end) => look(await outside.host(end.host), link, end)))
      isPlanned = true
      if (link.required) for (const [at, look] of looks.entries()) refuseOld(link.ends[at]?.host ?? '', title, look)
      const have = { states: statesOf(link, looks), isAble: looks.every(({ hasKem }) => hasKem) }
      const isNew = have.states.every((state) => state.id === undefined && !isOpen(state) && !state.isUp)
      return isNew && (link.required || have.isAble) ? undefined : have
    },
    diff: (have) => (have === undefined ? [{ field: FIELD, want: WANT }] : diffPsk(have, link)),
    create: (outside, note) => make(link, outside, note),
    update: (outside, _, note) => make(link, outside, note),
    remove: () => Promise.resolve(), // The keys of a link that is gone go with `mesh-keys`.
  }
}

/** Where there is no OpenSSL yet, its package comes with this run. */
function refuseOld(host: string, title: string, { openssl, hasKem }: PskLook): void {
  if (hasKem || openssl === undefined) return
  refuseFacts(host, title, [
    `${host} has OpenSSL ${openssl}, and ML-KEM-768 needs 3.5 or newer: Debian 13 or Proxmox VE 9; or allow links without by mesh.postQuantum: { kem: ml-kem-768, required: false }`,
  ])
}

function statesOf({ ends: [a, b] }: PskLink, [one, other]: readonly PskLook[]): Two<PskState> {
  const none: PskLook = { hasKem: false, states: new Map() }
  return [stateOf(one ?? none, a), stateOf(other ?? none, b)]
}

function diffPsk({ states: [a, b], isAble }: PskHave, { required }: PskLink): Difference[] {
  // Only where that is allowed: status says so. A host without OpenSSL gets it by this run.
  if (!isAble && !required) return []
  const open = [a, b].some(isOpen)
  if (!open && a.id !== undefined && a.id === b.id) return []
  return [{ field: FIELD, have: open ? 'a rotation is open' : haveOf(a, b), want: WANT }]
}

function haveOf(a: PskState, b: PskState): string {
  if (a.id === undefined && b.id === undefined) return 'none'
  return a.id === undefined || b.id === undefined ? 'on one end only' : 'not the same on both ends'
}

/** A link that is up changes as in a rotation: nothing is lost. */
async function make(link: PskLink, outside: Outside, note: Note): Promise<void> {
  const hosts = await hostsOf(link, outside)
  const options = { signal: outside.signal, note: (text: string) => note({ kind: 'info', text }) }
  await healPsk(link, hosts, options)
  const states = await lookBoth(hosts, link)
  if (states[0].id === undefined || states[0].id !== states[1].id) {
    const id = await exchangePsk(link, hosts)
    if (states.every(({ isUp }) => isUp)) await applyPsk(link, hosts, id, options)
    else await askBoth(hosts, link, ['install', id])
  }
  for (const host of hosts) host.forget()
}

async function hostsOf({ id, ends: [a, b] }: PskLink, outside: Outside): Promise<Two<Host>> {
  if (a.host === b.host) throw new OrionError(`${id} is no link`, { code: 'E_SITE' })
  return Promise.all([outside.host(a.host), outside.host(b.host)])
}
