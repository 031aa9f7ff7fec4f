// Guests: the images that they come from, the pools that they are in, virtual machines and containers.
import { asWanted } from '../probes/as-wanted.ts'
import { guestRunning } from '../probes/guest-running.ts'
import { leftPools } from '../probes/left-pools.ts'
import { noOrphans } from '../probes/no-orphans.ts'
import { pendingOptions } from '../probes/pending-options.ts'
import type { Part, Probe, Resource, ResourceId, Wishes } from '../resource.ts'
import { answerIsoId } from '../resources/answer-iso.ts'
import { container } from '../resources/container.ts'
import { hasDevices } from '../resources/device-value.ts'
import { adoptedStays } from '../resources/guest-adopted.ts'
import { lastStop } from '../resources/guest-last-stop.ts'
import type { GuestState } from '../resources/guest-state.ts'
import { guestStatus } from '../resources/guest-status.ts'
import { image } from '../resources/image.ts'
import { imagePlace, isOn, isShared, storageOf } from '../resources/image-place.ts'
import { oldSnapshots } from '../resources/old-snapshots.ts'
import { listOrphans } from '../resources/orphans.ts'
import { listLeftPools, pool } from '../resources/pool.ts'
import { guestImage, vm as vmResource } from '../resources/vm.ts'
import type { Guest, Image, Site } from '../site/site.ts'
import { interfacesId } from './net/node-bridges.ts'
import { getGuest } from './power.ts'
import { answersOf, answersProbe } from './windows.ts'

const PROOF: Wishes = { restart: false }

export const vm: Part = {
  name: 'vm',
  resources: (site, wishes) => [
    ...images(site),
    ...pools(site),
    ...site.guests.flatMap((guest) => [
      ...answersOf(site, guest, storageIds(site, guest.node, imagesOf(site, guest))),
      guestOf(site, guest, wishes),
    ]),
  ],
  probes: (site) => [
    ...[...images(site), ...pools(site)].map((resource) => asWanted(resource, 'present')),
    ...site.guests.flatMap((guest) => [
      // One that gets devices is started with them: whether it runs is proven there.
      guestRunning(hasDevices(site, guest) ? { ...guest, started: false } : guest, {
        look: (outside) => guestStatus(site, guest, outside),
        stopped: (outside, node) => lastStop(guest, node, outside),
      }),
      asWanted(guestOf(site, guest, PROOF), 'as the site file says'),
      ...answersOf(site, guest, []).map(answersProbe),
    ]),
    ...site.nodes.flatMap((node) => pendingProbes(site, node.name)),
    ...orphanProbes(site),
  ],
  // Also where snapshots are switched off now: those of earlier changes.
  tidy: (site) => site.guests.map((guest) => oldSnapshots(site, guest)),
}

function pendingProbes(site: Site, node: string): readonly Probe[] {
  const guests = site.guests.filter((guest) => guest.node === node)
  if (guests.length === 0) return []
  // Where cores are one guest's alone, the others keep away from them: live, and stored.
  const isPinned = guests.some(({ pin }) => pin !== undefined)
  const toPending = (guest: Guest) => ({
    guest,
    resource: guestOf(site, guest, PROOF),
    isElsewhere: (key: string) =>
      (isPinned && /^(affinity|hookscript)$/.test(key)) || (hasDevices(site, guest) && /^(hostpci|usb)\d+$/.test(key)),
  })
  return [pendingOptions(node, guests.map(toPending))]
}

/** Per cluster, reached over its first node. */
function orphanProbes(site: Site): readonly Probe[] {
  return site.clusters.flatMap(({ name }) => {
    const node = site.nodes.find(({ cluster }) => cluster === name)?.name
    if (node === undefined) return []
    const here = site.guests.filter((guest) => clusterOf(site, guest.node) === name)
    const wanted = new Set(here.flatMap(({ pool: own }) => own ?? []))
    return [
      noOrphans(name, (outside) => listOrphans(site, node, outside)),
      leftPools(name, (outside) => listLeftPools(site, { node, wanted }, outside)),
    ]
  })
}

/** One guest alone, without what it needs, and the answers that were made for it. Errors of `resources`: E_USAGE for a name that the site does not have, E_IMMUTABLE for an adopted one. */
export function oneGuest(name: string): Part {
  return {
    name: 'vm',
    resources: (site, wishes) => {
      const guest = getGuest(site, name)
      if (guest.adopted) throw adoptedStays(guest)
      const answers = answersOf(site, guest, [])
      return [
        ...answers,
        guestOf(
          site,
          guest,
          wishes,
          answers.map(({ id }) => id),
        ),
      ]
    },
    probes: () => [],
  }
}

function guestOf(
  site: Site,
  guest: Guest,
  wishes: Wishes,
  needs: readonly ResourceId[] = needsOf(site, guest),
): Resource<GuestState> {
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
    ...(guest.unattended === undefined ? [] : [answerIsoId(guest)]),
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

/** The storages that a guest's image lies on. */
function imagesOf(site: Site, guest: Guest): readonly string[] {
  const wanted = guestImage(site, guest)
  return wanted === undefined ? [] : imageStorages(site, wanted, guest.node)
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
