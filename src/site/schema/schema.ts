// The schema of the site file, in one place: what it may hold, and what editors know about it.
import { z } from 'zod'
import { backup, snapshots } from './backup.ts'
import { bgp } from './bgp.ts'
import { guest, guestDefaults } from './guest.ts'
import { nodeDefaults } from './host.ts'
import { image } from './image.ts'
import { mesh } from './mesh.ts'
import { network, storage } from './network.ts'
import { access, cluster, node } from './node.ts'
import { device, firewall, keeper } from './parts.ts'
import * as s from './scalars.ts'
import { fields } from './words.ts'

export const siteSchema = fields({
  site: s.hostName.describe('Name of the site: marks everything that orion makes'),
  domain: s.domain.exactOptional().describe('DNS domain of the guests'),
  timezone: s.timezone.exactOptional().describe('Of nodes and guests, such as Europe/Vienna'),
  access: access.exactOptional(),
  clusters: z.record(s.name, cluster).exactOptional().describe('Without clusters the site is one cluster'),
  nodes: z.record(s.hostName, node).describe('Proxmox VE nodes'),
  networks: z.record(s.name, network).exactOptional().describe('Networks by name'),
  storage: z.record(s.name, storage).exactOptional().describe('Storages by their name in Proxmox VE'),
  images: z.record(s.name, image).exactOptional().describe('What first disks begin as'),
  defaults: fields({ guest: guestDefaults.exactOptional(), node: nodeDefaults.exactOptional() })
    .exactOptional()
    .describe('For every guest and node that does not say otherwise'),
  guests: z.record(s.hostName, guest).exactOptional().describe('Virtual machines and containers by host name'),
  devices: z.record(s.name, device).exactOptional().describe('PCI and USB devices that guests get'),
  backup: z.record(s.hostName, backup).exactOptional().describe('Backup jobs by name'),
  snapshots: snapshots.exactOptional(),
  keeper: keeper.exactOptional(),
  firewall: firewall.exactOptional(),
  bgp: bgp.exactOptional(),
  mesh: mesh.exactOptional(),
})

export type SiteInput = z.output<typeof siteSchema>

/** A site file as a person writes it: sizes, ranges and durations as text. */
export type SiteDraft = z.input<typeof siteSchema>
