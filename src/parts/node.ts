// Nodes: nothing to make yet, and the first thing to prove.
import { nodeOnline } from '../probes/node-online.ts'
import type { Part } from '../resource.ts'

export const node: Part = {
  name: 'node',
  resources: () => [],
  probes: (site) => site.nodes.map(({ name }) => nodeOnline(name)),
}
