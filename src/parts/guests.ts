// Guests with everything that they need, for commands that are about guests alone: also the storages they are put on.
import type { Part } from '../resource.ts'
import { storage } from './storage.ts'
import { vm } from './vm.ts'

export const guests: Part = {
  name: 'guests',
  resources: (site, wishes) => {
    const own = vm.resources(site, wishes)
    const needed = new Set(own.flatMap(({ needs }) => needs))
    return [...storage.resources(site, wishes).filter(({ id }) => needed.has(id)), ...own]
  },
  probes: vm.probes,
}
