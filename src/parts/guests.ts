// Guests with everything that they need, for commands about guests alone: also their storages, their devices and their cores.
import type { Part, Resource, Wishes } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { pins } from './cores.ts'
import { deviceResources } from './gpu/mapping.ts'
import { storage } from './storage.ts'
import { vm } from './vm.ts'

export const guests: Part = {
  name: 'guests',
  resources: (site, wishes) => {
    const own = [...vm.resources(site, wishes), ...devices(site, wishes), ...pins.resources(site, wishes)]
    const needed = new Set(own.flatMap(({ needs }) => needs))
    return [...storage.resources(site, wishes).filter(({ id }) => needed.has(id)), ...own]
  },
  probes: vm.probes,
}

/** Mappings and the node's own side are made by orion gpu apply: where they are missing, the guest waits. */
function devices(site: Site, wishes: Wishes): readonly Resource[] {
  return site.nodes.flatMap((node) => deviceResources(site, node, { alone: true, wishes }))
}
