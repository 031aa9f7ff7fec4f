// Whether a guest on a wanted VMID is ours. A VMID alone proves nothing: Proxmox VE gives freed ones away again.
import { OrionError } from '../errors.ts'
import type { Adopted } from '../site/guest.ts'
import type { Guest, Site } from '../site/site.ts'
import { parseProperties } from './property-string.ts'
import type { Settings } from './setting.ts'

/** The tags that orion puts on every guest of a site. */
export function markTags(site: Pick<Site, 'name'>): readonly string[] {
  // Tags are lower case unless a cluster is told otherwise: Proxmox VE folds them itself.
  return ['orion', `orion-${site.name.toLowerCase()}`]
}

/** Tags as a sorted, lower-case list; Proxmox VE takes `;`, `,` and spaces between them. */
export function parseTags(text: string): readonly string[] {
  const tags = text.toLowerCase().split(/[;,\s]+/)
  return [...new Set(tags.filter((tag) => tag !== ''))].sort()
}

/** Do these tags carry orion's mark and this site's name? */
export function carriesMark(site: Pick<Site, 'name'>, tags: string): boolean {
  const found = parseTags(tags)
  return markTags(site).every((tag) => found.includes(tag))
}

/** What does not fit where the guest is not ours, for people; empty = ours. */
export function identityProblems(site: Pick<Site, 'name'>, guest: Guest, settings: Settings): readonly string[] {
  if (guest.adopted) return adoptedProblems(guest, guest.adopted, settings)
  const stored = (key: string) => settings.get(key)?.next ?? settings.get(key)?.active ?? ''
  const tags = parseTags(stored('tags'))
  const missing = markTags(site).filter((tag) => !tags.includes(tag))
  const problems =
    missing.length > 0 ? [`it does not carry the tag${missing.length > 1 ? 's' : ''} ${missing.join(' and ')}`] : []
  return [...problems, ...(guest.kind === 'vm' ? uuidProblems(guest, stored) : macProblems(guest, stored))]
}

/**
 * One that was there before orion carries no mark: it is the one that was adopted by its UUID, a container by the MAC address of
 * its first NIC. Where the site file says neither, by its name.
 */
function adoptedProblems(guest: Guest, { uuid, stated }: Adopted, settings: Settings): readonly string[] {
  const stored = (key: string) => settings.get(key)?.next ?? settings.get(key)?.active ?? ''
  if (uuid !== undefined) return uuidProblems({ ...guest, uuid }, stored)
  const first = guest.nics.find(({ index }) => index === 0)
  if (guest.kind === 'ct' && stated.has('nics') && first !== undefined) return macProblems(guest, stored)
  const name = stored(guest.kind === 'vm' ? 'name' : 'hostname')
  return name.toLowerCase() === guest.name.toLowerCase() ? [] : [`its name is ${name || 'not set'}, not ${guest.name}`]
}

function uuidProblems(guest: Guest, stored: (key: string) => string): readonly string[] {
  const uuid = parseProperties(stored('smbios1')).get('uuid')?.toLowerCase()
  return uuid === guest.uuid.toLowerCase() ? [] : [`its SMBIOS UUID is ${uuid ?? 'not set'}, not ${guest.uuid}`]
}

// A container has no UUID; the computed MAC address of its first NIC stands for it.
function macProblems(guest: Guest, stored: (key: string) => string): readonly string[] {
  const nic = guest.nics.find(({ index }) => index === 0)
  if (nic === undefined) return []
  const mac = parseProperties(stored('net0')).get('hwaddr')?.toUpperCase()
  return mac === nic.mac.toUpperCase() ? [] : [`the MAC address of net0 is ${mac ?? 'not set'}, not ${nic.mac}`]
}

/** E_FOREIGN: names the guest that is there, what does not fit, and what to do. */
export function foreignGuest(
  guest: Guest,
  found: { name: string; node: string; problems: readonly string[] },
): OrionError {
  return new OrionError(
    `VMID ${guest.vmid} of ${guest.name} is taken by ${found.name} on ${found.node}: ${found.problems.join('; ')}`,
    {
      code: 'E_FOREIGN',
      suggestions: [
        `give ${guest.name} another id in the site file, or move ${found.name} away; orion touches nothing of it`,
        'if it was made by orion and its tags were removed by hand, put them back',
      ],
    },
  )
}
