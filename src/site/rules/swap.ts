// Rule: a node names no swap twice.
import type { Finding, Site } from '../site.ts'
import { error } from './verdict.ts'

export function swaps({ nodes }: Site): Finding[] {
  return nodes.flatMap((node) => {
    const taken = new Set<string>()
    return node.swap.flatMap(({ device, file }, index) => {
      const place = device ?? file ?? ''
      if (!taken.has(place)) {
        taken.add(place)
        return []
      }
      return [
        error(['nodes', node.name, 'swap', index, device === undefined ? 'file' : 'device'], `${place} is named twice`),
      ]
    })
  })
}
