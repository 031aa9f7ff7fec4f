// Guests: the images that they come from, the pools that they are in, virtual machines and containers.
import { asWanted } from '../probes/as-wanted.ts'
import { guestRunning } from '../probes/guest-running.ts'
import { noOrphans } from '../probes/no-orphans.ts'
import type { Part, Probe, Resource, ResourceId, Wishes } from '../resource.ts'
import { container } from '../resources/container.ts'
import { guestStatus } from '../resources/guest-status.ts'
import { image } from '../resources/image.ts'
import { imagePlace, isOn, isShared, storageOf } from '../resources/image-place.ts'
import { listOrphans } from '../resources/orphans.ts'
import { pool } from '../resources/pool.ts'
import { guestImage, vm as vmResource } from '../resources/vm.ts'
import type { Guest, Image, Site } from '../site/site.ts'
import { interfacesId } from './net/node-bridges.ts'
import { getGuest } from './power.ts'

const PROOF: Wishes = { restart: false }

export const vm: Part = {
  name: 'vm',
  resources: (site, wishes) => [
    ...images(site),
    ...pools(site),
    ...site.guests.map((guest) => guestOf(site, guest, wishes)),
  ],
  probes: (site) => [
    ...[...images(site), ...pools(site)].map((resource) => asWanted(resource, 'present')),
    ...site.guests.flatMap((guest) => [
      guestRunning(guest, (outside) => guestStatus(site, guest, outside)),
      asWanted(guestOf(site, guest, PROOF), 'as the site file says'),
    ]),
    ...orphanProbes(site),
  ],
}

/** One per cluster, reached over its first node. */
function orphanProbes(site: Site): readonly Probe[] {
  return site.clusters.flatMap(({ name }) => {
    const node = site.nodes.find(({ cluster }) => cluster === name)
    return node === undefined ? [] : [noOrphans(name, (outside) => listOrphans(site, node.name, outside))]
  })
}

/** One guest alone, without what it needs. Errors of `resources`: E_USAGE for a name that the site does not have. */
export function oneGuest(name: string): Part {
  return {
    name: 'vm',
    resources: (site, wishes) => [guestOf(site, getGuest(site, name), wishes, [])],
    probes: () => [],
  }
}

function guestOf(
  site: Site,
  guest: Guest,
  wishes: Wishes,
  needs: readonly ResourceId[] = needsOf(site, guest),
): Resource {
  return guest.kind === 'vm' ? vmResource(site, guest, { wishes, needs }) : container(site, guest, { wishes, needs })
}

/** Its image, the storages that it is put on, its pool, the bridges of its node. */
function needsOf(site: Site, guest: Guest): readonly ResourceId[] {
  const wanted = guestImage(site, guest)
  const cluster = clusterOf(site, guest.node)
  const node = site.nodes.find(({ name }) => name === guest.node)
  const mounts = guest.mounts.flatMap(({ storage }) => (storage === undefined ? [] : [storage]))
  const used = [guest.storage, ...guest.disks.map(({ storage }) => storage), ...mounts]
  return [
    ...(wanted === undefined ? [] : [`image:${keeperOf(site, wanted, guest.node)}/${wanted.name}` as const]),
    ...storageIds(site, guest.node, used),
    ...(guest.pool === undefined ? [] : [`pool:${cluster}/${guest.pool}` as const]),
    ...(node === undefined ? [] : interfacesId(node)),
  ]
}

/** One per image and node that has guests of it; one alone where the image lies on shared storage. */
function images(site: Site): readonly Resource[] {
  const seen = new Map<string, Resource>()
  for (const guest of site.guests) {
    const wanted = guestImage(site, guest)
    if (wanted === undefined) continue
    const node = keeperOf(site, wanted, guest.node)
    const key = `${node}/${wanted.name}`
    if (!seen.has(key))
      seen.set(key, image(site, wanted.name, node, storageIds(site, node, imageStorages(site, wanted, node))))
  }
  return [...seen.values()]
}

function imageStorages(site: Site, wanted: Image, node: string): readonly string[] {
  if (wanted.kind === 'volume') return [storageOf(wanted.volume)]
  if (wanted.kind === 'iso')
    return [storageOf(wanted.iso), ...(wanted.drivers === undefined ? [] : [storageOf(wanted.drivers)])]
  return [imagePlace(site, wanted, node).storage.name]
}

/** The node that fetches the image for `node`: itself, or on shared storage the first of its cluster that has guests of it. */
function keeperOf(site: Site, wanted: Image, node: string): string {
  if (wanted.kind === 'volume' || wanted.kind === 'iso') return node
  const { storage } = imagePlace(site, wanted, node)
  if (!isShared(storage)) return node
  const cluster = clusterOf(site, node)
  const users = site.guests.filter((guest) => guest.image === wanted.name && clusterOf(site, guest.node) === cluster)
  return users.find((guest) => isOn(storage, guest.node))?.node ?? node
}

function pools(site: Site): readonly Resource[] {
  const seen = new Map<string, Resource>()
  for (const { pool: name, node } of site.guests) {
    const cluster = clusterOf(site, node)
    if (name !== undefined) seen.set(`${cluster}/${name}`, pool(site, cluster, node, name))
  }
  return [...seen.values()]
}

function storageIds(site: Site, node: string, names: readonly string[]): readonly ResourceId[] {
  const declared = site.storage.filter((one) => names.includes(one.name) && isOn(one, node))
  return declared.map(({ name }) => `storage:${clusterOf(site, node)}/${name}` as const)
}

function clusterOf(site: Site, node: string): string {
  return site.nodes.find(({ name }) => name === node)?.cluster ?? site.name
}
