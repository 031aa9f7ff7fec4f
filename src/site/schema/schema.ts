// The schema of the site file, in one place: what it may hold, and what editors know about it.
import { z } from 'zod'
import { guest, guestDefaults } from './guest.ts'
import { image } from './image.ts'
import { network, storage } from './network.ts'
import { access, cluster, node } from './node.ts'
import { bgp, device, firewall, keeper, mesh } from './parts.ts'
import * as s from './scalars.ts'
import { fields } from './words.ts'

export const siteSchema = fields({
  site: s.hostName.describe('Name of the site: marks everything that orion makes'),
  domain: s.domain.exactOptional().describe('DNS domain of the guests'),
  timezone: s.timezone.exactOptional(),
  access: access.exactOptional(),
  clusters: z.record(s.name, cluster).exactOptional().describe('Without clusters the site is one cluster'),
  nodes: z.record(s.hostName, node).describe('Proxmox VE nodes'),
  networks: z.record(s.name, network).exactOptional(),
  storage: z.record(s.name, storage).exactOptional(),
  images: z.record(s.name, image).exactOptional(),
  defaults: fields({ guest: guestDefaults.exactOptional() }).exactOptional(),
  guests: z.record(s.hostName, guest).exactOptional(),
  devices: z.record(s.name, device).exactOptional().describe('PCI and USB devices that guests get'),
  keeper: keeper.exactOptional(),
  firewall: firewall.exactOptional(),
  bgp: bgp.exactOptional(),
  mesh: mesh.exactOptional(),
})

export type SiteInput = z.output<typeof siteSchema>
