// Drift: whatever a part wants, a check says whether it is still so, under the id of the resource; but for what another check proves.
import assert from 'node:assert/strict'
import { parts } from '../../src/parts/parts.ts'
import { loadSite } from '../../src/site/load.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'

/** Kinds whose check has another name, and that name. */
const ELSEWHERE: readonly [resource: RegExp, probe: (id: string) => string][] = [
  // Both ends of a link have one key: the tunnel says.
  [/^mesh-psk:/, (id) => id.replace(/^mesh-psk:(.*)\/psk$/, 'tunnel:$1')],
  // Nodes whose guests are not pinned: one line for all that may be left.
  [/^(file-set:.*\/cores|cpu-pins:.*)$/, (id) => id.replace(/^[^:]*:([^/]*).*$/, 'no-pins:$1')],
]

describe('drift', () => {
  for (const name of ['orion', 'hive', 'federation']) {
    it(`of ${name}: every resource has its check`, async () => {
      const site = await loadSite(`templates/sites/${name}.yaml`, { standInKey: KEY })
      const probes = new Set(parts.flatMap((part) => part.probes(site).map(({ id }) => id)))
      const resources = parts.flatMap((part) => part.resources(site, { restart: false }))
      const isChecked = (id: string) =>
        probes.has(`as-wanted:${id}`) || ELSEWHERE.some(([kind, to]) => kind.test(id) && probes.has(to(id)))
      assert.ok(resources.length > 20)
      assert.deepEqual(
        resources.map(({ id }) => id).filter((id) => !isChecked(id)),
        [],
      )
    })
  }
})
