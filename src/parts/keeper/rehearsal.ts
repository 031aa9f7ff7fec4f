// What the Keepers would do at a temperature: each node's own program is asked, and does nothing.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { NODE_NAME, refuseOther } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { PROGRAM } from './program.ts'
import { keeperIn } from './status.ts'
import { parseTest, type TestDocument } from './status-document.ts'

export interface Rehearsal {
  readonly names: readonly string[]
  /** Errors: E_HOST_COMMAND where it is not installed or says nothing that can be read; those of the host. */
  ask(node: string, celsius: number): Promise<TestDocument>
}

/** Errors: E_USAGE where the site has no Keeper. */
export function openRehearsal(site: Site, outside: Outside, nodes?: readonly string[]): Rehearsal {
  keeperIn(site)
  return {
    names: site.nodes.map(({ name }) => name).filter((name) => nodes?.includes(name) ?? true),
    ask: async (node, celsius) => {
      const host = await outside.host(node)
      const seen = await host.read({ commands: { ...NODE_NAME.commands, test: [PROGRAM, 'test', String(celsius)] } })
      refuseOther(node, seen)
      const { code, stdout = '', stderr = '' } = seen.commands.get('test') ?? {}
      const found = code === 0 ? parseTest(stdout) : undefined
      if (found) return found
      const why = code === 127 ? 'it is not installed' : stderr.trim().split('\n').at(-1) || 'its answer cannot be read'
      throw new OrionError(`the Keeper of ${node} cannot be asked: ${why}`, {
        code: 'E_HOST_COMMAND',
        suggestions: [`orion keeper apply --node ${node}`],
      })
    },
  }
}
