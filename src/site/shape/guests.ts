// Guests: every default applied, every size a number, every reference checked.
import { smbiosUuid } from '../addressing.ts'
import type { Guest, Nic } from '../site.ts'
import { replicationsOf } from './backup.ts'
import { type Context, compact } from './context.ts'
import { type Draft, pathOf } from './expansion.ts'
import { findRouters, type Routers } from './gateway.ts'
import { isComplete } from './guest-check.ts'
import { keysAt } from './keys.ts'
import { disksOf, machineOf, startupOf } from './machine.ts'
import { draftNics, type NicDraft, shapeNics } from './nics.ts'
import { shapeSsh } from './nodes.ts'
import { pciGuests } from './parts.ts'

/** The guests whose references exist; what is wrong with the others is reported. */
export function shapeGuests(context: Context, drafts: readonly Draft[]): Guest[] {
  const sole = soleNode(context)
  const placed = drafts.flatMap((draft) => {
    const settings = sole === undefined ? draft.settings : { node: sole, ...draft.settings }
    const whole = { ...draft, settings }
    return isComplete(context, whole) ? [whole] : []
  })
  const nics = new Map<string, readonly NicDraft[]>()
  for (const draft of placed) nics.set(draft.name, draftNics(context, draft))
  const routers = findRouters(context, nics)
  const pci = pciGuests(context)
  return placed.map((draft) =>
    shapeGuest(context, { ...draft, pci: pci.has(draft.name) }, nics.get(draft.name) ?? [], routers),
  )
}

/** A site with one node need not name it. */
function soleNode({ input, damaged }: Context): string | undefined {
  const names = Object.keys(input.nodes)
  return names.length === 1 && !damaged('nodes') ? names[0] : undefined
}

function shapeGuest(
  context: Context,
  draft: Draft & { readonly pci: boolean },
  nicDrafts: readonly NicDraft[],
  routers: Routers,
): Guest {
  const { settings, name, group, vmid } = draft
  const { site, domain, timezone } = context.input
  const nics = shapeNics(context, draft, nicDrafts, routers)
  const onboot = settings.onboot ?? false
  return compact({
    name,
    group,
    vmid,
    kind: settings.kind ?? 'vm',
    node: settings.node ?? '',
    image: settings.image,
    ...machineOf(settings, draft),
    ...disksOf(settings),
    nics,
    dns: settings.dns ?? dnsOf(context, draft, nics, routers),
    searchDomain: settings.searchDomain ?? domain,
    user: settings.user,
    sshKeys: keysAt(context, pathOf(draft, 'sshKeys'), draft.settings.sshKeys ?? []),
    boot: settings.boot ?? [],
    tags: [...new Set(settings.tags ?? [])],
    description: settings.description,
    pool: settings.pool,
    onboot,
    // One that was there before orion may be stopped for a reason.
    started: settings.started ?? (draft.own.adopted === true ? false : onboot),
    startup: settings.startup && startupOf(settings.startup),
    protection: settings.protection ?? false,
    timezone: settings.timezone ?? timezone,
    hookscript: settings.hookscript,
    profile: settings.profile,
    intrusionDetection: settings.intrusionDetection ?? false,
    wazuh: settings.wazuh,
    unattended: settings.unattended,
    replicate: replicationsOf(context, draft),
    snapshot: settings.snapshot ?? true,
    ssh: shapeSsh(settings.ssh),
    adopted: adoptedOf(draft),
    uuid: smbiosUuid(site, vmid),
  })
}

function adoptedOf({ settings, own }: Draft): Guest['adopted'] {
  if (own.adopted !== true) return undefined
  const stated = new Set(Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [key])))
  return compact({ stated, uuid: own.uuid })
}

/** The first NIC's network that has name servers; else the router of the first NIC with an address of its own. */
function dnsOf(context: Context, draft: Draft, nics: readonly Nic[], routers: Routers): readonly string[] {
  for (const { network } of nics) {
    const servers = context.input.networks?.[network]?.dns
    if (servers !== undefined && servers.length > 0) return servers
  }
  for (const nic of nics) {
    const router = routers.get(nic.network)
    if (router === undefined || router.guest === draft.name || typeof nic.ipv4 === 'string') continue
    const server = nic.ipv4 === undefined ? router.ipv6 : (router.ipv4 ?? router.ipv6)
    if (server !== undefined) return [server]
  }
  return []
}
