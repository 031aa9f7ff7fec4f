// Whether the site file names bridges of a node, and what a guest that is plugged into one has to wait for.
import type { ResourceId } from '../../resource.ts'
import type { Node } from '../../site/site.ts'

/** True where the node's interfaces are orion's to build. */
export function hasInterfaces({ bridges, keepInterfaces }: Node): boolean {
  return bridges.length > 0 && keepInterfaces !== true
}

/** What a guest needs of its node; [] where the site file names no bridge. */
export function interfacesId(node: Node): readonly ResourceId[] {
  return hasInterfaces(node) ? [`file-set:${node.name}/interfaces`] : []
}
